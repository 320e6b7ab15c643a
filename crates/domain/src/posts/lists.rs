//! Lists of posts, each read in steps that neither repeat nor leave out what stands still.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::posts::{Post, PostCard, PostStep};

use super::rows::{Found, Wanted, find};
use super::{PostError, heard, id_of, visible};
use crate::chat::among;
use crate::{Caller, Services};

/// Most posts of one step or page.
pub(super) const LIMIT: u64 = 100;
/// Posts that a list of numbered pages reaches; whoever wants more walks a feed.
const NUMBERED: i64 = 2_000;

/// A list from its newest on: what else is asked of a post, and what it is sorted by.
pub(super) struct Newest {
    pub(super) join: &'static str,
    /// `$4` and on are the values.
    pub(super) condition: String,
    /// Milliseconds and the post's id, in whichever table has them in an index together.
    pub(super) sort: &'static str,
    pub(super) id: &'static str,
    pub(super) values: Vec<Value>,
}

impl Newest {
    /// By when they were published.
    pub(super) fn published(condition: String, values: Vec<Value>) -> Self {
        Self { join: "", condition, sort: "p.published_at", id: "p.id", values }
    }

    pub(super) fn wanted(self, after: (i64, Uuid), limit: i64) -> Wanted {
        let Self { join, condition, sort, id, values } = self;
        let number = values.len() + 4;
        let condition = format!("{} AND ({sort}, {id}) < ($2, $3) AND {condition}", visible("$1"));
        let order = format!("{sort} DESC, {id} DESC LIMIT ${number}");
        let values = [after.0.into(), after.1.into()].into_iter().chain(values);
        let values = values.chain([limit.into()]).collect();
        Wanted { join, condition, sort, order, values, with_text: false }
    }
}

/// Where a list goes on: `<millis>_<id>`; from its beginning for what is none.
pub(super) fn place(after: Option<&str>) -> (i64, Uuid) {
    let read = |text: &str| {
        let (millis, id) = text.split_once('_')?;
        Some((millis.parse().ok()?, id.parse().ok()?))
    };
    after.and_then(read).unwrap_or((i64::MAX, Uuid::max()))
}

pub(super) async fn newest(
    services: &Services,
    viewer: Option<&Caller>,
    list: Newest,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    let limit = limit.clamp(1, LIMIT) as usize;
    let wanted = list.wanted(place(after), limit as i64 + 1);
    let mut found = find(&services.store.read, id_of(viewer), wanted).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|last| format!("{}_{}", last.sort_at, last.post.card.id));
    Ok(PostStep { posts: cards(found), next })
}

/// Just these, the newest first.
pub(super) fn by_ids(backend: DbBackend, ids: Vec<Uuid>) -> Wanted {
    let (these, values) = among(backend, 2, ids);
    let condition = format!("p.id {these} AND {}", visible("$1"));
    let (sort, order) = ("p.published_at", "p.published_at DESC, p.id DESC".into());
    Wanted { join: "", condition, sort, order, values, with_text: false }
}

pub(super) fn cards(found: Vec<Found>) -> Vec<PostCard> {
    found.into_iter().map(|found| found.post.card).collect()
}

/// What somebody has published, the newest first, as far as `viewer` may see it.
///
/// # Errors
/// Where the database does not answer.
pub async fn posts_of(
    services: &Services,
    viewer: Option<&Caller>,
    author: UserId,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    let list = Newest::published("p.author_id = $4".into(), vec![author.0.into()]);
    newest(services, viewer, list, after, limit).await
}

/// The last that somebody has published, with their texts, as far as `viewer` may see it.
///
/// # Errors
/// Where the database does not answer.
pub async fn latest_of(
    services: &Services,
    viewer: Option<&Caller>,
    author: UserId,
    limit: u64,
) -> Result<Vec<Post>, PostError> {
    let list = Newest::published("p.author_id = $4".into(), vec![author.0.into()]);
    let wanted = list.wanted(place(None), limit.clamp(1, LIMIT) as i64);
    let wanted = Wanted { with_text: true, ..wanted };
    let found = find(&services.store.read, id_of(viewer), wanted).await?;
    Ok(found.into_iter().map(|found| found.post).collect())
}

/// What was published in a community, the newest first.
///
/// # Errors
/// Where the database does not answer.
pub async fn posts_in(
    services: &Services,
    viewer: Option<&Caller>,
    community: Uuid,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    let list = Newest::published("p.community_id = $4".into(), vec![community.into()]);
    newest(services, viewer, list, after, limit).await
}

