//! Web Push: a few words to one browser (RFC 8030), encrypted for it alone (RFC 8291) and signed by this
//! installation (RFC 8292), through whichever push service the browser has chosen.

mod encrypt;
mod http_service;
mod memory;
mod subscription;
mod vapid;

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

pub use http_service::HttpService;
pub use memory::Memory;
pub use public_http::Reach;
pub use subscription::{ENDPOINT_MAX, Subscription, Unusable};
pub use vapid::VapidKey;

/// Longest payload, in bytes; every push service takes it.
pub const PAYLOAD_MAX: usize = 3072;

/// What a browser is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// At most [`PAYLOAD_MAX`] bytes. The push service cannot read them.
    pub payload: Vec<u8>,
    /// Of those that still wait for a browser that is switched off, one of each topic is kept. At most 32
    /// characters of base64url; says nothing to the push service.
    pub topic: String,
    /// How long a push service may wait for the browser.
    pub lifetime: Duration,
}

/// Why a push did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The browser has ended its subscription, or never had it: there is nobody to tell any more.
    #[error("the subscription has ended")]
    Gone,
    /// No retry will help.
    #[error("refused: {0}")]
    Refused(String),
    /// It was certainly not taken; later it may be.
    #[error("not now: {0}")]
    Later(String),
    /// It may have been taken: once more could be twice.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// What [`PushService::push`] is still doing.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), PushError>> + Send + 'a>>;

/// Whoever carries pushes away.
pub trait PushService: Debug + Send + Sync {
    /// What a browser is given when it subscribes: a point on P-256 as base64url.
    fn public_key(&self) -> String;

    /// Done when the push service has taken it.
    fn push<'a>(&'a self, to: &'a Subscription, push: &'a Push) -> Sending<'a>;
}
