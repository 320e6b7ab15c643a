//! Pages, components and browser state.
//!
//! The server renders whole documents ([`App`]). The browser brings only the live part of a page to
//! life ([`come_alive`]): router, frame and the pages that are complete as they are stay out of its
//! download. Parts that only the server renders end in `into_any()`, which keeps the types of whole
//! pages from nesting past what the compiler takes; live parts do not, since it would double them.

// The component macro makes its own items `pub`, whatever the component is.
#![allow(unreachable_pub)]
#![recursion_limit = "256"]

pub mod accounts;
mod activity;
pub mod caller;
pub mod chat;
pub mod communities;
pub mod content;
pub mod error;
pub mod failure;
mod frame;
mod home;
mod json;
mod landing;
pub mod live;
mod media;
mod not_found;
pub mod notifications;
mod offline;
pub mod page;
pub mod posts;
pub mod profiles;
pub mod search;
mod settings;
pub mod shell;
pub mod text;
pub mod ui;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::accounts::{AskResetPage, ResetPage, SessionsPage, SignInPage, SignUpPage};
use crate::chat::pages::ChatPage;
use crate::communities::CommunitiesPage;
use crate::frame::Frame;
use crate::not_found::NotFoundPage;
use crate::notifications::{NotificationSettingsPage, NotificationsPage, UnsubscribePage};
use crate::offline::OfflinePage;
use crate::posts::PostsPage;
use crate::profiles::ProfilesPage;
use crate::search::SearchPage;
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
                    <Route path=path!("/password/reset") view=AskResetPage ssr=SsrMode::Async/>
                    <Route path=path!("/password/reset/:token") view=ResetPage ssr=SsrMode::Async/>
                    <Route path=path!("/chat") view=ChatPage ssr=SsrMode::Async/>
                    <Route path=path!("/chat/:id") view=ChatPage ssr=SsrMode::Async/>
                    <Route path=path!("/chat/:id/details") view=ChatPage ssr=SsrMode::Async/>
                    <Route path=path!("/chat/:id/messages/:message") view=ChatPage ssr=SsrMode::Async/>
                    <Route path=path!("/communities") view=CommunitiesPage ssr=SsrMode::Async/>
                    <Route path=path!("/communities/new") view=CommunitiesPage ssr=SsrMode::Async/>
                    <Route path=path!("/c/:slug") view=CommunitiesPage ssr=SsrMode::Async/>
                    <Route path=path!("/c/:slug/members") view=CommunitiesPage ssr=SsrMode::Async/>
                    <Route path=path!("/c/:slug/manage") view=CommunitiesPage ssr=SsrMode::Async/>
                    <Route path=path!("/c/:slug/join/:token") view=CommunitiesPage ssr=SsrMode::Async/>
                    <Route path=path!("/notifications") view=NotificationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/notifications") view=NotificationSettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/unsubscribe/:token") view=UnsubscribePage ssr=SsrMode::Async/>
                    <Route path=path!("/offline") view=OfflinePage ssr=SsrMode::Async/>
                    <Route path=path!("/u/:username") view=ProfilesPage ssr=SsrMode::Async/>
                    <Route path=path!("/u/:username/:side") view=ProfilesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/profile") view=ProfilesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/profile/:picture") view=ProfilesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/privacy") view=ProfilesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/account") view=ProfilesPage ssr=SsrMode::Async/>
                    <Route path=path!("/posts/new") view=PostsPage ssr=SsrMode::Async/>
                    <Route path=path!("/posts/:slug") view=PostsPage ssr=SsrMode::Async/>
                    <Route path=path!("/posts/:slug/:verb") view=PostsPage ssr=SsrMode::Async/>
                    <Route path=path!("/posts/:slug/comments/:comment") view=PostsPage ssr=SsrMode::Async/>
                    <Route path=path!("/drafts") view=PostsPage ssr=SsrMode::Async/>
                    <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async/>
                    <Route path=path!("/explore") view=SearchPage ssr=SsrMode::Async/>
                    <Route path=path!("/tags/:tag") view=PostsPage ssr=SsrMode::Async/>
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
        return view! { <PostsPage/> }.into_any();
    }
    view! { <landing::LandingPage/> }.into_any()
}

/// Brings the live part of the page to life. It renders exactly what the server put there.
#[cfg(feature = "hydrate")]
pub fn come_alive(page: page::Page) {
    use leptos::mount::hydrate_from;
    use page::Live;
    use wasm_bindgen::JsCast;

    let content = document().get_element_by_id(page::LIVE_ELEMENT);
    let Some(content) = content.and_then(|content| content.dyn_into().ok()) else { return };
    let live = page.live.clone();
    let provide = move || page::provide_page(page);
    match live {
        Live::Nothing => {}
        Live::List => hydrate_from(content, move || {
            provide();
            chat::list_alone()
        })
        .forget(),
        Live::Room(start) => hydrate_from(content, move || {
            provide();
            chat::room(*start)
        })
        .forget(),
    }
}
