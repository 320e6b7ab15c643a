//! Gives the posts of a batch their numbers and stores them, with the senders' own marks.
//!
//! Whatever conversations there are but the global room were locked by [`Rules::of`], in the order of
//! their ids, so that two writers cannot wait for each other.

use std::collections::{BTreeMap, HashMap};

use entity::{membership, message};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryResult, Set, Statement, Value,
};
use uuid::Uuid;
use wire::chat::Message;
use wire::{ConversationId, MessageId, UnixMillis};

use super::write_batch::Post;
use super::write_rules::Rules;
use super::{ChatError, GLOBAL_ROOM, conversation_of, key_of};
use crate::tx::{Tx, alone};
use crate::{Store, clock};

/// What kind of message people write.
const KIND: &str = "text";
/// All of it at once, because each statement is a journey to the server and back while everybody else
/// waits for the conversation's row. Columns come as arrays: the text is one for batches of every size,
/// and so its plan. `nth` counts the posts of each conversation from 1; 0 answers nothing. Who is kept out of the
/// global room is found here as well: then less counts as stored than there was.
const STORING: &str = "\
WITH fresh AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bigint[])
    AS f(id, conversation_id, nth, sender_id, client_id, content, answered)
), numbered AS (
    UPDATE conversation c SET last_seq = c.last_seq + f.posts, updated_at = $8
    FROM (SELECT conversation_id, count(*) AS posts FROM fresh GROUP BY conversation_id) f
    WHERE c.id = f.conversation_id RETURNING c.id, c.last_seq - f.posts AS before
), stored AS (
    INSERT INTO message (id, conversation_id, seq, sender_id, client_id, kind, content, created_at, reply_to_seq)
    SELECT f.id, n.id, n.before + f.nth, f.sender_id, f.client_id, $9, f.content, $8, NULLIF(f.answered, 0)
    FROM fresh f JOIN numbered n ON n.id = f.conversation_id
    ON CONFLICT (sender_id, client_id) DO NOTHING RETURNING 1
), seen AS (
    UPDATE membership m SET last_read_seq = n.before + f.nth, unread_from_seq = NULL
    FROM (SELECT conversation_id, sender_id, max(nth) AS nth FROM fresh GROUP BY conversation_id, sender_id) f
    JOIN numbered n ON n.id = f.conversation_id
    WHERE m.conversation_id = f.conversation_id AND m.account_id = f.sender_id
), kept_out AS (
    SELECT 1 FROM membership m JOIN fresh f ON f.conversation_id = m.conversation_id AND f.sender_id = m.account_id
    WHERE m.conversation_id = $10 AND m.state <> 'active'
), outcome AS (
    SELECT id, before, (SELECT count(*) FROM stored) - (SELECT count(*) FROM kept_out) AS stored FROM numbered
)
";
/// The last number that each conversation had, and how many were stored.
pub(super) const OUTCOME: &str = "SELECT id, before, stored FROM outcome";
/// The same of a statement that is its own transaction: where not all were stored it divides by zero, so
/// that none is.
pub(super) const ALL_OR_NOTHING: &str =
    "SELECT id, before, stored / (stored = cardinality($1::uuid[]))::int AS stored FROM outcome";

/// The messages that `fresh` became, in the order of the posts within each conversation. `None` where
/// one of them was stored before, or may not be: then the transaction must not be committed.
pub(super) async fn store_posts(
    tx: &Tx<'_>,
    fresh: &[&Post],
    rules: &Rules,
) -> Result<Option<Vec<Message>>, ChatError> {
    let mut messages = counted_from_one(fresh, rules);
    if messages.is_empty() {
        return Ok(Some(messages));
    }
    let stored = if tx.rows().get_database_backend() == DbBackend::Postgres {
        let (before, stored) = store_at_once(tx, &messages).await?;
        count_on(&mut messages, &before)?;
        stored
    } else {
        let before = take_numbers(tx, &messages).await?;
        count_on(&mut messages, &before)?;
        let stored = insert(tx, &messages).await?;
        mark_own_as_read(tx, &messages).await?;
        stored
    };
    Ok((stored == messages.len() as u64).then_some(messages))
}

/// Each has as its number which one it is of those in its conversation.
pub(super) fn counted_from_one(fresh: &[&Post], rules: &Rules) -> Vec<Message> {
    let mut by_conversation = BTreeMap::<ConversationId, Vec<&Post>>::new();
    for post in fresh {
        by_conversation.entry(post.conversation).or_default().push(post);
    }
    let now = clock::now();
    let mut messages = Vec::with_capacity(fresh.len());
    for posts in by_conversation.into_values() {
        messages.extend((1..).zip(posts).map(|(nth, post)| message(post, nth, now, rules)));
    }
    messages
}

fn message(post: &Post, nth: i64, now: UnixMillis, rules: &Rules) -> Message {
    Message {
        id: MessageId::new(),
        conversation_id: key_of(post.conversation),
        seq: nth,
        client_id: post.client_id.clone(),
        sender: post.sender.clone(),
        content: post.content.clone(),
        message_type: KIND.into(),
        created_at: now,
        is_unsent: false,
        edited_at: None,
        reply_to: rules.quote(post).cloned().map(Box::new),
        reactions: Vec::new(),
    }
}

/// The numbers go on behind those that each conversation had.
fn count_on(messages: &mut [Message], before: &HashMap<Uuid, i64>) -> Result<(), ChatError> {
    for message in messages {
        let conversation = conversation_of(message.conversation_id).0;
        message.seq += before.get(&conversation).ok_or(ChatError::NotFound)?;
    }
    Ok(())
}

