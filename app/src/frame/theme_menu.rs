//! Light, dark or as the device has it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::page::{Theme, page};
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon};

#[component]
pub(super) fn ThemeMenu() -> impl IntoView {
    let texts = texts();
    let location = use_location();
    let here = move || with_search(location.pathname.get(), &location.search.get());
    view! {
        <details class="menu" name="menu">
            <summary class="menu__button" aria-label=texts.nav_theme_menu() title=texts.nav_theme_menu()>
                <Icon glyph=Glyph::THEME/>
            </summary>
            <div class="menu__panel panel">
                <form method="post" action="/settings/appearance" data-enhance="theme">
                    <input type="hidden" name="next" value=here/>
                    <ThemeChoices/>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// The address to come back to.
fn with_search(path: String, search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => path,
        search => format!("{path}?{search}"),
    }
}

/// One button for each theme, inside a form that posts to `/settings/appearance`.
#[component]
pub(crate) fn ThemeChoices() -> impl IntoView {
    let texts = texts();
    let chosen = page().theme;
    [(Theme::Light, Glyph::SUN), (Theme::Dark, Glyph::MOON), (Theme::System, Glyph::SCREEN)].map(
        |(theme, glyph)| {
            view! {
                <button class="choice" name="theme" value=theme.as_str()
                    aria-pressed=if theme == chosen { "true" } else { "false" }>
                    <Icon glyph/>
                    <span>{label(texts, theme)}</span>
                    <Icon glyph=Glyph::CHECK/>
                </button>
            }
        },
    )
}

fn label(texts: Texts, theme: Theme) -> &'static str {
    match theme {
        Theme::Light => texts.theme_light(),
        Theme::Dark => texts.theme_dark(),
        Theme::System => texts.theme_system(),
    }
}
