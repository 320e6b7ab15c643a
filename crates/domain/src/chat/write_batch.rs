//! Up to sixty-four messages in one transaction, with a handful of statements whatever their number.

use std::collections::{HashMap, HashSet};

use entity::message;
use realtime::Hub;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};
use uuid::Uuid;
use wire::chat::{Author, Message};
use wire::conversations::Quote;
use wire::{ClientId, ConversationId, MessageId, UnixMillis};

use super::broadcasts::{event_of, tell_new_message};
use super::message_rows::quotes_at;
use super::retell::place_of;
use super::store_posts::{counted_from_one, store_alone, store_posts};
use super::tell_named::names_somebody;
use super::write_rules::Rules;
use super::{ChatError, GLOBAL_ROOM, key_of};
use crate::tx::{Tx, tell_committed};
use crate::{Services, Store};

/// A draft that has passed every check that needs no database.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) conversation: ConversationId,
    pub(crate) client_id: ClientId,
    pub(crate) sender: Author,
    pub(crate) content: String,
    pub(crate) reply_to: Option<MessageId>,
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

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: ChatError,
    /// What is stored nevertheless, and told to nobody, if only the answer to the commit was lost.
    pub(crate) doubtful: Vec<Message>,
}

impl<E: Into<ChatError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), doubtful: Vec::new() }
    }
}

/// Answers in the order of `posts`. After an error nothing was told, and nothing stored but what
/// [`Failed`] names.
pub(crate) async fn write_batch(
    store: &Store,
    hub: &Hub,
    posts: &[Post],
) -> Result<Vec<Result<Posted, ChatError>>, Failed> {
    let is_plain = !store.is_sqlite() && posts.iter().all(is_plain);
    if is_plain && let Some(outcomes) = write_at_once(store, hub, posts).await? {
        return Ok(outcomes);
    }
    let first = if is_plain { Look::First } else { Look::None };
    // The second time another node was faster, between our look and our insert.
    for look in [first, Look::First, Look::First] {
        if let Some(outcomes) = try_to_write(store, hub, posts, look).await? {
            return Ok(outcomes);
        }
    }
    Err(ChatError::ClientIdConflict.into())
}

/// Nothing has to be known of anybody but whether the global room keeps them out, and nobody is called.
fn is_plain(post: &Post) -> bool {
    post.conversation == GLOBAL_ROOM && post.reply_to.is_none() && !names_somebody(&post.content)
}

/// A batch of nothing but [plain](is_plain) posts in one journey to Postgres. `None`, and nothing is written,
/// where one of them may be a repeat or may not be written.
async fn write_at_once(
    store: &Store,
    hub: &Hub,
    posts: &[Post],
) -> Result<Option<Vec<Result<Posted, ChatError>>>, Failed> {
    let mut rules = Rules::default();
    let (fresh, _) = sort_out(posts, &HashMap::new(), &mut rules);
    if fresh.len() < posts.len() {
        return Ok(None);
    }
    let mut messages = counted_from_one(&fresh, &rules);
    match store_alone(store, &mut messages).await {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(error) => return Err(Failed { error, doubtful: messages }),
    }
    tell_committed(hub, messages.iter().filter_map(event_of).collect());
    Ok(Some(messages.into_iter().map(|message| Ok(Posted::New(message))).collect()))
}

/// Whether it is asked first what of a batch was stored before, and who is kept out of the global room.
/// Nearly always it is nothing and nobody, and storing itself tells where it is not.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Look {
    None,
    First,
}

