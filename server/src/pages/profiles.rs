//! What the pages of profiles and of one's own settings start from.

use app::content::Content;
use app::profiles::{Listing, OwnSettings, Profiles, Shown, Side, Tab};
use axum::http::Uri;
use domain::Caller;
use domain::accounts::own_account;
use domain::people::{PeopleError, blocked_people, muted_people, privacy};
use domain::posts;
use domain::profiles::{self, Direction};
use wire::posts::PostStep;
use wire::profiles::{Mutuals, Profile};
use wire::{ErrorCode, Problem};

use super::{Asked, query_value};

/// Posts of one step.
const POSTS: u64 = 20;

/// `/u/<username>` and what is below it.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<Content, Problem> {
    let mut parts = uri.path().trim_start_matches("/u/").split('/');
    let username = parts.next().and_then(decoded);
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
    let mutuals = match viewer.filter(|_| !profile.standing.is_self) {
        Some(viewer) => profiles::mutuals(services, viewer, profile.user.id).await?,
        None => Mutuals::default(),
    };
    let tab = Tab::named(&query_value(uri, "tab"), profile.standing.is_self);
    let step = posts_on(asked, uri, &profile, tab).await?;
    let reported = !query_value(uri, "reported").is_empty();
    let here = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    Ok(Profiles::Profile(Shown { profile, mutuals, tab, step, here, reported }))
}

async fn posts_on(
    asked: &Asked,
    uri: &Uri,
    profile: &Profile,
    tab: Tab,
) -> Result<PostStep, PeopleError> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let after = Some(query_value(uri, "after")).filter(|after| !after.is_empty());
    let (of, after) = (profile.user.id, after.as_deref());
    let step = match tab {
        Tab::Posts => posts::posts_of(services, viewer, of, after, POSTS).await,
        Tab::Likes => posts::liked_by(services, viewer, of, after, POSTS).await,
        Tab::About => Ok(PostStep::default()),
    };
    step.map_err(|error| PeopleError::Store(error.into()))
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
            OwnSettings::Profile { own, links, saved }
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

/// A part of a path as it was before it was escaped; `None` where that is no text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_before_it_was_escaped() {
        for (part, name) in [
            ("ada", Some("ada")),
            ("zo%C3%AB", Some("zoë")),
            ("a+b", Some("a+b")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%ff", None),
            ("", None),
        ] {
            assert_eq!(decoded(part).as_deref(), name, "{part}");
        }
    }
}
