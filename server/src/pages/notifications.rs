//! What the pages of notifications are rendered from.

use app::content::Content;
use app::notifications::{NotificationContent, NotificationSettings};
use app::page::Live;
use axum::http::Uri;
use domain::{Caller, accounts, notifications};
use wire::notifications::NewsCursor;
use wire::{Problem, UnixMillis};

use super::{Asked, query_value};

const LIST: &str = "/notifications";
const SETTINGS: &str = "/settings/notifications";
const UNSUBSCRIBE: &str = "/unsubscribe/";

/// Whether the page at a path is one of these.
pub(super) fn is_here(path: &str) -> bool {
    [LIST, SETTINGS].contains(&path) || path.starts_with(UNSUBSCRIBE)
}

/// Everything for the page at `uri`. To look marks nothing as read and ends nothing.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<(Live, Content), Problem> {
    if let Some(token) = uri.path().strip_prefix(UNSUBSCRIBE) {
        return Ok((Live::Nothing, way_out(asked, token)));
    }
    let services = &asked.state.services;
    let Some(caller) = asked.visit.caller.as_ref() else {
        return Ok((Live::Nothing, Content::NotFound));
    };
    let content = if uri.path() == SETTINGS {
        NotificationContent::Settings(Box::new(settings(asked, caller, uri).await?))
    } else {
        let step =
            notifications::news(services, caller, cursor(&query_value(uri, "before"))).await?;
        let has_unread = notifications::unread(services, caller).await? > 0;
        NotificationContent::List { step, has_unread }
    };
    Ok((Live::Nothing, Content::Notifications(Box::new(content))))
}

fn way_out(asked: &Asked, token: &str) -> Content {
    if !notifications::is_unsubscribe_token(&asked.state.services, token) {
        return Content::NotFound;
    }
    Content::Notifications(Box::new(NotificationContent::Unsubscribe { is_done: false }))
}

async fn settings(
    asked: &Asked,
    caller: &Caller,
    uri: &Uri,
) -> Result<NotificationSettings, Problem> {
    let services = &asked.state.services;
    Ok(NotificationSettings {
        choices: notifications::choices(services, caller).await?,
        digest: notifications::digest(services, caller).await?,
        has_address: !accounts::own_account(services, caller).await?.email.is_empty(),
        devices: notifications::devices(services, caller).await?,
        push_key: notifications::push_key(services),
        is_saved: !query_value(uri, "saved").is_empty(),
        is_tried: !query_value(uri, "tried").is_empty(),
    })
}

/// The place in the list that an address names, `<millis>_<id>`.
fn cursor(text: &str) -> Option<NewsCursor> {
    let (at, id) = text.split_once('_')?;
    Some(NewsCursor { at: UnixMillis(at.parse().ok()?), id: id.parse().ok()? })
}
