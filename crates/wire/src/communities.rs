//! Communities: what is shown of them, and what their people may be and do.

use serde::{Deserialize, Serialize};

use crate::chat::Author;
use crate::{CommunityId, ConversationId, MediaId, UnixMillis, UserId, from_word};

/// Longest name, in Unicode scalar values.
pub const NAME_MAX: usize = 100;
/// Longest description and longest rules, in Unicode scalar values.
pub const TEXT_MAX: usize = 10_000;
/// Longest pause that slow mode asks for, in seconds: one day.
pub const SLOW_MODE_MAX: i32 = 86_400;
/// Communities of one step through a list.
pub const COMMUNITIES_PAGE: u64 = 24;
/// People of one step through members, requests or what was done.
pub const PEOPLE_PAGE: u64 = 50;
/// People in a community's room at once: every one of them is told every message.
pub const ROOM_LIMIT: usize = 200;
/// Longest that an invitation is good for, in days.
pub const INVITATION_DAYS_MAX: i64 = 30;
/// Most people that one invitation lets in.
pub const INVITATION_USES_MAX: i32 = 1_000;

/// What somebody is in a community; each is everything that those before it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommunityRole {
    Member,
    /// Answers requests, invites, removes and bans members.
    Moderator,
    /// Changes the community and gives roles below their own.
    Admin,
    /// There is exactly one, who alone hands over and deletes.
    Owner,
}

from_word!(CommunityRole {
    "member" => Member, "moderator" => Moderator, "admin" => Admin, "owner" => Owner,
});

impl CommunityRole {
    pub const ALL: [Self; 4] = [Self::Member, Self::Moderator, Self::Admin, Self::Owner];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// What not every member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommunityRight {
    AnswerRequests,
    Invite,
    Remove,
    Ban,
    Pin,
    /// Of posts in it, and of comments under them.
    TakeOut,
    SeeActs,
    Change,
    GiveRole,
    HandOver,
    Delete,
}

impl CommunityRight {
    pub const ALL: [Self; 11] = [
        Self::AnswerRequests,
        Self::Invite,
        Self::Remove,
        Self::Ban,
        Self::Pin,
        Self::TakeOut,
        Self::SeeActs,
        Self::Change,
        Self::GiveRole,
        Self::HandOver,
        Self::Delete,
    ];

    /// Who may do what: the one table. What is done to somebody is done to those of a lower role only.
    #[must_use]
    pub fn least(self) -> CommunityRole {
        match self {
            Self::AnswerRequests | Self::Invite | Self::Remove | Self::Ban => {
                CommunityRole::Moderator
            }
            Self::Pin | Self::TakeOut | Self::SeeActs => CommunityRole::Moderator,
            Self::Change | Self::GiveRole => CommunityRole::Admin,
            Self::HandOver | Self::Delete => CommunityRole::Owner,
        }
    }
}

impl CommunityRole {
    #[must_use]
    pub fn may(self, right: CommunityRight) -> bool {
        self >= right.least()
    }
}

/// How somebody stands to a community.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    #[default]
    Stranger,
    /// Has asked to be let in, and waits.
    Requested,
    Banned,
    Member(CommunityRole),
}

impl Standing {
    /// The role of a member.
    #[must_use]
    pub fn role(self) -> Option<CommunityRole> {
        match self {
            Self::Member(role) => Some(role),
            _ => None,
        }
    }
}

/// What becomes of somebody who wants to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// Is a member, perhaps was before.
    Member(CommunityRole),
    /// A moderator will answer.
    Requested,
}

/// A community as one viewer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Community {
    pub id: CommunityId,
    pub name: String,
    /// Its place in addresses; it never changes.
    pub slug: String,
    /// Markdown.
    pub description: String,
    /// Markdown. Empty for strangers where the community is private.
    pub rules: String,
    /// The beginning of the description, without marks.
    pub excerpt: String,
    pub icon: Option<MediaId>,
    pub cover: Option<MediaId>,
    /// Who made it, while their account is there.
    pub creator: Option<Author>,
    pub is_private: bool,
    pub slow_mode_seconds: i32,
    /// Its room, once somebody has entered it. `None` for strangers.
    pub room: Option<ConversationId>,
    pub pinned_post_id: Option<uuid::Uuid>,
    pub members_count: i64,
    pub posts_count: i64,
    pub created_at: UnixMillis,
    /// The viewer's own.
    pub standing: Standing,
}

