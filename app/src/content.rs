//! What the server has gathered for a page before it is rendered.

use std::sync::Arc;

use leptos::prelude::use_context;
use wire::posts::PostCard;

use crate::chat::pages::Chat;
use crate::communities::CommunityContent;
use crate::notifications::NotificationContent;
use crate::posts::Posts;
use crate::profiles::{OwnSettings, Profiles};
use crate::search::Search;

/// One kind for each feature; the browser never sees it.
#[derive(Debug, Clone, Default)]
pub enum Content {
    /// The page needs nothing.
    #[default]
    Nothing,
    /// There is no such thing, or it is not the reader's to see.
    NotFound,
    Chat(Box<Chat>),
    Communities(Box<CommunityContent>),
    Notifications(Box<NotificationContent>),
    Profiles(Box<Profiles>),
    Posts(Box<Posts>),
    Search(Box<Search>),
    /// What is shown where there is no connection.
    Offline,
}

/// What the page being rendered shows; nothing where no request is being answered.
pub(crate) fn content() -> Arc<Content> {
    use_context::<Arc<Content>>().unwrap_or_default()
}

impl Content {
    /// The post that whoever gets the page reads, all of it.
    #[must_use]
    pub fn read_post(&self) -> Option<&PostCard> {
        match self {
            Self::Posts(posts) => posts.read_post(),
            _ => None,
        }
    }

    /// Whether the page shows people, posts or communities, whose forms are sent quietly.
    #[must_use]
    pub fn is_social(&self) -> bool {
        !matches!(self, Self::Nothing | Self::NotFound | Self::Chat(_))
    }

    /// Whether a post is written on the page.
    #[must_use]
    pub fn is_editor(&self) -> bool {
        matches!(self, Self::Posts(posts) if matches!(**posts, Posts::Editor(_)))
    }

    /// Whether pictures are chosen on the page that stand for a person or a community.
    #[must_use]
    pub fn has_picture_forms(&self) -> bool {
        match self {
            Self::Profiles(profiles) => {
                matches!(**profiles, Profiles::Settings(OwnSettings::Profile { .. }))
            }
            Self::Communities(content) => matches!(**content, CommunityContent::Manage(_)),
            _ => false,
        }
    }

    /// Whether the page is a member's feed, which asks now and then what is new.
    #[must_use]
    pub fn is_feed(&self) -> bool {
        matches!(self, Self::Posts(posts) if matches!(**posts, Posts::Feed(_)))
    }
}
