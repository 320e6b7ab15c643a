//! `/notifications`, and what one wants to hear of.

mod devices;
mod list;
mod settings;
mod unsubscribe;

use leptos::prelude::*;
use wire::notifications::{Digest, NewsChoices, NewsStep, PushDevice};

pub(crate) use self::list::NotificationsPage;
pub use self::list::{push_sentence, sentence};
pub(crate) use self::settings::NotificationSettingsPage;
pub(crate) use self::unsubscribe::UnsubscribePage;
use crate::content::{Content, content};

/// What one of these pages is rendered from.
#[derive(Debug, Clone)]
pub enum NotificationContent {
    List {
        step: NewsStep,
        /// Whether anything anywhere waits.
        has_unread: bool,
    },
    Settings(Box<NotificationSettings>),
    /// The way out of letters.
    Unsubscribe {
        is_done: bool,
    },
}

impl NotificationContent {
    /// Whether the page lists browsers, and may ask this one.
    #[must_use]
    pub fn has_devices(&self) -> bool {
        matches!(self, Self::Settings(_))
    }
}

/// What one wants to hear of, and where.
#[derive(Debug, Clone)]
pub struct NotificationSettings {
    pub choices: NewsChoices,
    pub digest: Digest,
    /// Whether there is an address that letters could go to.
    pub has_address: bool,
    pub devices: Vec<PushDevice>,
    /// What a browser subscribes to; nothing where this installation pushes nothing.
    pub push_key: Option<String>,
    /// Whether the choices have just been saved.
    pub is_saved: bool,
    /// Whether a push has just been sent to try a browser out.
    pub is_tried: bool,
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

fn shown() -> Option<NotificationContent> {
    match Content::clone(&content()) {
        Content::Notifications(content) => Some(*content),
        _ => None,
    }
}