/// These posts in this order, with their texts, as far as `viewer` may see them.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn posts_by_id(
    services: &Services,
    viewer: Option<&Caller>,
    ids: Vec<Uuid>,
) -> Result<Vec<Post>, PostError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (these, values) = among(services.store.backend(), 2, ids.iter().copied());
    let wanted = Wanted {
        join: "",
        condition: format!("p.id {these} AND {}", visible("$1")),
        sort: "p.created_at",
        order: "p.id".into(),
        values,
        with_text: true,
    };
    let mut found = find(&services.store.read, id_of(viewer), wanted).await?;
    found.sort_by_key(|found| ids.iter().position(|id| *id == found.post.card.id.0));
    Ok(found.into_iter().map(|found| found.post).collect())
}

/// What somebody likes, what they liked last first. Whether others may see that is the asker's to know.
///
/// # Errors
/// Where the database does not answer.
pub async fn liked_by(
    services: &Services,
    viewer: Option<&Caller>,
    person: UserId,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    let list = Newest {
        join: "JOIN post_reaction l ON l.post_id = p.id",
        condition: "l.account_id = $4 AND l.value = 1".into(),
        sort: "l.created_at",
        id: "l.post_id",
        values: vec![person.0.into()],
    };
    newest(services, viewer, list, after, limit).await
}

/// What the caller has kept, the last first.
///
/// # Errors
/// Where the database does not answer.
pub async fn saved(
    services: &Services,
    caller: &Caller,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    newest(services, Some(caller), kept(caller.user_id), after, limit).await
}

pub(super) fn kept(by: UserId) -> Newest {
    Newest {
        join: "JOIN bookmark b ON b.post_id = p.id",
        condition: "b.account_id = $4".into(),
        sort: "b.created_at",
        id: "b.post_id",
        values: vec![by.0.into()],
    }
}

/// What has been published under a tag, which is folded as [`wire::posts::tag_key`] does.
///
/// # Errors
/// Where the database does not answer.
pub async fn tagged(
    services: &Services,
    viewer: Option<&Caller>,
    tag: &str,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    newest(services, viewer, under(tag), after, limit).await
}

pub(super) fn under(tag: &str) -> Newest {
    Newest {
        join: "JOIN post_tag t ON t.post_id = p.id",
        condition: format!("t.tag = $4 AND {}", heard("p.author_id", "$1")),
        sort: "t.published_at",
        id: "t.post_id",
        values: vec![tag.into()],
    }
}

/// The best of late, by [`super::score`].
///
/// # Errors
/// Where the database does not answer.
pub async fn trending(
    services: &Services,
    viewer: Option<&Caller>,
    limit: u64,
) -> Result<Vec<Post>, PostError> {
    let found = find(&services.store.read, id_of(viewer), best(limit as i64)).await?;
    Ok(found.into_iter().map(|found| found.post).collect())
}

pub(super) fn best(limit: i64) -> Wanted {
    Wanted {
        join: "",
        condition: format!("{} AND {}", visible("$1"), heard("p.author_id", "$1")),
        sort: "p.published_at",
        order: "p.score DESC, p.id DESC LIMIT $2".into(),
        values: vec![limit.into()],
        with_text: true,
    }
}

/// By number of rows: those after the first `offset`, with their texts, and how many there are; those of
/// one community where its slug is given. Only the newest two thousand are counted and reached.
///
/// # Errors
/// Where the database does not answer.
pub async fn page_of_posts(
    services: &Services,
    viewer: Option<&Caller>,
    community: Option<&str>,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Post>, u64), PostError> {
    let backend = services.store.backend();
    let mut condition = visible("$1");
    let mut values = Vec::<Value>::new();
    let is_everywhere = community.is_none();
    match community {
        Some(slug) => {
            condition.push_str(" AND p.community_id = (SELECT id FROM community WHERE slug = $2)");
            values.push(slug.replace('\0', "").into());
        }
        None => condition.push_str(&format!(" AND {}", heard("p.author_id", "$1"))),
    }
    let query = count_query(backend, id_of(viewer), (&condition, values.clone()), is_everywhere);
    let count = count(services, query).await?;
    if offset >= count {
        return Ok((Vec::new(), count));
    }
    let (first, second) = (values.len() + 2, values.len() + 3);
    values.push((limit.clamp(1, LIMIT) as i64).into());
    values.push(i64::try_from(offset).unwrap_or(i64::MAX).into());
    let order = format!("p.published_at DESC, p.id DESC LIMIT ${first} OFFSET ${second}");
    let sort = "p.published_at";
    let wanted = Wanted { join: "", condition, sort, order, values, with_text: true };
    let found = find(&services.store.read, id_of(viewer), wanted).await?;
    Ok((found.into_iter().map(|found| found.post).collect(), count))
}

