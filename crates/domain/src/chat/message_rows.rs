//! Messages as rows, and what belongs to them: the message that each answers, and its reactions. One
//! query for each of the three, however many messages.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::{Author, Message};
use wire::conversations::{Quote, Reaction, quoted};
use wire::{ClientId, ConversationId, MediaId, MessageId, UnixMillis, UserId};

use super::key_of;
use super::talks::placeholders;

/// What [`Row`] reads, from `message m` and its author `account a`.
pub(super) const COLUMNS: &str = "m.id, m.conversation_id, m.seq, m.client_id, m.kind, m.content, \
     m.created_at, m.reply_to_seq, m.edited_at, m.unsent_at, m.sender_id, a.username, a.avatar_id";

#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Row {
    id: Uuid,
    conversation_id: Uuid,
    seq: i64,
    client_id: String,
    kind: String,
    content: String,
    created_at: i64,
    reply_to_seq: Option<i64>,
    edited_at: Option<i64>,
    unsent_at: Option<i64>,
    sender_id: Uuid,
    username: String,
    avatar_id: Option<Uuid>,
}

impl Row {
    fn author(&self) -> Author {
        let author = Author::new(UserId(self.sender_id), self.username.clone());
        author.with_avatar(self.avatar_id.map(MediaId))
    }
}

/// The messages that `query` finds, in its order, as `viewer` sees them.
pub(super) async fn messages(
    rows: &impl ConnectionTrait,
    query: Statement,
    viewer: Option<UserId>,
) -> Result<Vec<Message>, DbErr> {
    let found = Row::find_by_statement(query).all(rows).await?;
    let answered = found.iter().filter_map(|row| Some((row.conversation_id, row.reply_to_seq?)));
    let quotes = quotes_at(rows, answered.collect()).await?;
    let mut reactions = reactions(rows, found.iter().map(|row| row.id), viewer).await?;
    let whole = found.into_iter().filter_map(|row| {
        let quote = row.reply_to_seq.and_then(|seq| quotes.get(&(row.conversation_id, seq)));
        let reactions = reactions.remove(&row.id).unwrap_or_default();
        Some(Message { reply_to: quote.cloned().map(Box::new), reactions, ..message(row)? })
    });
    Ok(whole.collect())
}

/// A row whose client id is not one cannot have been written by us; the column's length and the
/// type at every door forbid it.
fn message(row: Row) -> Option<Message> {
    Some(Message {
        id: MessageId(row.id),
        conversation_id: key_of(ConversationId(row.conversation_id)),
        seq: row.seq,
        client_id: row.client_id.parse::<ClientId>().ok()?,
        sender: row.author(),
        content: row.content,
        message_type: row.kind,
        created_at: UnixMillis(row.created_at),
        is_unsent: row.unsent_at.is_some(),
        edited_at: row.edited_at.map(UnixMillis),
        reply_to: None,
        reactions: Vec::new(),
    })
}

fn quote(row: Row) -> Quote {
    Quote {
        id: MessageId(row.id),
        seq: row.seq,
        sender: row.author(),
        content: quoted(&row.content),
        is_unsent: row.unsent_at.is_some(),
    }
}

/// The messages at these places, for the answers to them.
pub(super) async fn quotes_at(
    rows: &impl ConnectionTrait,
    wanted: BTreeSet<(Uuid, i64)>,
) -> Result<HashMap<(Uuid, i64), Quote>, DbErr> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<_> = (0..wanted.len())
        .map(|n| format!("(m.conversation_id = ${} AND m.seq = ${})", 2 * n + 1, 2 * n + 2))
        .collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM message m JOIN account a ON a.id = m.sender_id WHERE {}",
        places.join(" OR ")
    );
    let values = wanted.iter().flat_map(|(id, seq)| [Value::from(*id), Value::from(*seq)]);
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).all(rows).await?;
    Ok(found.into_iter().map(|row| ((row.conversation_id, row.seq), quote(row))).collect())
}

/// The messages of these ids with where they stand, for answers to them.
pub(super) async fn quotes_by_id(
    rows: &impl ConnectionTrait,
    ids: BTreeSet<MessageId>,
) -> Result<HashMap<MessageId, (ConversationId, Quote)>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM message m JOIN account a ON a.id = m.sender_id WHERE m.id IN ({})",
        placeholders(1, ids.len())
    );
    let values = ids.iter().map(|id| Value::from(id.0));
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).all(rows).await?;
    let placed = |row: Row| (MessageId(row.id), (ConversationId(row.conversation_id), quote(row)));
    Ok(found.into_iter().map(placed).collect())
}

/// The reactions to each message, in the order in which each kind first came.
pub(super) async fn reactions(
    rows: &impl ConnectionTrait,
    messages: impl Iterator<Item = Uuid>,
    viewer: Option<UserId>,
) -> Result<HashMap<Uuid, Vec<Reaction>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        message_id: Uuid,
        emoji: String,
        n: i64,
        own: i64,
    }
    let ids: Vec<Uuid> = messages.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT message_id, emoji, COUNT(*) AS n, \
         CAST(SUM(CASE WHEN account_id = $1 THEN 1 ELSE 0 END) AS BIGINT) AS own \
         FROM reaction WHERE message_id IN ({}) GROUP BY message_id, emoji \
         ORDER BY MIN(created_at), emoji",
        placeholders(2, ids.len())
    );
    let viewer = viewer.map_or(Uuid::nil(), |viewer| viewer.0);
    let values = std::iter::once(viewer).chain(ids).map(Value::from);
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let mut reactions = HashMap::<Uuid, Vec<Reaction>>::new();
    for row in Row::find_by_statement(query).all(rows).await? {
        let reaction = Reaction { emoji: row.emoji, count: row.n, mine: row.own > 0 };
        reactions.entry(row.message_id).or_default().push(reaction);
    }
    Ok(reactions)
}
