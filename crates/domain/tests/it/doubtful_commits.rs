//! A commit that comes through while its answer does not: whoever should hear of it does.

use std::sync::Arc;

use domain::accounts::sign_up;
use domain::chat::{edit_message, mark_read, post_message};
use domain::{Caller, Keys, Services, Store};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use test_support::{
    FaultProxy, Listener, Postgres, SECRET, Way, origin, quick_settings, sign_up_form,
};
use wire::live::ServerFrame;
use wire::{ConversationKey, MessageId};

use crate::draft;

/// More than the connections of a store.
const CONNECTIONS: usize = 40;
/// Bytes of an answer to leave out: the last ones are those to the commit.
const LEFT_OUT: std::ops::Range<usize> = 1..60;

struct Stage {
    proxy: FaultProxy,
    services: Arc<Services>,
    store: Store,
    rows: DatabaseConnection,
    ada: Caller,
    message: MessageId,
    _postgres: Postgres,
}

impl Stage {
    async fn set() -> Self {
        let postgres = Postgres::start();
        let database = postgres.migrated().await;
        let proxy = FaultProxy::before(postgres.address()).await;
        let store = Store::connect(&postgres.through(proxy.address()).url).await.unwrap();
        let services = Services::start(store.clone(), Keys::derive(SECRET), quick_settings());
        let ada = sign_up(&services, &sign_up_form("ada"), &origin(), &[]).await.unwrap().caller;
        let posted = post_message(&services, &ada, draft("0")).await.unwrap();
        let message = posted.into_message().id;
        let rows = database.connect().await;
        Self { proxy, services, store, rows, ada, message, _postgres: postgres }
    }

    /// Cuts every connection, and asks on each until the store has only new ones.
    async fn cut(&self) {
        self.proxy.cut();
        for _ in 0..CONNECTIONS {
            let _dead = self.store.ping().await;
        }
    }

    /// How many bytes Postgres says in answer to a change, on connections that are new.
    async fn answer(&self, change: &impl AsyncFn(usize) -> bool) -> usize {
        self.cut().await;
        self.until_done(change, 0).await;
        self.cut().await;
        let before = self.proxy.passed(Way::ToClient);
        assert!(change(1).await);
        self.proxy.passed(Way::ToClient) - before
    }

    async fn until_done(&self, change: &impl AsyncFn(usize) -> bool, n: usize) {
        while !change(n).await {}
    }

    async fn number(&self, sql: &str) -> i64 {
        let query = Statement::from_string(self.rows.get_database_backend(), sql);
        self.rows.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
    }
}

/// Cuts the answers to `change` a little earlier each time. What is stored in spite of it has to be heard
/// as `is_it`; it must have happened at least once.
async fn each_that_is_stored_is_told(
    stage: &Stage,
    mut ear: Listener,
    change: impl AsyncFn(usize) -> bool,
    stored: impl AsyncFn(usize) -> bool,
    is_it: impl Fn(&ServerFrame, usize) -> bool,
) {
    let whole = stage.answer(&change).await;
    let mut doubtful = 0;
    for (n, left_out) in LEFT_OUT.step_by(3).enumerate() {
        let n = n + 2;
        stage.cut().await;
        stage.proxy.cut_after(Way::ToClient, whole.saturating_sub(left_out));
        let done = change(n).await;
        if !stored(n).await {
            assert!(!done);
            continue;
        }
        doubtful += usize::from(!done);
        while !is_it(&ear.frame().await, n) {}
    }
    assert!(doubtful > 0, "no answer to a commit was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_told() {
    let stage = Stage::set().await;
    let ear = Listener::in_room(&stage.services, &stage.ada);
    let change = async |n: usize| {
        edit_message(&stage.services, &stage.ada, stage.message, &format!("{n}")).await.is_ok()
    };
    let stored =
        async |n: usize| stage.number("SELECT content::bigint AS n FROM message").await == n as i64;
    let is_it = |frame: &ServerFrame, n: usize| matches!(frame, ServerFrame::MessageEdited { message } if message.content == n.to_string());
    each_that_is_stored_is_told(&stage, ear, change, stored, is_it).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_mark_is_told() {
    let stage = Stage::set().await;
    let ben = sign_up(&stage.services, &sign_up_form("ben"), &origin(), &[]).await.unwrap().caller;
    for n in 0..30 {
        post_message(&stage.services, &stage.ada, draft(&format!("{n}"))).await.unwrap();
    }
    let ear = Listener::of_person(&stage.services, &ben);
    let change = async |n: usize| {
        let up_to = Some((n as i64 + 2).into());
        mark_read(&stage.services, &ben, ConversationKey::Global, up_to).await.is_ok()
    };
    let stored = async |n: usize| {
        let sql = "SELECT last_read_seq AS n FROM membership m \
             JOIN account a ON a.id = m.account_id WHERE a.username = 'ben'";
        stage.number(sql).await == n as i64 + 2
    };
    let is_it = |frame: &ServerFrame, n: usize| matches!(frame, ServerFrame::MessagesRead { up_to, .. } if *up_to == n as i64 + 2);
    each_that_is_stored_is_told(&stage, ear, change, stored, is_it).await;
}
