//! One's own messages: those of the global room, which everybody may read, and of conversations in which one
//! is a member.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Author;
use wire::search::{Hits, MessageHit};
use wire::{ConversationId, MediaId, MessageId, UnixMillis, UserId};

use super::SearchError;
use super::expression::Expression;
use super::find::{Asked, stays};
use super::highlight::excerpt;
use super::searched::{Reach, Searched, Source};
use super::spellings::spelled_out;
use super::words::words;
use crate::chat::{GLOBAL_ROOM, READABLE, key_of};
use crate::posts::{heard, unblocked};
use crate::{Caller, Services};

/// Conversations of somebody's whose titles are compared.
const TITLES: i64 = 500;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    conversation_id: Uuid,
    seq: i64,
    content: String,
    created_at: i64,
    sender_id: Uuid,
    username: String,
    avatar_id: Option<Uuid>,
    title: Option<String>,
    partner: Option<String>,
}

/// What was said, the newest first.
pub(super) async fn messages(asked: &Asked<'_>) -> Result<Hits<MessageHit>, SearchError> {
    let places = match (asked.viewer, asked.query.within.as_slice()) {
        (_, []) => Vec::new(),
        (viewer, names) => places_called(asked.services, viewer, names).await?,
    };
    let (mut found, mut has_more) = (Vec::new(), false);
    let wanted = Expression::of(asked.query, &asked.from, &places);
    let wanted = spelled_out(asked, Searched::Messages, wanted).await?;
    for reach in Reach::steps(asked.backend()) {
        let Some(query) = messages_query(asked, &wanted, *reach) else {
            return Ok(Hits::default());
        };
        found = Row::find_by_statement(query).all(&asked.services.store.read).await?;
        has_more = found.len() > asked.limit as usize;
        if has_more {
            break;
        }
    }
    found.truncate(asked.limit as usize);
    let hit = |row: Row| {
        let sender = Author::new(UserId(row.sender_id), row.username);
        MessageHit {
            id: MessageId(row.id),
            conversation: key_of(ConversationId(row.conversation_id)),
            seq: row.seq,
            place: row.title.or(row.partner),
            sender: sender.with_avatar(row.avatar_id.map(MediaId)),
            created_at: UnixMillis(row.created_at),
            excerpt: excerpt(&row.content, &asked.query.wanted),
            content: row.content,
        }
    };
    Ok(Hits { hits: found.into_iter().map(hit).collect(), has_more })
}

pub(super) fn messages_query(
    asked: &Asked<'_>,
    wanted: &Expression,
    reach: Reach,
) -> Option<Statement> {
    let backend = asked.backend();
    if wanted.is_hopeless() {
        return None;
    }
    let Source { tables, condition, number, .. } = Searched::Messages.source(backend, "m", reach);
    let join = if backend == DbBackend::Sqlite { "CROSS JOIN" } else { "JOIN" };
    let on = |condition: &str| match backend {
        DbBackend::Sqlite => String::new(),
        _ => format!(" ON {condition}"),
    };
    let (sender, place) = ("a.id = m.sender_id", "t.id = m.conversation_id");
    let (heard, unblocked) = (heard("m.sender_id", "$1"), unblocked("m.sender_id", "$1"));
    let in_time = asked.in_time("m.created_at");
    let sql = format!(
        "SELECT m.id, m.conversation_id, m.seq, m.content, m.created_at, m.sender_id, a.username, \
         a.avatar_id, t.title, CASE WHEN t.kind = 'direct' THEN (SELECT pa.username FROM membership pm \
         JOIN account pa ON pa.id = pm.account_id WHERE pm.conversation_id = t.id \
         AND pm.account_id <> $1 LIMIT 1) END AS partner \
         FROM {tables} {join} account a{} {join} conversation t{} \
         WHERE {condition} AND {sender} AND {place} AND m.unsent_at IS NULL AND a.is_active AND {} \
         AND {unblocked} AND {heard} AND {READABLE}{in_time} ORDER BY {number} DESC LIMIT $3 OFFSET $4",
        on(sender),
        on(place),
        stays("a"),
    );
    let [limit, offset] = asked.window();
    let values: [Value; 4] = [asked.reader().into(), wanted.text(backend).into(), limit, offset];
    Some(Statement::from_sql_and_values(backend, sql, values))
}

/// Conversations that somebody calls one of these: by the title of a group, the address of a community whose
/// room it is, or the name of the other of two. The global room is called `global`.
async fn places_called(
    services: &Services,
    viewer: Option<&Caller>,
    names: &[String],
) -> Result<Vec<Uuid>, SearchError> {
    let wanted: Vec<_> = names.iter().map(|name| folded(name)).collect();
    let mut places = Vec::new();
    if wanted.iter().any(|name| ["global", "global room"].contains(&name.as_str())) {
        places.push(GLOBAL_ROOM.0);
    }
    let Some(viewer) = viewer else { return Ok(places) };
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        title: Option<String>,
        slug: Option<String>,
        partner: Option<String>,
    }
    let sql = "SELECT c.id, c.title, k.slug, CASE WHEN c.kind = 'direct' THEN (SELECT pa.username \
         FROM membership pm JOIN account pa ON pa.id = pm.account_id WHERE pm.conversation_id = c.id \
         AND pm.account_id <> $1 LIMIT 1) END AS partner \
         FROM membership m JOIN conversation c ON c.id = m.conversation_id \
         LEFT JOIN community k ON k.conversation_id = c.id \
         WHERE m.account_id = $1 AND m.state = 'active' ORDER BY c.updated_at DESC LIMIT $2";
    let values = [viewer.user_id.0.into(), TITLES.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    for row in Row::find_by_statement(query).all(&services.store.read).await? {
        let called = [row.title, row.slug, row.partner];
        let is_meant = |name: String| wanted.contains(&folded(&name));
        if called.into_iter().flatten().any(is_meant) {
            places.push(row.id);
        }
    }
    Ok(places)
}

/// A name as it is compared.
fn folded(name: &str) -> String {
    words(name).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}