/// The last number that each conversation had, and how many messages were stored.
async fn store_at_once(
    tx: &Tx<'_>,
    messages: &[Message],
) -> Result<(HashMap<Uuid, i64>, u64), ChatError> {
    let rows = tx.rows().query_all_raw(store_query(messages, OUTCOME)).await?;
    let stored: i64 = rows.first().ok_or(ChatError::NotFound)?.try_get_by_index(2)?;
    Ok((before(&rows)?, u64::try_from(stored).unwrap_or(0)))
}

fn before(rows: &[QueryResult]) -> Result<HashMap<Uuid, i64>, DbErr> {
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// As [`store_posts`], in one journey to Postgres, for messages that need no rule but the global room's own:
/// `false`, and none is stored, where one of them was stored before or may not be. After an error from which
/// nobody knows, some may be stored.
pub(super) async fn store_alone(
    store: &Store,
    messages: &mut [Message],
) -> Result<bool, ChatError> {
    match alone(store, store_query(messages, ALL_OR_NOTHING)).await {
        Ok(rows) => count_on(messages, &before(&rows)?).map(|()| true),
        Err(error) if error.is_called_off() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn store_query(messages: &[Message], outcome: &str) -> Statement {
    let now = messages.first().map_or(0, |message| message.created_at.0);
    let values = [
        column(messages, |message| message.id.0),
        column(messages, |message| conversation_of(message.conversation_id).0),
        column(messages, |message| message.seq),
        column(messages, |message| message.sender.id.0),
        column(messages, |message| message.client_id.to_string()),
        column(messages, |message| message.content.clone()),
        column(messages, |message| message.reply_to.as_ref().map_or(0, |quote| quote.seq)),
        now.into(),
        KIND.into(),
        GLOBAL_ROOM.0.into(),
    ];
    Statement::from_sql_and_values(DbBackend::Postgres, format!("{STORING}{outcome}"), values)
}

fn column<T>(messages: &[Message], of: impl Fn(&Message) -> T) -> Value
where
    Vec<T>: Into<Value>,
{
    messages.iter().map(of).collect::<Vec<_>>().into()
}

/// The last number that each conversation had before it gave as many as there are messages. One statement.
async fn take_numbers(tx: &Tx<'_>, messages: &[Message]) -> Result<HashMap<Uuid, i64>, ChatError> {
    let mut counts = BTreeMap::<Uuid, i64>::new();
    for message in messages {
        *counts.entry(conversation_of(message.conversation_id).0).or_default() += 1;
    }
    let now = messages.first().map_or(0, |message| message.created_at.0);
    let steps: Vec<_> = (0..counts.len())
        .map(|n| format!("WHEN ${} THEN CAST(${} AS BIGINT)", 2 * n + 2, 2 * n + 3))
        .collect();
    let ids: Vec<_> = (0..counts.len()).map(|n| format!("${}", 2 * n + 2)).collect();
    let sql = format!(
        "UPDATE conversation SET last_seq = last_seq + CASE id {} ELSE 0 END, updated_at = $1 \
         WHERE id IN ({}) RETURNING id, last_seq",
        steps.join(" "),
        ids.join(", ")
    );
    let pairs = counts.iter().flat_map(|(id, count)| [Value::from(*id), Value::from(*count)]);
    let values = std::iter::once(Value::from(now)).chain(pairs);
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    let mut before = HashMap::new();
    for row in tx.rows().query_all_raw(query).await? {
        let (id, last): (Uuid, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        before.insert(id, last - counts.get(&id).copied().unwrap_or(0));
    }
    Ok(before)
}

/// How many were new.
async fn insert(tx: &Tx<'_>, messages: &[Message]) -> Result<u64, ChatError> {
    let rows = messages.iter().map(|message| message::ActiveModel {
        id: Set(message.id.0),
        conversation_id: Set(conversation_of(message.conversation_id).0),
        seq: Set(message.seq),
        sender_id: Set(message.sender.id.0),
        client_id: Set(message.client_id.to_string()),
        kind: Set(message.message_type.clone()),
        content: Set(message.content.clone()),
        created_at: Set(message.created_at.0),
        reply_to_seq: Set(message.reply_to.as_ref().map(|quote| quote.seq)),
        edited_at: Set(None),
        unsent_at: Set(None),
    });
    let repeats = OnConflict::columns([message::Column::SenderId, message::Column::ClientId])
        .do_nothing()
        .to_owned();
    let insert = message::Entity::insert_many(rows).on_conflict(repeats);
    Ok(insert.exec_without_returning(tx.rows()).await?)
}

/// Nobody's own message is unread to them. One statement.
async fn mark_own_as_read(tx: &Tx<'_>, messages: &[Message]) -> Result<(), ChatError> {
    let mut newest = BTreeMap::<Uuid, BTreeMap<Uuid, i64>>::new();
    for message in messages {
        let conversation = conversation_of(message.conversation_id).0;
        newest.entry(conversation).or_default().insert(message.sender.id.0, message.seq);
    }
    let mut case = CaseStatement::new();
    let mut places = Condition::any();
    for (conversation, marks) in newest {
        let here = membership::Column::ConversationId.eq(conversation);
        for (account, seq) in &marks {
            case = case.case(here.clone().and(membership::Column::AccountId.eq(*account)), *seq);
        }
        places = places.add(here.and(membership::Column::AccountId.is_in(marks.into_keys())));
    }
    let case = case.finally(Expr::col(membership::Column::LastReadSeq));
    membership::Entity::update_many()
        .col_expr(membership::Column::LastReadSeq, case.into())
        .col_expr(membership::Column::UnreadFromSeq, Expr::value(Option::<i64>::None))
        .filter(places)
        .exec(tx.rows())
        .await?;
    Ok(())
}
