//! Where there is no connection: `sw.js` shows this page for one that it has no copy of, and a line above one that
//! it has.

use leptos::prelude::*;

use crate::text::texts;
use crate::ui::PageMeta;

/// `social.js` lists the copies.
#[component]
pub(crate) fn OfflinePage() -> impl IntoView {
    let texts = texts();
    view! {
        <PageMeta title=texts.offline_title() indexed=false/>
        <div class="page">
            <section class="panel page__panel">
                <h1 class="page__title">{texts.offline_title()}</h1>
                <p class="page__body">{texts.offline_body()}</p>
                <p class="actions"><a class="button" href="" rel="external">{texts.offline_again()}</a></p>
                <div class="copies" id="copies" hidden>
                    <h2 class="copies__title">{texts.offline_copies()}</h2>
                    <ul class="copies__list"></ul>
                </div>
            </section>
        </div>
    }
    .into_any()
}

/// `social.js` shows it, with the time of the copy.
#[component]
pub(crate) fn StaleLine() -> impl IntoView {
    view! {
        <p class="stale" id="stale" role="status" hidden>{texts().offline_stale()} " " <time></time></p>
    }
    .into_any()
}
