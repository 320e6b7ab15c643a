//! How much a post counts right now: kept in its row, worked out again each minute, so that whoever asks
//! for the best walks an index.

use sea_orm::{FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::PostError;
use super::place::run;
use crate::jobs::{enqueue_named, finished};
use crate::{Services, clock, tx::Tx};

/// The job that scores.
pub(crate) const SCORE_POSTS: &str = "score_posts";

const EVERY_MS: i64 = 60_000;
const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: i64 = 86_400_000;
/// How long age alone changes a score so much that it is worth a look each minute.
const YOUNG_MS: i64 = 2 * DAY_MS;
/// Posts in one transaction.
const BATCH: i64 = 200;
/// Transactions of one job; what is left is done a minute later.
const BATCHES: usize = 50;
/// A change that nobody would notice.
const TRIFLE: f64 = 0.001;
/// For nine in ten hundred; 95 per cent.
const Z: f64 = 1.96;

/// What a score is made of, besides time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub likes: i64,
    pub dislikes: i64,
    pub comments: i64,
    pub views: i64,
}

/// `40·W + 30·(h+2)^-1.5 + 20·(2c / max(h, 1)) + 10·log10(max(v, 1) + 1)`: the lower bound of what readers
/// think of it, its freshness, how fast it is being answered, and how many have read it.
#[must_use]
pub fn score(counts: &Counts, published_at: i64, now: i64) -> f64 {
    let hours = (now - published_at).max(0) as f64 / HOUR_MS;
    let answered = 2.0 * counts.comments as f64 / hours.max(1.0);
    40.0 * wilson(counts.likes, counts.dislikes)
        + 30.0 * (hours + 2.0).powf(-1.5)
        + 20.0 * answered
        + 10.0 * (counts.views.max(1) as f64 + 1.0).log10()
}

/// The lower end of where the true share of likes lies.
fn wilson(likes: i64, dislikes: i64) -> f64 {
    let votes = (likes + dislikes) as f64;
    if votes <= 0.0 {
        return 0.0;
    }
    let share = likes as f64 / votes;
    let square = Z * Z;
    let spread = Z * ((share * (1.0 - share) + square / (4.0 * votes)) / votes).sqrt();
    (share + square / (2.0 * votes) - spread) / (1.0 + square / votes)
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    published_at: i64,
    scored_at: i64,
    score: f64,
    likes_count: i64,
    dislikes_count: i64,
    comments_count: i64,
    views_count: i64,
}

impl Row {
    fn score(&self, now: i64) -> f64 {
        let counts = Counts {
            likes: self.likes_count,
            dislikes: self.dislikes_count,
            comments: self.comments_count,
            views: self.views_count,
        };
        score(&counts, self.published_at, now)
    }
}

const COLUMNS: &str = "id, published_at, scored_at, score, likes_count, dislikes_count, \
    comments_count, views_count";

/// Scores what is young, what something has happened to, and everything else once a day; plans the next
/// time.
pub(crate) async fn score_posts(services: &Services, job: Uuid) -> Result<(), PostError> {
    let now = clock::now().0;
    let mut after = (now - YOUNG_MS, Uuid::nil());
    for _ in 0..BATCHES {
        let young = some_young(services, after).await?;
        let Some(last) = young.last() else { break };
        after = (last.published_at, last.id);
        write(services, &young, now).await?;
    }
    for _ in 0..BATCHES {
        let stale = some_stale(services, now).await?;
        if stale.is_empty() {
            break;
        }
        write(services, &stale, now).await?;
    }
    let tx = Tx::begin(&services.store, &services.hub).await?;
    finished(&tx, job).await?;
    enqueue_named(&tx, SCORE_POSTS, now + EVERY_MS).await?;
    Ok(tx.commit().await?)
}

async fn some_young(services: &Services, after: (i64, Uuid)) -> Result<Vec<Row>, PostError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM post WHERE state = 'published' AND (published_at, id) > ($1, $2) \
         ORDER BY published_at, id LIMIT $3"
    );
    read(services, sql, vec![after.0.into(), after.1.into(), BATCH.into()]).await
}

async fn some_stale(services: &Services, now: i64) -> Result<Vec<Row>, PostError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM post WHERE state = 'published' AND scored_at < $1 \
         ORDER BY scored_at LIMIT $2"
    );
    read(services, sql, vec![(now - DAY_MS).into(), BATCH.into()]).await
}

async fn read(services: &Services, sql: String, values: Vec<Value>) -> Result<Vec<Row>, PostError> {
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    // From where it is written: a replica or a reader may be a moment behind.
    Ok(Row::find_by_statement(query).all(&services.store.write).await?)
}

/// Whatever happens to a post meanwhile marks it again: it is looked at once more. In the order of the posts,
/// as whoever counts views holds them.
async fn write(services: &Services, rows: &[Row], now: i64) -> Result<(), PostError> {
    let sql = "UPDATE post SET score = $2, scored_at = $3 WHERE id = $1 AND scored_at = $4";
    let changed = |row: &&Row| {
        let is_stale = row.scored_at < now - DAY_MS;
        is_stale || (row.score(now) - row.score).abs() > TRIFLE
    };
    let mut changed: Vec<_> = rows.iter().filter(changed).collect();
    changed.sort_by_key(|row| row.id);
    if changed.is_empty() {
        return Ok(());
    }
    let tx = Tx::begin(&services.store, &services.hub).await?;
    for row in changed {
        let values = vec![row.id.into(), row.score(now).into(), now.into(), row.scored_at.into()];
        run(&tx, sql, values).await?;
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6
    }

    #[test]
    fn s_60_the_formula_is_the_documented_one() {
        // Worked out by hand.
        assert!(near(score(&Counts::default(), 0, 0), 30.0 / 8_f64.sqrt() + 10.0 * 2_f64.log10()));
        let counts = Counts { likes: 10, dislikes: 0, comments: 3, views: 99 };
        let expected = 40.0 * (1.0 / 1.384_16) + 30.0 / 216_f64.sqrt() + 20.0 * 1.5 + 20.0;
        assert!(
            (score(&counts, 0, 4 * HOUR) - expected).abs() < 1e-4,
            "{}",
            score(&counts, 0, 4 * HOUR)
        );
    }

    #[test]
    fn few_votes_prove_less_than_many() {
        assert!(wilson(1, 0) < wilson(10, 0) && wilson(10, 0) < wilson(100, 1));
        assert!(near(wilson(0, 0), 0.0) && wilson(0, 10).abs() < 1e-9);
    }
}
