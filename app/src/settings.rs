//! Settings: the frame of its pages, and how the site looks.

mod appearance;
mod panel;

pub(crate) use appearance::AppearancePage;
pub(crate) use panel::SettingsPanel;
