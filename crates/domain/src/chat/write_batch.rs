//! Up to sixty-four messages in one transaction, with a handful of statements whatever their number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{membership, message};
use realtime::Hub;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select, Set,
    Statement,
};
use uuid::Uuid;
use wire::chat::{Author, Message};
use wire::{ClientId, ConversationId, MessageId, UnixMillis};

use super::broadcasts::tell_new_message;
use super::{ChatError, GLOBAL_ROOM, key_of};
use crate::{Services, Store, clock, tx::Tx};

/// A draft that has passed every check that needs no database.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) conversation: ConversationId,
    pub(crate) client_id: ClientId,
    pub(crate) sender: Author,
    pub(crate) content: String,
}

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// Stored now, and told to everybody who listens.
    New(Message),
    /// Stored before under the same client id; nobody was told again.
    Repeated(Message),
}

impl Posted {
    #[must_use]
    pub fn into_message(self) -> Message {
        match self {
            Self::New(message) | Self::Repeated(message) => message,
        }
    }
}

/// What names a message for ever.
type Once = (Uuid, String);

fn once(post: &Post) -> Once {
    (post.sender.id.0, post.client_id.to_string())
}

/// Answers in the order of `posts`. An error means that nothing was stored.
pub(crate) async fn write_batch(
    store: &Store,
    hub: &Hub,
    posts: &[Post],
) -> Result<Vec<Result<Posted, ChatError>>, ChatError> {
    let mut tx = Tx::begin(store, hub).await?;
    let mut stored = stored_before(&tx, posts).await?;
    let allowed = who_may_write(&tx, posts).await?;
    let fresh = fresh_posts(posts, &stored, &allowed);
    let messages = number(&tx, &fresh).await?;
    insert(&tx, &messages).await?;
    mark_own_as_read(&tx, &messages).await?;
    for message in &messages {
        tell_new_message(&mut tx, message);
    }
    let new: HashMap<Once, MessageId> = messages.iter().map(|m| (once_of(m), m.id)).collect();
    stored.extend(messages.into_iter().map(|message| (once_of(&message), message)));
    tx.commit().await?;
    let mut told = Vec::with_capacity(posts.len());
    let mut unclaimed = new;
    for post in posts {
        told.push(outcome(post, &stored, &allowed, &mut unclaimed));
    }
    Ok(told)
}

/// Many lines of one conversation at once, past the queue: for seeding.
pub(crate) async fn write_directly(
    services: &Services,
    conversation: ConversationId,
    lines: Vec<(Author, String, ClientId)>,
) -> Result<usize, ChatError> {
    let post = |(sender, content, client_id)| Post { conversation, client_id, sender, content };
    let posts: Vec<_> = lines.into_iter().map(post).collect();
    let outcomes = write_batch(&services.store, &services.hub, &posts).await?;
    Ok(outcomes.iter().filter(|outcome| outcome.is_ok()).count())
}

fn once_of(message: &Message) -> Once {
    (message.sender.id.0, message.client_id.to_string())
}

/// The first post of a client id in this batch is the new one; a twin in the same batch repeats it.
fn outcome(
    post: &Post,
    stored: &HashMap<Once, Message>,
    allowed: &Allowed,
    unclaimed: &mut HashMap<Once, MessageId>,
) -> Result<Posted, ChatError> {
    let key = once(post);
    let Some(message) = stored.get(&key) else {
        return Err(allowed.refusal(post));
    };
    let same =
        message.content == post.content && message.conversation_id == key_of(post.conversation);
    if !same {
        return Err(ChatError::ClientIdConflict);
    }
    Ok(match unclaimed.remove(&key) {
        Some(_) => Posted::New(message.clone()),
        None => Posted::Repeated(message.clone()),
    })
}

/// The messages that may have been stored for these posts before.
pub(super) fn same_client_ids(posts: &[Post]) -> Select<message::Entity> {
    let mut same = Condition::any();
    for post in posts {
        let one = message::Column::SenderId
            .eq(post.sender.id.0)
            .and(message::Column::ClientId.eq(post.client_id.as_str()));
        same = same.add(one);
    }
    message::Entity::find().filter(same)
}

async fn stored_before(tx: &Tx<'_>, posts: &[Post]) -> Result<HashMap<Once, Message>, ChatError> {
    let rows = same_client_ids(posts).all(tx.rows()).await?;
    let authors: HashMap<Uuid, &Author> =
        posts.iter().map(|post| (post.sender.id.0, &post.sender)).collect();
    let read_back = rows.into_iter().filter_map(|row| {
        let author = authors.get(&row.sender_id)?;
        Some(((row.sender_id, row.client_id.clone()), message_of(row, (*author).clone())?))
    });
    Ok(read_back.collect())
}

fn message_of(row: message::Model, sender: Author) -> Option<Message> {
    Some(Message {
        id: MessageId(row.id),
        conversation_id: key_of(ConversationId(row.conversation_id)),
        seq: row.seq,
        client_id: row.client_id.parse().ok()?,
        sender,
        content: row.content,
        message_type: row.kind,
        created_at: UnixMillis(row.created_at),
        is_unsent: false,
        edited_at: None,
        reply_to: None,
        reactions: Vec::new(),
    })
}

/// The membership states of everybody in the batch.
struct Allowed(HashMap<(Uuid, Uuid), String>);

impl Allowed {
    /// The global room takes everybody whom it has not banned; any other only its members.
    fn may_write(&self, post: &Post) -> bool {
        match self.state(post) {
            Some(state) => state == "active",
            None => post.conversation == GLOBAL_ROOM,
        }
    }

