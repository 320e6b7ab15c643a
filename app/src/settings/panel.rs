//! What every settings page stands in.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::text::texts;
use crate::ui::PageMeta;

#[component]
pub(crate) fn SettingsPanel(
    title: &'static str,
    body: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <PageMeta title indexed=false/>
        <div class="page">
            <Tabs/>
            <section class="panel page__panel">
                <h1 class="page__title">{title}</h1>
                <p class="page__body">{body}</p>
                {children()}
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Tabs() -> impl IntoView {
    let texts = texts();
    view! {
        <nav class="tabs" aria-label=texts.settings_label()>
            <Tab href="/settings/profile" label=texts.profiles_settings()/>
            <Tab href="/settings/account" label=texts.profiles_account()/>
            <Tab href="/settings/privacy" label=texts.profiles_privacy()/>
            <Tab href="/settings/sessions" label=texts.settings_sessions()/>
            <Tab href="/settings/notifications" label=texts.notifications_settings_title()/>
            <Tab href="/settings/appearance" label=texts.settings_appearance()/>
        </nav>
    }
}

/// Full loads, because a theme chosen meanwhile is known to the server, not to the living page.
#[component]
fn Tab(href: &'static str, label: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let here = move || path.with(|path| path == href).then_some("page");
    view! { <a class="tab" href=href rel="external" aria-current=here>{label}</a> }
}
