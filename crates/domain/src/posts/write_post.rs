//! Writing: a draft, a post, a change to either.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, SqlErr, Statement};
use uuid::Uuid;
use wire::media::ALT_MAX;
use wire::mentions::mentioned;
use wire::posts::{CONTENT_MAX, Post, PostState, TITLE_MAX, Visibility};
use wire::{CommunityId, ErrorCode, Problem, UnixMillis};

use super::markdown::render_with;
use super::mentions::called;
use super::pictures::{file_pictures, hold, named_in, shelf};
use super::place::{Held, community_of, hold_communities, hold_own, run};
use super::publish::{make_known, publish, schedule};
use super::slug::slugs;
use super::tags::{file_under, tags};
use super::versions::keep_version;
use super::{PostError, Rendered, community_for, editable};
use crate::communities::may_post;
use crate::limits::Limit;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// How often a name that somebody else takes at the same moment is looked for anew.
const TRIES: usize = 10;
/// How far ahead somebody may plan.
const YEAR_MS: i64 = 366 * 86_400_000;

/// A post as it is to stand, whole.
#[derive(Debug, Clone, Default)]
pub struct PostForm {
    pub title: String,
    /// Markdown.
    pub content: String,
    /// Words between commas or spaces, with or without `#`.
    pub tags: String,
    pub visibility: Visibility,
    /// The slug of the community that it stands in.
    pub community: Option<String>,
    /// A picture of the author's.
    pub cover: Option<Uuid>,
    /// What the cover shows, in words; absent, what was said of it stays.
    pub cover_alt: Option<String>,
    pub intent: Intent,
    /// When what the form changes was saved; what was saved since is not written over. Absent, it is.
    pub based_on: Option<UnixMillis>,
}

/// What is to become of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Intent {
    /// It stays what it is; something new is a draft.
    #[default]
    Keep,
    Publish,
    /// Published then, by itself.
    Schedule(UnixMillis),
}

/// Writes a new post, or changes the caller's own that `key` names by its slug or id. What a published
/// post said before is kept.
///
/// # Errors
/// A field that cannot be so, [`PostError::NotFound`], [`PostError::NotOwn`], [`PostError::ChangedSince`],
/// or too many posts.
pub async fn write_post(
    services: &Services,
    caller: &Caller,
    key: Option<&str>,
    form: &PostForm,
) -> Result<Post, PostError> {
    let typed = Typed::of(form)?;
    let limit = if form.intent == Intent::Keep { Limit::Acts } else { Limit::Posts };
    // Before it is rendered: that is the work.
    services.limits.check(limit, caller.user_id.0).await?;
    let text = Text::of(services, typed, form).await?;
    let mut tries = 1;
    let id = loop {
        match try_to_write(services, caller, key, form, &text).await {
            Err(Stopped::Overtaken) if tries < TRIES => tries += 1,
            Err(Stopped::Overtaken) => return Err(busy()),
            Err(Stopped::Refused(error)) => return Err(error),
            Ok(id) => break id,
        }
    };
    services.due.notify_one();
    editable(services, caller, &id.to_string()).await
}

/// Whether the caller may have one more text shown as it will look, without its being stored.
///
/// # Errors
/// Too often.
pub async fn may_preview(services: &Services, caller: &Caller) -> Result<(), PostError> {
    Ok(services.limits.check(Limit::Offers, caller.user_id.0).await?)
}

fn busy() -> PostError {
    let sentence = "Too many posts of this name are being written. Try again.";
    PostError::Store(Problem::new(ErrorCode::Unavailable, sentence).retry_after(1000))
}

/// Why a transaction came to nothing.
enum Stopped {
    /// Somebody else has just taken the slug, or the post has just come to stand elsewhere.
    Overtaken,
    Refused(PostError),
}

impl<E: Into<PostError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// What was typed, as it will be stored.
struct Text {
    title: String,
    content: String,
    rendered: Rendered,
    tags: Vec<String>,
    cover_alt: Option<String>,
}

