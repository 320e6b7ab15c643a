//! What was answered to a post.

use leptos::prelude::*;
use wire::accounts::username_key;
use wire::mentions::next_mention;
use wire::posts::{COMMENT_MAX, Comment, CommentOrder, CommentStep, PostCard as Card};

use super::actions::{Button, number};
use super::sign::Sign;
use crate::page::page;
use crate::profiles::profile_path;
use crate::text::texts;
use crate::ui::{Avatar, ShortTime, in_textarea};

/// Where comments stand, and who looks at them.
#[derive(Clone)]
pub(super) struct Under {
    /// The post's own address.
    pub(super) path: String,
    /// The page's, to come back to.
    pub(super) here: String,
    /// Whether the reader looks after the community.
    pub(super) may_take_out: bool,
}

/// The comments of a post, a step of them.
#[component]
pub(super) fn Comments(
    card: Card,
    comments: CommentStep,
    order: CommentOrder,
    under: Under,
) -> impl IntoView {
    let texts = texts();
    let path = card.path();
    let count = usize::try_from(card.comments_count).unwrap_or(0);
    let is_empty = comments.comments.is_empty();
    let next =
        comments.next.map(|next| format!("{path}?sort={}&after={next}#comments", order.as_str()));
    view! {
        <section class="panel comments" id="comments" data-part="comments" aria-labelledby="comments-title">
            <div class="comments__head">
                <h2 class="page__subtitle" id="comments-title">{texts.posts_comments_count(count)}</h2>
                {(!is_empty).then(|| view! { <Sorting path=path.clone() order/> })}
            </div>
            <Refused/>
            <Answer path=path.clone() parent=None here=under.here.clone()/>
            // Those that are there may all be hidden from the reader.
            {(is_empty && count == 0).then(|| view! { <p class="page__body">{texts.posts_comments_empty()}</p> })}
            {list(&under, comments.comments)}
            {next.map(|next| view! { <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a> })}
        </section>
    }
    .into_any()
}

/// One comment and what was answered to it, on a page of its own.
#[component]
pub(super) fn Thread(
    card: Card,
    root: Comment,
    next: Option<String>,
    under: Under,
) -> impl IntoView {
    let texts = texts();
    let path = card.path();
    let own = format!("{path}/comments/{}", root.id);
    let next = next.map(|next| format!("{own}?after={next}"));
    view! {
        <section class="panel comments" id="comments" data-part="comments" aria-label=texts.posts_comments()>
            <p><a class="card__link" href=format!("{path}#comments")>{texts.posts_all_comments()}</a></p>
            <Refused/>
            {list(&under, vec![root])}
            {next.map(|next| view! { <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a> })}
        </section>
    }
    .into_any()
}

/// Why what was sent from here was not taken.
#[component]
fn Refused() -> impl IntoView {
    let notice = page().notice_for("comment");
    notice.map(|notice| view! { <p class="notice" role="alert">{notice}</p> }).into_any()
}

#[component]
fn Sorting(path: String, order: CommentOrder) -> impl IntoView {
    let texts = texts();
    let links = CommentOrder::ALL.map(|each| {
        let words = match each {
            CommentOrder::Best => texts.posts_best(),
            CommentOrder::Newest => texts.posts_newest(),
            CommentOrder::Oldest => texts.posts_oldest(),
        };
        let here = (each == order).then_some("true");
        let address = format!("{path}?sort={}#comments", each.as_str());
        view! { <a class="tab" href=address aria-current=here rel="nofollow">{words}</a> }
    });
    view! { <nav class="tabs" aria-label=texts.posts_comments_sort()>{links}</nav> }.into_any()
}

fn list(under: &Under, comments: Vec<Comment>) -> AnyView {
    if comments.is_empty() {
        return ().into_any();
    }
    let rows = comments.into_iter().map(|comment| row(under, comment)).collect::<Vec<_>>();
    view! { <ol class="comment-list">{rows}</ol> }.into_any()
}

fn row(under: &Under, mut comment: Comment) -> AnyView {
    let texts = texts();
    let replies = std::mem::take(&mut comment.replies);
    let hidden = usize::try_from(comment.replies_count).unwrap_or(0).saturating_sub(replies.len());
    let deeper = format!("{}/comments/{}", under.path, comment.id);
    let below = list(under, replies);
    let is_open_here = under.here.starts_with(&deeper);
    let id = format!("comment-{}", comment.id);
    let more = (hidden > 0 && !is_open_here).then(|| {
        view! { <a class="comment__more" href=deeper>{texts.posts_more_replies(hidden)}</a> }
    });
    view! {
        <li class="comment" id=id>
            {said(under, comment)}
            {below}
            {more}
        </li>
    }
    .into_any()
}

fn said(under: &Under, comment: Comment) -> AnyView {
    let texts = texts();
    let Some(author) = comment.author.clone() else {
        return view! { <p class="comment__gone">{texts.posts_comment_gone()}</p> }.into_any();
    };
    let username = author.user.username.clone();
    let edited = comment.edited_at.map(|_| view! { <span>"(" {texts.posts_edited()} ")"</span> });
    view! {
        <div class="comment__head">
            <Avatar name=username.clone() image=author.user.profile_image.clone()/>
            <a class="byline__name" href=format!("/u/{username}") dir="auto">{author.name()}</a>
            <span class="byline__facts"><ShortTime at=comment.created_at/> {edited}</span>
        </div>
        <p class="comment__text" dir="auto">{with_names(&comment)}</p>
        <Foot under=under.clone() comment username/>
    }
    .into_any()
}

