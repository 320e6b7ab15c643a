//! The rules, asked through their public verbs, on SQLite and on Postgres.
//!
//! One program for all of them, so that Postgres starts once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod activity;
mod authenticating;
mod catching_up;
mod changing_messages;
mod comments;
mod communities;
mod community_ends;
mod community_rooms;
mod constraints;
mod conversation_lists;
mod demo;
mod digests;
mod direct_conversations;
mod doubtful_commits;
mod failing_commits;
mod faults;
mod finding_people;
mod follows;
mod groups;
mod held_in_order;
mod idempotent_sends;
mod jobs;
mod leaving;
mod looking_back;
mod migrations;
mod naming;
mod overload;
mod own_accounts;
mod own_places;
mod passwords;
mod people;
mod pictures;
mod posting;
mod posts;
mod presence;
mod proved_links;
mod pushing;
mod reading;
mod receipts;
mod refreshing;
mod requests;
mod searching;
mod seeding;
mod sessions;
mod signing_in;
mod signing_up;
mod taking_out;
mod typing;
mod uploading;
mod who_is_told;

use domain::chat::{
    CaughtUp, ChatError, Missed, Posted, accept_request, catch_up, create_group, history,
    post_message, start_direct,
};
use domain::{Caller, Services};
use sea_orm::{FromQueryResult, Statement};
use test_support::{Listener, World};
use wire::chat::{Draft, Message, Span};
use wire::conversations::Target;
use wire::live::ServerFrame;
use wire::{ClientId, ConversationId, ConversationKey, ErrorCode, MessageId, Problem};

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

/// What is told to somebody who comes back to a conversation, each message in the frame that is its own.
async fn missed_messages(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    seq: i64,
) -> Result<Vec<Message>, ChatError> {
    let answer = catch_up(services, caller, [(key, seq)].into()).await?.remove(&key).unwrap();
    let CaughtUp { missed: Missed::Frames(frames), last } = answer? else { panic!("a gap") };
    let message = |text| match serde_json::from_str(text).unwrap() {
        ServerFrame::NewMessage { message } if message.sender.id != caller.user_id => message,
        ServerFrame::MessageSent { message } if message.sender.id == caller.user_id => message,
        other => panic!("{other:?}"),
    };
    let told: Vec<_> = frames.iter().map(|frame| message(frame.text())).collect();
    assert_eq!(told.last().map_or(seq, |message| message.seq), last);
    Ok(told)
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

/// The conversation that `one` begins with `other`, which nobody has accepted unless they know each
/// other.
async fn begin(world: &World, one: &Caller, other: &Caller) -> ConversationId {
    let target = Target::Id(other.user_id);
    start_direct(&world.services, one, &target).await.unwrap().into_conversation().id
}

/// A conversation that both have accepted, with one message of `one` in it.
async fn friends(world: &World, one: &Caller, other: &Caller) -> ConversationId {
    let id = begin(world, one, other).await;
    say_in(world, one, id, "may I?").await.unwrap();
    accept_request(&world.services, other, id).await.unwrap();
    id
}

/// A group that the first of them owns.
async fn band(world: &World, owner: &Caller, others: &[&Caller]) -> ConversationId {
    let targets: Vec<_> = others.iter().map(|other| Target::Id(other.user_id)).collect();
    create_group(&world.services, owner, "Band", &targets).await.unwrap().id
}

fn draft_in(id: ConversationId, content: &str, reply_to: Option<MessageId>) -> Draft {
    Draft { conversation: ConversationKey::Id(id), reply_to, ..draft(content) }
}

async fn say_in(
    world: &World,
    caller: &Caller,
    id: ConversationId,
    content: &str,
) -> Result<Message, ChatError> {
    let posted = post_message(&world.services, caller, draft_in(id, content, None)).await;
    posted.map(Posted::into_message)
}

/// Everything that was told until now.
async fn heard(listener: &mut Listener) -> Vec<ServerFrame> {
    let waiting = listener.unheard().await;
    listener.frames(waiting).await
}

/// How much each of them has been told.
async fn unheard<const N: usize>(listeners: &[Listener; N]) -> [usize; N] {
    let mut counts = [0; N];
    for (count, listener) in counts.iter_mut().zip(listeners) {
        *count = listener.unheard().await;
    }
    counts
}

/// The words of `type` of everything that was told until now.
async fn heard_types(listener: &mut Listener) -> Vec<String> {
    let kind = |frame: ServerFrame| {
        serde_json::to_value(frame).unwrap()["type"].as_str().unwrap().to_owned()
    };
    heard(listener).await.into_iter().map(kind).collect()
}

/// What the refusal is called.
fn code<T: std::fmt::Debug>(refused: Result<T, impl Into<Problem>>) -> ErrorCode {
    refused.map_err(Into::into).unwrap_err().code
}

async fn texts(world: &World, caller: &Caller, id: ConversationId) -> Vec<String> {
    let key = ConversationKey::Id(id);
    let page = history(&world.services, Some(caller), key, Span::Newest, 50).await.unwrap();
    page.messages.into_iter().map(|message| message.content).collect()
}
