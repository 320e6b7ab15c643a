//! The people of an answer about conversations, as the older clients want them, and how far they
//! have read.

use std::collections::{BTreeMap, BTreeSet};

use domain::Caller;
use domain::people::people_by_id;
use serde::Serialize;
use utoipa::ToSchema;
use wire::accounts::PersonView;
use wire::chat::{Author, Message};
use wire::conversations::Member;
use wire::{UnixMillis, UserId};

use crate::refusal::Refusal;
use crate::state::AppState;

/// Spherespace's `ChatParticipant`.
#[derive(Serialize, ToSchema)]
pub(super) struct Participant {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    first_name: String,
    last_name: String,
    profile_image: Option<String>,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
    /// False for those who hide it, across a block, and while a request waits.
    is_online: bool,
    /// Null where `is_online` may not be told.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<UnixMillis>,
}

/// LiquidChat's `User` where somebody speaks: with the marks that every author carries.
#[derive(Serialize, ToSchema)]
pub(super) struct Speaker {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    is_verified: bool,
    badge: Option<String>,
    is_online: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<UnixMillis>,
}

/// Everybody whom an answer names, looked up once.
#[derive(Clone)]
pub(super) struct Cast {
    me: UserId,
    people: BTreeMap<UserId, PersonView>,
}

impl Cast {
    /// The caller, these members, and those who wrote these messages.
    pub(super) async fn of<'m>(
        state: &AppState,
        caller: &Caller,
        members: impl Iterator<Item = &'m Member>,
        messages: impl Iterator<Item = &'m Message>,
    ) -> Result<Self, Refusal> {
        let me = caller.user_id;
        let (mut ids, mut present) = (BTreeSet::from([me]), BTreeSet::from([me]));
        for member in members {
            ids.insert(member.user.id);
            present.extend(Some(member.user.id).filter(|_| member.shows_presence));
        }
        ids.extend(messages.map(|message| message.sender.id));
        let people = people_by_id(&state.services, &ids, &present).await?;
        Ok(Self { me, people })
    }

    pub(super) fn me(&self) -> UserId {
        self.me
    }

    pub(super) fn participant(&self, author: &Author) -> Participant {
        let Author { id, username, profile_image, is_verified, badge } = author.clone();
        let known = self.people.get(&id);
        Participant {
            id,
            username,
            first_name: known.map(|person| person.first_name.clone()).unwrap_or_default(),
            last_name: known.map(|person| person.last_name.clone()).unwrap_or_default(),
            profile_image,
            is_verified,
            badge,
            is_online: self.is_online(id),
            last_seen: known.and_then(|person| person.last_seen),
        }
    }

    pub(super) fn speaker(&self, author: &Author) -> Speaker {
        let Author { id, username, is_verified, badge, .. } = author.clone();
        let known = self.people.get(&id);
        Speaker {
            id,
            username,
            is_verified,
            badge,
            is_online: self.is_online(id),
            created_at: known.map(|person| person.created_at).unwrap_or_default(),
            last_seen: known.and_then(|person| person.last_seen),
        }
    }

    /// Whoever asks is here.
    fn is_online(&self, id: UserId) -> bool {
        id == self.me || self.people.get(&id).is_some_and(|person| person.is_online)
    }
}

/// How far a conversation has been read.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    /// By the caller.
    pub(super) own: i64,
    /// By whoever else has read furthest, of those who tell.
    pub(super) others: i64,
}

impl Marks {
    pub(super) fn of<'m>(own: i64, others: impl Iterator<Item = &'m Member>) -> Self {
        let others = others.filter_map(|member| member.last_read_seq).max().unwrap_or(0);
        Self { own, others }
    }

    /// One's own message is read when somebody else has read it.
    pub(super) fn is_read(self, message: &Message, me: UserId) -> bool {
        message.seq <= if message.sender.id == me { self.others } else { self.own }
    }
}
