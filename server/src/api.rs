//! REST: thin translations between the contract's shapes and the verbs of `domain`.

mod accounts;
mod activity;
mod asker;
mod cast;
mod chat;
mod comments;
mod communities;
mod conversation_messages;
mod conversation_shapes;
mod conversations;
mod groups;
mod id;
mod json;
mod liquid_conversations;
mod message_shapes;
mod messages;
mod notifications;
mod own_account;
mod own_places;
mod paging;
mod passwords;
mod people;
mod post_reactions;
mod post_shapes;
mod posts;
mod profiles;
mod pushes;
mod reference;
mod schema;
mod search;
mod sessions;
mod shapes;
mod stretch;
mod uploads;
mod whole_addresses;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::ErrorCode;

use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::UPLOAD_LIMIT;

pub(crate) use json::Body;
pub(crate) use posts::{reader, stranger};
pub(crate) use whole_addresses::whole_addresses;

/// The addresses under `/api`, without their optional trailing slash.
pub(crate) fn routes() -> Router<AppState> {
    documented().split_for_parts().0
}

/// What they are, as OpenAPI 3.1.
#[must_use]
pub fn schema() -> OpenApi {
    schema::complete(documented().split_for_parts().1)
}

/// Each address beside its description: neither is there without the other.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(for_accounts())
        .merge(for_oneself())
        .merge(for_chat())
        .merge(for_conversations())
        .merge(for_groups())
        .merge(for_messages())
        .merge(for_people())
        .merge(for_profiles())
        .merge(for_activity())
        .merge(for_communities())
        .merge(for_posts())
        .merge(for_post_reactions())
        .merge(for_comments())
        .merge(for_uploads())
        .routes(routes!(search::search))
        .merge(for_notifications())
        .routes(routes!(schema::openapi))
        .routes(routes!(reference::page))
}

fn for_accounts() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::sign_up))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::sign_in))
        .routes(routes!(accounts::sign_out))
        .routes(routes!(accounts::refresh_tokens))
        .routes(routes!(accounts::csrf))
        .routes(routes!(passwords::reset))
        .routes(routes!(passwords::confirm))
}

fn for_oneself() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(for_own_account())
        .routes(routes!(own_account::users))
        .routes(routes!(passwords::change))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::one, sessions::end))
        .routes(routes!(sessions::ticket))
}

/// A picture may come with the rest.
fn for_own_account() -> OpenApiRouter<AppState> {
    let routes = routes!(own_account::current_user, own_account::change_current_user);
    OpenApiRouter::new().routes(routes).layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

fn for_chat() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(chat::global_history, chat::post_to_global))
        .routes(routes!(liquid_conversations::conversations))
        .routes(routes!(liquid_conversations::create))
        .routes(routes!(liquid_conversations::with_user))
        .routes(routes!(liquid_conversations::conversation))
        .routes(routes!(liquid_conversations::messages, liquid_conversations::post))
        .routes(routes!(liquid_conversations::read))
}

fn for_conversations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(conversations::list, conversations::start))
        .routes(routes!(conversations::requests))
        .routes(routes!(conversations::unread_count))
        .routes(routes!(conversations::one, conversations::rename))
        .routes(routes!(conversations::act))
        .routes(routes!(conversation_messages::messages, conversation_messages::post))
        .routes(routes!(conversation_messages::read))
        .routes(routes!(conversation_messages::unread))
        .routes(routes!(own_places::mute, own_places::unmute))
        .routes(routes!(own_places::keep_draft))
}

fn for_groups() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(groups::receipts))
        .routes(routes!(groups::members, groups::add))
        .routes(routes!(groups::change_role, groups::remove))
}

fn for_messages() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messages::act))
        .routes(routes!(messages::edit))
        .routes(routes!(messages::react, messages::unreact))
        .routes(routes!(messages::seen_by))
}

fn for_people() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(people::search))
        .routes(routes!(people::block, people::unblock))
        .routes(routes!(people::mute, people::unmute))
        .routes(routes!(people::blocked))
        .routes(routes!(people::report))
}

fn for_profiles() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(profiles::following))
        .routes(routes!(profiles::profile))
        .routes(routes!(profiles::follow, profiles::be_follower, profiles::be_no_follower))
        .routes(routes!(profiles::unfollow))
        .routes(routes!(profiles::suggestions))
        .routes(routes!(profiles::explore))
        .routes(routes!(profiles::stats))
}

fn for_activity() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(activity::streak))
        .routes(routes!(activity::pulse))
        .routes(routes!(activity::achievements))
        .routes(routes!(activity::pending))
        .routes(routes!(activity::mark_shown))
}

fn for_communities() -> OpenApiRouter<AppState> {
    // Pictures may come with the rest: both of them at once.
    let pictured = OpenApiRouter::new()
        .routes(routes!(communities::list, communities::create))
        .routes(routes!(
            communities::one,
            communities::change,
            communities::replace,
            communities::delete
        ))
        .layer(DefaultBodyLimit::max(2 * UPLOAD_LIMIT));
    OpenApiRouter::new()
        .merge(pictured)
        .routes(routes!(communities::join))
        .routes(routes!(communities::leave))
        .routes(routes!(communities::room))
        .routes(routes!(communities::requests))
        .routes(routes!(communities::members))
        .routes(routes!(communities::act))
}

fn for_posts() -> OpenApiRouter<AppState> {
    // A picture may come with the rest.
    let written = OpenApiRouter::new()
        .routes(routes!(posts::list, posts::write))
        .routes(routes!(posts::one, posts::replace, posts::change, posts::delete))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT));
    OpenApiRouter::new()
        .merge(written)
        .routes(routes!(posts::trending))
        .routes(routes!(posts::restore))
        .routes(routes!(posts::view))
        .routes(routes!(posts::drafts, posts::begin))
}

/// A piece is read with its own limit.
fn for_uploads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(uploads::describe, uploads::begin)).routes(routes!(
        uploads::look,
        uploads::append,
        uploads::abandon
    ))
}

fn for_post_reactions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            post_reactions::toggle_like,
            post_reactions::like,
            post_reactions::take_like
        ))
        .routes(routes!(
            post_reactions::toggle_dislike,
            post_reactions::dislike,
            post_reactions::take_dislike
        ))
        .routes(routes!(
            post_reactions::toggle_bookmark,
            post_reactions::bookmark,
            post_reactions::take_bookmark
        ))
}

fn for_comments() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(comments::list, comments::write))
        .routes(routes!(comments::one, comments::replace, comments::change, comments::delete))
        .routes(routes!(comments::toggle_like, comments::like, comments::take_like))
        .routes(routes!(comments::toggle_dislike, comments::dislike, comments::take_dislike))
}

fn for_notifications() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::unread_count))
        .routes(routes!(notifications::read_all))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::settings, notifications::change_settings))
        .routes(routes!(pushes::key))
        .routes(routes!(pushes::list, pushes::add))
        .routes(routes!(pushes::remove))
        .routes(routes!(pushes::test))
}

/// 405 in the API's own words; axum has already added `Allow`.
pub(crate) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let refusal =
        Refusal::new(ErrorCode::MethodNotAllowed, format!("{method} is not possible here."));
    let mut response = refusal.into_response();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}
