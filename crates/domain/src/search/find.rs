//! Finding things: the question against the index and who may see what, in one statement for each kind.

use std::collections::BTreeSet;

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::search::{CommunityHit, Hits, PersonHit, PostHit};

use super::SearchError;
use super::documents::plain;
use super::expression::Expression;
use super::highlight::{excerpt, marked};
use super::query::Query;
use super::searched::{Reach, Searched, Source};
use super::spellings::spelled_out;
use crate::posts::{heard, visible};
use crate::profiles::seen_by;
use crate::{Caller, Services, communities, posts, profiles};

/// Of the posts that are found, the newest among which those come first whose title says it.
const TITLES: i64 = 200;
/// People and communities that are put into order; who finds more than that has to say more.
const MANY: i64 = 2_000;

/// What is looked for, by whom.
pub(super) struct Asked<'a> {
    pub(super) services: &'a Services,
    pub(super) viewer: Option<&'a Caller>,
    pub(super) query: &'a Query,
    pub(super) from: Vec<Uuid>,
    pub(super) communities: Vec<Uuid>,
    /// Which of what is found: those after the first `offset`, at most `limit`.
    pub(super) offset: i64,
    pub(super) limit: i64,
}

impl Asked<'_> {
    pub(super) fn reader(&self) -> Uuid {
        self.viewer.map_or_else(posts::nobody, |viewer| viewer.user_id.0)
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.services.store.backend()
    }

    /// In SQL, whether something was written when it should have been.
    pub(super) fn in_time(&self, column: &str) -> String {
        let before = self.query.before.map(|before| format!(" AND {column} < {before}"));
        let after = self.query.after.map(|after| format!(" AND {column} >= {after}"));
        before.unwrap_or_default() + &after.unwrap_or_default()
    }

    /// One more than is wanted tells whether there are more.
    pub(super) fn window(&self) -> [Value; 2] {
        [(self.limit + 1).into(), self.offset.into()]
    }

    /// Those of this page, and whether there are more.
    async fn ids(&self, query: Statement) -> Result<(Vec<Uuid>, bool), SearchError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let found = Row::find_by_statement(query).all(&self.services.store.read).await?;
        let has_more = found.len() > self.limit as usize;
        let ids = found.into_iter().take(self.limit as usize).map(|row| row.id).collect();
        Ok((ids, has_more))
    }
}

/// Posts: of the newest [`TITLES`] that say it those whose title does, then all others, each the newest first.
/// Who may see a post is asked of those of the page alone.
pub(super) async fn posts(asked: &Asked<'_>) -> Result<Hits<PostHit>, SearchError> {
    let (mut ids, mut has_more) = (Vec::new(), false);
    let wanted = Expression::of(asked.query, &asked.from, &asked.communities);
    let wanted = spelled_out(asked, Searched::Posts, wanted).await?;
    for reach in Reach::steps(asked.backend()) {
        let Some(query) = posts_query(asked, &wanted, *reach) else { return Ok(Hits::default()) };
        (ids, has_more) = asked.ids(query).await?;
        if has_more {
            break;
        }
    }
    let found = posts::posts_by_id(asked.services, asked.viewer, ids).await?;
    let writers = found.iter().map(|post| post.card.author.user.id.0).collect::<BTreeSet<_>>();
    let writers = writers.into_iter().collect();
    let writers = profiles::listed_by_id(asked.services, asked.viewer, writers).await?;
    let terms = &asked.query.wanted;
    let hit = |post: wire::posts::Post| {
        let author = writers.iter().find(|writer| writer.user.id == post.card.author.user.id)?;
        Some(PostHit {
            author: author.clone(),
            title: marked(&post.card.title, terms),
            excerpt: excerpt(&plain(&post.html), terms),
            post,
        })
    };
    Ok(Hits { hits: found.into_iter().filter_map(hit).collect(), has_more })
}

/// In SQL, whether an account is not on its way out, or the reader's own.
pub(super) fn stays(account: &str) -> String {
    format!("({account}.delete_at IS NULL OR {account}.id = $1)")
}

