//! People and a conversation, so that a new installation can be looked at and tests have a crowd.

mod bulk;
mod demo;
mod dice;
mod painter;
mod plan;
mod script;

use entity::account;
use sea_orm::{EntityTrait, Set};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::chat::Author;
use wire::{ClientId, UserId};

pub use self::bulk::Bulk;
pub use self::demo::{Demo, Staged, stage};
use crate::accounts::AccountError;
use crate::chat::{ChatError, GLOBAL_ROOM, join_global_room, write_directly};
use crate::communities::CommunityError;
use crate::media::MediaError;
use crate::people::PeopleError;
use crate::posts::PostError;
use crate::{Services, StoreError, clock, tx::Tx};

/// Rows in one statement.
const CHUNK: usize = 500;

/// What to plant.
#[derive(Debug, Clone)]
pub struct Seed {
    pub users: u32,
    pub messages: u32,
    /// Shared by all of them; without it nobody can sign in as one of them.
    pub password: Option<String>,
}

/// What was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    pub users: usize,
    pub messages: usize,
}

/// Why planting stopped.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Chat(#[from] ChatError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error(transparent)]
    Post(#[from] PostError),
    #[error(transparent)]
    Community(#[from] CommunityError),
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(
        "there are people in this database already, and a demonstration goes into an empty one"
    )]
    NotEmpty,
    #[error("the play speaks of something that is not in it")]
    Missing,
}

impl From<sea_orm::DbErr> for SeedError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

const NAMES: [&str; 20] = [
    "amara", "bjorn", "chidi", "dalia", "emeka", "farah", "goran", "hana", "imani", "jonas",
    "kwame", "leila", "mateo", "nadia", "ola", "priya", "quinn", "rosa", "sefu", "talia",
];

const LINES: [&str; 16] = [
    "Good morning, everyone ☀️",
    "Just put the new track online. Tell me what you think of the bridge!",
    "That drawing from last night is wonderful.",
    "Who is coming to the reading on Thursday?",
    "I am! Saving you a seat.",
    "Has anybody tried recording outside? The wind is my enemy.",
    "A sock over the microphone. Really.",
    "😂",
    "Writing the newsletter now. What should not be missing?",
    "The photos from the market, please.",
    "Second that.",
    "How do you all deal with the week after a release?",
    "Walks. Long ones. No phone.",
    "New chapter is up. It is a slow one, be kind.",
    "Kind and early: I am on page three already.",
    "See you all tonight 👋",
];

/// Adds people and lets them speak in turn. Planting again adds more people.
///
/// # Errors
/// A database that cannot take it; people already planted stay.
pub async fn plant(services: &Services, seed: &Seed) -> Result<Planted, SeedError> {
    Ok(plant_with(services, seed, Bulk::default()).await?.0)
}

/// As [`plant`], with posts and follows of the same people; and how many it were.
///
/// # Errors
/// As [`plant`].
pub async fn plant_with(
    services: &Services,
    seed: &Seed,
    bulk: Bulk,
) -> Result<(Planted, Bulk), SeedError> {
    // The text that is no hash fits no password.
    let hash = match &seed.password {
        Some(password) => services.passwords.hash(password.clone()).await?,
        None => "!".to_owned(),
    };
    let people = plant_people(services, seed.users, &hash).await?;
    let mut written = 0;
    let lines = (0..seed.messages as usize).map(|n| {
        let author = people[n * 7 % people.len()].clone();
        (author, LINES[n % LINES.len()].to_owned(), ClientId::new())
    });
    let lines: Vec<_> = if people.is_empty() { Vec::new() } else { lines.collect() };
    for chunk in lines.chunks(CHUNK) {
        written += write_directly(services, GLOBAL_ROOM, chunk.to_vec()).await?;
    }
    let bulk = bulk::spread(services, &people, bulk).await?;
    Ok((Planted { users: people.len(), messages: written }, bulk))
}

async fn plant_people(
    services: &Services,
    count: u32,
    hash: &str,
) -> Result<Vec<Author>, SeedError> {
    let now = clock::now().0;
    let batch = &Uuid::now_v7().simple().to_string()[24..];
    let people: Vec<_> = (0..count as usize)
        .map(|n| {
            let name = match n / NAMES.len() {
                0 => format!("{}.{batch}", NAMES[n]),
                round => format!("{}{round}.{batch}", NAMES[n % NAMES.len()]),
            };
            Author::new(UserId::new(), name)
        })
        .collect();
    let tx = Tx::begin(&services.store, &services.hub).await?;
    for chunk in people.chunks(CHUNK) {
        let rows = chunk.iter().map(|person| account::ActiveModel {
            id: Set(person.id.0),
            username: Set(person.username.clone()),
            username_key: Set(username_key(&person.username)),
            email: Set(None),
            email_key: Set(None),
            password_hash: Set(hash.to_owned()),
            is_active: Set(true),
            is_staff: Set(false),
            is_superuser: Set(false),
            created_at: Set(now),
            last_seen: Set(None),
            show_presence: Set(true),
            show_read_receipts: Set(true),
            who_can_message: Set("everyone".into()),
            ..Default::default()
        });
        account::Entity::insert_many(rows).exec_without_returning(tx.rows()).await?;
    }
    for person in &people {
        join_global_room(&tx, person.id.0).await?;
    }
    tx.commit().await?;
    Ok(people)
}
