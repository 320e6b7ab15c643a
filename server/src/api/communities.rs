//! `/api/communities/`, in Spherespace's shapes.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::communities::{self, CommunityError};
use domain::media::store_picture;
use domain::{Caller, Services};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::chat::Author;
use wire::communities::{
    Community as View, CommunityChange, CommunityForm, CommunityMember, CommunityRole, Joined,
};
use wire::media::{PictureKind, picture_address};
use wire::{CommunityId, ConversationId, ErrorCode, MediaId, Problem, UnixMillis};

use super::Body;
use super::asker::Asker;
use super::chat::Sender;
use super::id::{Id, IdAndName};
use super::json::{AnyBody, told};
use super::paging::{Page, Paging, PagingQuery};
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::Files;

/// A community as the caller may see it.
#[derive(Serialize, ToSchema)]
pub(super) struct Community {
    #[schema(value_type = uuid::Uuid)]
    id: CommunityId,
    name: String,
    /// Its name in addresses, for ever.
    slug: String,
    /// Markdown.
    description: String,
    /// Markdown. Empty for strangers where the community is private.
    rules: String,
    icon: Option<String>,
    cover_image: Option<String>,
    icon_url: Option<String>,
    cover_image_url: Option<String>,
    /// Null where the account is gone.
    #[schema(value_type = Option<Sender>)]
    creator: Option<Author>,
    is_member: bool,
    /// The caller's: `member`, `moderator`, `admin` or `owner`.
    #[schema(value_type = Option<String>)]
    role: Option<CommunityRole>,
    posts_count: i64,
    members_count: i64,
    is_private: bool,
    slow_mode_seconds: i32,
    /// The conversation that is its room, for members, once somebody has entered it.
    #[schema(value_type = Option<uuid::Uuid>)]
    room_id: Option<ConversationId>,
    pinned_post_id: Option<uuid::Uuid>,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
}

impl Community {
    /// Addresses of pictures are whole.
    pub(super) fn new(view: View, public_url: &str) -> Self {
        let role = view.standing.role();
        let address = |kind: PictureKind, id: Option<MediaId>| {
            let largest = kind.sizes().last().copied().unwrap_or(1);
            id.map(|id| format!("{public_url}{}", picture_address(id, largest)))
        };
        let icon = address(PictureKind::Icon, view.icon);
        let cover = address(PictureKind::Cover, view.cover);
        Self {
            id: view.id,
            name: view.name,
            slug: view.slug,
            description: view.description,
            rules: view.rules,
            icon: icon.clone(),
            cover_image: cover.clone(),
            icon_url: icon,
            cover_image_url: cover,
            creator: view.creator,
            is_member: role.is_some(),
            role,
            posts_count: view.posts_count,
            members_count: view.members_count,
            is_private: view.is_private,
            slow_mode_seconds: view.slow_mode_seconds,
            room_id: view.room,
            pinned_post_id: view.pinned_post_id,
            created_at: view.created_at,
        }
    }
}

fn shape(state: &AppState, view: View) -> Json<Community> {
    Json(Community::new(view, &state.config.public_url))
}

/// Somebody in a community, or on the way in.
#[derive(Serialize, ToSchema)]
pub(super) struct Member {
    #[schema(value_type = Sender)]
    user: Author,
    /// `member`, `moderator`, `admin` or `owner`.
    #[schema(value_type = String)]
    role: CommunityRole,
    /// Or asked to.
    #[schema(value_type = String, format = DateTime)]
    joined_at: UnixMillis,
}

impl From<CommunityMember> for Member {
    fn from(CommunityMember { user, role, since }: CommunityMember) -> Self {
        Self { user, role, joined_at: since }
    }
}

