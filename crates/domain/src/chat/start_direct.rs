//! A conversation between two people: found, or begun.

use entity::{account, conversation, follow, membership};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Set, Statement, Value,
};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::conversations::{Conversation, Target};
use wire::{ConversationId, UserId};

use super::conversation_broadcasts::tell_added;
use super::conversations::conversation;
use super::talks::{Talk, blocks_among, locked_talk};
use super::watchers::met;
use super::{ChatError, GLOBAL_ROOM};
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// What became of a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    New(Conversation),
    /// The two had one before.
    Existing(Conversation),
}

impl Started {
    #[must_use]
    pub fn into_conversation(self) -> Conversation {
        match self {
            Self::New(conversation) | Self::Existing(conversation) => conversation,
        }
    }
}

/// The caller's conversation with `target`; begun if there is none. Two who start at once get the
/// same. It is accepted when the recipient follows the caller, has written to them before, or both
/// share an accepted conversation; otherwise what is written is a request. The recipient hears of it
/// with the first message.
///
/// # Errors
/// [`ChatError::NotFound`] for somebody who does not exist, [`ChatError::Invalid`] for oneself,
/// [`ChatError::CannotMessage`] where either has blocked the other or the recipient wants no messages, or
/// too many at once.
pub async fn start_direct(
    services: &Services,
    caller: &Caller,
    target: &Target,
) -> Result<Started, ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let recipient = recipient(&tx, caller, target).await?;
    let key = direct_key(caller.user_id.0, recipient.id);
    let found = find(tx.rows(), &key).await?;
    let (id, is_new) = match found {
        Some(id) => (id, false),
        None => {
            services.limits.check(Limit::Beginnings, caller.user_id.0).await?;
            begin(&tx, caller, &recipient, &key).await?
        }
    };
    if !is_new {
        let talk = locked_talk(tx.rows(), id).await?;
        bring_back(&mut tx, &talk, caller).await?;
    }
    tx.commit().await?;
    if is_new {
        met(services, [caller.user_id], [UserId(recipient.id)]);
    }
    let conversation = conversation(services, caller, id).await?;
    Ok(if is_new { Started::New(conversation) } else { Started::Existing(conversation) })
}

async fn recipient(
    tx: &Tx<'_>,
    caller: &Caller,
    target: &Target,
) -> Result<account::Model, ChatError> {
    let who = match target {
        Target::Id(id) => account::Column::Id.eq(id.0),
        Target::Username(name) => account::Column::UsernameKey.eq(username_key(name.trim())),
    };
    let found = account::Entity::find()
        .filter(who)
        .filter(account::Column::IsActive.eq(true))
        .one(tx.rows())
        .await?
        .ok_or(ChatError::NotFound)?;
    if found.id == caller.user_id.0 {
        let field = match target {
            Target::Id(_) => "user_id",
            Target::Username(_) => "username",
        };
        return Err(ChatError::Invalid { field, why: "You cannot write to yourself." });
    }
    Ok(found)
}

/// The two ids in order: what the database holds only once.
pub(crate) fn direct_key(one: Uuid, other: Uuid) -> String {
    format!("{}:{}", one.min(other), one.max(other))
}

async fn find(rows: &impl ConnectionTrait, key: &str) -> Result<Option<ConversationId>, ChatError> {
    let by_key = conversation::Column::DirectKey.eq(key);
    let row = conversation::Entity::find().filter(by_key).one(rows).await?;
    Ok(row.map(|row| ConversationId(row.id)))
}

/// A new conversation, unless somebody was quicker. Nobody may begin one with somebody who does not
/// want it; one that is there already can be opened by both for ever.
async fn begin(
    tx: &Tx<'_>,
    caller: &Caller,
    recipient: &account::Model,
    key: &str,
) -> Result<(ConversationId, bool), ChatError> {
    may_begin(tx, caller.user_id, recipient).await?;
    let id = ConversationId::new();
    if !insert_conversation(tx, id, caller, key).await? {
        let id = find(tx.rows(), key).await?.ok_or(ChatError::NotFound)?;
        return Ok((id, false));
    }
    let known = is_acquainted(tx.rows(), caller.user_id, UserId(recipient.id)).await?;
    let state = if known { "active" } else { "requested" };
    let places = [
        new_place(id, caller.user_id.0, "active", None),
        // Not in the recipient's list before there is something to read.
        new_place(id, recipient.id, state, Some(0)),
    ];
    membership::Entity::insert_many(places).exec_without_returning(tx.rows()).await?;
    Ok((id, true))
}

