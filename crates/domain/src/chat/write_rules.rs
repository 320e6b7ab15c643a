//! Who may write what: asked inside the transaction that writes, for a whole batch at once. The
//! number of statements does not grow with the batch, and a batch of the global room pays for nothing
//! but its own question.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::membership;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Statement,
    Value,
};
use uuid::Uuid;
use wire::chat::Message;
use wire::conversations::{Quote, REQUEST_MESSAGES};
use wire::{ConversationId, MessageId, UserId};

use super::conversation_broadcasts::{tell_accepted, tell_message};
use super::message_rows::quotes_by_id;
use super::push_messages::plan_pushes;
use super::talks::{Blocks, Talk, among, blocks_among, lock, talks};
use super::tell_named::tell_named;
use super::write_batch::Post;
use super::{ChatError, GLOBAL_ROOM, conversation_of};
use crate::tx::Tx;

/// What has to be known about everybody and everything in a batch. Admitting a post changes it, so
/// that the next one meets what it would have met had it come alone.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// States in the global room.
    room: HashMap<Uuid, String>,
    talks: BTreeMap<ConversationId, Talk>,
    blocks: Blocks,
    quotes: HashMap<MessageId, (ConversationId, Quote)>,
    /// Whose messages accepted a request.
    accepted: BTreeSet<(ConversationId, Uuid)>,
}

impl Rules {
    pub(super) async fn of(tx: &Tx<'_>, posts: &[Post]) -> Result<Self, ChatError> {
        Ok(Self { room: states_in_room(tx, posts).await?, ..Self::of_talks(tx, posts).await? })
    }

    /// As [`Rules::of`]. On Postgres nobody is taken to be kept out of the global room: storing a post of
    /// theirs fails there, which spares all others the question.
    pub(super) async fn without_room(tx: &Tx<'_>, posts: &[Post]) -> Result<Self, ChatError> {
        match tx.rows().get_database_backend() {
            DbBackend::Postgres => Self::of_talks(tx, posts).await,
            _ => Self::of(tx, posts).await,
        }
    }

    async fn of_talks(tx: &Tx<'_>, posts: &[Post]) -> Result<Self, ChatError> {
        let elsewhere: BTreeSet<_> = posts
            .iter()
            .map(|post| post.conversation)
            .filter(|conversation| *conversation != GLOBAL_ROOM)
            .collect();
        lock(tx.rows(), &elsewhere).await?;
        let talks = talks(tx.rows(), &elsewhere).await?;
        let pairs = talks.values().filter(|talk| talk.is_direct());
        let people: Vec<_> = pairs.flat_map(Talk::accounts).collect();
        let answered: BTreeSet<_> = posts.iter().filter_map(|post| post.reply_to).collect();
        Ok(Self {
            room: HashMap::new(),
            blocks: blocks_among(tx.rows(), people).await?,
            quotes: quotes_by_id(tx.rows(), answered).await?,
            talks,
            accepted: BTreeSet::new(),
        })
    }

    /// Whether this post may be written now.
    pub(super) fn admit(&mut self, post: &Post) -> Result<(), ChatError> {
        if post.conversation == GLOBAL_ROOM {
            self.admit_to_room(post)?;
        } else {
            self.admit_to_talk(post)?;
        }
        if let Some(talk) = self.talks.get_mut(&post.conversation) {
            take_place(talk, post.sender.id);
        }
        Ok(())
    }

    /// The global room takes everybody whom it has not banned.
    fn admit_to_room(&self, post: &Post) -> Result<(), ChatError> {
        match self.room.get(&post.sender.id.0).map(String::as_str) {
            None | Some("active") => self.admit_answer(post),
            Some("banned") => Err(ChatError::Forbidden),
            Some(_) => Err(ChatError::NotFound),
        }
    }

    fn admit_to_talk(&mut self, post: &Post) -> Result<(), ChatError> {
        let talk = self.talks.get(&post.conversation).ok_or(ChatError::NotFound)?;
        let sender = post.sender.id;
        let accepts = !talk.place(sender).ok_or(ChatError::NotFound)?.is_active();
        if talk.is_direct() {
            may_reach(talk, sender, &self.blocks)?;
        }
        if !accepts && talk.is_pending() && talk.last_seq >= REQUEST_MESSAGES {
            return Err(ChatError::RequestLimit);
        }
        // Before anything is noted: what is refused accepts nothing.
        self.admit_answer(post)?;
        if let Some(talk) = self.talks.get_mut(&post.conversation).filter(|_| accepts) {
            self.accepted.insert((talk.id, sender.0));
            activate(talk, sender);
        }
        Ok(())
    }

