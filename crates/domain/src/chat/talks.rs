//! A direct conversation or a group with everybody in it, in one query however many are asked for.
//!
//! The global room is none of these: it has everybody in it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Author;
use wire::conversations::{ConversationKind, RequestState, Role};
use wire::{ConversationId, MediaId, UserId};

use super::own_place::unread;
use super::{ChatError, GLOBAL_ROOM};
use crate::{StoreError, tx::Tx};

/// Somebody's place in a conversation, with what is known of the person.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) account: Uuid,
    pub(crate) username: String,
    pub(crate) avatar: Option<MediaId>,
    pub(crate) account_created_at: i64,
    pub(crate) last_seen: Option<i64>,
    pub(crate) show_presence: bool,
    pub(crate) show_read_receipts: bool,
    pub(crate) state: String,
    pub(crate) role: Role,
    pub(crate) last_read_seq: i64,
    pub(crate) unread_from_seq: Option<i64>,
    pub(crate) muted_until: Option<i64>,
    pub(crate) draft: Option<String>,
    pub(crate) hidden_seq: Option<i64>,
    pub(crate) who_can_message: String,
}

impl Place {
    pub(crate) fn is_active(&self) -> bool {
        self.state == "active"
    }

    pub(crate) fn author(&self) -> Author {
        Author::new(UserId(self.account), self.username.clone()).with_avatar(self.avatar)
    }

    pub(crate) fn unread(&self, last_seq: i64) -> i64 {
        unread(last_seq, self.last_read_seq, self.unread_from_seq)
    }
}

/// A conversation and everybody who has not left it, oldest members first.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) id: ConversationId,
    pub(crate) kind: ConversationKind,
    pub(crate) title: Option<String>,
    pub(crate) last_seq: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) places: Vec<Place>,
}

impl Talk {
    pub(crate) fn place(&self, account: UserId) -> Option<&Place> {
        self.places.iter().find(|place| place.account == account.0)
    }

    /// The place of somebody who may read here: a member, or whom a request waits for.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] for everybody else.
    pub(crate) fn reader(&self, account: UserId) -> Result<&Place, ChatError> {
        let place = self.place(account).filter(|place| place.state != "declined");
        place.ok_or(ChatError::NotFound)
    }

    /// The place of somebody who has accepted, in a conversation that is theirs.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] for everybody else.
    pub(crate) fn member(&self, account: UserId) -> Result<&Place, ChatError> {
        self.place(account).filter(|place| place.is_active()).ok_or(ChatError::NotFound)
    }

    pub(crate) fn accounts(&self) -> Vec<Uuid> {
        self.places.iter().map(|place| place.account).collect()
    }

    pub(crate) fn is_direct(&self) -> bool {
        self.kind == ConversationKind::Direct
    }

    /// The other person of a direct conversation.
    pub(crate) fn other(&self, account: UserId) -> Option<&Place> {
        self.places.iter().find(|place| self.is_direct() && place.account != account.0)
    }

    /// Whether somebody has not accepted yet; whether they declined makes no difference to others.
    pub(crate) fn is_pending(&self) -> bool {
        self.is_direct() && self.places.iter().any(|place| !place.is_active())
    }

    pub(crate) fn active(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.is_active())
    }

    pub(crate) fn request(&self, viewer: UserId) -> RequestState {
        match self.place(viewer) {
            Some(place) if !place.is_active() => RequestState::Received,
            _ if self.is_pending() => RequestState::Sent,
            _ => RequestState::Accepted,
        }
    }
}

/// Who keeps whom away, among some people.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blocks(BTreeSet<(Uuid, Uuid)>);

impl Blocks {
    /// Whether either has blocked the other.
    pub(crate) fn between(&self, one: Uuid, other: Uuid) -> bool {
        self.by(one, other) || self.by(other, one)
    }

    pub(crate) fn by(&self, blocker: Uuid, blocked: Uuid) -> bool {
        self.0.contains(&(blocker, blocked))
    }
}

#[derive(FromQueryResult)]
struct Block {
    blocker_id: Uuid,
    blocked_id: Uuid,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    kind: String,
    title: Option<String>,
    last_seq: i64,
    created_at: i64,
    updated_at: i64,
    account: Uuid,
    username: String,
    avatar_id: Option<Uuid>,
    account_created_at: i64,
    last_seen: Option<i64>,
    show_presence: bool,
    show_read_receipts: bool,
    state: String,
    role: String,
    last_read_seq: i64,
    unread_from_seq: Option<i64>,
    muted_until: Option<i64>,
    draft: Option<String>,
    hidden_seq: Option<i64>,
    who_can_message: String,
}

/// `$1, $2, …`, beginning at `from`.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    let names: Vec<_> = (from..from + count).map(|n| format!("${n}")).collect();
    names.join(", ")
}

