//! The page for an address that leads nowhere.

use leptos::prelude::*;

use crate::page::page;
use crate::text::texts;
use crate::ui::PageMeta;

#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    answer_404();
    let texts = texts();
    let signed_out = page().viewer.is_none();
    view! {
        <PageMeta title=texts.not_found_title() indexed=false/>
        <div class="lost">
            <div class="panel lost__panel">
                <p class="lost__code" aria-hidden="true">"404"</p>
                <h1>{texts.not_found_title()}</h1>
                <p>{texts.not_found_body()}</p>
                <p class="actions">
                    <a class="button" href="/" rel=signed_out.then_some("external")>{texts.not_found_home()}</a>
                    <a class="button button--quiet" href="/chat/global">{texts.not_found_chat()}</a>
                </p>
            </div>
        </div>
    }
}

/// On the server the status says the same as the words.
fn answer_404() {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
}
