//! `/posts/<slug>`: one post, to be read, and what was answered to it.

use leptos::prelude::*;
use wire::media::PictureKind;
use wire::posts::PostCard as Card;

use super::Reading;
use super::actions::Actions;
use super::card::{Byline, Tags};
use super::comments::{Comments, Thread, Under};
use super::meta::PostMeta;
use super::sign::{Sign, sign};
use crate::text::texts;
use crate::ui::Picture;

#[component]
pub(super) fn ReadingPage(reading: Reading) -> impl IntoView {
    let texts = texts();
    let Reading { post, order, comments, thread, may_take_out, here } = reading;
    let card = post.card.clone();
    let under = Under { path: card.path(), here, may_take_out };
    let answers = match thread {
        Some((root, next)) => {
            return view! {
                <PostMeta card=card.clone()/>
                <div class="page post-page">
                    <p><a class="card__link" href=card.path()>{texts.posts_back()}</a></p>
                    <h1 class="page__title" dir="auto">{card.title.clone()}</h1>
                    <Thread card root next under/>
                </div>
            }
            .into_any();
        }
        None => view! { <Comments card=card.clone() comments order under/> }.into_any(),
    };
    let edited = card.edited_at.map(|_| view! {
        <a class="post-page__edited" href=format!("{}/history", card.path())>"(" {texts.posts_edited()} ")"</a>
    });
    view! {
        <PostMeta card=card.clone()/>
        <div class="page post-page">
            <article class="panel post" id="post" data-part="post">
                {card.cover.map(|cover| view! {
                    <Picture id=cover kind=PictureKind::Cover class="post__cover" alt=card.cover_alt.clone()
                        sizes="(width < 46rem) 100vw, 44rem" at_once=true/>
                })}
                <header class="post__head">
                    <h1 class="post__title" dir="auto">{card.title.clone()}</h1>
                    <div class="post__about"><Byline card=card.clone()/> {edited}</div>
                </header>
                <div class="prose" dir="auto" inner_html=post.html></div>
                <Tags tags=card.tags.clone()/>
                <Actions card=card.clone() next=format!("{}#post", card.path()) has_all=true/>
                {card.is_own.then(|| view! { <Own card/> })}
            </article>
            {answers}
        </div>
    }
    .into_any()
}

/// What its author can do.
#[component]
fn Own(card: Card) -> impl IntoView {
    let texts = texts();
    let path = card.path();
    view! {
        <div class="post__own">
            <a class="button button--quiet" href=format!("{path}/edit")>{sign(Sign::Edit)} {texts.posts_edit()}</a>
            <details class="unfold">
                <summary class="button button--danger">{texts.posts_delete()}</summary>
                <form class="unfold__body" method="post" action=format!("{path}/delete")>
                    <p>{texts.posts_delete_sure()}</p>
                    <button class="button button--danger">{texts.posts_delete()}</button>
                </form>
            </details>
        </div>
    }
    .into_any()
}
