//! Very many posts and follows at once, for measurements. Nobody is told of them, and the words of the posts
//! cannot be searched; all else is as if each had been written by itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use wire::chat::Author;

use crate::posts::{Counts, Rendered, render, score};
use crate::{Services, StoreError, clock, tx::Tx};

/// Rows in one statement: SQLite takes 32,766 values.
const ROWS: usize = 2_000;
/// Statements in one transaction.
const STATEMENTS: usize = 10;
/// How far back the posts go, in milliseconds.
const YEAR: i64 = 365 * 86_400_000;

const WORDS: [&str; 8] = [
    "The kiln was opened at noon, and nobody said a word until the lid stood against the wall.",
    "Between the last tunnel and the border there is breakfast, and a view of two countries.",
    "A wheel is a conversation between thirty-two people who pull in different directions.",
    "First the light, then the breath, then the voice: old radios take their time.",
    "At three in the morning the street belongs to the cats and to the bakers.",
    "The wind has not signed the tide table.",
    "Whoever waits at the ridge can see the sea, and who is coming.",
    "It sounds like a whale that has been well brought up.",
];

/// How much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bulk {
    pub posts: u32,
    /// At most as many as there are pairs of the people.
    pub follows: u32,
}

pub(super) async fn spread(
    services: &Services,
    people: &[Author],
    bulk: Bulk,
) -> Result<Bulk, StoreError> {
    let pairs = people.len() * people.len().saturating_sub(1);
    let posts = if people.is_empty() { 0 } else { bulk.posts as usize };
    let follows = pairs.min(bulk.follows as usize);
    let batch = Uuid::now_v7().simple().to_string();
    let texts = WORDS.map(|words| (words, render(words)));
    write(services, posts, |at| post(people, (at, posts), &texts, &batch), POST).await?;
    write(services, follows, |at| follow(people, at), FOLLOW).await?;
    let whole = |count| u32::try_from(count).unwrap_or(u32::MAX);
    count(services, people, posts, follows).await?;
    Ok(Bulk { posts: whole(posts), follows: whole(follows) })
}

const POST: &str = "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, \
    words, state, created_at, saved_at, published_at, score, scored_at) VALUES ";
const FOLLOW: &str = "INSERT INTO follow (follower_id, followee_id, created_at) VALUES ";

/// One row: its values, and as what they stand in the statement; `{0}` is the first.
struct Row {
    shape: &'static str,
    values: Vec<Value>,
}

async fn write(
    services: &Services,
    count: usize,
    row: impl Fn(usize) -> Row,
    head: &str,
) -> Result<(), StoreError> {
    let all: Vec<usize> = (0..count).collect();
    for chunk in all.chunks(ROWS * STATEMENTS) {
        let tx = Tx::begin(&services.store, &services.hub).await?;
        for rows in chunk.chunks(ROWS) {
            insert(&tx, head, rows.iter().map(|at| row(*at))).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn insert(
    tx: &Tx<'_>,
    head: &str,
    rows: impl Iterator<Item = Row>,
) -> Result<(), StoreError> {
    let mut sql = head.to_owned();
    let mut values = Vec::new();
    for row in rows {
        let comma = if values.is_empty() { "" } else { ", " };
        let mut shape = row.shape.to_owned();
        for at in 0..row.values.len() {
            shape = shape.replace(&format!("{{{at}}}"), &format!("${}", values.len() + at + 1));
        }
        // Writing to a text cannot fail.
        let _written = write!(sql, "{comma}({shape})");
        values.extend(row.values);
    }
    let backend = tx.rows().get_database_backend();
    tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Spread evenly over the year, each by the next of the people.
fn post(
    people: &[Author],
    (at, of): (usize, usize),
    texts: &[(&str, Rendered)],
    batch: &str,
) -> Row {
    let now = clock::now().0;
    let ago = (of - at) as i64 * (YEAR / of.max(1) as i64);
    let published = now - ago;
    let (words, rendered) = &texts[at % texts.len()];
    let values = vec![
        Uuid::now_v7().into(),
        people[at % people.len()].id.0.into(),
        format!("Number {at}").into(),
        format!("number-{at}-{batch}").into(),
        (*words).into(),
        rendered.html.as_str().into(),
        rendered.excerpt.as_str().into(),
        i32::try_from(rendered.words).unwrap_or(i32::MAX).into(),
        published.into(),
        score(&Counts::default(), published, now).into(),
        now.into(),
    ];
    let shape = "{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, 'published', {8}, {8}, {8}, {9}, {10}";
    Row { shape, values }
}

/// Every pair once: each follows the next of the people, then each the one after it, and so on.
fn follow(people: &[Author], at: usize) -> Row {
    let (who, round) = (at % people.len(), at / people.len());
    let whom = (who + 1 + round) % people.len();
    let values = vec![
        people[who].id.0.into(),
        people[whom].id.0.into(),
        (clock::now().0 - at as i64).into(),
    ];
    Row { shape: "{0}, {1}, {2}", values }
}

/// Those of the people with the same number of each have it written at once.
async fn count(
    services: &Services,
    people: &[Author],
    posts: usize,
    follows: usize,
) -> Result<(), StoreError> {
    let mut alike = BTreeMap::<[i64; 3], Vec<Uuid>>::new();
    for (at, person) in people.iter().enumerate() {
        alike.entry(counts(people.len(), at, posts, follows)).or_default().push(person.id.0);
    }
    let tx = Tx::begin(&services.store, &services.hub).await?;
    for ([posts, followers, following], ids) in alike {
        for ids in ids.chunks(ROWS) {
            let places: Vec<_> = (4..4 + ids.len()).map(|at| format!("${at}")).collect();
            let sql = format!(
                "UPDATE account SET posts_count = posts_count + $1, \
                 followers_count = followers_count + $2, following_count = following_count + $3 \
                 WHERE id IN ({})",
                places.join(", ")
            );
            let numbers = [posts, followers, following].map(Value::from);
            let values = numbers.into_iter().chain(ids.iter().map(|id| (*id).into()));
            let backend = tx.rows().get_database_backend();
            tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        }
    }
    let sql = "UPDATE account SET last_published_at = (SELECT MAX(p.published_at) FROM post p \
         WHERE p.author_id = account.id AND p.state = 'published') WHERE posts_count > 0";
    tx.rows().execute_unprepared(sql).await?;
    tx.commit().await
}

/// Posts, followers and whom one follows of the person at a place.
fn counts(people: usize, at: usize, posts: usize, follows: usize) -> [i64; 3] {
    let share = |all: usize, at: usize| all / people + usize::from(at < all % people);
    let (rounds, rest) = (follows / people, follows % people);
    // In the round that is not whole, the first of the people follow: those behind them are followed.
    let before = (at + people - (1 + rounds) % people) % people;
    let followers = rounds + usize::from(before < rest);
    [share(posts, at), followers, share(follows, at)].map(|n| i64::try_from(n).unwrap_or(i64::MAX))
}
