//! `/posts/<slug>/history`: how a post stood before it was changed.

use leptos::prelude::*;

use super::History;
use crate::text::texts;
use crate::ui::{LocalTime, PageMeta};

#[component]
pub(super) fn HistoryPage(history: History) -> impl IntoView {
    let texts = texts();
    let History { post, versions } = history;
    let title = texts.posts_history(post.card.title.clone());
    let is_empty = versions.is_empty();
    let since = post.card.edited_at.unwrap_or(post.card.dated());
    let before = versions.into_iter().map(|version| {
        let name = texts.posts_version(version.version);
        version_view(name, version.title, version.content, version.written_at, false)
    });
    view! {
        <PageMeta title=title.clone() indexed=false/>
        <div class="page">
            <header class="page__header">
                <p><a class="card__link" href=post.card.path()>{texts.posts_back()}</a></p>
                <h1 class="page__title" dir="auto">{title}</h1>
            </header>
            {is_empty.then(|| view! { <p>{texts.posts_history_empty()}</p> })}
            {version_view(texts.posts_history_now().to_owned(), post.card.title.clone(), post.content, since, true)}
            {before.collect_view()}
        </div>
    }
    .into_any()
}

fn version_view(
    name: String,
    title: String,
    content: String,
    at: wire::UnixMillis,
    is_open: bool,
) -> AnyView {
    view! {
        <details class="panel version" open=is_open>
            <summary class="version__head chevron"><strong>{name}</strong> <LocalTime at/></summary>
            <h2 class="version__title" dir="auto">{title}</h2>
            <p class="version__text" dir="auto">{content}</p>
        </details>
    }
    .into_any()
}