fn in_one_line(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What can be said of a form without any work.
struct Typed {
    title: String,
    content: String,
    cover_alt: Option<String>,
}

impl Typed {
    fn of(form: &PostForm) -> Result<Self, PostError> {
        let title = form.title.trim().to_owned();
        // Browsers end lines in forms as mails do.
        let content = form.content.replace("\r\n", "\n");
        check(form.intent, &title, &content)?;
        tags(&form.tags, &[])?;
        let cover_alt = form.cover_alt.as_deref().map(in_one_line);
        if cover_alt.as_ref().is_some_and(|alt| alt.chars().count() > ALT_MAX) {
            let why = "A description has at most 1500 characters.";
            return Err(PostError::Invalid { field: "cover_alt", why });
        }
        Ok(Self { title, content, cover_alt })
    }
}

impl Text {
    async fn of(services: &Services, typed: Typed, form: &PostForm) -> Result<Self, PostError> {
        let Typed { title, content, cover_alt } = typed;
        let rendered = rendered(services, content.clone()).await?;
        let tags = tags(&form.tags, &rendered.tags)?;
        Ok(Self { title, content, rendered, tags, cover_alt })
    }
}

/// A text as it will look, with its pictures, made away from the threads that answer.
///
/// # Errors
/// Where the database does not answer.
pub async fn rendered(services: &Services, markdown: String) -> Result<Rendered, PostError> {
    let rows = &services.store.read;
    let shelf = shelf(rows, &named_in(&markdown)).await?;
    let named = called(rows, mentioned(&markdown)).await?;
    let work = tokio::task::spawn_blocking(move || render_with(&markdown, &shelf, &named));
    work.await.map_err(|error| {
        tracing::error!(%error, "rendering a post");
        PostError::Store(Problem::new(ErrorCode::Internal, "Something went wrong on the server."))
    })
}

fn check(intent: Intent, title: &str, content: &str) -> Result<(), PostError> {
    let invalid = |field, why| Err(PostError::Invalid { field, why });
    if title.chars().count() > TITLE_MAX {
        return invalid("title", "A title has at most 100 characters.");
    }
    if title.chars().any(char::is_control) {
        return invalid("title", "Please use ordinary characters only.");
    }
    if content.chars().count() > CONTENT_MAX {
        return invalid("content", "A post has at most 100,000 characters.");
    }
    if content.contains('\0') {
        return invalid("content", "Please use ordinary characters only.");
    }
    match intent {
        Intent::Keep => Ok(()),
        Intent::Schedule(at) if !is_soon(at) => {
            invalid("publish_at", "Choose a time in the future, within a year.")
        }
        Intent::Publish | Intent::Schedule(_) => is_whole(title, content),
    }
}

/// Whether it may be read by others.
fn is_whole(title: &str, content: &str) -> Result<(), PostError> {
    let invalid = |field, why| Err(PostError::Invalid { field, why });
    if title.is_empty() {
        return invalid("title", "A post needs a title.");
    }
    if content.trim().is_empty() {
        return invalid("content", "A post needs some words.");
    }
    Ok(())
}

fn is_soon(at: UnixMillis) -> bool {
    let now = clock::now().0;
    (now..now + YEAR_MS).contains(&at.0)
}

async fn try_to_write(
    services: &Services,
    caller: &Caller,
    key: Option<&str>,
    form: &PostForm,
    text: &Text,
) -> Result<Uuid, Stopped> {
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let communities = hold_places(&tx, caller, key, form).await?;
    let held = match key {
        Some(key) => hold_own(&tx, caller, key).await?,
        None => begin(&tx, caller).await?,
    };
    let state = PostState::from_word(&held.state).unwrap_or(PostState::Deleted);
    match state {
        PostState::Deleted => return Err(PostError::NotFound.into()),
        PostState::Draft => {}
        PostState::Published | PostState::Scheduled => is_whole(&text.title, &text.content)?,
    }
    if form.based_on.is_some_and(|read| read.0 != held.saved_at) {
        return Err(PostError::ChangedSince.into());
    }
    if held.community_id.is_some_and(|now| !communities.contains(&now)) {
        return Err(Stopped::Overtaken);
    }
    let community = community(&tx, caller, form, &held, state).await?;
    may_be_the_cover(&tx, caller, form.cover, held.cover_id).await?;
    describe_cover(&tx, caller, form.cover, text.cover_alt.as_deref()).await?;
    change(&tx, &held, form, text, community).await?;
    file_under(&tx, held.id, &text.tags, held.published_at).await?;
    file_pictures(&tx, held.id, &named_in(&text.content)).await?;
    let held = Held { community_id: community, ..held };
    match (form.intent, state) {
        (Intent::Keep, _) | (Intent::Publish, PostState::Published) => {}
        (Intent::Schedule(_), PostState::Published) => {
            let why = "This is published already.";
            return Err(PostError::Invalid { field: "publish_at", why }.into());
        }
        (Intent::Publish, _) => {
            if let Some(community) = held.community_id {
                may_post(&tx, CommunityId(community), caller).await?;
            }
            name(&tx, held.id, &text.title).await?;
            publish(&mut tx, &held, clock::now().0).await?;
        }
        (Intent::Schedule(at), _) => {
            name(&tx, held.id, &text.title).await?;
            schedule(&tx, held.id, at.0).await?;
        }
    }
    make_known(&mut tx, held.id).await?;
    tx.commit().await?;
    Ok(held.id)
}

/// Holds the communities that the post stands in and is to stand in, before the post itself.
async fn hold_places(
    tx: &Tx<'_>,
    caller: &Caller,
    key: Option<&str>,
    form: &PostForm,
) -> Result<Vec<Uuid>, PostError> {
    let now = match key {
        Some(key) => community_of(tx, key).await?,
        None => None,
    };
    let wanted = match wanted(form) {
        // Where it may not stand, it is not held: what is refused is refused later.
        Some(slug) => community_for(tx.rows(), slug, caller.user_id).await.ok(),
        None => None,
    };
    let these: Vec<_> = now.into_iter().chain(wanted).collect();
    hold_communities(tx, &these).await?;
    Ok(these)
}

/// The slug of the community that the form names.
fn wanted(form: &PostForm) -> Option<&str> {
    form.community.as_deref().map(str::trim).filter(|slug| !slug.is_empty())
}

/// An empty draft, which is called by its id until it has a title that stays.
async fn begin(tx: &Tx<'_>, caller: &Caller) -> Result<Held, StoreError> {
    let id = Uuid::now_v7();
    let sql = "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, \
        created_at, saved_at) VALUES ($1, $2, '', $3, '', '', '', 'draft', $4, $4)";
    let now = clock::now().0;
    let values = vec![id.into(), caller.user_id.0.into(), id.to_string().into(), now.into()];
    run(tx, sql, values).await?;
    let state = PostState::Draft.as_str().into();
    Ok(Held { id, author_id: caller.user_id.0, state, ..Held::default() })
}

/// Where it will stand. What is published stays where it is.
async fn community(
    tx: &Tx<'_>,
    caller: &Caller,
    form: &PostForm,
    held: &Held,
    state: PostState,
) -> Result<Option<Uuid>, PostError> {
    let wanted = match wanted(form) {
        Some(slug) if state != PostState::Published => {
            Some(community_for(tx.rows(), slug, caller.user_id).await?)
        }
        _ if state == PostState::Published => held.community_id,
        _ => None,
    };
    if state == PostState::Published && is_banned(tx, caller, wanted).await? {
        let why =
            "You are banned from the community of this post. You can delete it, but not change it.";
        return Err(PostError::Invalid { field: "community_slug", why });
    }
    if form.visibility == Visibility::Community && wanted.is_none() {
        let why = "Choose a community, or let others see it.";
        return Err(PostError::Invalid { field: "visibility", why });
    }
    Ok(wanted)
}

async fn is_banned(
    tx: &Tx<'_>,
    caller: &Caller,
    community: Option<Uuid>,
) -> Result<bool, StoreError> {
    let Some(community) = community else { return Ok(false) };
    let sql = "SELECT 1 FROM community_member WHERE community_id = $1 AND account_id = $2 \
        AND state = 'banned'";
    let values = [community.into(), caller.user_id.0.into()];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Ok(tx.rows().query_one_raw(query).await?.is_some())
}

async fn may_be_the_cover(
    tx: &Tx<'_>,
    caller: &Caller,
    cover: Option<Uuid>,
    present: Option<Uuid>,
) -> Result<(), PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        #[expect(dead_code, reason = "only whether there is one is asked")]
        id: Uuid,
    }
    let Some(cover) = cover.filter(|cover| Some(*cover) != present) else { return Ok(()) };
    hold(tx, &[cover]).await?;
    let sql = "SELECT id FROM media WHERE id = $1 AND owner_id = $2";
    let values = [cover.into(), caller.user_id.0.into()];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).one(tx.rows()).await?;
    let why = "There is no such picture of yours.";
    found.map(|_| ()).ok_or(PostError::Invalid { field: "cover_id", why })
}

