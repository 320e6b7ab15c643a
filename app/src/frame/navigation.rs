//! The ways to the main places: at the side of a wide screen, at the lower end of a phone's.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::chat::pages::{Count, Waiting};
use crate::notifications::NewsCount;
use crate::text::texts;
use crate::ui::{Glyph, Icon};

#[component]
pub(super) fn Navigation(signed_in: bool) -> impl IntoView {
    let texts = texts();
    let Waiting(unread) = use_context().unwrap_or_default();
    view! {
        <nav class="frame__nav" aria-label=texts.nav_label()>
            <Destination href="/" under="" glyph=Glyph::HOME label=texts.nav_home() full_load=!signed_in/>
            <Destination href=if signed_in { "/chat" } else { "/chat/global" } under="/chat"
                glyph=Glyph::CHAT label=texts.nav_chat() waiting=unread/>
            <Destination href="/communities" under="/c" glyph=Glyph::PEOPLE label=texts.communities_nav()/>
            <Destination href="/explore" under="/search" glyph=Glyph::EXPLORE label=texts.search_explore_title()/>
            {signed_in.then(|| view! {
                <News/>
                <Destination href="/posts/new" under="/drafts" glyph=Glyph::FEATHER label=texts.posts_write()/>
                <Destination href="/settings/profile" under="/settings" glyph=Glyph::SETTINGS
                    label=texts.nav_settings() class="destination destination--roomy"/>
            })}
        </nav>
    }
    .into_any()
}

/// What happened. Its number stands there always, so that a page with a socket can keep it.
#[component]
fn News() -> impl IntoView {
    let path = use_location().pathname;
    let here = move || path.with(|path| path == "/notifications").then_some("page");
    view! {
        <a class="destination" href="/notifications" aria-current=here>
            <Icon glyph=Glyph::BELL/>
            <span>{texts().notifications_nav()}</span>
            <NewsCount/>
        </a>
    }
    .into_any()
}

#[component]
fn Destination(
    href: &'static str,
    /// Where the paths begin that belong to this place; empty where only `href` does.
    under: &'static str,
    glyph: Glyph,
    label: &'static str,
    #[prop(optional)] full_load: bool,
    /// Unread messages there.
    #[prop(optional)]
    waiting: usize,
    #[prop(default = "destination")] class: &'static str,
) -> impl IntoView {
    let path = use_location().pathname;
    let here = move || path.with(|path| is_under(path, href, under)).then_some("page");
    view! {
        <a class=class href=href rel=full_load.then_some("external") aria-current=here>
            <Icon glyph/>
            <span>{label}</span>
            {(waiting > 0).then(|| view! { <Count unread=waiting/> })}
        </a>
    }
    .into_any()
}

fn is_under(path: &str, href: &str, under: &str) -> bool {
    let inside = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let is_below = |folder: &str| path.strip_prefix(folder).is_some_and(inside);
    path == href || (!under.is_empty() && (is_below(under) || is_below(href)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_only_itself() {
        assert!(is_under("/", "/", ""));
        assert!(!is_under("/chat", "/", ""));
        assert!(is_under("/chat", "/chat/global", "/chat"));
        assert!(
            is_under("/c/tea", "/communities", "/c")
                && is_under("/communities/new", "/communities", "/c")
        );
        assert!(!is_under("/chat", "/communities", "/c"));
    }
}
