//! Writing posts and comments, and what readers do with them: each a plain form.

use app::content::Content;
use app::page::FormEcho;
use app::posts::Posts;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::Caller;
use domain::posts::{self, Change, Intent, PostError, PostForm, Reaction};
use serde_json::json;
use uuid::Uuid;
use wire::media::PictureKind;
use wire::posts::{CONTENT_MAX, Post, PostState, Visibility, post_path};
use wire::{CommentId, MediaId, Problem, UnixMillis};

use super::{Fields, Sent, nothing_here, onwards, open, pictures};
use crate::refusal::Refusal;
use crate::state::AppState;

/// What the editor gives back when it is refused.
const KEPT: [&str; 9] = [
    "title",
    "content",
    "tags",
    "visibility",
    "community",
    "publish_at",
    "cover_id",
    "cover_alt",
    "cover_remove",
];
const MINUTE_MS: i64 = 60_000;

/// `POST /posts/new`.
pub(super) async fn begin(State(state): State<AppState>, request: Request) -> Response {
    match open(&state, request).await {
        Ok(sent) => save(&state, sent, None).await,
        Err(answer) => *answer,
    }
}

/// `POST /posts/{slug}/{verb}`.
pub(super) async fn act(
    State(state): State<AppState>,
    Path((slug, verb)): Path<(String, String)>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match verb.as_str() {
        "edit" => save(&state, sent, Some(&slug)).await,
        "comments" => answer(&state, sent, &slug).await,
        _ => match simply(&state, &sent.caller, &slug, &verb).await {
            Ok(next) => finish(&sent, &next),
            Err(problem) => Refusal(problem).into_response(),
        },
    }
}

/// Back to where the form says, or on to `next`.
fn finish(sent: &Sent, next: &str) -> Response {
    if sent.by_script {
        return StatusCode::NO_CONTENT.into_response();
    }
    onwards(sent.fields.get("next"), next)
}

/// What needs no more words; answers with the page that is next.
async fn simply(
    state: &AppState,
    caller: &Caller,
    slug: &str,
    verb: &str,
) -> Result<String, Problem> {
    let services = &state.services;
    match verb {
        "like" => posts::react(services, caller, slug, Reaction::Like, Change::Toggle).await?,
        "dislike" => {
            posts::react(services, caller, slug, Reaction::Dislike, Change::Toggle).await?
        }
        "bookmark" => posts::keep(services, caller, slug, Change::Toggle).await?,
        "delete" => {
            let id = posts::delete_post(services, caller, slug).await?;
            return Ok(format!("/drafts?deleted={id}#deleted"));
        }
        "restore" => {
            posts::restore_post(services, caller, slug).await?;
            return Ok(place_of(&posts::editable(services, caller, slug).await?));
        }
        _ => return Err(nothing_here().0),
    }
    Ok(post_path(slug))
}

/// Where one goes to look at what one has written.
fn place_of(post: &Post) -> String {
    match post.card.state {
        PostState::Published => post.card.path(),
        _ => "/drafts".into(),
    }
}

async fn save(state: &AppState, mut sent: Sent, slug: Option<&str>) -> Response {
    let page = match slug {
        Some(slug) => format!("{}/edit", post_path(slug)),
        None => "/posts/new".into(),
    };
    // Whatever becomes of the rest, a picture has to be sent once only.
    match pictures::take(state, &mut sent, "cover", PictureKind::Cover).await {
        Ok(Some(cover)) => {
            sent.fields.put("cover_id", cover.to_string());
            sent.fields.put("cover_remove", String::new());
        }
        Ok(None) => {}
        Err(problem) => return sent.refuse(&page, &KEPT, problem).await,
    }
    if sent.fields.get("do") == "preview" {
        return look(state, sent, &page).await;
    }
    let saved = match form(state, &sent, slug).await {
        Ok(form) => posts::write_post(&state.services, &sent.caller, slug, &form).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(post) if sent.by_script => {
            Json(json!({"id": post.card.id, "saved_at": post.card.saved_at.0})).into_response()
        }
        Ok(post) => onwards("", &place_of(&post)),
        Err(error) => sent.refuse(&page, &KEPT, error.into()).await,
    }
}

/// The post as the form says it, with what the form does not have as it is stored.
async fn form(state: &AppState, sent: &Sent, slug: Option<&str>) -> Result<PostForm, PostError> {
    let present = match slug {
        Some(slug) => Some(posts::editable(&state.services, &sent.caller, slug).await?.card),
        None => None,
    };
    let fields = &sent.fields;
    let stored = present.as_ref().and_then(|card| card.community.clone());
    let community = match fields.all("community").last() {
        Some(slug) => Some(slug.to_owned()),
        None => stored.map(|community| community.slug),
    };
    Ok(PostForm {
        title: fields.text("title"),
        content: fields.text("content"),
        tags: fields.text("tags"),
        visibility: Visibility::from_word(fields.get("visibility")).unwrap_or_default(),
        community: community.filter(|slug| !slug.is_empty()),
        cover: cover(fields, present.and_then(|card| card.cover))?,
        cover_alt: fields.all("cover_alt").last().map(str::to_owned),
        intent: intent(fields)?,
        based_on: fields.get("saved_at").parse().ok().map(UnixMillis),
    })
}

/// The picture that the form names; one that says nothing of it leaves what is there.
fn cover(fields: &Fields, present: Option<MediaId>) -> Result<Option<Uuid>, PostError> {
    if !fields.get("cover_remove").is_empty() {
        return Ok(None);
    }
    let why = "There is no such picture of yours.";
    match fields.all("cover_id").last() {
        None => Ok(present.map(|cover| cover.0)),
        Some("") => Ok(None),
        Some(id) => id.parse().map(Some).map_err(|_| PostError::Invalid { field: "cover_id", why }),
    }
}

