//! What the pages of profiles and of one's own settings start from.

use app::content::Content;
use app::profiles::{HoverCard, HoverCardProps, Listing, OwnSettings, Profiles, Shown, Side, Tab};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use domain::Caller;
use domain::accounts::own_account;
use domain::activity::record;
use domain::people::{PeopleError, blocked_people, muted_people, privacy};
use domain::posts::{self, PostError};
use domain::profiles::{self, Direction};
use wire::activity::Record;
use wire::posts::{PostStep, ReplyStep};
use wire::profiles::{Mutuals, Profile};
use wire::{ErrorCode, Problem};

use super::{Asked, decoded, html_of, query_value};
use crate::refusal::Refusal;
use crate::state::AppState;

/// Posts or answers of one step.
const STEP: u64 = 20;
/// What one does on a card is answered with the card: one that a browser has kept would undo it before
/// their eyes. The script keeps those that it has shown for a while.
const ANEW: &str = "private, no-cache";

/// `/u/<username>` and what is below it.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<Content, Problem> {
    let mut parts = uri.path().trim_start_matches("/u/").split('/');
    let username = parts.next().and_then(decoded).filter(|name| !name.is_empty());
    let found = match (username, parts.next(), parts.next()) {
        (Some(username), None, _) => profile(asked, uri, &username).await,
        (Some(username), Some("followers"), None) => {
            people(asked, uri, &username, Side::Followers).await
        }
        (Some(username), Some("following"), None) => {
            people(asked, uri, &username, Side::Following).await
        }
        _ => Err(PeopleError::NotFound),
    };
    match found.map_err(Problem::from) {
        Ok(profiles) => Ok(Content::Profiles(Box::new(profiles))),
        // An `after` that is none is an address that leads nowhere, too.
        Err(problem) if matches!(problem.code, ErrorCode::NotFound | ErrorCode::InvalidField) => {
            Ok(Content::NotFound)
        }
        Err(problem) => Err(problem),
    }
}

async fn profile(asked: &Asked, uri: &Uri, username: &str) -> Result<Profiles, PeopleError> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let profile = profiles::profile(services, viewer, username).await?;
    let mutuals = mutuals(asked, &profile).await?;
    let shown = Shown {
        tab: Tab::named(&query_value(uri, "tab"), profile.standing.is_self),
        profile,
        mutuals,
        step: PostStep::default(),
        replies: ReplyStep::default(),
        record: Record::default(),
        here: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        reported: !query_value(uri, "reported").is_empty(),
    };
    Ok(Profiles::Profile(fill(asked, uri, shown).await?))
}

/// What the open tab lists or says.
async fn fill(asked: &Asked, uri: &Uri, shown: Shown) -> Result<Shown, PeopleError> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let after = Some(query_value(uri, "after")).filter(|after| !after.is_empty());
    let (of, after) = (shown.profile.user.id, after.as_deref());
    let unread = |error: PostError| PeopleError::Store(error.into());
    Ok(match shown.tab {
        Tab::Posts => {
            let step = posts::posts_of(services, viewer, of, after, STEP).await.map_err(unread)?;
            Shown { step, ..shown }
        }
        Tab::Likes => {
            let step = posts::liked_by(services, viewer, of, after, STEP).await.map_err(unread)?;
            Shown { step, ..shown }
        }
        Tab::Replies => {
            let replies = posts::replies_of(services, viewer, of, after, STEP).await;
            Shown { replies: replies.map_err(unread)?, ..shown }
        }
        Tab::About => Shown { record: record(services, viewer, of).await?, ..shown },
    })
}

/// `GET /u/{username}/card`: who somebody is, in short, for a look before one goes there.
pub(crate) async fn card(
    State(state): State<AppState>,
    Path(username): Path<String>,
    request: Request,
) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    match in_short(&asked, &username).await {
        Ok(html) => ([(header::CACHE_CONTROL, ANEW)], Html(html)).into_response(),
        Err(error) => Refusal(error.into()).into_response(),
    }
}

async fn in_short(asked: &Asked, username: &str) -> Result<String, PeopleError> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let profile = profiles::profile(services, viewer, username).await?;
    let mutuals = mutuals(asked, &profile).await?;
    Ok(html_of(asked, || HoverCard(HoverCardProps { profile, mutuals })))
}

/// Those whom the reader follows and who follow them; nobody for oneself.
async fn mutuals(asked: &Asked, profile: &Profile) -> Result<Mutuals, PeopleError> {
    match asked.visit.caller.as_ref().filter(|_| !profile.standing.is_self) {
        Some(viewer) => profiles::mutuals(&asked.state.services, viewer, profile.user.id).await,
        None => Ok(Mutuals::default()),
    }
}

async fn people(
    asked: &Asked,
    uri: &Uri,
    username: &str,
    side: Side,
) -> Result<Profiles, PeopleError> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let profile = profiles::profile(services, viewer, username).await?;
    let direction = match side {
        Side::Followers => Direction::Followers,
        Side::Following => Direction::Following,
    };
    let after = Some(query_value(uri, "after")).filter(|after| !after.is_empty());
    let of = profile.user.id;
    let follows = profiles::follows(services, viewer, of, direction, after.as_deref()).await?;
    Ok(Profiles::People(Listing { profile, side, follows }))
}

/// Whether the settings at a path are loaded here.
pub(super) fn is_own(path: &str) -> bool {
    let below = path.strip_prefix("/settings/").unwrap_or_default();
    ["profile", "privacy", "account"].contains(&below.split('/').next().unwrap_or_default())
}

/// The caller's own settings.
pub(super) async fn settings(asked: &Asked, uri: &Uri) -> Result<Content, Problem> {
    let Some(caller) = &asked.visit.caller else { return Ok(Content::Nothing) };
    let saved = !query_value(uri, "saved").is_empty();
    let services = &asked.state.services;
    let settings = match uri.path() {
        "/settings/profile" => {
            let own = own_account(services, caller).await?;
            let links = profiles::own_links(services, caller).await?;
            let record = record(services, Some(caller), caller.user_id).await?;
            OwnSettings::Profile { own, links, record, saved }
        }
        "/settings/privacy" => privacy_settings(asked, caller, uri, saved).await?,
        "/settings/account" => {
            OwnSettings::Account { own: own_account(services, caller).await?, saved }
        }
        _ => return Ok(Content::NotFound),
    };
    Ok(Content::Profiles(Box::new(Profiles::Settings(settings))))
}

async fn privacy_settings(
    asked: &Asked,
    caller: &Caller,
    uri: &Uri,
    saved: bool,
) -> Result<OwnSettings, Problem> {
    let (services, texts) = (&asked.state.services, asked.texts());
    let done = match query_value(uri, "done").as_str() {
        "block" => Some(texts.profiles_blocked_now()),
        _ => saved.then(|| texts.profiles_settings_saved()),
    };
    Ok(OwnSettings::Privacy {
        privacy: privacy(services, caller).await?,
        blocked: blocked_people(services, caller).await?,
        muted: muted_people(services, caller).await?,
        done,
    })
}
