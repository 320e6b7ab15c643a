//! How a post appears: now, or when its time has come; and how it goes out of sight again.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;
use wire::activity::Measure;
use wire::{CommunityId, SessionId, UserId};

use super::PostError;
use super::mentions::tell_named_in_post;
use super::place::{Held, community_of, hold_communities, run};
use super::score::{Counts, score};
use super::tags::date_tags;
use crate::activity::{CommunityCount, count_in_community, earn};
use crate::communities::{CommunityError, may_post};
use crate::jobs::{enqueue_at, finished};
use crate::search::index_post;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// The job that publishes a post; its payload is the post's id.
pub(crate) const PUBLISH_POST: &str = "publish_post";

/// Everybody for whom it is meant sees it from `now` on.
pub(super) async fn publish(tx: &mut Tx<'_>, held: &Held, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE post SET state = 'published', published_at = $2, publish_at = NULL, score = $3, \
        scored_at = $2 WHERE id = $1";
    let score = score(&Counts::default(), now, now);
    run(tx, sql, vec![held.id.into(), now.into(), score.into()]).await?;
    appear(tx, held, now).await
}

/// It will appear by itself. A job of an earlier plan finds that its time has not come.
pub(super) async fn schedule(tx: &Tx<'_>, id: Uuid, at: i64) -> Result<(), StoreError> {
    let sql = "UPDATE post SET state = 'scheduled', publish_at = $2 WHERE id = $1";
    run(tx, sql, vec![id.into(), at.into()]).await?;
    enqueue_at(tx, PUBLISH_POST, id.to_string(), at).await
}

/// It counts for its author and its community from now on.
pub(super) async fn appear(tx: &mut Tx<'_>, held: &Held, now: i64) -> Result<(), StoreError> {
    let published_at = held.published_at.unwrap_or(now);
    date_tags(tx, held.id, Some(published_at)).await?;
    count(tx, held, 1).await?;
    remember(tx, held, published_at).await?;
    if let Some(community) = held.community_id {
        let sql = "UPDATE community_member SET last_post_at = $3 \
            WHERE community_id = $1 AND account_id = $2";
        run(tx, sql, vec![community.into(), held.author_id.into(), now.into()]).await?;
    }
    count_day(tx, held, (published_at, 1)).await?;
    for measure in [Measure::Posts, Measure::Karma] {
        earn(tx, UserId(held.author_id), measure).await?;
    }
    Ok(())
}

/// When its author has published last; no post that goes out of sight takes that back (see `following`).
async fn remember(tx: &Tx<'_>, held: &Held, published_at: i64) -> Result<(), StoreError> {
    let sql = "UPDATE account SET last_published_at = $2 \
        WHERE id = $1 AND (last_published_at IS NULL OR last_published_at < $2)";
    run(tx, sql, vec![held.author_id.into(), published_at.into()]).await?;
    Ok(())
}

async fn count_day(tx: &Tx<'_>, held: &Held, change: (i64, i64)) -> Result<(), StoreError> {
    let Some(community) = held.community_id else { return Ok(()) };
    count_in_community(tx, community, held.author_id, CommunityCount::Posts, change).await
}

/// Whom it names hears of it, and whoever looks for its words finds it; nothing of what is not published.
pub(super) async fn make_known(tx: &mut Tx<'_>, post: Uuid) -> Result<(), StoreError> {
    tell_named_in_post(tx, post).await?;
    index_post(tx, post).await
}

/// It counts no more.
pub(super) async fn vanish(tx: &Tx<'_>, held: &Held) -> Result<(), StoreError> {
    date_tags(tx, held.id, None).await?;
    count(tx, held, -1).await?;
    count_day(tx, held, (held.published_at.unwrap_or_default(), -1)).await
}

async fn count(tx: &Tx<'_>, held: &Held, one: i64) -> Result<(), StoreError> {
    // The community first, as whoever publishes holds it first.
    if let Some(community) = held.community_id {
        let sql = "UPDATE community SET posts_count = posts_count + $2 WHERE id = $1";
        run(tx, sql, vec![community.into(), one.into()]).await?;
    }
    let sql = "UPDATE account SET posts_count = posts_count + $2, karma = karma + $3 WHERE id = $1";
    let karma = one * (held.likes_count - held.dislikes_count);
    run(tx, sql, vec![held.author_id.into(), one.into(), karma.into()]).await?;
    Ok(())
}

/// Publishes the post of a job, if it is still waiting and its time has come; one whose author has left
/// its community becomes a draft again, and one for which the community is too slow waits longer.
pub(crate) async fn publish_due(
    services: &Services,
    job: Uuid,
    payload: &str,
) -> Result<(), PostError> {
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let community = community_of(&tx, payload).await?;
    hold_communities(&tx, community.as_slice()).await?;
    if let Some(waiting) = waiting(&tx, payload).await? {
        if waiting.community_id.is_some_and(|now| Some(now) != community) {
            // It has just been moved: the job is done again.
            return Err(PostError::NotFound);
        }
        appear_if_it_may(&mut tx, &waiting).await?;
    }
    finished(&tx, job).await?;
    Ok(tx.commit().await?)
}

/// In slow mode it goes on waiting until its author may post.
async fn appear_if_it_may(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<(), PostError> {
    let now = clock::now().0;
    let asked = match waiting.community_id {
        Some(community) => may_post(tx, CommunityId(community), &waiting.author()).await,
        None => Ok(()),
    };
    match asked {
        Ok(()) => {
            publish(tx, &waiting.held(), now).await?;
            make_known(tx, waiting.id).await?;
        }
        Err(CommunityError::TooSoon { retry_after_ms }) => {
            schedule(tx, waiting.id, now + retry_after_ms.cast_signed()).await?;
        }
        Err(CommunityError::NotFound | CommunityError::Forbidden) => {
            let sql = "UPDATE post SET state = 'draft', publish_at = NULL WHERE id = $1";
            run(tx, sql, vec![waiting.id.into()]).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Waiting {
    id: Uuid,
    author_id: Uuid,
    community_id: Option<Uuid>,
    likes_count: i64,
    dislikes_count: i64,
    username: String,
}

impl Waiting {
    fn author(&self) -> Caller {
        Caller {
            user_id: UserId(self.author_id),
            username: self.username.clone(),
            is_staff: false,
            session_id: SessionId::new(),
            avatar: None,
        }
    }

    fn held(&self) -> Held {
        let (id, author_id, community_id) = (self.id, self.author_id, self.community_id);
        let (likes_count, dislikes_count) = (self.likes_count, self.dislikes_count);
        Held { id, author_id, community_id, likes_count, dislikes_count, ..Held::default() }
    }
}

async fn waiting(tx: &Tx<'_>, payload: &str) -> Result<Option<Waiting>, StoreError> {
    let Ok(id) = Uuid::try_parse(payload) else { return Ok(None) };
    let lock = if tx.is_sqlite() { "" } else { "FOR UPDATE OF p" };
    let sql = format!(
        "SELECT p.id, p.author_id, p.community_id, p.likes_count, p.dislikes_count, a.username \
         FROM post p JOIN account a ON a.id = p.author_id \
         WHERE p.id = $1 AND p.state = 'scheduled' AND p.publish_at <= $2 {lock}"
    );
    let values = [id.into(), clock::now().0.into()];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Ok(Waiting::find_by_statement(query).one(tx.rows()).await?)
}
