//! `/notifications`, and what one wants to hear of.

mod list;
mod settings;

use std::collections::BTreeMap;

use leptos::prelude::*;
use wire::notifications::{NewsKind, NewsStep};

pub(crate) use self::list::NotificationsPage;
pub(crate) use self::settings::NotificationSettingsPage;
use crate::content::Content;

/// What one of these pages is rendered from.
#[derive(Debug, Clone)]
pub enum NotificationContent {
    List {
        step: NewsStep,
        /// Whether anything anywhere waits.
        has_unread: bool,
    },
    Settings {
        choices: BTreeMap<NewsKind, bool>,
        /// Whether they have just been saved.
        is_saved: bool,
    },
}

/// How much is new, for the way to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewsWaiting(pub i64);

/// The number in the navigation; `chat/hear.rs` keeps it while there is a socket.
#[component]
pub(crate) fn NewsCount() -> impl IntoView {
    let NewsWaiting(unread) = use_context().unwrap_or_default();
    let shown = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    view! { <span class="count" data-news="" hidden=unread == 0>{shown}</span> }.into_any()
}

fn content() -> Option<NotificationContent> {
    match use_context::<Content>() {
        Some(Content::Notifications(content)) => Some(*content),
        _ => None,
    }
}
