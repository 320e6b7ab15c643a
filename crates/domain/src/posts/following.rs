//! The newest of those one follows and of the communities one belongs to.
//!
//! Whoever follows a few should not pay for what everybody else writes, nor whoever follows thousands for
//! all that those ever wrote, or for asking of each of them what may be seen. So there are two looks. The first
//! finds, for a page of `n`, the `2n` whose latest post is newest, seen or not, in an index alone: where the list
//! begins, in that of the accounts, which know when they published last. The second reads what those have written
//! since the least of these times: nobody else has anything later. Where too little of it may be seen, both look
//! again, and only at what may be.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::posts::PostStep;

use super::lists::{LIMIT, by_ids, cards, place};
use super::rows::find;
use super::{PostError, heard, visible};
use crate::{Caller, Services};

/// Somebody or something whose posts one reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Author(Uuid),
    Community(Uuid),
}

/// Somebody or something, and when the latest of it before a place in the list was published.
#[derive(FromQueryResult)]
struct Latest {
    source: Uuid,
    is_author: i32,
    latest: Option<i64>,
}

#[derive(FromQueryResult)]
struct Placed {
    id: Uuid,
    published_at: i64,
}

/// Each post is at most one author's and one community's latest.
const SOURCES: usize = 2;

/// Whose latest post is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// As their account says. That post may be gone, and there may be another behind it.
    Account,
    /// Whoever may see it: an index knows.
    Anybody,
    /// The latest that the reader may see.
    Reader,
}

/// A step, from the `next` of the step before on.
pub(super) async fn following(
    services: &Services,
    caller: &Caller,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    let reader = caller.user_id.0;
    let limit = limit.clamp(1, LIMIT) as usize;
    let mut placed = newest_of_all(services, reader, place(after), limit + 1).await?;
    if placed.is_empty() {
        return Ok(PostStep::default());
    }
    let has_more = placed.len() > limit;
    placed.truncate(limit);
    let last = placed.last().filter(|_| has_more);
    let next = last.map(|last| format!("{}_{}", last.published_at, last.id));
    let ids = placed.into_iter().map(|placed| placed.id).collect();
    let found = find(&services.store.read, reader, by_ids(services.store.backend(), ids)).await?;
    Ok(PostStep { posts: cards(found), next })
}

/// The first `wanted` after a place.
async fn newest_of_all(
    services: &Services,
    reader: Uuid,
    after: (i64, Uuid),
    wanted: usize,
) -> Result<Vec<Placed>, PostError> {
    let backend = services.store.backend();
    let width = SOURCES * wanted;
    let mut placed = Vec::new();
    let first = if after == place(None) { Of::Account } else { Of::Anybody };
    for of in [first, Of::Reader] {
        let query = sources_query(backend, reader, after, width as i64, of);
        let latest = Latest::find_by_statement(query).all(&services.store.read).await?;
        let sources: Vec<_> = latest.iter().filter_map(Latest::source).collect();
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        // Whoever is left out has written nothing later than the last of these.
        let least = latest.last().filter(|_| latest.len() == width).and_then(|last| last.latest);
        let since = least.map_or(i64::MIN, |least| of.since(least));
        let among = Among { reader, after, since, wanted };
        let query = among.query(backend, &sources);
        placed = Placed::find_by_statement(query).all(&services.store.read).await?;
        if placed.len() == wanted || least.is_none() {
            break;
        }
    }
    Ok(placed)
}

impl Of {
    /// After when everything is read, where the least of the latest was published at `least`. What may not be
    /// seen may hide that there is another one of that moment; where each may be seen, there is enough.
    fn since(self, least: i64) -> i64 {
        match self {
            Self::Account | Self::Anybody => least,
            Self::Reader => least.saturating_sub(1),
        }
    }
}

impl Latest {
    /// Nothing where nothing was ever published.
    fn source(&self) -> Option<Source> {
        self.latest.map(|_| match self.is_author {
            1 => Source::Author(self.source),
            _ => Source::Community(self.source),
        })
    }
}

/// Whether the post `p` may stand in the list, whoever it is found through.
fn listed() -> String {
    format!("{} AND {}", visible("$1"), heard("p.author_id", "$1"))
}