async fn may_begin(
    tx: &Tx<'_>,
    sender: UserId,
    recipient: &account::Model,
) -> Result<(), ChatError> {
    let blocks = blocks_among(tx.rows(), vec![sender.0, recipient.id]).await?;
    let wanted = match recipient.who_can_message.as_str() {
        "nobody" => false,
        "following" => follows(tx.rows(), UserId(recipient.id), sender).await?,
        _ => true,
    };
    if blocks.between(sender.0, recipient.id) || !wanted {
        return Err(ChatError::CannotMessage);
    }
    Ok(())
}

/// `false` where the pair has one already.
async fn insert_conversation(
    tx: &Tx<'_>,
    id: ConversationId,
    caller: &Caller,
    key: &str,
) -> Result<bool, ChatError> {
    let now = clock::now().0;
    let row = conversation::ActiveModel {
        id: Set(id.0),
        kind: Set("direct".into()),
        title: Set(None),
        direct_key: Set(Some(key.to_owned())),
        last_seq: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(Some(caller.user_id.0)),
    };
    let once = OnConflict::column(conversation::Column::DirectKey).do_nothing().to_owned();
    let inserted = conversation::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(tx.rows())
        .await?;
    Ok(inserted == 1)
}

pub(super) fn new_place(
    conversation: ConversationId,
    account: Uuid,
    state: &str,
    hidden_seq: Option<i64>,
) -> membership::ActiveModel {
    membership::ActiveModel {
        conversation_id: Set(conversation.0),
        account_id: Set(account),
        state: Set(state.into()),
        role: Set("member".into()),
        last_read_seq: Set(0),
        last_delivered_seq: Set(0),
        muted_until: Set(None),
        joined_at: Set(clock::now().0),
        hidden_seq: Set(hidden_seq),
        unread_from_seq: Set(None),
        draft: Set(None),
        draft_saved_at: Set(None),
    }
}

/// Opening it shows it again, on the caller's other devices too; to somebody who had declined it is a
/// request again.
async fn bring_back(tx: &mut Tx<'_>, talk: &Talk, caller: &Caller) -> Result<(), ChatError> {
    let place = talk.place(caller.user_id).ok_or(ChatError::NotFound)?;
    if place.hidden_seq.is_none() && place.state != "declined" {
        return Ok(());
    }
    let state = if place.is_active() { "active" } else { "requested" };
    membership::Entity::update_many()
        .col_expr(membership::Column::HiddenSeq, Expr::value(Option::<i64>::None))
        .col_expr(membership::Column::State, Expr::value(state))
        .filter(membership::Column::ConversationId.eq(talk.id.0))
        .filter(membership::Column::AccountId.eq(caller.user_id.0))
        .exec(tx.rows())
        .await?;
    if place.is_active() {
        let blocks = blocks_among(tx.rows(), talk.accounts()).await?;
        tell_added(tx, talk, &blocks, caller.user_id, None);
    }
    Ok(())
}

/// Whether `follower` follows `followee`.
pub(crate) async fn follows(
    rows: &impl ConnectionTrait,
    follower: UserId,
    followee: UserId,
) -> Result<bool, ChatError> {
    let row = follow::Entity::find_by_id((follower.0, followee.0)).one(rows).await?;
    Ok(row.is_some())
}

/// Whether the recipient knows the sender: follows them, or has taken part in a group with them, by
/// making it or by writing there. To have been brought into a group by a stranger is no acquaintance,
/// nor is the global room, nor the room of a community, which strangers enter by themselves. A direct conversation between the two cannot exist yet.
async fn is_acquainted(
    rows: &impl ConnectionTrait,
    sender: UserId,
    recipient: UserId,
) -> Result<bool, ChatError> {
    if follows(rows, recipient, sender).await? {
        return Ok(true);
    }
    #[derive(FromQueryResult)]
    struct Row {
        #[allow(dead_code, reason = "that there is one is the answer")]
        conversation_id: Uuid,
    }
    let sql = "SELECT one.conversation_id FROM membership one \
         JOIN membership other ON other.conversation_id = one.conversation_id \
         JOIN conversation c ON c.id = one.conversation_id \
         WHERE one.account_id = $1 AND one.state = 'active' \
         AND other.account_id = $2 AND other.state = 'active' \
         AND c.id <> $3 \
         AND NOT EXISTS (SELECT 1 FROM community k WHERE k.conversation_id = c.id) \
         AND (c.created_by = $2 OR EXISTS (SELECT 1 FROM message m \
         WHERE m.conversation_id = c.id AND m.sender_id = $2)) LIMIT 1";
    let values: [Value; 3] = [sender.0.into(), recipient.0.into(), GLOBAL_ROOM.0.into()];
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Ok(Row::find_by_statement(query).one(rows).await?.is_some())
}