async fn count(services: &Services, query: Statement) -> Result<u64, PostError> {
    #[derive(FromQueryResult)]
    struct Counted {
        n: i64,
    }
    let counted = Counted::find_by_statement(query).one(&services.store.read).await?;
    Ok(counted.map_or(0, |counted| u64::try_from(counted.n).unwrap_or(0)))
}

/// How many of those with this condition there are, up to [`NUMBERED`]. Where it leaves out nothing but what
/// the viewer may not see and whom they have muted (`is_everywhere`), a large place is not asked for each of two
/// thousand whether it is one of these: it has enough of them, whoever reads.
pub(super) fn count_query(
    backend: DbBackend,
    viewer: Uuid,
    (condition, values): (&str, Vec<Value>),
    is_everywhere: bool,
) -> Statement {
    let each = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM post p WHERE {condition} LIMIT {NUMBERED}) AS found"
    );
    let sql = match is_everywhere {
        false => format!("SELECT ({each}) AS n"),
        true => format!(
            "WITH hidden AS ({}) SELECT CASE WHEN {} THEN {NUMBERED} ELSE ({each}) END AS n",
            hidden(),
            are_plenty()
        ),
    };
    let values = [Value::from(viewer)].into_iter().chain(values);
    Statement::from_sql_and_values(backend, sql, values)
}

/// In SQL, no fewer than the posts that are out of the viewer's sight because of whom they are by: those who are
/// gone or going, who are muted, and who have blocked or are blocked.
fn hidden() -> String {
    let sum = |whose: &str| {
        format!("(SELECT COALESCE(SUM(a.posts_count), 0) FROM account a WHERE {whose})")
    };
    let gone = "a.posts_count > 0 AND (NOT a.is_active OR a.delete_at IS NOT NULL)";
    let unheard = "a.id IN (SELECT mu.muted_id FROM mute mu WHERE mu.muter_id = $1 \
         UNION SELECT bl.blocked_id FROM block bl WHERE bl.blocker_id = $1 \
         UNION SELECT bl.blocker_id FROM block bl WHERE bl.blocked_id = $1)";
    format!("SELECT CAST({} + {} AS BIGINT) AS n", sum(gone), sum(unheard))
}

/// In SQL, whether there are [`NUMBERED`] for everybody among the newest of all, whatever is `hidden`. What is
/// for some alone does not count, and few of that many posts are looked at before it is clear.
fn are_plenty() -> String {
    format!(
        "EXISTS (SELECT 1 FROM post q WHERE q.state = 'published' \
         ORDER BY q.published_at DESC, q.id DESC LIMIT 1 OFFSET {}) \
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT q.visibility, q.community_id FROM post q \
         WHERE q.state = 'published' ORDER BY q.published_at DESC, q.id DESC LIMIT {}) AS newest \
         WHERE newest.visibility = 'public' AND newest.community_id IS NULL \
         LIMIT {NUMBERED} + (SELECT n FROM hidden)) AS open) >= {NUMBERED} + (SELECT n FROM hidden)",
        NUMBERED - 1,
        2 * NUMBERED,
    )
}

/// The caller's posts that nobody else sees yet, what was saved last first.
///
/// # Errors
/// Where the database does not answer.
pub async fn drafts(services: &Services, caller: &Caller) -> Result<Vec<Post>, PostError> {
    unpublished(services, caller, true).await
}

/// As [`drafts`], without their texts.
///
/// # Errors
/// Where the database does not answer.
pub async fn draft_cards(services: &Services, caller: &Caller) -> Result<Vec<PostCard>, PostError> {
    let posts = unpublished(services, caller, false).await?;
    Ok(posts.into_iter().map(|post| post.card).collect())
}

async fn unpublished(
    services: &Services,
    caller: &Caller,
    with_text: bool,
) -> Result<Vec<Post>, PostError> {
    let wanted = Wanted {
        join: "",
        condition: "p.author_id = $1 AND p.state IN ('draft', 'scheduled')".into(),
        sort: "p.saved_at",
        order: "p.saved_at DESC, p.id DESC LIMIT 100".into(),
        values: Vec::new(),
        with_text,
    };
    let found = find(&services.store.read, caller.user_id.0, wanted).await?;
    Ok(found.into_iter().map(|found| found.post).collect())
}