/// Those with the latest posts before `after`.
pub(super) fn sources_query(
    backend: DbBackend,
    reader: Uuid,
    after: (i64, Uuid),
    limit: i64,
    of: Of,
) -> Statement {
    let which = match of {
        Of::Account | Of::Anybody => "p.state = 'published'".into(),
        Of::Reader => listed(),
    };
    let latest = |of: &str| {
        format!(
            "(SELECT p.published_at FROM post p WHERE {of} AND (p.published_at, p.id) < ($2, $3) AND {which} \
             ORDER BY p.published_at DESC, p.id DESC LIMIT 1)"
        )
    };
    let authors = match of {
        Of::Account => "a.last_published_at AS latest FROM follow f \
            CROSS JOIN account a WHERE a.id = f.followee_id AND a.last_published_at IS NOT NULL"
            .into(),
        _ => {
            format!("{} AS latest FROM follow f WHERE TRUE", latest("p.author_id = f.followee_id"))
        }
    };
    let sql = format!(
        "SELECT s.source, s.is_author, s.latest FROM (\
         SELECT f.followee_id AS source, 1 AS is_author, {authors} AND f.follower_id = $1 UNION ALL \
         SELECT m.community_id AS source, 0 AS is_author, {} AS latest FROM community_member m \
         WHERE m.account_id = $1 AND m.state = 'active') AS s \
         ORDER BY s.latest DESC NULLS LAST LIMIT $4",
        latest("p.community_id = m.community_id")
    );
    let values: [Value; 4] = [reader.into(), after.0.into(), after.1.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// Which posts of some sources are wanted: those that `reader` may see, published later than `since` and in
/// the list behind `after`.
pub(super) struct Among {
    pub(super) reader: Uuid,
    pub(super) after: (i64, Uuid),
    pub(super) since: i64,
    pub(super) wanted: usize,
}

impl Among {
    /// The newest of each, and of those the newest. A post can be found through its author and through its
    /// community.
    pub(super) fn query(&self, backend: DbBackend, sources: &[Source]) -> Statement {
        let Self { reader, after, since, wanted } = self;
        let mut values: Vec<Value> = vec![(*reader).into(), after.0.into(), after.1.into()];
        values.extend([(*wanted as i64).into(), (*since).into()]);
        let authors = sources.iter().filter_map(Source::author).collect::<Vec<_>>();
        let communities = sources.iter().filter_map(Source::community).collect::<Vec<_>>();
        let mut parts = Vec::new();
        for (column, ids) in [("author_id", authors), ("community_id", communities)] {
            if !ids.is_empty() {
                parts.push(newest_of_each(backend, column, values.len() + 1, ids.len()));
                values.extend(ids.into_iter().map(Value::from));
            }
        }
        let parts = parts.join(" UNION ");
        let sql = format!("{parts} ORDER BY published_at DESC, id DESC LIMIT $4");
        Statement::from_sql_and_values(backend, sql, values)
    }
}

impl Source {
    fn author(&self) -> Option<Uuid> {
        if let Self::Author(id) = self { Some(*id) } else { None }
    }

    fn community(&self) -> Option<Uuid> {
        if let Self::Community(id) = self { Some(*id) } else { None }
    }
}

/// Of each of `count` sources, whose ids are the values from number `first` on.
fn newest_of_each(backend: DbBackend, column: &str, first: usize, count: usize) -> String {
    let ids: Vec<_> = (first..first + count).map(|number| format!("(${number})")).collect();
    let of_one = format!(
        "SELECT p.id, p.published_at FROM post p WHERE p.{column} = s.column1 AND p.published_at > $5 \
         AND (p.published_at, p.id) < ($2, $3) AND {} \
         ORDER BY p.published_at DESC, p.id DESC LIMIT $4",
        listed()
    );
    // SQLite knows no table that depends on the one before it.
    let each = match backend {
        DbBackend::Sqlite => format!("post x WHERE x.id IN (SELECT id FROM ({of_one}))"),
        _ => format!("LATERAL ({of_one}) AS x"),
    };
    format!("SELECT x.id, x.published_at FROM (VALUES {}) AS s CROSS JOIN {each}", ids.join(", "))
}
