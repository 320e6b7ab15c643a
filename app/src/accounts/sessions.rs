//! `/settings/sessions`: where the account is signed in, and the means to end it.

use leptos::prelude::*;
use wire::accounts::SessionView;

use super::api::list_sessions;
use super::device;
use crate::error::AppError;
use crate::settings::SettingsPanel;
use crate::text::texts;
use crate::ui::{Glyph, Icon, LocalTime};

#[component]
pub fn SessionsPage() -> impl IntoView {
    let texts = texts();
    let sessions = Resource::new(|| (), |()| list_sessions());
    let list = move || Suspend::new(async move { session_list(sessions.await) });
    view! {
        <SettingsPanel title=texts.sessions_title() body=texts.sessions_body()>
            <Suspense fallback=Loading>{list}</Suspense>
        </SettingsPanel>
    }
}

/// Rows of the size that the list will have.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <div role="status" aria-label=texts().sessions_loading()>
            <div class="skeleton skeleton--row"></div>
            <div class="skeleton skeleton--row"></div>
        </div>
    }
}

fn session_list(sessions: Result<Vec<SessionView>, AppError>) -> impl IntoView {
    match sessions {
        Ok(sessions) => view! { <Sessions sessions/> }.into_any(),
        Err(error) => view! { <Failed error/> }.into_any(),
    }
}

#[component]
fn Failed(error: AppError) -> impl IntoView {
    let texts = texts();
    view! {
        <p class="notice" role="alert">{texts.sessions_failed()} " " {texts.problem(error.0.code)}</p>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionView>) -> impl IntoView {
    let alone = sessions.len() < 2;
    let rows = sessions.into_iter().map(|session| view! { <SessionRow session/> }).collect_view();
    view! {
        <ul class="rows">{rows}</ul>
        {if alone { view! { <OnlyThis/> }.into_any() } else { view! { <EndOthers/> }.into_any() }}
    }
}

#[component]
fn SessionRow(session: SessionView) -> impl IntoView {
    let texts = texts();
    let name = device::label(texts, &session.user_agent);
    let handheld = device::is_handheld(&session.user_agent);
    let glyph = if handheld { Glyph::PHONE } else { Glyph::SCREEN };
    view! {
        <li class="row">
            <span class="row__glyph"><Icon glyph/></span>
            <div class="row__text">
                <p class="row__title">{name.clone()} {session.is_current.then(this_device)}</p>
                <p class="row__detail">{texts.sessions_last_seen()} " " <LocalTime at=session.last_seen/></p>
                <p class="row__detail">{texts.sessions_created()} " " <LocalTime at=session.created_at/></p>
            </div>
            {(!session.is_current).then(|| view! { <EndOne session name/> })}
        </li>
    }
    .into_any()
}

fn this_device() -> impl IntoView {
    view! { <span class="tag">{texts().sessions_this_device()}</span> }
}

#[component]
fn EndOne(session: SessionView, name: String) -> impl IntoView {
    let texts = texts();
    view! {
        <form method="post" action="/settings/sessions/revoke">
            <input type="hidden" name="session_id" value=session.id.to_string()/>
            <button class="button button--quiet" aria-label=texts.sessions_sign_out_label(name)>
                {texts.sessions_sign_out()}
            </button>
        </form>
    }
}

#[component]
fn EndOthers() -> impl IntoView {
    let texts = texts();
    view! {
        <form class="row row--last" method="post" action="/settings/sessions/revoke">
            <input type="hidden" name="all_others" value="1"/>
            <p class="row__text row__detail">{texts.sessions_sign_out_others_body()}</p>
            <button class="button button--danger">{texts.sessions_sign_out_others()}</button>
        </form>
    }
}

#[component]
fn OnlyThis() -> impl IntoView {
    view! { <p class="row__detail">{texts().sessions_only_this()}</p> }
}