impl Community {
    /// Whether the viewer may see posts and members.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.is_private || self.standing.role().is_some()
    }
}

/// What somebody writes about a community they make or change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommunityForm {
    pub name: String,
    pub description: String,
    pub rules: String,
    pub is_private: bool,
    /// Seconds between two posts of a member; 0 is none.
    pub slow_mode_seconds: i32,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommunityChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub rules: Option<String>,
    pub is_private: Option<bool>,
    pub slow_mode_seconds: Option<i32>,
}

impl From<CommunityForm> for CommunityChange {
    fn from(form: CommunityForm) -> Self {
        Self {
            name: Some(form.name),
            description: Some(form.description),
            rules: Some(form.rules),
            is_private: Some(form.is_private),
            slow_mode_seconds: Some(form.slow_mode_seconds),
        }
    }
}

/// Where a list of communities goes on: below this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommunityCursor {
    pub members_count: i64,
    pub id: CommunityId,
}

/// A step through communities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Communities {
    pub communities: Vec<Community>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<CommunityCursor>,
}

/// Somebody in a community, or on the way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityMember {
    pub user: Author,
    pub role: CommunityRole,
    /// Joined, asked or was banned.
    pub since: UnixMillis,
}

/// Where a list of people goes on: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeopleCursor {
    pub since: UnixMillis,
    pub id: UserId,
}

/// A step through members, requests or banned people, those who came first before the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommunityMembers {
    pub people: Vec<CommunityMember>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<PeopleCursor>,
}

/// A link that lets people in. The link itself is known to whoever made it, and to nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: uuid::Uuid,
    pub by: String,
    pub created_at: UnixMillis,
    pub expires_at: UnixMillis,
    pub uses_left: i32,
}

/// Where the list of what was done goes on: before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActCursor {
    pub at: UnixMillis,
    pub id: uuid::Uuid,
}

/// A step through what was done, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommunityActs {
    pub acts: Vec<CommunityAct>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<ActCursor>,
}

/// What somebody who looks after a community did in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityAct {
    pub id: uuid::Uuid,
    /// Nobody where their account is gone.
    pub by: Option<String>,
    pub deed: Deed,
    /// To whom, where it was done to somebody whose account is there.
    pub to: Option<String>,
    /// The role that was given, or the name that was changed to.
    pub note: String,
    pub at: UnixMillis,
}

/// Kinds of [`CommunityAct`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    Created,
    Changed,
    Accepted,
    Declined,
    Removed,
    Banned,
    Unbanned,
    GaveRole,
    HandedOver,
    Invited,
    TookInvitationBack,
    Pinned,
    Unpinned,
    TookPostOut,
    TookCommentOut,
}

impl Deed {
    pub const ALL: [Self; 15] = [
        Self::Created,
        Self::Changed,
        Self::Accepted,
        Self::Declined,
        Self::Removed,
        Self::Banned,
        Self::Unbanned,
        Self::GaveRole,
        Self::HandedOver,
        Self::Invited,
        Self::TookInvitationBack,
        Self::Pinned,
        Self::Unpinned,
        Self::TookPostOut,
        Self::TookCommentOut,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Removed => "removed",
            Self::Banned => "banned",
            Self::Unbanned => "unbanned",
            Self::GaveRole => "gave_role",
            Self::HandedOver => "handed_over",
            Self::Invited => "invited",
            Self::TookInvitationBack => "took_invitation_back",
            Self::Pinned => "pinned",
            Self::Unpinned => "unpinned",
            Self::TookPostOut => "took_post_out",
            Self::TookCommentOut => "took_comment_out",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }
}