/// That a column is one of `ids`, whose placeholders begin at `from`, and the values for them. On Postgres
/// the ids are one array, so that there is one text, and one plan, for any number of them.
pub(crate) fn among(
    backend: DbBackend,
    from: usize,
    ids: impl IntoIterator<Item = Uuid>,
) -> (String, Vec<Value>) {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    if backend == DbBackend::Postgres {
        return (format!("= ANY(${from})"), vec![ids.into()]);
    }
    let are_these = format!("IN ({})", placeholders(from, ids.len()));
    (are_these, ids.into_iter().map(Value::from).collect())
}

/// Every one of `ids` that exists and is not the global room.
pub(crate) async fn talks(
    rows: &impl ConnectionTrait,
    ids: &BTreeSet<ConversationId>,
) -> Result<BTreeMap<ConversationId, Talk>, DbErr> {
    read(rows, ids, None).await
}

/// As [`talks`], for a list of one person's: of the drafts only theirs are read, which may be long and as
/// many as there are members.
pub(crate) async fn talks_of(
    rows: &impl ConnectionTrait,
    ids: &BTreeSet<ConversationId>,
    viewer: UserId,
) -> Result<BTreeMap<ConversationId, Talk>, DbErr> {
    read(rows, ids, Some(viewer)).await
}

async fn read(
    rows: &impl ConnectionTrait,
    ids: &BTreeSet<ConversationId>,
    drafts_of: Option<UserId>,
) -> Result<BTreeMap<ConversationId, Talk>, DbErr> {
    let ids: Vec<Uuid> = ids.iter().filter(|id| **id != GLOBAL_ROOM).map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = talks_query(rows.get_database_backend(), &ids, drafts_of);
    let found = Row::find_by_statement(query).all(rows).await?;
    let mut talks = BTreeMap::new();
    for row in found {
        let id = ConversationId(row.id);
        let talk = talks.entry(id).or_insert_with(|| head(&row));
        talk.places.push(place(row));
    }
    Ok(talks)
}

pub(super) fn talks_query(
    backend: DbBackend,
    ids: &[Uuid],
    drafts_of: Option<UserId>,
) -> Statement {
    let (are_these, mut values) = among(backend, 1, ids.iter().copied());
    let draft = match drafts_of {
        None => "m.draft".to_owned(),
        Some(_) => {
            format!("CASE WHEN m.account_id = ${} THEN m.draft END AS draft", values.len() + 1)
        }
    };
    values.extend(drafts_of.map(|viewer| Value::from(viewer.0)));
    let sql = format!(
        "SELECT c.id, c.kind, c.title, c.last_seq, c.created_at, c.updated_at, \
         a.id AS account, a.username, a.avatar_id, a.created_at AS account_created_at, a.last_seen, \
         a.show_presence, a.show_read_receipts, m.state, m.role, m.last_read_seq, \
         m.unread_from_seq, m.muted_until, {draft}, m.hidden_seq, \
         a.who_can_message \
         FROM conversation c JOIN membership m ON m.conversation_id = c.id \
         JOIN account a ON a.id = m.account_id \
         WHERE c.id {are_these} AND (m.state = 'active' \
         OR (c.kind = 'direct' AND m.state IN ('requested', 'declined'))) \
         ORDER BY m.joined_at, m.account_id"
    );
    Statement::from_sql_and_values(backend, sql, values)
}

/// As [`talks`], for one.
///
/// # Errors
/// [`ChatError::NotFound`] where there is none.
pub(crate) async fn talk(
    rows: &impl ConnectionTrait,
    id: ConversationId,
) -> Result<Talk, ChatError> {
    talks(rows, &BTreeSet::from([id])).await?.remove(&id).ok_or(ChatError::NotFound)
}

/// Who of `people` has blocked whom of them.
pub(crate) async fn blocks_among(
    rows: &impl ConnectionTrait,
    people: Vec<Uuid>,
) -> Result<Blocks, DbErr> {
    let people: BTreeSet<Uuid> = people.into_iter().collect();
    if people.len() < 2 {
        return Ok(Blocks::default());
    }
    let backend = rows.get_database_backend();
    let (blockers, mut values) = among(backend, 1, people.iter().copied());
    let (blocked, more) = among(backend, values.len() + 1, people);
    values.extend(more);
    blocks_where(rows, &format!("blocker_id {blockers} AND blocked_id {blocked}"), values).await
}

/// Whom `one` has blocked, and who has blocked them.
pub(crate) async fn blocks_of(rows: &impl ConnectionTrait, one: UserId) -> Result<Blocks, DbErr> {
    let these = "blocker_id = $1 OR blocked_id = $2";
    blocks_where(rows, these, vec![one.0.into(), one.0.into()]).await
}