pub(super) fn posts_query(
    asked: &Asked<'_>,
    wanted: &Expression,
    reach: Reach,
) -> Option<Statement> {
    let backend = asked.backend();
    if wanted.is_hopeless() {
        return None;
    }
    let Source { tables, condition, words, number } = Searched::Posts.source(backend, "p", reach);
    let (visible, heard) = (visible("$1"), heard("p.author_id", "$1"));
    let in_time = asked.in_time("p.published_at");
    let (named, names) = Expression::of_words(asked.query).named(backend, NAMES);
    let found = format!("FROM {tables} WHERE {condition}{in_time}");
    let newest = format!("ORDER BY {number} DESC LIMIT");
    let all = if in_time.is_empty() { words } else { found.clone() };
    // Further back there may be titles that come before all of these.
    let (last, few) = (TITLES - 1, if reach == Reach::All { "0" } else { "NULL" });
    let part = |rank: i32, which: &str| {
        format!(
            "SELECT * FROM (SELECT p.id, {number} AS number, {rank} AS named {found} \
             AND (SELECT number FROM edge) IS NOT NULL AND {which} AND {visible} AND {heard} \
             {newest} $3 + $4) AS part{rank}"
        )
    };
    let titled = format!("({number} >= (SELECT number FROM edge) AND {named})");
    let (titles, others) = (part(1, &titled), part(0, &format!("NOT {titled}")));
    let sql = format!(
        "WITH edge (number) AS (SELECT COALESCE((SELECT {number} {all} {newest} 1 OFFSET {last}), {few})) \
         SELECT t.id FROM ({titles} UNION ALL {others}) AS t \
         ORDER BY t.named DESC, t.number DESC LIMIT $3 OFFSET $4"
    );
    Some(Statement::from_sql_and_values(backend, sql, values(asked, wanted, names)))
}

/// The number of the first value that asks for what something is called.
const NAMES: usize = 5;

fn values(asked: &Asked<'_>, wanted: &Expression, names: Vec<String>) -> Vec<Value> {
    let mut values = vec![asked.reader().into(), wanted.text(asked.backend()).into()];
    values.extend(asked.window());
    values.extend(names.into_iter().map(Value::from));
    values
}

/// People, those first whose name says it, then the most followed. Whoever is named by an operator is looked
/// for nowhere else.
pub(super) async fn people(asked: &Asked<'_>) -> Result<Hits<PersonHit>, SearchError> {
    let Some(query) = people_query(asked) else { return Ok(Hits::default()) };
    let (ids, has_more) = asked.ids(query).await?;
    let found = profiles::listed_by_id(asked.services, asked.viewer, ids).await?;
    let terms = &asked.query.wanted;
    let hit = |person: wire::profiles::Listed| PersonHit {
        name: marked(&person.display_name(), terms),
        username: marked(&person.user.username, terms),
        bio: excerpt(&person.bio, terms),
        person,
    };
    Ok(Hits { hits: found.into_iter().map(hit).collect(), has_more })
}

pub(super) fn people_query(asked: &Asked<'_>) -> Option<Statement> {
    let seen = seen_by(1);
    let heard = heard("a.id", "$1");
    named_query(asked, Searched::People, "a", &format!("{seen} AND {heard}"), "a.followers_count")
}

/// Communities, those first whose name says it, then the largest. Everybody may see their cards.
pub(super) async fn communities(asked: &Asked<'_>) -> Result<Hits<CommunityHit>, SearchError> {
    let Some(query) = communities_query(asked) else { return Ok(Hits::default()) };
    let (ids, has_more) = asked.ids(query).await?;
    let found = communities::communities_by_id(asked.services, asked.viewer, ids).await?;
    let terms = &asked.query.wanted;
    let hit = |community: wire::communities::Community| CommunityHit {
        name: marked(&community.name, terms),
        about: excerpt(&community.excerpt, terms),
        community,
    };
    Ok(Hits { hits: found.into_iter().map(hit).collect(), has_more })
}

pub(super) fn communities_query(asked: &Asked<'_>) -> Option<Statement> {
    // `$1` is nowhere else in it.
    let all = "CAST($1 AS TEXT) IS NOT NULL";
    named_query(asked, Searched::Communities, "c", all, "c.members_count")
}

/// Those that have a name and a size.
fn named_query(
    asked: &Asked<'_>,
    searched: Searched,
    alias: &str,
    seen: &str,
    size: &str,
) -> Option<Statement> {
    let backend = asked.backend();
    let wanted = Expression::of_words(asked.query);
    if wanted.is_hopeless() || !asked.query.is_plain() {
        return None;
    }
    let Source { tables, condition, number, .. } = searched.source(backend, alias, Reach::All);
    let (named, names) = wanted.named(backend, NAMES);
    let sql = format!(
        "SELECT t.id FROM (SELECT {alias}.id, {size} AS size, CASE WHEN {named} THEN 1 ELSE 0 END AS named \
         FROM {tables} WHERE {condition} AND {seen} ORDER BY {number} LIMIT {MANY}) t \
         ORDER BY t.named DESC, t.size DESC, t.id DESC LIMIT $3 OFFSET $4"
    );
    Some(Statement::from_sql_and_values(backend, sql, values(asked, &wanted, names)))
}
