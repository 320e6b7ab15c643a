//! The frame around every page: top bar, navigation, and the place of the content.
//!
//! There are two: members and readers of a room get the whole of it, while the landing page and
//! the account forms stand without navigation. No client-side link leads from one to the other
//! (those are full loads), so which of the two it is never changes while a page lives.

mod account_menu;
mod navigation;
mod theme_menu;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use self::account_menu::AccountMenu;
use self::navigation::Navigation;
pub(crate) use self::theme_menu::ThemeChoices;
use self::theme_menu::ThemeMenu;
use crate::page::page;
use crate::search::TopSearch;
use crate::text::texts;

#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let signed_in = page().viewer.is_some();
    let path = use_location().pathname.get_untracked();
    let plain = stands_alone(&path, signed_in);
    let class = if plain { "frame frame--plain" } else { "frame" };
    view! {
        <a class="skip-link" href="#content" rel="external">{texts().skip_to_content()}</a>
        <div class=class>
            <TopBar signed_in/>
            {(!plain).then(|| view! { <Navigation signed_in/> })}
            <main class="frame__content" id="content" tabindex="-1">{children()}</main>
        </div>
    }
    .into_any()
}

/// Whether the page at a path has no navigation.
fn stands_alone(path: &str, signed_in: bool) -> bool {
    matches!(path, "/login" | "/signup" | "/register") || (path == "/" && !signed_in)
}

#[component]
fn TopBar(signed_in: bool) -> impl IntoView {
    let name = texts().site_name();
    view! {
        <header class="topbar">
            <a class="brand" href="/" rel=(!signed_in).then_some("external")>
                <img class="brand__logo" src="/favicon.svg" alt="" width="28" height="28"/>
                <span class="brand__name">{name}</span>
            </a>
            <div class="topbar__end">
                <TopSearch/>
                <ThemeMenu/>
                <AccountMenu/>
            </div>
        </header>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_the_strangers_start_page_stand_alone() {
        assert!(stands_alone("/", false) && stands_alone("/login", true));
        assert!(!stands_alone("/", true) && !stands_alone("/chat/global", false));
    }
}