/// `None`, and nothing is written, where a post may be the repeat of one that was stored before.
async fn try_to_write(
    store: &Store,
    hub: &Hub,
    posts: &[Post],
    look: Look,
) -> Result<Option<Vec<Result<Posted, ChatError>>>, Failed> {
    let mut tx = Tx::begin(store, hub).await?;
    let mut stored = match look {
        Look::None => HashMap::new(),
        Look::First => stored_before(&tx, posts).await?,
    };
    let mut rules = match look {
        Look::None => Rules::without_room(&tx, posts).await?,
        Look::First => Rules::of(&tx, posts).await?,
    };
    let (fresh, refused) = sort_out(posts, &stored, &mut rules);
    if look == Look::None && refused.iter().any(Option::is_some) {
        return Ok(None);
    }
    let Some(messages) = store_posts(&tx, &fresh, &rules).await? else { return Ok(None) };
    rules.write(&mut tx).await?;
    rules.call(&mut tx, &messages).await?;
    for message in &messages {
        tx.stand_at(Some(place_of(message)));
        if !rules.tell(&mut tx, message) {
            tell_new_message(&mut tx, message);
        }
    }
    let new: HashMap<Once, MessageId> = messages.iter().map(|m| (once_of(m), m.id)).collect();
    stored.extend(messages.into_iter().map(|message| (once_of(&message), message)));
    if let Err(error) = tx.commit().await {
        let doubtful = stored.into_iter().filter(|(once, _)| new.contains_key(once));
        return Err(Failed {
            error: error.into(),
            doubtful: doubtful.map(|(_, message)| message).collect(),
        });
    }
    let mut told = Vec::with_capacity(posts.len());
    let mut unclaimed = new;
    for (post, refusal) in posts.iter().zip(refused) {
        told.push(outcome(post, &stored, refusal, &mut unclaimed));
    }
    Ok(Some(told))
}

/// Many lines of one conversation at once, past the queue: for seeding.
pub(crate) async fn write_directly(
    services: &Services,
    conversation: ConversationId,
    lines: Vec<(Author, String, ClientId)>,
) -> Result<usize, ChatError> {
    let post = |(sender, content, client_id)| Post {
        conversation,
        client_id,
        sender,
        content,
        reply_to: None,
    };
    let posts: Vec<_> = lines.into_iter().map(post).collect();
    let written = write_batch(&services.store, &services.hub, &posts).await;
    let outcomes = written.map_err(|failed| failed.error)?;
    Ok(outcomes.iter().filter(|outcome| outcome.is_ok()).count())
}

fn once_of(message: &Message) -> Once {
    (message.sender.id.0, message.client_id.to_string())
}

/// The first post of a client id in this batch is the new one; a twin in the same batch repeats it.
fn outcome(
    post: &Post,
    stored: &HashMap<Once, Message>,
    refusal: Option<ChatError>,
    unclaimed: &mut HashMap<Once, MessageId>,
) -> Result<Posted, ChatError> {
    let key = once(post);
    let Some(message) = stored.get(&key) else {
        return Err(refusal.unwrap_or(ChatError::NotFound));
    };
    // What was changed or taken back since cannot be compared: its first text is gone.
    let was_changed = message.edited_at.is_some() || message.is_unsent;
    let same = (message.content == post.content || was_changed)
        && message.conversation_id == key_of(post.conversation);
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
    let answered = rows.iter().filter_map(|row| Some((row.conversation_id, row.reply_to_seq?)));
    let quotes = quotes_at(tx.rows(), answered.collect()).await?;
    let read_back = rows.into_iter().filter_map(|row| {
        let author = authors.get(&row.sender_id)?;
        let quote = row.reply_to_seq.and_then(|seq| quotes.get(&(row.conversation_id, seq)));
        let key = (row.sender_id, row.client_id.clone());
        Some((key, message_of(row, (*author).clone(), quote)?))
    });
    Ok(read_back.collect())
}

fn message_of(row: message::Model, sender: Author, quote: Option<&Quote>) -> Option<Message> {
    Some(Message {
        id: MessageId(row.id),
        conversation_id: key_of(ConversationId(row.conversation_id)),
        seq: row.seq,
        client_id: row.client_id.parse().ok()?,
        sender,
        content: row.content,
        message_type: row.kind,
        created_at: UnixMillis(row.created_at),
        is_unsent: row.unsent_at.is_some(),
        edited_at: row.edited_at.map(UnixMillis),
        reply_to: quote.cloned().map(Box::new),
        reactions: Vec::new(),
    })
}

/// What has to be inserted: allowed, not stored yet, and only once; and beside each post why it is not.
fn sort_out<'p>(
    posts: &'p [Post],
    stored: &HashMap<Once, Message>,
    rules: &mut Rules,
) -> (Vec<&'p Post>, Vec<Option<ChatError>>) {
    let mut seen = HashSet::new();
    let mut fresh = Vec::with_capacity(posts.len());
    let mut refused = Vec::with_capacity(posts.len());
    for post in posts {
        let is_known = stored.contains_key(&once(post)) || seen.contains(&once(post));
        let refusal = if is_known { None } else { rules.admit(post).err() };
        if !is_known && refusal.is_none() {
            seen.insert(once(post));
            fresh.push(post);
        }
        refused.push(refusal);
    }
    (fresh, refused)
}
