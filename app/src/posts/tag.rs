//! `/tags/<tag>`: what was published under a word.

use leptos::prelude::*;
use wire::posts::tag_path;

use super::{PostCards, Tagged};
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, PageMeta};

#[component]
pub(super) fn TagPage(tagged: Tagged) -> impl IntoView {
    let texts = texts();
    let Tagged { tag, step, here } = tagged;
    let is_empty = step.posts.is_empty();
    let next = step.next.map(|next| format!("{}?after={next}", tag_path(&tag)));
    view! {
        <PageMeta title=texts.posts_tag(&tag) indexed=!is_empty/>
        <div class="page">
            <header class="page__header">
                <h1 class="page__title" dir="auto">{texts.posts_tag(&tag)}</h1>
                <p class="page__body">{texts.posts_tag_body()}</p>
            </header>
            {is_empty.then(|| view! {
                <section class="panel page__panel">
                    <EmptyState glyph=Glyph::CALM title=texts.posts_tag_empty_title() body=texts.posts_tag_empty_body()/>
                </section>
            })}
            <PostCards posts=step.posts here/>
            {next.map(|next| view! { <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a> })}
        </div>
    }
    .into_any()
}
