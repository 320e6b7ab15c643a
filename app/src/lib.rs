//! Pages, components and browser state.
//!
//! Widgets and the larger parts of pages end in `into_any()`: it keeps the types of whole pages
//! from nesting past what the compiler takes, and the browser's download from growing with them.

// The component macro makes its own items `pub`, whatever the component is.
#![allow(unreachable_pub)]
#![recursion_limit = "256"]

pub mod accounts;
pub mod caller;
pub mod chat;
pub mod error;
pub mod failure;
mod frame;
mod home;
// Never hydrated, so the browser's download goes without it.
#[cfg(feature = "ssr")]
mod landing;
pub mod live;
mod not_found;
pub mod page;
mod settings;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod text;
pub mod ui;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::accounts::{SessionsPage, SignInPage, SignUpPage};
use crate::chat::GlobalRoomPage;
use crate::frame::Frame;
use crate::home::HomePage;
use crate::not_found::NotFoundPage;
use crate::settings::AppearancePage;

/// The whole product: every page in its frame.
///
/// Pages are rendered to their end before they are sent, so that each is complete HTML.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/") view=StartPage ssr=SsrMode::Async/>
                    <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async/>
                    <Route path=path!("/register") view=SignUpPage ssr=SsrMode::Async/>
                    <Route path=path!("/login") view=SignInPage ssr=SsrMode::Async/>
                    <Route path=path!("/chat") view=GlobalRoomPage ssr=SsrMode::Async/>
                    <Route path=path!("/chat/global") view=GlobalRoomPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/sessions") view=SessionsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/appearance") view=AppearancePage ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// `/`: what this is, for a stranger; what is going on, for a member.
#[component]
fn StartPage() -> impl IntoView {
    if page::page().viewer.is_some() {
        return view! { <HomePage/> }.into_any();
    }
    stranger_page()
}

#[cfg(feature = "ssr")]
fn stranger_page() -> AnyView {
    view! { <landing::LandingPage/> }.into_any()
}

/// A signed-out browser reaches `/` only by a full load, which it does not hydrate.
#[cfg(not(feature = "ssr"))]
fn stranger_page() -> AnyView {
    ().into_any()
}