fn intent(fields: &Fields) -> Result<Intent, PostError> {
    let is_to_appear = fields.get("do") == "publish";
    match (is_to_appear, fields.get("publish_at").trim()) {
        (false, _) => Ok(Intent::Keep),
        (true, "") => Ok(Intent::Publish),
        (true, text) => {
            let why = "This is a date and a time.";
            let unread = PostError::Invalid { field: "publish_at", why };
            time(text, fields.get("zone")).map(Intent::Schedule).ok_or(unread)
        }
    }
}

/// What a field of date and time says, in a zone so many minutes behind UTC.
fn time(text: &str, zone: &str) -> Option<UnixMillis> {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    let local: UnixMillis = format!("{text}{seconds}Z").parse().ok()?;
    let minutes = zone.parse::<i64>().unwrap_or(0).clamp(-1440, 1440);
    Some(UnixMillis(local.0.checked_add(minutes * MINUTE_MS)?))
}

/// The editor again, with what has been typed as it will look.
async fn look(state: &AppState, sent: Sent, page: &str) -> Response {
    let Ok(uri) = page.parse() else { return nothing_here().into_response() };
    if let Err(error) = posts::may_preview(&state.services, &sent.caller).await {
        return sent.refuse(page, &KEPT, error.into()).await;
    }
    let html = match rendered(state, sent.fields.text("content")).await {
        Ok(html) => html,
        Err(problem) => return sent.refuse(page, &KEPT, problem).await,
    };
    let mut values = sent.fields.echo(&["form"]);
    values.extend(sent.fields.echo(&KEPT));
    let echo = FormEcho { values, ..FormEcho::default() };
    let add = move |content: &mut Content| {
        if let Content::Posts(posts) = content
            && let Posts::Editor(editor) = &mut **posts
        {
            editor.preview = Some(html);
        }
    };
    sent.asked.render_with(uri, echo, StatusCode::OK, add).await
}

async fn rendered(state: &AppState, markdown: String) -> Result<String, Problem> {
    if markdown.chars().count() > CONTENT_MAX {
        return Err(Problem::field("content", "A post has at most 100,000 characters."));
    }
    Ok(posts::rendered(&state.services, markdown).await?.html)
}

/// `POST /posts/preview`: a text as it will look, for the editor's script.
pub(super) async fn preview(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    if let Err(error) = posts::may_preview(&state.services, &sent.caller).await {
        return Refusal(error.into()).into_response();
    }
    match rendered(&state, sent.fields.text("content")).await {
        Ok(html) => Html(html).into_response(),
        Err(problem) => Refusal(problem).into_response(),
    }
}

/// A comment from the box under a post or another comment.
async fn answer(state: &AppState, sent: Sent, slug: &str) -> Response {
    let parent = match sent.fields.get("parent") {
        "" => Ok(None),
        text => text.parse::<CommentId>().map(Some).map_err(|_| PostError::NotFound),
    };
    let written = match parent {
        Ok(parent) => {
            let content = sent.fields.get("content");
            posts::write_comment(&state.services, &sent.caller, slug, parent, content).await
        }
        Err(error) => Err(error),
    };
    match written {
        Ok(comment) => {
            let here = back_to(&sent, &post_path(slug));
            onwards(&format!("{here}#comment-{}", comment.id), "/")
        }
        Err(error) => {
            let page = back_to(&sent, &post_path(slug));
            sent.refuse(&page, &["content", "parent"], error.into()).await
        }
    }
}

/// The page that the form stands on, without its place in it.
fn back_to(sent: &Sent, page: &str) -> String {
    let next = sent.fields.get("next").split('#').next().unwrap_or_default();
    let is_of_this_post = next == page
        || next.starts_with(&format!("{page}?"))
        || next.starts_with(&format!("{page}/"));
    if is_of_this_post { next.to_owned() } else { page.to_owned() }
}

/// `POST /posts/{slug}/comments/{comment}/{verb}`.
pub(super) async fn act_on_comment(
    State(state): State<AppState>,
    Path((slug, id, verb)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let page = post_path(&slug);
    let Ok(id) = id.parse::<CommentId>() else { return nothing_here().into_response() };
    let (services, caller) = (&state.services, &sent.caller);
    let react = |reaction| posts::react_to_comment(services, caller, id, reaction, Change::Toggle);
    let done = match verb.as_str() {
        "like" => react(Reaction::Like).await,
        "dislike" => react(Reaction::Dislike).await,
        "delete" => posts::delete_comment(services, caller, id).await,
        "edit" => {
            posts::edit_comment(services, caller, id, sent.fields.get("content")).await.map(|_| ())
        }
        _ => return nothing_here().into_response(),
    };
    match done {
        Ok(()) => finish(&sent, &format!("{page}#comments")),
        Err(error) => {
            let back = back_to(&sent, &page);
            sent.refuse(&back, &[], error.into()).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_zone_of_whoever_typed_it() {
        let noon: UnixMillis = "2026-12-24T12:00:00Z".parse().unwrap();
        assert_eq!(time("2026-12-24T12:00", ""), Some(noon));
        assert_eq!(time("2026-12-24T12:00:00", "0"), Some(noon));
        assert_eq!(time("2026-12-24T14:00", "-120"), Some(noon));
        assert_eq!(time("2026-12-24T07:00", "300"), Some(noon));
        for nonsense in ["", "tomorrow", "2026-12-24", "2026-12-24T12:00Z\u{1f}"] {
            assert_eq!(time(nonsense, "0"), None, "{nonsense}");
        }
    }
}
