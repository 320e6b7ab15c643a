//! What is left of an account that its owner has given up: nothing that says who it was.
//!
//! The numbers of a conversation have no holes, so a message keeps its place without its text, and a row
//! without a name stands where its sender stood. Nobody can sign in as it, and no list shows it.

use entity::{account, conversation, membership};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef,
    Statement, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::{ConversationId, SessionId, UserId};

use super::Caller;
use crate::chat::leave_for_good;
use crate::communities::leave_to_heirs;
use crate::media::forget_pictures_of;
use crate::{Services, StoreError, clock, jobs, tx::Tx};

pub(crate) const REMOVE_ACCOUNT: &str = "remove_account";

#[derive(Serialize, Deserialize)]
struct Payload {
    id: Uuid,
}

/// In the order in which they have to run; `$1` is the account, `$2` the time.
const STEPS: [&str; 39] = [
    // What has arrived of them is taken away with those that are too old.
    "UPDATE upload SET expires_at = 0 WHERE owner_id = $1",
    // What a community shows is its owner's from now on, who is another one already.
    "UPDATE media SET owner_id = (SELECT m.account_id FROM community c JOIN community_member m \
     ON m.community_id = c.id AND m.role = 'owner' \
     WHERE c.icon_id = media.id OR c.cover_id = media.id LIMIT 1) \
     WHERE owner_id = $1 AND EXISTS (SELECT 1 FROM community c JOIN community_member m \
     ON m.community_id = c.id AND m.role = 'owner' WHERE c.icon_id = media.id OR c.cover_id = media.id)",
    // Conversations first: whoever writes there holds them.
    "UPDATE conversation SET change_seq = change_seq + 1 WHERE $2 > 0 AND id IN \
     (SELECT conversation_id FROM message WHERE sender_id = $1 AND unsent_at IS NULL)",
    "UPDATE message SET content = '', unsent_at = $2 WHERE sender_id = $1 AND unsent_at IS NULL",
    "DELETE FROM message_search WHERE subject_id IN (SELECT id FROM message WHERE sender_id = $1)",
    "DELETE FROM account_search WHERE subject_id = $1",
    "DELETE FROM reaction WHERE account_id = $1",
    "UPDATE account SET followers_count = followers_count - 1 \
     WHERE id IN (SELECT followee_id FROM follow WHERE follower_id = $1)",
    "UPDATE account SET following_count = following_count - 1 \
     WHERE id IN (SELECT follower_id FROM follow WHERE followee_id = $1)",
    "DELETE FROM follow WHERE follower_id = $1 OR followee_id = $1",
    "UPDATE account SET karma = karma - COALESCE((SELECT SUM(r.value) FROM post_reaction r \
     JOIN post p ON p.id = r.post_id WHERE r.account_id = $1 AND p.author_id = account.id), 0) \
     WHERE id IN (SELECT p.author_id FROM post_reaction r JOIN post p ON p.id = r.post_id \
     WHERE r.account_id = $1)",
    "UPDATE post SET likes_count = likes_count - 1 WHERE id IN \
     (SELECT post_id FROM post_reaction WHERE account_id = $1 AND value = 1)",
    "UPDATE post SET dislikes_count = dislikes_count - 1 WHERE id IN \
     (SELECT post_id FROM post_reaction WHERE account_id = $1 AND value = -1)",
    "DELETE FROM post_reaction WHERE account_id = $1",
    "UPDATE comment SET likes_count = likes_count - 1 WHERE id IN \
     (SELECT comment_id FROM comment_reaction WHERE account_id = $1 AND value = 1)",
    "UPDATE comment SET dislikes_count = dislikes_count - 1 WHERE id IN \
     (SELECT comment_id FROM comment_reaction WHERE account_id = $1 AND value = -1)",
    "DELETE FROM comment_reaction WHERE account_id = $1",
    "UPDATE post SET bookmarks_count = bookmarks_count - 1 WHERE id IN \
     (SELECT post_id FROM bookmark WHERE account_id = $1)",
    "DELETE FROM bookmark WHERE account_id = $1",
    "UPDATE community SET posts_count = posts_count - (SELECT COUNT(*) FROM post p \
     WHERE p.author_id = $1 AND p.community_id = community.id AND p.state = 'published') \
     WHERE id IN (SELECT community_id FROM post WHERE author_id = $1)",
    "DELETE FROM post WHERE author_id = $1",
    "UPDATE post SET comments_count = comments_count - (SELECT COUNT(*) FROM comment c \
     WHERE c.author_id = $1 AND c.post_id = post.id AND c.deleted_at IS NULL) \
     WHERE id IN (SELECT post_id FROM comment WHERE author_id = $1)",
    "UPDATE comment SET content = '', deleted_at = $2 WHERE author_id = $1 AND deleted_at IS NULL",
    "UPDATE community SET members_count = members_count - 1 WHERE id IN \
     (SELECT community_id FROM community_member WHERE account_id = $1 AND state = 'active')",
    "DELETE FROM community_member WHERE account_id = $1",
    "DELETE FROM community_invite WHERE created_by = $1",
    "UPDATE community_act SET actor_id = NULL WHERE actor_id = $1",
    "DELETE FROM notification WHERE account_id = $1 OR actor_id = $1",
    "DELETE FROM notification_choice WHERE account_id = $1",
    "DELETE FROM push_device WHERE account_id = $1",
    "DELETE FROM digest WHERE account_id = $1",
    "DELETE FROM visit WHERE account_id = $1",
    "DELETE FROM achievement WHERE account_id = $1",
    "DELETE FROM community_active WHERE account_id = $1",
    "DELETE FROM profile_link WHERE account_id = $1",
    "DELETE FROM block WHERE blocker_id = $1 OR blocked_id = $1",
    "DELETE FROM mute WHERE muter_id = $1 OR muted_id = $1",
    "DELETE FROM session WHERE account_id = $1",
    "UPDATE membership SET draft = NULL, draft_saved_at = NULL WHERE account_id = $1",
];

