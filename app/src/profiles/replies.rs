//! What somebody has answered.

use leptos::prelude::*;
use wire::posts::{Reply, ReplyStep, post_path};
use wire::profiles::Profile;

use super::profile_path;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, ShortTime};

#[component]
pub(super) fn Replies(profile: Profile, replies: ReplyStep) -> impl IntoView {
    let texts = texts();
    let ReplyStep { replies, next } = replies;
    let username = profile.user.username;
    if replies.is_empty() && next.is_none() {
        return view! {
            <section class="panel page__panel" aria-label=texts.profiles_tab_replies()>
                <EmptyState glyph=Glyph::CHAT title=texts.profiles_replies_none_title()
                    body=texts.profiles_replies_none_body(&username)/>
            </section>
        }
        .into_any();
    }
    let next = next.map(|next| format!("{}?tab=replies&after={next}", profile_path(&username)));
    let cards = replies.into_iter().map(|reply| view! { <li><Card reply/></li> });
    view! {
        <ul class="reply-list">{cards.collect_view()}</ul>
        {next.map(|next| view! {
            <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a>
        })}
    }
    .into_any()
}

#[component]
fn Card(reply: Reply) -> impl IntoView {
    let texts = texts();
    let whole = reply.path();
    let label = texts.profiles_reply_open_of(&reply.title);
    let Reply { comment, title, slug } = reply;
    let likes = usize::try_from(comment.likes_count).ok().filter(|likes| *likes > 0);
    view! {
        <article class="panel reply-card">
            <p class="reply-card__under">
                {texts.profiles_reply_under()} " " <a href=post_path(&slug) dir="auto">{title}</a>
            </p>
            <p class="reply-card__text" dir="auto">{comment.content}</p>
            <p class="reply-card__foot">
                <ShortTime at=comment.created_at/>
                {likes.map(|likes| view! { <span>{texts.profiles_reply_likes(likes)}</span> })}
                <a href=whole aria-label=label>{texts.profiles_reply_open()}</a>
            </p>
        </article>
    }
    .into_any()
}
