//! What can be typed besides words.

use leptos::prelude::*;

use crate::text::{Texts, texts};

fn operators(texts: Texts) -> [(&'static str, &'static str); 7] {
    [
        (texts.search_example_phrase(), texts.search_help_phrase()),
        (texts.search_example_without(), texts.search_help_without()),
        ("from:grace", texts.search_help_from()),
        ("in:poets", texts.search_help_in()),
        ("has:link", texts.search_help_has()),
        ("before:2026-02-01", texts.search_help_before()),
        ("after:2026-01-01", texts.search_help_after()),
    ]
}

#[component]
pub(super) fn Operators() -> impl IntoView {
    let rows = operators(texts()).map(|(typed, meaning)| {
        view! { <div class="find-help__row"><dt><code>{typed}</code></dt><dd>{meaning}</dd></div> }
    });
    view! { <dl class="find-help">{rows.into_iter().collect_view()}</dl> }.into_any()
}