/// The removal of an account at some time; one that was taken back by then is left alone.
pub(super) async fn plan_removal(tx: &Tx<'_>, id: UserId, at: i64) -> Result<(), StoreError> {
    let payload = serde_json::to_string(&Payload { id: id.0 }).unwrap_or_default();
    jobs::enqueue_at(tx, REMOVE_ACCOUNT, payload, at).await
}

/// The job. Begun again after a failure, it goes on with what is left.
pub(crate) async fn remove_account(services: &Services, payload: &str) -> Result<(), String> {
    let Payload { id } = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let found = account::Entity::find_by_id(id).one(&services.store.read).await;
    let found = found.map_err(|error| error.to_string())?;
    let due = |row: &account::Model| row.delete_at.is_some_and(|at| at <= clock::now().0);
    let Some(row) = found.filter(due) else { return Ok(()) };
    let leaver = Caller {
        user_id: UserId(row.id),
        username: row.username,
        is_staff: false,
        session_id: SessionId::new(),
        avatar: None,
    };
    leave_groups(services, &leaver).await?;
    leave_to_heirs(services, &leaver).await.map_err(|error| error.to_string())?;
    wipe(services, id).await.map_err(|error| error.to_string())?;
    services.due.notify_one();
    Ok(())
}

/// Groups hear of it, and get another owner.
async fn leave_groups(services: &Services, leaver: &Caller) -> Result<(), String> {
    let of_group: RelationDef = membership::Entity::belongs_to(conversation::Entity)
        .from(membership::Column::ConversationId)
        .to(conversation::Column::Id)
        .into();
    let groups = membership::Entity::find()
        .join(JoinType::InnerJoin, of_group)
        .filter(membership::Column::AccountId.eq(leaver.user_id.0))
        .filter(membership::Column::State.eq("active"))
        .filter(conversation::Column::Kind.eq("group"))
        .all(&services.store.read)
        .await
        .map_err(|error| error.to_string())?;
    for place in groups {
        let left = leave_for_good(services, leaver, ConversationId(place.conversation_id)).await;
        left.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn wipe(services: &Services, id: Uuid) -> Result<(), StoreError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let backend = tx.rows().get_database_backend();
    hold(&tx, id).await?;
    for step in STEPS {
        let now = step.contains("$2").then(|| Value::from(clock::now().0));
        let values = std::iter::once(Value::from(id)).chain(now);
        tx.rows().execute_raw(Statement::from_sql_and_values(backend, step, values)).await?;
    }
    forget_pictures_of(&tx, UserId(id)).await?;
    forget_name(&tx, id).await?;
    tx.commit().await
}

/// What the steps change and others hold, in the order in which everybody holds it: communities, their
/// conversations, posts, people.
const HELD: [&str; 4] = [
    "SELECT 1 FROM community WHERE id IN (SELECT community_id FROM post WHERE author_id = $1 \
     UNION SELECT community_id FROM community_member WHERE account_id = $1) ORDER BY id FOR UPDATE",
    "SELECT 1 FROM conversation WHERE id IN (SELECT conversation_id FROM message WHERE sender_id = $1 \
     AND unsent_at IS NULL) ORDER BY id FOR NO KEY UPDATE",
    "SELECT 1 FROM post WHERE id IN (SELECT id FROM post WHERE author_id = $1 \
     UNION SELECT post_id FROM post_reaction WHERE account_id = $1 \
     UNION SELECT post_id FROM bookmark WHERE account_id = $1 \
     UNION SELECT post_id FROM comment WHERE author_id = $1 \
     UNION SELECT c.post_id FROM comment_reaction r JOIN comment c ON c.id = r.comment_id \
     WHERE r.account_id = $1) ORDER BY id FOR UPDATE",
    "SELECT 1 FROM account WHERE id IN (SELECT followee_id FROM follow WHERE follower_id = $1 \
     UNION SELECT follower_id FROM follow WHERE followee_id = $1 \
     UNION SELECT p.author_id FROM post_reaction r JOIN post p ON p.id = r.post_id \
     WHERE r.account_id = $1) ORDER BY id FOR NO KEY UPDATE",
];

async fn hold(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    if tx.is_sqlite() {
        return Ok(());
    }
    let backend = tx.rows().get_database_backend();
    for sql in HELD {
        tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await?;
    }
    Ok(())
}

async fn forget_name(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    let name = format!("deleted-{}", id.simple());
    let sql = "UPDATE account SET username = $2, username_key = $3, email = NULL, email_key = NULL, \
         password_hash = '', is_active = FALSE, is_staff = FALSE, is_superuser = FALSE, \
         first_name = '', last_name = '', bio = '', avatar_id = NULL, banner_id = NULL, \
         show_presence = FALSE, last_seen = NULL, followers_count = 0, following_count = 0, \
         posts_count = 0, karma = 0, delete_at = NULL WHERE id = $1";
    let values: [Value; 3] = [id.into(), name.clone().into(), username_key(&name).into()];
    let backend = tx.rows().get_database_backend();
    tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}