/// What it says, with links to those whom it names.
fn with_names(comment: &Comment) -> Vec<AnyView> {
    let (mut views, mut plain, mut rest) = (Vec::new(), String::new(), comment.content.as_str());
    while let Some((before, name, after)) = next_mention(rest) {
        plain.push_str(before);
        let key = username_key(name);
        match comment.people.iter().find(|(known, _)| *known == key) {
            Some((_, username)) => {
                views.push(std::mem::take(&mut plain).into_any());
                let words = format!("@{name}");
                views.push(view! { <a href=profile_path(username)>{words}</a> }.into_any());
            }
            None => plain.extend(["@", name]),
        }
        rest = after;
    }
    plain.push_str(rest);
    views.push(plain.into_any());
    views
}

#[component]
fn Foot(under: Under, comment: Comment, username: String) -> impl IntoView {
    let texts = texts();
    let Under { path, here, may_take_out } = under;
    let own = format!("{path}/comments/{}", comment.id);
    let next = format!("{here}#comment-{}", comment.id);
    let act = |verb: &str| format!("{own}/{verb}");
    let signed_in = page().viewer.is_some();
    let reply = signed_in.then(|| {
        let parent = comment.id.to_string();
        let is_open = page().value("parent") == parent && !page().value("form").is_empty();
        view! {
            <details class="unfold" open=is_open>
                <summary class="act" aria-label=texts.posts_reply_to(username.clone())>{texts.posts_reply()}</summary>
                <Answer path=path.clone() parent=Some(parent) here=here.clone()/>
            </details>
        }
    });
    view! {
        <div class="comment__foot">
            <span class="comment__reactions" id=format!("reactions-{}", comment.id) data-part="reactions">
                <Button action=act("like") next=next.clone() is_on=comment.has_liked what=Sign::Like
                    label=texts.posts_like_count(comment.likes_count) shown=number(texts, comment.likes_count)/>
                <Button action=act("dislike") next=next.clone() is_on=comment.has_disliked what=Sign::Dislike
                    label=texts.posts_dislike_count(comment.dislikes_count) shown=number(texts, comment.dislikes_count)/>
            </span>
            {reply}
            {match (comment.is_own, may_take_out) {
                (true, _) => view! { <Own own comment here/> }.into_any(),
                (false, true) => view! { <TakeOut own username here/> }.into_any(),
                (false, false) => ().into_any(),
            }}
        </div>
    }
    .into_any()
}

/// What those who look after the community can do with a comment of somebody else's.
#[component]
fn TakeOut(own: String, username: String, here: String) -> impl IntoView {
    let texts = texts();
    view! {
        <details class="unfold">
            <summary class="act">{texts.posts_more()}</summary>
            <form class="unfold__body" method="post" action=format!("{own}/delete") data-quiet="">
                <p>{texts.posts_comment_take_out_sure(&username)}</p>
                <input type="hidden" name="form" value="comment"/>
                <input type="hidden" name="next" value=here/>
                <button class="button button--danger">{texts.posts_delete()}</button>
            </form>
        </details>
    }
    .into_any()
}

/// What its author can do.
#[component]
fn Own(own: String, comment: Comment, here: String) -> impl IntoView {
    let texts = texts();
    let id = format!("edit-{}", comment.id);
    view! {
        <details class="unfold">
            <summary class="act">{texts.posts_more()}</summary>
            <div class="unfold__body">
                <form class="form" method="post" action=format!("{own}/edit") data-quiet="">
                    <input type="hidden" name="form" value="comment"/>
                    <input type="hidden" name="next" value=here.clone()/>
                    <label class="field" for=id.clone()>
                        <span class="field__label">{texts.posts_comment()}</span>
                        <textarea class="field__input" id=id.clone() name="content" rows="3" required=true maxlength=COMMENT_MAX.to_string()
                            dir="auto">{in_textarea(comment.content)}</textarea>
                    </label>
                    <div class="actions"><button class="button">{texts.posts_comment_save()}</button></div>
                </form>
                <form method="post" action=format!("{own}/delete") data-quiet="">
                    <input type="hidden" name="next" value=here/>
                    <button class="button button--danger">{texts.posts_delete()}</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// The box for an answer; for strangers the way to sign in.
#[component]
fn Answer(path: String, parent: Option<String>, here: String) -> impl IntoView {
    let texts = texts();
    if page().viewer.is_none() {
        let door = format!("/login?next={}", here.split('#').next().unwrap_or("/"));
        return view! { <p><a class="button" href=door rel="external">{texts.posts_comments_sign_in()}</a></p> }.into_any();
    }
    let id =
        parent.as_ref().map_or_else(|| "comment".to_owned(), |parent| format!("reply-{parent}"));
    let is_mine = page().value("form") == "comment"
        && page().value("parent") == parent.clone().unwrap_or_default();
    let typed = if is_mine { page().value("content") } else { String::new() };
    let send = if parent.is_some() { texts.posts_reply_send() } else { texts.posts_comment_send() };
    view! {
        <form class="form answer" method="post" action=format!("{path}/comments") data-quiet="">
            <input type="hidden" name="form" value="comment"/>
            <input type="hidden" name="next" value=here/>
            <input type="hidden" name="parent" value=parent.unwrap_or_default()/>
            <label class="field" for=id.clone()>
                <span class="field__label">{texts.posts_comment()}</span>
                <textarea class="field__input" id=id.clone() name="content" rows="2" required=true
                    maxlength=COMMENT_MAX.to_string() dir="auto">{in_textarea(typed)}</textarea>
            </label>
            <div class="actions"><button class="button">{send}</button></div>
        </form>
    }
    .into_any()
}
