//! The rules, asked through their public verbs, on SQLite and on Postgres.
//!
//! One program for all of them, so that Postgres starts once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod authenticating;
mod constraints;
mod failing_commits;
mod idempotent_sends;
mod jobs;
mod looking_back;
mod migrations;
mod posting;
mod presence;
mod reading;
mod refreshing;
mod seeding;
mod sessions;
mod signing_in;
mod signing_up;

use domain::chat::history;
use domain::{Caller, Services};
use sea_orm::{FromQueryResult, Statement};
use test_support::World;
use wire::chat::{Draft, Span};
use wire::{ClientId, ConversationId, ConversationKey};

/// The one number that `sql` asks for.
async fn count(world: &World, sql: &str) -> i64 {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let backend = sea_orm::ConnectionTrait::get_database_backend(&world.rows);
    let sql = format!("SELECT CAST(({sql}) AS BIGINT) AS n");
    let row = Row::find_by_statement(Statement::from_string(backend, sql)).one(&world.rows).await;
    row.unwrap().unwrap().n
}

/// A message for the global room.
fn draft(content: &str) -> Draft {
    draft_as(&ClientId::new(), content)
}

fn draft_as(client_id: &ClientId, content: &str) -> Draft {
    Draft {
        conversation: ConversationKey::Global,
        client_id: client_id.clone(),
        content: content.into(),
        reply_to: None,
    }
}

/// How far the caller has read the global room.
async fn read_mark(services: &Services, caller: &Caller) -> i64 {
    let newest = history(services, Some(caller), ConversationKey::Global, Span::Newest, 1).await;
    newest.unwrap().last_read_seq.unwrap()
}

/// A group with these members.
async fn group(world: &World, members: &[&Caller]) -> ConversationId {
    use entity::{conversation, membership};
    use sea_orm::{ActiveModelTrait, Set};
    let id = ConversationId::new();
    let row = conversation::ActiveModel {
        id: Set(id.0),
        kind: Set("group".into()),
        title: Set(None),
        direct_key: Set(None),
        last_seq: Set(0),
        created_at: Set(0),
        updated_at: Set(0),
        created_by: Set(None),
    };
    row.insert(&world.rows).await.unwrap();
    for member in members {
        let row = membership::ActiveModel {
            conversation_id: Set(id.0),
            account_id: Set(member.user_id.0),
            state: Set("active".into()),
            role: Set("member".into()),
            last_read_seq: Set(0),
            last_delivered_seq: Set(0),
            muted_until: Set(None),
            joined_at: Set(0),
            hidden_seq: Set(None),
            unread_from_seq: Set(None),
            draft: Set(None),
            draft_saved_at: Set(None),
        };
        row.insert(&world.rows).await.unwrap();
    }
    id
}
