//! Widgets that know no feature.

mod avatar;
mod empty_state;
mod field;
mod fixed;
mod icon;
mod markup;
mod page_meta;
mod picture;
mod textarea;
mod time;
mod whenever;

pub use avatar::{Avatar, hue, initial, write_avatar};
pub use empty_state::EmptyState;
pub use field::{PasswordField, TextField};
pub(crate) use fixed::fixed;
pub use icon::{Glyph, Icon};
pub use markup::Markup;
pub use page_meta::PageMeta;
pub(crate) use page_meta::in_title;
pub use picture::Picture;
pub use textarea::in_textarea;
pub use time::{LocalTime, ShortTime, offset_minutes};
pub(crate) use whenever::whenever;