/// Writes down what a cover of the caller's shows.
async fn describe_cover(
    tx: &Tx<'_>,
    caller: &Caller,
    cover: Option<Uuid>,
    alt: Option<&str>,
) -> Result<(), StoreError> {
    let Some((cover, alt)) = cover.zip(alt) else { return Ok(()) };
    let sql = "UPDATE media SET alt = $3 WHERE id = $1 AND owner_id = $2 AND alt <> $3";
    run(tx, sql, vec![cover.into(), caller.user_id.0.into(), alt.into()]).await?;
    Ok(())
}

async fn change(
    tx: &Tx<'_>,
    held: &Held,
    form: &PostForm,
    text: &Text,
    community: Option<Uuid>,
) -> Result<(), StoreError> {
    let now = clock::now().0;
    let is_published = held.published_at.is_some();
    let says_other = held.title != text.title || held.content != text.content;
    if is_published && says_other {
        keep_version(tx, held).await?;
    }
    let edited_at = if is_published && says_other { Some(now) } else { held.edited_at };
    let sql = "UPDATE post SET title = $2, content = $3, content_html = $4, excerpt = $5, words = $6, \
        visibility = $7, community_id = $8, cover_id = $9, saved_at = $10, edited_at = $11 \
        WHERE id = $1";
    let Rendered { html, excerpt, words, .. } = &text.rendered;
    let values = vec![
        held.id.into(),
        text.title.clone().into(),
        text.content.clone().into(),
        html.clone().into(),
        excerpt.clone().into(),
        i32::try_from(*words).unwrap_or(i32::MAX).into(),
        form.visibility.as_str().into(),
        community.into(),
        form.cover.into(),
        now.into(),
        edited_at.into(),
    ];
    run(tx, sql, values).await?;
    Ok(())
}

/// Gives it the best slug that is free. One that is taken in this very moment is found out by the index.
async fn name(tx: &Tx<'_>, id: Uuid, title: &str) -> Result<(), Stopped> {
    let sql = "UPDATE post SET slug = $2 WHERE id = $1 \
        AND NOT EXISTS (SELECT 1 FROM post other WHERE other.slug = $2 AND other.id <> $1)";
    for slug in slugs(title, id) {
        let statement = Statement::from_sql_and_values(
            tx.rows().get_database_backend(),
            sql,
            [id.into(), slug.into()],
        );
        match tx.rows().execute_raw(statement).await {
            Ok(done) if done.rows_affected() == 1 => return Ok(()),
            Ok(_) => {}
            Err(error) if is_taken(&error) => return Err(Stopped::Overtaken),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
