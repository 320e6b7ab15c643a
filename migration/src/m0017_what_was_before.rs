//! What went on before it was counted: days on which somebody was here, what they had achieved, and what
//! each community saw of late.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DAY_MS: u128 = 86_400_000;
/// As many days as are kept of a community, and as are looked for among everybody's messages: those are in
/// the order of their ids alone.
const LATELY: u128 = 31;

/// What proves that somebody was here. Devices that rest between two uses prove nothing of the days between.
const VISITS: &str = "INSERT INTO visit (account_id, day) SELECT DISTINCT a.id, t.at / 86400000 FROM (\
    SELECT account_id AS who, created_at AS at FROM session \
    UNION ALL SELECT account_id, last_seen FROM session \
    UNION ALL SELECT author_id, created_at FROM post \
    UNION ALL SELECT author_id, created_at FROM comment \
    UNION ALL SELECT sender_id, created_at FROM message WHERE id > SINCE_ID) AS t \
    JOIN account a ON a.id = t.who WHERE a.is_active AND t.at > 0 ON CONFLICT DO NOTHING";

/// Each is earned by this many of something, in the words of [`achievement`].
const ACHIEVEMENTS: [(&str, &str); 6] = [
    ("first_post", "a.posts_count >= 1"),
    ("rising_star", "a.posts_count >= 10"),
    ("karma_king", "a.karma >= 100"),
    ("social_butterfly", "a.followers_count >= 50"),
    (
        "community_builder",
        "(SELECT COUNT(*) FROM community_member m WHERE m.account_id = a.id \
         AND m.state = 'active') >= 5",
    ),
    // Whoever has been here on six more of the seven days until one of theirs.
    (
        "week_warrior",
        "EXISTS (SELECT 1 FROM visit v WHERE v.account_id = a.id \
         AND (SELECT COUNT(*) FROM visit w WHERE w.account_id = a.id \
         AND w.day > v.day - 7 AND w.day <= v.day) = 7)",
    ),
];

/// Nobody is called for what is long ago: it stands on their profile, and waits to be shown.
fn achievement((name, enough): (&str, &str)) -> String {
    format!(
        "INSERT INTO achievement (account_id, name, earned_at) SELECT a.id, '{name}', NOW_MS FROM account a \
         WHERE a.is_active AND {enough} ON CONFLICT DO NOTHING"
    )
}

/// As whoever counts does: a comment counts while it is there, whatever becomes of its post.
const DAYS: &str = "INSERT INTO community_day (community_id, day, posts, comments) \
    SELECT t.community_id, t.day, SUM(t.posts), SUM(t.comments) FROM (\
    SELECT p.community_id, p.published_at / 86400000 AS day, 1 AS posts, 0 AS comments FROM post p \
    WHERE p.community_id IS NOT NULL AND p.state = 'published' AND p.published_at > SINCE_MS \
    UNION ALL SELECT p.community_id, c.created_at / 86400000, 0, 1 FROM comment c \
    JOIN post p ON p.id = c.post_id WHERE p.community_id IS NOT NULL AND c.deleted_at IS NULL \
    AND c.created_at > SINCE_MS) AS t WHERE t.day > 0 GROUP BY t.community_id, t.day \
    ON CONFLICT (community_id, day) DO UPDATE SET posts = excluded.posts, comments = excluded.comments";
const ACTIVE: &str = "INSERT INTO community_active (community_id, day, account_id) \
    SELECT DISTINCT t.community_id, t.day, t.who FROM (\
    SELECT p.community_id, p.published_at / 86400000 AS day, p.author_id AS who FROM post p \
    WHERE p.community_id IS NOT NULL AND p.state = 'published' AND p.published_at > SINCE_MS \
    UNION ALL SELECT p.community_id, c.created_at / 86400000, c.author_id FROM comment c \
    JOIN post p ON p.id = c.post_id WHERE p.community_id IS NOT NULL AND c.deleted_at IS NULL \
    AND c.created_at > SINCE_MS) AS t WHERE t.day > 0 ON CONFLICT DO NOTHING";

/// The least id of a row that was written at this time or later.
fn id_of(millis: u128, backend: DbBackend) -> String {
    let prefix = if backend == DbBackend::Sqlite { "X" } else { "" };
    format!("{prefix}'{:032x}'", millis << 80)
}

fn steps(now: u128, backend: DbBackend) -> Vec<String> {
    let since = now.saturating_sub(LATELY * DAY_MS);
    // Days in a row are made of days.
    let steps = [VISITS.to_owned()].into_iter().chain(ACHIEVEMENTS.map(achievement));
    let steps = steps.chain([DAYS.to_owned(), ACTIVE.to_owned()]);
    let filled = |step: String| {
        step.replace("NOW_MS", &now.to_string())
            .replace("SINCE_MS", &since.to_string())
            .replace("SINCE_ID", &id_of(since, backend))
    };
    steps.map(filled).collect()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let steps = steps(now, manager.get_database_backend());
        run(manager, &steps.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// What it found out stays true.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
