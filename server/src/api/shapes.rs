//! Objects that several answers share, as the contract names their fields.

use serde::Serialize;
use utoipa::ToSchema;
use wire::accounts::{OwnAccount, PersonView};
use wire::chat::Author;
use wire::people::{Privacy, WhoCanMessage};
use wire::{UnixMillis, UserId};

/// Somebody in a list of people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct User {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    is_online: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<UnixMillis>,
}

impl From<PersonView> for User {
    fn from(person: PersonView) -> Self {
        let PersonView { id, username, is_online, created_at, last_seen, .. } = person;
        Self { id, username, is_online, created_at, last_seen }
    }
}

/// What somebody sees of their own account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurrentUser {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    /// Empty where there is none.
    email: String,
    first_name: String,
    last_name: String,
    profile: Profile,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
    show_presence: bool,
    show_read_receipts: bool,
    /// `everyone`, `following` or `nobody`.
    #[schema(value_type = String)]
    who_can_message: WhoCanMessage,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Profile {
    image: Option<String>,
    bio: String,
}

impl CurrentUser {
    pub(super) fn new(own: OwnAccount, privacy: Privacy) -> Self {
        // Whoever stands in an author's place carries the same marks.
        let Author { id, username, profile_image, is_verified, badge } =
            Author::new(own.id, own.username).with_avatar(own.avatar);
        Self {
            id,
            username,
            email: own.email,
            first_name: own.first_name,
            last_name: own.last_name,
            profile: Profile { image: profile_image, bio: own.bio },
            is_verified,
            badge,
            show_presence: privacy.show_presence,
            show_read_receipts: privacy.show_read_receipts,
            who_can_message: privacy.who_can_message,
            created_at: own.created_at,
        }
    }
}

/// A sentence that says what was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Done {
    detail: &'static str,
}

impl Done {
    pub(super) fn saying(detail: &'static str) -> Self {
        Self { detail }
    }
}
