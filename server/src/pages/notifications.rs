//! What the pages of notifications are rendered from.

use app::content::Content;
use app::notifications::NotificationContent;
use app::page::Live;
use axum::http::Uri;
use domain::notifications;
use wire::notifications::NewsCursor;
use wire::{Problem, UnixMillis};

use super::{Asked, query_value};

const LIST: &str = "/notifications";
const SETTINGS: &str = "/settings/notifications";

/// Whether the page at a path is one of these.
pub(super) fn is_here(path: &str) -> bool {
    [LIST, SETTINGS].contains(&path)
}

/// Everything for the page at `uri`. To look marks nothing as read.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<(Live, Content), Problem> {
    let services = &asked.state.services;
    let Some(caller) = asked.visit.caller.as_ref() else {
        return Ok((Live::Nothing, Content::NotFound));
    };
    let content = if uri.path() == SETTINGS {
        let choices = notifications::choices(services, caller).await?;
        let is_saved = !query_value(uri, "saved").is_empty();
        NotificationContent::Settings { choices, is_saved }
    } else {
        let step =
            notifications::news(services, caller, cursor(&query_value(uri, "before"))).await?;
        let has_unread = notifications::unread(services, caller).await? > 0;
        NotificationContent::List { step, has_unread }
    };
    Ok((Live::Nothing, Content::Notifications(Box::new(content))))
}

/// The place in the list that an address names, `<millis>_<id>`.
fn cursor(text: &str) -> Option<NewsCursor> {
    let (at, id) = text.split_once('_')?;
    Some(NewsCursor { at: UnixMillis(at.parse().ok()?), id: id.parse().ok()? })
}
