//! `/drafts`: what only its author sees.

use leptos::prelude::*;
use wire::posts::PostCard as Card;

use super::Drafts;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, Icon, LocalTime, PageMeta};

#[component]
pub(super) fn DraftsPage(drafts: Drafts) -> impl IntoView {
    let texts = texts();
    let Drafts { drafts, deleted, has_deleted } = drafts;
    let is_empty = drafts.is_empty();
    let rows = drafts.into_iter().map(draft_row).collect_view();
    let gone = deleted.into_iter().map(deleted_row).collect::<Vec<_>>();
    view! {
        <PageMeta title=texts.posts_drafts() indexed=false/>
        <div class="page">
            {has_deleted.then(|| view! { <p class="notice" role="status">{texts.posts_deleted_notice()}</p> })}
            <section class="panel page__panel">
                <div class="feed__head">
                    <h1 class="page__title">{texts.posts_drafts()}</h1>
                    <a class="button" href="/posts/new"><Icon glyph=Glyph::FEATHER/> {texts.posts_write()}</a>
                </div>
                <p class="page__body">{texts.posts_drafts_body()}</p>
                {is_empty.then(|| view! {
                    <EmptyState glyph=Glyph::FEATHER title=texts.posts_drafts_empty_title() body=texts.posts_drafts_empty_body()/>
                })}
                <ul class="rows">{rows}</ul>
            </section>
            {(!gone.is_empty()).then(|| view! {
                <section class="panel page__panel" id="deleted" data-part="deleted">
                    <h2 class="page__subtitle deleted__title">{texts.posts_deleted()}</h2>
                    <ul class="rows">{gone}</ul>
                </section>
            })}
        </div>
    }
    .into_any()
}

fn title_of(card: &Card) -> String {
    if card.title.is_empty() { texts().posts_untitled().to_owned() } else { card.title.clone() }
}

fn draft_row(card: Card) -> AnyView {
    let texts = texts();
    let when = match card.publish_at {
        Some(at) => view! { {texts.posts_planned_for()} " " <LocalTime at/> }.into_any(),
        None => view! { {texts.posts_saved_at()} " " <LocalTime at=card.saved_at/> }.into_any(),
    };
    view! {
        <li class="row">
            <div class="row__text">
                <p class="row__title" dir="auto"><a href=format!("{}/edit", card.path())>{title_of(&card)}</a></p>
                <p class="row__detail">{when}</p>
            </div>
            <form method="post" action=format!("{}/delete", card.path())>
                <button class="button button--quiet">{texts.posts_delete()}</button>
            </form>
        </li>
    }
    .into_any()
}

fn deleted_row(card: Card) -> AnyView {
    let texts = texts();
    view! {
        <li class="row">
            <div class="row__text"><p class="row__title" dir="auto">{title_of(&card)}</p></div>
            <form method="post" action=format!("/posts/{}/restore", card.id)>
                <button class="button button--quiet">{texts.posts_restore()}</button>
            </form>
        </li>
    }
    .into_any()
}
