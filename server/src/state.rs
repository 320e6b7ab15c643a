//! What every handler shares.

use std::sync::Arc;

use axum::extract::FromRef;
use domain::Services;

use crate::config::Config;
use crate::keep::Keep;
use crate::live::Sockets;
use crate::uploads::UnderWay;

#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub services: Arc<Services>,
    pub sockets: Sockets,
    pub(crate) keep: Arc<Keep>,
    pub(crate) uploads: Arc<UnderWay>,
}

impl AppState {
    #[must_use]
    pub fn new(config: Arc<Config>, services: Arc<Services>) -> Self {
        let (sockets, keep, uploads) = (Sockets::default(), Arc::default(), Arc::default());
        Self { config, services, sockets, keep, uploads }
    }
}

impl FromRef<AppState> for Arc<Services> {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

impl FromRef<AppState> for Arc<Config> {
    fn from_ref(state: &AppState) -> Self {
        state.config.clone()
    }
}
