//! What happened to a post on each day of UTC.

use uuid::Uuid;

use super::place::run;
use crate::{StoreError, clock, tx::Tx};

const DAY_MS: i64 = 86_400_000;

/// What is counted by day. Likes and comments that are taken back count down.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tally {
    Views,
    Likes,
    Comments,
}

pub(super) async fn tally(tx: &Tx<'_>, post: Uuid, what: Tally, by: i64) -> Result<(), StoreError> {
    let column = match what {
        Tally::Views => "views",
        Tally::Likes => "likes",
        Tally::Comments => "comments",
    };
    let sql = format!(
        "INSERT INTO post_day (post_id, day, {column}) VALUES ($1, $2, $3) \
         ON CONFLICT (post_id, day) DO UPDATE SET {column} = post_day.{column} + excluded.{column}"
    );
    let day = i32::try_from(clock::now().0.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
    run(tx, &sql, vec![post.into(), day.into(), by.into()]).await?;
    Ok(())
}