    fn admit_answer(&self, post: &Post) -> Result<(), ChatError> {
        if post.reply_to.is_some() && self.quote(post).is_none() {
            return Err(ChatError::Invalid { field: "reply_to", why: "No such message here." });
        }
        Ok(())
    }

    /// The message that the post answers, if it stands in the same conversation.
    pub(super) fn quote(&self, post: &Post) -> Option<&Quote> {
        let (conversation, quote) = self.quotes.get(&post.reply_to?)?;
        (*conversation == post.conversation).then_some(quote)
    }

    /// Writes down whose requests were accepted by an answer. Their marks follow with the message.
    pub(super) async fn write(&self, tx: &mut Tx<'_>) -> Result<(), ChatError> {
        activate_places(tx, &self.accepted).await?;
        for (conversation, account) in &self.accepted {
            let Some(talk) = self.talks.get(conversation) else { continue };
            tell_accepted(tx, talk, &self.blocks, UserId(*account));
        }
        Ok(())
    }

    /// Alerts whomever these messages name, and plans what reaches those who are not here.
    pub(super) async fn call(
        &self,
        tx: &mut Tx<'_>,
        messages: &[Message],
    ) -> Result<(), ChatError> {
        for message in messages {
            let talk = self.talks.get(&conversation_of(message.conversation_id));
            tell_named(tx, talk, message, "").await?;
        }
        plan_pushes(tx, &self.talks, messages).await
    }

    /// Tells the people of the message's conversation; `false` for the global room, which has a
    /// topic of its own.
    pub(super) fn tell(&self, tx: &mut Tx<'_>, message: &Message) -> bool {
        let Some(talk) = self.talks.get(&conversation_of(message.conversation_id)) else {
            return false;
        };
        tell_message(tx, talk, &self.blocks, message);
        true
    }
}

/// Whether `sender` may write to the other person of a direct conversation.
pub(super) fn may_reach(talk: &Talk, sender: UserId, blocks: &Blocks) -> Result<(), ChatError> {
    let other = talk.other(sender).ok_or(ChatError::CannotMessage)?;
    let waits = !other.is_active();
    if blocks.between(sender.0, other.account) || (waits && other.who_can_message == "nobody") {
        return Err(ChatError::CannotMessage);
    }
    Ok(())
}

/// The post will be the conversation's last message, and read by who wrote it.
fn take_place(talk: &mut Talk, sender: UserId) {
    talk.last_seq += 1;
    let last_seq = talk.last_seq;
    for place in talk.places.iter_mut().filter(|place| place.account == sender.0) {
        place.last_read_seq = last_seq;
        place.unread_from_seq = None;
    }
}

fn activate(talk: &mut Talk, account: UserId) {
    for place in &mut talk.places {
        if place.account == account.0 {
            place.state = "active".into();
        }
    }
}

/// Makes members of those whom a request waited for.
pub(super) async fn activate_places(
    tx: &Tx<'_>,
    places: &BTreeSet<(ConversationId, Uuid)>,
) -> Result<(), ChatError> {
    let mut these = Condition::any();
    for (conversation, account) in places {
        let one = membership::Column::ConversationId
            .eq(conversation.0)
            .and(membership::Column::AccountId.eq(*account));
        these = these.add(one);
    }
    if !places.is_empty() {
        membership::Entity::update_many()
            .col_expr(membership::Column::State, Expr::value("active"))
            .filter(these)
            .exec(tx.rows())
            .await?;
    }
    Ok(())
}

async fn states_in_room(tx: &Tx<'_>, posts: &[Post]) -> Result<HashMap<Uuid, String>, ChatError> {
    let senders: BTreeSet<_> = posts
        .iter()
        .filter(|post| post.conversation == GLOBAL_ROOM)
        .map(|post| post.sender.id.0)
        .collect();
    if senders.is_empty() {
        return Ok(HashMap::new());
    }
    let query = states_query(tx.rows().get_database_backend(), senders);
    let rows = tx.rows().query_all_raw(query).await?;
    let rows = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    Ok(rows.collect::<Result<_, DbErr>>()?)
}

pub(super) fn states_query(backend: DbBackend, senders: BTreeSet<Uuid>) -> Statement {
    let (are_these, values) = among(backend, 2, senders);
    let sql = format!(
        "SELECT account_id, state FROM membership WHERE conversation_id = $1 AND account_id {are_these}"
    );
    let values = std::iter::once(Value::from(GLOBAL_ROOM.0)).chain(values);
    Statement::from_sql_and_values(backend, sql, values)
}