/// List communities.
///
/// Six a page, the largest first, of the same size the newest. Private ones show their card.
#[utoipa::path(get, path = "/api/communities", tag = "communities", security(()),
    params(PagingQuery), responses((status = 200, body = Page<Community>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    paging: Paging<6>,
) -> Result<Json<Page<Community>>, Refusal> {
    let (skip, size) = (paging.skip(), paging.size());
    let caller = visit.caller.as_ref();
    let (found, count) =
        communities::page_of_communities(&state.services, caller, skip, size).await?;
    let url = &state.config.public_url;
    let found = found.into_iter().map(|view| Community::new(view, url)).collect();
    paging.page(&state.config.public_url, count, found).map(Json)
}

/// What a community is to be. In a form each value is a text, and pictures come as files.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewCommunity {
    /// 1 to 100 characters, nobody else's in any case.
    #[schema(example = "Tea")]
    name: String,
    /// Markdown, at most 10000 characters, as are the rules.
    #[serde(default)]
    description: String,
    #[serde(default)]
    rules: String,
    #[serde(default, deserialize_with = "told::<_, bool>")]
    #[schema(value_type = bool)]
    is_private: Option<bool>,
    /// Seconds between two posts of a member.
    #[serde(default, deserialize_with = "told::<_, i32>")]
    #[schema(value_type = i32)]
    slow_mode_seconds: Option<i32>,
}

impl From<NewCommunity> for CommunityForm {
    fn from(body: NewCommunity) -> Self {
        let NewCommunity { name, description, rules, is_private, slow_mode_seconds } = body;
        let is_private = is_private.unwrap_or(false);
        let slow_mode_seconds = slow_mode_seconds.unwrap_or(0);
        Self { name, description, rules, is_private, slow_mode_seconds }
    }
}

/// The same as a form with pictures.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(super) struct CommunityWithPictures {
    name: Option<String>,
    description: Option<String>,
    rules: Option<String>,
    /// `true` or `false`.
    is_private: Option<String>,
    slow_mode_seconds: Option<String>,
    /// JPEG, PNG, WebP or GIF, at most 10 MB; an empty text takes the picture away.
    #[schema(value_type = Option<String>, format = Binary)]
    icon: Option<Vec<u8>>,
    /// As `icon`, over its pages.
    #[schema(value_type = Option<String>, format = Binary)]
    cover_image: Option<Vec<u8>>,
}

/// The fields that pictures come in.
const PICTURES: [(&str, PictureKind); 2] =
    [("icon", PictureKind::Icon), ("cover_image", PictureKind::Cover)];

/// Keeps the pictures that came with a form.
async fn kept(
    state: &AppState,
    caller: &Caller,
    mut files: Files,
) -> Result<Vec<(PictureKind, Option<MediaId>)>, Refusal> {
    let mut kept = Vec::new();
    for (name, kind) in PICTURES {
        let Some(bytes) = files.remove(name) else { continue };
        let stored = store_picture(&state.services, caller, kind, bytes, None).await;
        let stored = stored.map_err(|error| match error.sentence() {
            Some(sentence) => Problem::field(name, sentence),
            None => error.into(),
        })?;
        kept.push((kind, Some(stored.id)));
    }
    Ok(kept)
}

async fn show(
    state: &AppState,
    caller: &Caller,
    slug: &str,
    pictures: Vec<(PictureKind, Option<MediaId>)>,
) -> Result<Json<Community>, Refusal> {
    for (kind, picture) in pictures {
        communities::show_picture(&state.services, caller, slug, kind, picture).await?;
    }
    let now = communities::community(&state.services, Some(caller), slug).await?;
    Ok(shape(state, now))
}

/// Make a community.
///
/// As JSON or as a form. Whoever makes it owns it.
#[utoipa::path(post, path = "/api/communities", tag = "communities",
    request_body(content((NewCommunity = "application/json"), (CommunityWithPictures = "multipart/form-data"))),
    responses((status = 201, body = Community)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Asker(caller): Asker,
    AnyBody(body, files): AnyBody<NewCommunity>,
) -> Result<(StatusCode, Json<Community>), Refusal> {
    // One that is refused makes no community.
    let pictures = kept(&state, &caller, files).await?;
    let made = communities::create(&state.services, &caller, &body.into()).await?;
    Ok((StatusCode::CREATED, show(&state, &caller, &made.slug, pictures).await?))
}

/// Look at a community.
#[utoipa::path(get, path = "/api/communities/{slug}", tag = "communities", security(()),
    params(("slug" = String, Path)), responses((status = 200, body = Community)))]