async fn blocks_where(
    rows: &impl ConnectionTrait,
    these: &str,
    values: Vec<Value>,
) -> Result<Blocks, DbErr> {
    let sql = format!("SELECT blocker_id, blocked_id FROM block WHERE {these}");
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let found = Block::find_by_statement(query).all(rows).await?;
    Ok(Blocks(found.into_iter().map(|row| (row.blocker_id, row.blocked_id)).collect()))
}

/// Holds the conversations for this transaction, in the order of their ids, so that what was read of
/// them afterwards stays true until its end. SQLite has one writer: there it is held already.
pub(crate) async fn lock(
    rows: &impl ConnectionTrait,
    ids: &BTreeSet<ConversationId>,
) -> Result<(), DbErr> {
    let backend = rows.get_database_backend();
    let ids: Vec<_> = ids.iter().filter(|id| **id != GLOBAL_ROOM).map(|id| id.0).collect();
    if backend == DbBackend::Sqlite || ids.is_empty() {
        return Ok(());
    }
    let (are_these, values) = among(backend, 1, ids);
    let sql = format!("SELECT id FROM conversation WHERE id {are_these} ORDER BY id FOR UPDATE");
    rows.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await.map(drop)
}

/// As [`lock`], for one.
pub(crate) async fn hold_conversation(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    Ok(lock(tx.rows(), &BTreeSet::from([ConversationId(id)])).await?)
}

/// Locks and reads one conversation.
///
/// # Errors
/// [`ChatError::NotFound`] where there is none.
pub(crate) async fn locked_talk(
    rows: &impl ConnectionTrait,
    id: ConversationId,
) -> Result<Talk, ChatError> {
    lock(rows, &BTreeSet::from([id])).await?;
    talk(rows, id).await
}

fn head(row: &Row) -> Talk {
    Talk {
        id: ConversationId(row.id),
        kind: match row.kind.as_str() {
            "direct" => ConversationKind::Direct,
            _ => ConversationKind::Group,
        },
        title: row.title.clone(),
        last_seq: row.last_seq,
        created_at: row.created_at,
        updated_at: row.updated_at,
        places: Vec::new(),
    }
}

fn place(row: Row) -> Place {
    Place {
        account: row.account,
        username: row.username,
        avatar: row.avatar_id.map(MediaId),
        account_created_at: row.account_created_at,
        last_seen: row.last_seen,
        show_presence: row.show_presence,
        show_read_receipts: row.show_read_receipts,
        state: row.state,
        role: role(&row.role),
        last_read_seq: row.last_read_seq,
        unread_from_seq: row.unread_from_seq,
        muted_until: row.muted_until,
        draft: row.draft,
        hidden_seq: row.hidden_seq,
        who_can_message: row.who_can_message,
    }
}

fn role(word: &str) -> Role {
    match word {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        _ => Role::Member,
    }
}

#[cfg(test)]
mod tests {
    use test_support::{Backend, Database};

    use super::*;

    async fn only_ones_own_draft_is_read_with_a_list(backend: Backend) {
        let database = Database::migrated(backend).await;
        let rows = database.connect().await;
        let band = ConversationId::new();
        let [ada, bob] = [UserId::new(), UserId::new()];
        let filled = [
            (
                "INSERT INTO conversation (id, kind, title, last_seq, created_at, updated_at) \
                 VALUES ($1, 'group', $2, 0, 0, 0)",
                vec![Value::from(band.0), "Band".into()],
            ),
            (
                "INSERT INTO account (id, username, username_key, password_hash, created_at) \
                 VALUES ($1, 'ada', 'ada', '', 0), ($2, 'bob', 'bob', '', 0)",
                vec![ada.0.into(), bob.0.into()],
            ),
            (
                "INSERT INTO membership (conversation_id, account_id, joined_at, draft) \
                 VALUES ($1, $2, 0, 'hers'), ($1, $3, 0, 'his')",
                vec![band.0.into(), ada.0.into(), bob.0.into()],
            ),
        ];
        let dialect = rows.get_database_backend();
        for (sql, values) in filled {
            let statement = Statement::from_sql_and_values(dialect, sql, values);
            rows.execute_raw(statement).await.unwrap();
        }
        let read = talks_of(&rows, &BTreeSet::from([band]), bob).await.unwrap();
        let drafts = |who| read[&band].place(who).unwrap().draft.clone();
        assert_eq!((drafts(bob).as_deref(), drafts(ada)), (Some("his"), None));
    }

    #[tokio::test]
    async fn drafts_on_sqlite() {
        only_ones_own_draft_is_read_with_a_list(Backend::Sqlite).await;
    }

    #[tokio::test]
    async fn drafts_on_postgres() {
        only_ones_own_draft_is_read_with_a_list(Backend::Postgres).await;
    }
}
