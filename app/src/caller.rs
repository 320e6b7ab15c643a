//! Who asks, and the services that answer: the first line of every server function.

#![cfg(feature = "ssr")]

use std::sync::Arc;

pub use domain::{Caller, Services};
use leptos::prelude::use_context;
use wire::{ErrorCode, Problem};

/// What the server puts in the context of each request.
#[derive(Clone)]
pub struct Request {
    pub caller: Option<Caller>,
    pub services: Arc<Services>,
}

/// The caller, who may be signed out, and the services.
///
/// # Errors
/// `internal` where no request is in the context: a wiring fault, never the caller's.
pub fn visitor() -> Result<(Option<Caller>, Arc<Services>), Problem> {
    use_context::<Request>()
        .map(|request| (request.caller, request.services))
        .ok_or_else(|| Problem::new(ErrorCode::Internal, "no request in context"))
}

/// The signed-in caller and the services.
///
/// # Errors
/// `not_authenticated` for somebody who is signed out.
pub fn caller() -> Result<(Caller, Arc<Services>), Problem> {
    let (caller, services) = visitor()?;
    let signed_out = || Problem::new(ErrorCode::NotAuthenticated, "Sign in first.");
    Ok((caller.ok_or_else(signed_out)?, services))
}