    fn refusal(&self, post: &Post) -> ChatError {
        match self.state(post) {
            Some("banned") if post.conversation == GLOBAL_ROOM => ChatError::Forbidden,
            _ => ChatError::NotFound,
        }
    }

    fn state(&self, post: &Post) -> Option<&str> {
        self.0.get(&(post.conversation.0, post.sender.id.0)).map(String::as_str)
    }
}

async fn who_may_write(tx: &Tx<'_>, posts: &[Post]) -> Result<Allowed, ChatError> {
    let senders: BTreeSet<_> = posts.iter().map(|post| post.sender.id.0).collect();
    let conversations: BTreeSet<_> = posts.iter().map(|post| post.conversation.0).collect();
    let rows: Vec<(Uuid, Uuid, String)> = membership::Entity::find()
        .select_only()
        .columns([
            membership::Column::ConversationId,
            membership::Column::AccountId,
            membership::Column::State,
        ])
        .filter(membership::Column::AccountId.is_in(senders))
        .filter(membership::Column::ConversationId.is_in(conversations))
        .into_tuple()
        .all(tx.rows())
        .await?;
    Ok(Allowed(rows.into_iter().map(|(room, who, state)| ((room, who), state)).collect()))
}

/// What has to be inserted: allowed, not stored yet, and only once.
fn fresh_posts<'p>(
    posts: &'p [Post],
    stored: &HashMap<Once, Message>,
    allowed: &Allowed,
) -> Vec<&'p Post> {
    let mut seen = std::collections::HashSet::new();
    posts
        .iter()
        .filter(|post| allowed.may_write(post))
        .filter(|post| !stored.contains_key(&once(post)) && seen.insert(once(post)))
        .collect()
}

/// Takes the next numbers of each conversation, in the order in which the posts came. Conversations
/// are locked in the order of their ids, so that two writers cannot wait for each other.
async fn number(tx: &Tx<'_>, fresh: &[&Post]) -> Result<Vec<Message>, ChatError> {
    let mut by_conversation = BTreeMap::<ConversationId, Vec<&Post>>::new();
    for post in fresh {
        by_conversation.entry(post.conversation).or_default().push(post);
    }
    let now = clock::now();
    let mut messages = Vec::with_capacity(fresh.len());
    for (conversation, posts) in by_conversation {
        let last = take_numbers(tx, conversation, posts.len(), now).await?;
        let first = last - posts.len() as i64 + 1;
        messages.extend((first..).zip(posts).map(|(seq, post)| numbered(post, seq, now)));
    }
    Ok(messages)
}

async fn take_numbers(
    tx: &Tx<'_>,
    conversation: ConversationId,
    count: usize,
    now: UnixMillis,
) -> Result<i64, ChatError> {
    let sql = "UPDATE conversation SET last_seq = last_seq + $1, updated_at = $2 WHERE id = $3 RETURNING last_seq";
    let values = [(count as i64).into(), now.0.into(), conversation.0.into()];
    let backend = tx.rows().get_database_backend();
    let row = tx.rows().query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(row.ok_or(ChatError::NotFound)?.try_get_by_index(0)?)
}

fn numbered(post: &Post, seq: i64, now: UnixMillis) -> Message {
    Message {
        id: MessageId::new(),
        conversation_id: key_of(post.conversation),
        seq,
        client_id: post.client_id.clone(),
        sender: post.sender.clone(),
        content: post.content.clone(),
        message_type: "text".into(),
        created_at: now,
        is_unsent: false,
        edited_at: None,
        reply_to: None,
        reactions: Vec::new(),
    }
}

async fn insert(tx: &Tx<'_>, messages: &[Message]) -> Result<(), ChatError> {
    if messages.is_empty() {
        return Ok(());
    }
    let rows = messages.iter().map(|message| message::ActiveModel {
        id: Set(message.id.0),
        conversation_id: Set(super::conversation_of(message.conversation_id).0),
        seq: Set(message.seq),
        sender_id: Set(message.sender.id.0),
        client_id: Set(message.client_id.to_string()),
        kind: Set(message.message_type.clone()),
        content: Set(message.content.clone()),
        created_at: Set(message.created_at.0),
        reply_to_seq: Set(None),
        edited_at: Set(None),
        unsent_at: Set(None),
    });
    message::Entity::insert_many(rows).exec_without_returning(tx.rows()).await?;
    Ok(())
}

/// Nobody's own message is unread to them. One statement for each conversation.
async fn mark_own_as_read(tx: &Tx<'_>, messages: &[Message]) -> Result<(), ChatError> {
    let mut newest = BTreeMap::<ConversationId, BTreeMap<Uuid, i64>>::new();
    for message in messages {
        let conversation = super::conversation_of(message.conversation_id);
        newest.entry(conversation).or_default().insert(message.sender.id.0, message.seq);
    }
    for (conversation, marks) in newest {
        let mut case = CaseStatement::new();
        for (account, seq) in &marks {
            case = case.case(membership::Column::AccountId.eq(*account), *seq);
        }
        let case = case.finally(Expr::col(membership::Column::LastReadSeq));
        membership::Entity::update_many()
            .col_expr(membership::Column::LastReadSeq, case.into())
            .filter(membership::Column::ConversationId.eq(conversation.0))
            .filter(membership::Column::AccountId.is_in(marks.into_keys()))
            .exec(tx.rows())
            .await?;
    }
    Ok(())
}
