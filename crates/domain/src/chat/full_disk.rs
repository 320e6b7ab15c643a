//! A full disk, in earnest: SQLite itself says so when its file may not grow any further.

use std::net::Ipv4Addr;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, Statement};
use test_support::{Backend, Database, Listener, SECRET, sign_up_form};
use wire::chat::{Draft, Message};
use wire::{ClientId, ConversationKey, ErrorCode, Problem};

use super::{ChatError, GLOBAL_ROOM, Posted, messages_after, post_message, topic};
use crate::accounts::{Origin, sign_up};
use crate::{Caller, Keys, Services, Settings, Store};

/// Pages that the file may still grow by.
const ROOM: u32 = 40;
/// More tries than the file could ever hold.
const MANY: usize = 1000;
const NO_LIMIT: u32 = 1_073_741_823;

async fn services(database: &Database) -> Arc<Services> {
    let store = Store::connect(&database.url).await.unwrap();
    let settings =
        Settings { message_rate_limit: 0, sign_ups_per_minute: 0, ..Settings::default() };
    Services::start(store, Keys::derive(SECRET), settings)
}

async fn person(services: &Services, name: &str) -> Caller {
    let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    sign_up(services, &sign_up_form(name), &origin, &[]).await.unwrap().caller
}

/// On the connection that writes: the limit is the connection's, not the file's.
async fn limit_pages(services: &Services, pages: u32) {
    let pragma = format!("PRAGMA max_page_count = {pages}");
    services.store.write.execute_unprepared(&pragma).await.unwrap();
}

async fn pages(services: &Services) -> u32 {
    let query = services
        .store
        .read
        .query_one_raw(Statement::from_string(services.store.backend(), "PRAGMA page_count"));
    query.await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Eight kilobytes: no free corner of a page takes that in.
fn large() -> Draft {
    Draft {
        conversation: ConversationKey::Global,
        client_id: ClientId::new(),
        content: "🎈".repeat(2000),
        reply_to: None,
    }
}

fn is_storage_full(refused: ChatError) -> bool {
    let problem = Problem::from(refused);
    problem.code == ErrorCode::StorageFull && problem.retry_after_ms.is_some()
}

/// Sends until the disk is full; what was acknowledged, and the draft that was refused.
async fn fill_up(services: &Services, ada: &Caller) -> (Vec<Message>, Draft) {
    let mut acknowledged = Vec::new();
    for _ in 0..MANY {
        let draft = large();
        match post_message(services, ada, draft.clone()).await {
            Ok(posted) => acknowledged.push(posted.into_message()),
            Err(refused) => {
                assert!(is_storage_full(refused));
                return (acknowledged, draft);
            }
        }
    }
    panic!("the disk was never full");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_stores_nothing_and_is_over_when_there_is_space() {
    let database = Database::migrated(Backend::Sqlite).await;
    let services = services(&database).await;
    let ada = person(&services, "ada").await;
    let room = Listener::at(&services.hub, topic(GLOBAL_ROOM), ada.user_id.0.as_u128());
    limit_pages(&services, pages(&services).await + ROOM).await;

    let (acknowledged, refused) = fill_up(&services, &ada).await;
    assert!(!acknowledged.is_empty());
    let stored = messages_after(&services, GLOBAL_ROOM, 0, 2000).await.unwrap();
    assert_eq!(stored, acknowledged, "it can be read, and holds what was acknowledged");
    assert_eq!(room.unheard().await, acknowledged.len());

    limit_pages(&services, NO_LIMIT).await;
    let answer = post_message(&services, &ada, refused).await.unwrap();
    let Posted::New(message) = answer else { panic!("it had been stored: {answer:?}") };
    assert_eq!(message.seq, acknowledged.len() as i64 + 1, "a refusal takes no number");
    assert!(services.store.integrity_faults().await.unwrap().is_empty());
}
