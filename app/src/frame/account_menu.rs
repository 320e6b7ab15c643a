//! Who is signed in, and the way out; or the two ways in.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wire::accounts::Viewer;

use crate::page::page;
use crate::profiles::{OwnPicture, profile_path};
use crate::text::texts;
use crate::ui::{Avatar, Glyph, Icon};

#[component]
pub(super) fn AccountMenu() -> impl IntoView {
    match page().viewer.clone() {
        Some(viewer) => view! { <Member viewer/> }.into_any(),
        None => view! { <WaysIn/> }.into_any(),
    }
}

/// The door that one already stands in is not offered again.
#[component]
fn WaysIn() -> impl IntoView {
    let texts = texts();
    let path = use_location().pathname.get_untracked();
    let signs_in = path == "/login";
    let joins = matches!(path.as_str(), "/signup" | "/register");
    view! {
        {(!signs_in).then(|| view! {
            <a class="button button--quiet" href="/login" rel="external">{texts.nav_sign_in()}</a>
        })}
        {(!joins).then(|| view! {
            <a class="button" href="/signup" rel="external">{texts.nav_join()}</a>
        })}
    }
}

#[component]
fn Member(viewer: Viewer) -> impl IntoView {
    let texts = texts();
    let label = texts.nav_account_menu(&viewer.username);
    let profile = profile_path(&viewer.username);
    let OwnPicture(image) = use_context().unwrap_or_default();
    view! {
        <details class="menu" name="menu">
            <summary class="menu__button" aria-label=label>
                <Avatar name=viewer.username.clone() image/>
            </summary>
            <div class="menu__panel panel">
                <p class="menu__about">
                    {texts.nav_signed_in_as()} " " <strong dir="auto">{viewer.username}</strong>
                </p>
                <a class="choice" href=profile rel="external">
                    <Icon glyph=Glyph::PERSON/> <span>{texts.profiles_own()}</span>
                </a>
                <a class="choice" href="/settings/profile" rel="external">
                    <Icon glyph=Glyph::SETTINGS/> <span>{texts.nav_settings()}</span>
                </a>
                <form method="post" action="/logout">
                    <button class="choice">
                        <Icon glyph=Glyph::SIGN_OUT/> <span>{texts.nav_sign_out()}</span>
                    </button>
                </form>
            </div>
        </details>
    }
}