pub(super) async fn one(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(slug): Id<String>,
) -> Result<Json<Community>, Refusal> {
    let found = communities::community(&state.services, visit.caller.as_ref(), &slug).await?;
    Ok(shape(&state, found))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct CommunityChanges {
    name: Option<String>,
    description: Option<String>,
    rules: Option<String>,
    #[serde(default, deserialize_with = "told::<_, bool>")]
    #[schema(value_type = Option<bool>)]
    is_private: Option<bool>,
    #[serde(default, deserialize_with = "told::<_, i32>")]
    #[schema(value_type = Option<i32>)]
    slow_mode_seconds: Option<i32>,
    /// An empty text takes the picture away, as it does in `cover_image`.
    icon: Option<String>,
    cover_image: Option<String>,
}

impl CommunityChanges {
    /// The pictures that are to go.
    fn taken_away(&self) -> impl Iterator<Item = (PictureKind, Option<MediaId>)> {
        let said = [(PictureKind::Icon, &self.icon), (PictureKind::Cover, &self.cover_image)];
        let gone = said.map(|(kind, text)| (kind, text.as_deref() == Some("")));
        gone.into_iter().filter(|(_, is_gone)| *is_gone).map(|(kind, _)| (kind, None))
    }
}

/// Change what is named.
///
/// As JSON or as a form. For owner and admins. The slug stays.
#[utoipa::path(patch, path = "/api/communities/{slug}", tag = "communities",
    params(("slug" = String, Path)),
    request_body(content((CommunityChanges = "application/json"), (CommunityWithPictures = "multipart/form-data"))),
    responses((status = 200, body = Community)))]
pub(super) async fn change(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
    AnyBody(body, files): AnyBody<CommunityChanges>,
) -> Result<Json<Community>, Refusal> {
    communities::may_show_picture(&state.services, &caller, &slug).await?;
    let mut pictures = kept(&state, &caller, files).await?;
    pictures.extend(body.taken_away());
    let change = CommunityChange {
        name: body.name,
        description: body.description,
        rules: body.rules,
        is_private: body.is_private,
        slow_mode_seconds: body.slow_mode_seconds,
    };
    communities::change(&state.services, &caller, &slug, change).await?;
    show(&state, &caller, &slug, pictures).await
}

/// Change everything; what is left out becomes empty.
///
/// As JSON or as a form. For owner and admins. The slug stays, and so do pictures that no other comes for.
#[utoipa::path(put, path = "/api/communities/{slug}", tag = "communities",
    params(("slug" = String, Path)),
    request_body(content((NewCommunity = "application/json"), (CommunityWithPictures = "multipart/form-data"))),
    responses((status = 200, body = Community)))]
pub(super) async fn replace(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
    AnyBody(body, files): AnyBody<NewCommunity>,
) -> Result<Json<Community>, Refusal> {
    communities::may_show_picture(&state.services, &caller, &slug).await?;
    let pictures = kept(&state, &caller, files).await?;
    let change = CommunityForm::from(body).into();
    communities::change(&state.services, &caller, &slug, change).await?;
    show(&state, &caller, &slug, pictures).await
}

/// Delete a community.
///
/// For its owner. Posts stay with their authors; those that not everybody could see are drafts from then
/// on.
#[utoipa::path(delete, path = "/api/communities/{slug}", tag = "communities",
    params(("slug" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
) -> Result<StatusCode, Refusal> {
    communities::delete(&state.services, &caller, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of somebody who wants to join or leave.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    /// `joined`, or `requested` where a moderator will answer.
    status: &'static str,
    #[schema(value_type = Option<String>)]
    role: Option<CommunityRole>,
}

/// Join a community.
///
/// A private one is asked to let the caller in.
#[utoipa::path(post, path = "/api/communities/{slug}/join", tag = "communities",
    params(("slug" = String, Path)), responses((status = 200, body = Entry)))]
pub(super) async fn join(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
) -> Result<Json<Entry>, Refusal> {
    let joined = communities::join(&state.services, &caller, &slug).await?;
    Ok(Json(match joined {
        Joined::Member(role) => Entry { status: "joined", role: Some(role) },
        Joined::Requested => Entry { status: "requested", role: None },
    }))
}

#[derive(Serialize, ToSchema)]
pub(super) struct Exit {
    /// `left`.
    status: &'static str,
}

/// Leave a community, or take a request back.
///
/// Its owner hands it over first.
#[utoipa::path(post, path = "/api/communities/{slug}/leave", tag = "communities",
    params(("slug" = String, Path)), responses((status = 200, body = Exit)))]
