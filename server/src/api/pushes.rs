//! `/api/push/`: the browsers that one is pushed to.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use domain::notifications::{self, NewDevice, NewsError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::UnixMillis;
use wire::notifications::PushDevice;

use super::Body;
use super::asker::Asker;
use super::id::Id;
use super::shapes::Done;
use crate::identify::Visit;
use crate::pages::choices;
use crate::refusal::Refusal;
use crate::state::AppState;

/// A browser that is pushed to, until its session ends.
#[derive(Serialize, ToSchema)]
pub(super) struct Device {
    id: uuid::Uuid,
    user_agent: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    /// When it was pushed to last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pushed_at: Option<UnixMillis>,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl From<PushDevice> for Device {
    fn from(device: PushDevice) -> Self {
        let PushDevice { id, user_agent, created_at, pushed_at, is_current } = device;
        Self { id, user_agent, created_at, pushed_at, is_current }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct PushKey {
    /// For `applicationServerKey` of `PushManager.subscribe()`.
    public_key: String,
}

/// What `PushSubscription.toJSON()` gives.
#[derive(Deserialize, ToSchema)]
pub(super) struct Subscription {
    /// An https address.
    endpoint: String,
    keys: SubscriptionKeys,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct SubscriptionKeys {
    p256dh: String,
    auth: String,
}

/// Get the key that a browser subscribes with.
#[utoipa::path(get, path = "/api/push/key", tag = "pushes",
    responses((status = 200, body = PushKey)))]
pub(super) async fn key(
    State(state): State<AppState>,
    Asker(_caller): Asker,
) -> Result<Json<PushKey>, Refusal> {
    let public_key = notifications::push_key(&state.services).ok_or(NewsError::Off)?;
    Ok(Json(PushKey { public_key }))
}

/// List the browsers that one is pushed to.
///
/// A bare array; the one that asks first, then the newest.
#[utoipa::path(get, path = "/api/push/devices", tag = "pushes",
    responses((status = 200, body = Vec<Device>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Vec<Device>>, Refusal> {
    let devices = notifications::devices(&state.services, &caller).await?;
    Ok(Json(devices.into_iter().map(Device::from).collect()))
}

/// Be pushed to in this browser.
///
/// The same address again is the same device; it ends with the session.
#[utoipa::path(post, path = "/api/push/devices", tag = "pushes",
    request_body = Subscription, responses((status = 201, body = Device)))]
pub(super) async fn add(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Body(body): Body<Subscription>,
) -> Result<(StatusCode, Json<Device>), Refusal> {
    let (_, language) = choices(&state, &headers);
    let Subscription { endpoint, keys: SubscriptionKeys { p256dh, auth } } = &body;
    let new = NewDevice { endpoint, p256dh, auth, language: language.code() };
    let device = notifications::add_device(&state.services, &caller, &visit.origin, new).await?;
    Ok((StatusCode::CREATED, Json(device.into())))
}

/// Be pushed to in that browser no more.
#[utoipa::path(delete, path = "/api/push/devices/{id}", tag = "pushes",
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub(super) async fn remove(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<uuid::Uuid>,
) -> Result<StatusCode, Refusal> {
    notifications::remove_device(&state.services, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try out whether a browser is reached.
#[utoipa::path(post, path = "/api/push/devices/{id}/test", tag = "pushes",
    params(("id" = uuid::Uuid, Path)), responses((status = 202, body = Done)))]
pub(super) async fn test(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<uuid::Uuid>,
) -> Result<(StatusCode, Json<Done>), Refusal> {
    notifications::try_device(&state.services, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(Done::saying("It is on its way."))))
}
