//! A running set of services on a database of its own.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use domain::accounts::{Chain, Origin, SignedIn, sign_in, sign_up};
use domain::chat::{Posted, post_message};
use domain::{Caller, Keys, Services, Settings, Store};
use mailer::Memory;
use public_http::NoPages;
use sea_orm::DatabaseConnection;
use wire::accounts::{SignInForm, SignUpForm};
use wire::chat::{Draft, Message};
use wire::{ClientId, ConversationKey};

use crate::database::{Backend, Database, execute};

/// Everybody's.
pub const PASSWORD: &str = "zebra-lamp-91";
/// The installation's.
pub const SECRET: &[u8] = b"a secret of the tests, forty bytes long.";

/// The rules without their limits, so that a test meets only the limit it asks for.
#[must_use]
pub fn quick_settings() -> Settings {
    Settings {
        message_rate_limit: 0,
        sign_ups_per_minute: 0,
        sign_ins_per_minute: 0,
        searches_per_minute: 0,
        offers_per_minute: 0,
        resets_per_hour: 0,
        acts_per_minute: 0,
        beginnings_per_hour: 0,
        posts_per_hour: 0,
        comments_per_hour: 0,
        public_url: "http://sphere.example".into(),
        mailer: Arc::new(Memory::default()),
        blobs: Arc::new(blob_store::Memory::default()),
        pages: Arc::new(NoPages),
        presence_grace: Duration::from_millis(1),
        ..Settings::default()
    }
}

#[must_use]
pub fn origin() -> Origin {
    Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: "a test".into() }
}

#[must_use]
pub fn sign_up_form(username: &str) -> SignUpForm {
    SignUpForm { username: username.into(), password: PASSWORD.into(), ..SignUpForm::default() }
}

#[must_use]
pub fn sign_in_form(username: &str, password: &str) -> SignInForm {
    SignInForm { username: username.into(), password: password.into(), ..SignInForm::default() }
}

#[derive(Debug)]
pub struct World {
    pub services: Arc<Services>,
    /// The test's own connection.
    pub rows: DatabaseConnection,
    pub backend: Backend,
    database: Database,
}

impl World {
    pub async fn sqlite() -> Self {
        Self::new(Backend::Sqlite, quick_settings()).await
    }

    pub async fn postgres() -> Self {
        Self::new(Backend::Postgres, quick_settings()).await
    }

    pub async fn new(backend: Backend, settings: Settings) -> Self {
        let database = Database::migrated(backend).await;
        let services = start(&database.url, settings).await;
        Self { services, rows: database.connect().await, backend, database }
    }

    /// The same database under other settings.
    pub async fn with(mut self, settings: Settings) -> Self {
        self.services = start(&self.database.url, settings).await;
        self
    }

    /// A second set of services on the same database: another node, or the same one restarted.
    pub async fn reopen(&self) -> Arc<Services> {
        start(&self.database.url, self.services.settings.clone()).await
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.database.url
    }

    /// Somebody new, signed in.
    ///
    /// # Panics
    /// Where the name is taken or cannot be one.
    pub async fn person(&self, username: &str) -> Caller {
        self.sign_up(username, &[]).await.caller
    }

    /// Somebody new with a pair of tokens for each of `chains`.
    ///
    /// # Panics
    /// As [`World::person`].
    pub async fn sign_up(&self, username: &str, chains: &[Chain]) -> SignedIn {
        let signed_up = sign_up(&self.services, &sign_up_form(username), &origin(), chains).await;
        signed_up.unwrap_or_else(|error| panic!("{username} signs up: {error:?}"))
    }

    /// Another device of somebody who is there already.
    ///
    /// # Panics
    /// Where there is no such person.
    pub async fn sign_in(&self, username: &str, chains: &[Chain]) -> SignedIn {
        let form = sign_in_form(username, PASSWORD);
        let signed_in = sign_in(&self.services, &form, &origin(), None, chains).await;
        signed_in.unwrap_or_else(|error| panic!("{username} signs in: {error:?}"))
    }

    /// A new message in the global room.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn say(&self, caller: &Caller, content: &str) -> Message {
        let draft = Draft {
            conversation: ConversationKey::Global,
            client_id: ClientId::new(),
            content: content.into(),
            reply_to: None,
        };
        match post_message(&self.services, caller, draft).await {
            Ok(Posted::New(message)) => message,
            other => panic!("{content:?} is a new message: {other:?}"),
        }
    }

    /// Changes the database behind the program's back.
    ///
    /// # Panics
    /// Where the database refuses.
    pub async fn execute(&self, sql: &str) {
        execute(&self.rows, sql).await;
    }
}

async fn start(url: &str, settings: Settings) -> Arc<Services> {
    let store = Store::connect(url).await.expect("the database opens");
    Services::start(store, Keys::derive(SECRET), settings)
}