pub(super) async fn leave(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
) -> Result<Json<Exit>, Refusal> {
    communities::leave(&state.services, &caller, &slug).await?;
    Ok(Json(Exit { status: "left" }))
}

/// The conversation that is a community's room.
#[derive(Serialize, ToSchema)]
pub(super) struct Room {
    #[schema(value_type = uuid::Uuid)]
    conversation_id: ConversationId,
}

/// Enter the room of a community.
///
/// For its members. 200 people fit in.
#[utoipa::path(post, path = "/api/communities/{slug}/room", tag = "communities",
    params(("slug" = String, Path)), responses((status = 200, body = Room)))]
pub(super) async fn room(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
) -> Result<Json<Room>, Refusal> {
    let conversation_id = communities::enter_room(&state.services, &caller, &slug).await?;
    Ok(Json(Room { conversation_id }))
}

/// List those who wait to be let in.
///
/// For those who look after the community; a bare array of at most 50, who asked first before the others.
#[utoipa::path(get, path = "/api/communities/{slug}/requests", tag = "communities",
    params(("slug" = String, Path)), responses((status = 200, body = Vec<Member>)))]
pub(super) async fn requests(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(slug): Id<String>,
) -> Result<Json<Vec<Member>>, Refusal> {
    let found = communities::requests(&state.services, &caller, &slug, None).await?;
    Ok(Json(found.people.into_iter().map(Member::from).collect()))
}

/// List the members of a community.
///
/// Twenty a page, the oldest first, without those who are blocked, either way. Of a private one only its
/// members see them.
#[utoipa::path(get, path = "/api/communities/{slug}/members", tag = "communities", security(()),
    params(("slug" = String, Path), PagingQuery), responses((status = 200, body = Page<Member>)))]
pub(super) async fn members(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(slug): Id<String>,
    paging: Paging<20>,
) -> Result<Json<Page<Member>>, Refusal> {
    let (services, caller) = (&state.services, visit.caller.as_ref());
    let (skip, size) = (paging.skip(), paging.size());
    let (found, count) = communities::page_of_members(services, caller, &slug, skip, size).await?;
    let found = found.into_iter().map(Member::from).collect();
    paging.page(&state.config.public_url, count, found).map(Json)
}

/// What can be done with somebody in a community.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// Let somebody in who has asked; with the `role` that is given.
    Accept,
    Decline,
    Remove,
    Ban,
    Unban,
    /// Give a member the `role`.
    Role,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ActionBody {
    action: Action,
    /// `member`, `moderator` or `admin`; `owner` hands the community over.
    #[schema(value_type = Option<String>)]
    role: Option<CommunityRole>,
}

/// Let somebody in, keep them out, or make something of them.
///
/// Moderators accept, decline, remove, ban and unban; admins give roles below their own; the owner hands
/// over. All of it is done to those of a lower role only.
#[utoipa::path(post, path = "/api/communities/{slug}/members/{username}", tag = "communities",
    params(("slug" = String, Path), ("username" = String, Path)), request_body = ActionBody,
    responses((status = 204)))]
pub(super) async fn act(
    State(state): State<AppState>,
    Asker(caller): Asker,
    IdAndName(slug, username): IdAndName<String>,
    Body(body): Body<ActionBody>,
) -> Result<StatusCode, Refusal> {
    if body.role.is_none() && matches!(body.action, Action::Role) {
        let mut refusal = Refusal::new(ErrorCode::InvalidField, "Which role?");
        refusal.0.fields.insert("role".into(), vec!["This field is required.".into()]);
        return Err(refusal);
    }
    do_it(&state.services, &caller, &slug, &username, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn do_it(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
    ActionBody { action, role }: ActionBody,
) -> Result<(), CommunityError> {
    match action {
        Action::Accept => communities::accept(services, caller, slug, username).await?,
        Action::Decline => return communities::decline(services, caller, slug, username).await,
        Action::Remove => return communities::remove(services, caller, slug, username).await,
        Action::Ban => return communities::ban(services, caller, slug, username).await,
        Action::Unban => return communities::unban(services, caller, slug, username).await,
        Action::Role => {}
    }
    match role {
        Some(role) => communities::change_role(services, caller, slug, username, role).await,
        None => Ok(()),
    }
}
