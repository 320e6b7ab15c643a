//! `/posts/new` and `/posts/<slug>/edit`. `social.js` shows what is written as it will look and saves
//! drafts; without it two buttons do.

use leptos::prelude::*;
use wire::media::PICTURE_TYPES;
use wire::posts::{InCommunity, Post, PostState, TITLE_MAX, Visibility};

use super::Editor;
use super::cover_field::CoverField;
use crate::page::page;
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon, PageMeta, in_textarea};

/// What stands in a field: what was typed, or else what is stored.
pub(super) fn typed(field: &str, stored: impl FnOnce() -> String) -> String {
    let page = page();
    page.form.values.get(field).cloned().unwrap_or_else(stored)
}

#[component]
pub(super) fn EditorPage(editor: Editor) -> impl IntoView {
    let texts = texts();
    let Editor { post, communities, preview } = editor;
    let is_published = post.as_ref().is_some_and(|post| post.card.state == PostState::Published);
    let title = if post.is_some() { texts.posts_edit_title() } else { texts.posts_new_title() };
    let action = post
        .as_ref()
        .map_or_else(|| "/posts/new".into(), |post| format!("{}/edit", post.card.path()));
    let saved_at = post.as_ref().map(|post| post.card.saved_at.0.to_string()).unwrap_or_default();
    let notice = page().notice_for("post");
    view! {
        <PageMeta title=title indexed=false/>
        <div class="page page--wide">
            <div class="feed__head">
                <h1 class="page__title">{title}</h1>
                <a class="card__link" href="/drafts">{texts.posts_drafts()}</a>
            </div>
            {notice.map(|notice| view! { <p class="notice" role="alert">{notice}</p> })}
            <form class="editor" method="post" action=action enctype="multipart/form-data" data-autosave=(!is_published).then_some("")>
                <input type="hidden" name="form" value="post"/>
                <input type="hidden" name="saved_at" value=saved_at autocomplete="off"/>
                <div class="panel page__panel form">
                    <Words post=post.clone()/>
                    <CoverField card=post.as_ref().map(|post| post.card.clone())/>
                    <Options post=post.clone() communities is_published/>
                    <Buttons is_published/>
                </div>
                <Preview preview/>
            </form>
        </div>
    }
    .into_any()
}

#[component]
fn Words(post: Option<Post>) -> impl IntoView {
    let texts = texts();
    let title =
        typed("title", || post.as_ref().map(|post| post.card.title.clone()).unwrap_or_default());
    let content = typed("content", || post.map(|post| post.content).unwrap_or_default());
    view! {
        <label class="field" for="title">
            <span class="field__label">{texts.posts_field_title()}</span>
            <input class="field__input editor__title" id="title" name="title" value=title dir="auto"
                maxlength=TITLE_MAX.to_string() autocomplete="off"/>
        </label>
        <div class="field">
            <label class="field__label" for="post-text">{texts.posts_field_content()}</label>
            <textarea class="field__input editor__text" id="post-text" name="content" rows="16" dir="auto"
                aria-describedby="post-text-hint" data-preview="/posts/preview">{in_textarea(content)}</textarea>
            <p class="field__hint" id="post-text-hint">{texts.posts_field_content_hint()}</p>
            <PicturesOfText/>
        </div>
    }
    .into_any()
}

/// The way to put pictures into the text; it takes the script, so it shows only where there is one.
#[component]
fn PicturesOfText() -> impl IntoView {
    let texts = texts();
    view! {
        <div class="editor__pictures act--script">
            <input class="visually-hidden" type="file" id="text-pictures" multiple=true accept=PICTURE_TYPES/>
            <label class="button button--quiet" for="text-pictures"><Icon glyph=Glyph::PICTURE/> {texts.posts_add_pictures()}</label>
            <p class="field__hint">{texts.posts_add_pictures_hint()}</p>
            <div class="uploads" id="text-uploads"></div>
            <p class="uploads__wait" id="upload-words" role="status" data-sending=texts.media_sending()
                data-progress=texts.media_progress() data-cancel=texts.media_cancel() data-again=texts.media_again()
                data-failed=texts.media_failed() data-cut=texts.media_cut() data-large=texts.media_large()
                data-unknown=texts.media_unknown() data-wait=texts.media_wait()
                data-placeholder=texts.media_placeholder() data-alt=texts.media_alt_here()></p>
        </div>
    }
    .into_any()
}

#[component]
fn Options(post: Option<Post>, communities: Vec<InCommunity>, is_published: bool) -> impl IntoView {
    let texts = texts();
    let card = post.map(|post| post.card);
    let tags = typed("tags", || card.as_ref().map(|card| card.tags.join(", ")).unwrap_or_default());
    let visibility = typed("visibility", || {
        card.as_ref().map_or("public", |card| card.visibility.as_str()).to_owned()
    });
    let community = typed("community", || {
        let chosen = card.as_ref().and_then(|card| card.community.as_ref());
        chosen.map(|community| community.slug.clone()).unwrap_or_default()
    });
    let at = typed("publish_at", || {
        let at = card.as_ref().and_then(|card| card.publish_at);
        at.map(|at| at.to_string().chars().take(16).collect()).unwrap_or_default()
    });
    let may_choose = !communities.is_empty() && !is_published;
    view! {
        <details class="unfold editor__options" open=true>
            <summary class="act chevron">{texts.posts_more_options()}</summary>
            <div class="editor__fields">
                <div class="field">
                    <label class="field__label" for="tags">{texts.posts_field_tags()}</label>
                    <input class="field__input" id="tags" name="tags" value=tags dir="auto" autocomplete="off"
                        autocapitalize="none" aria-describedby="tags-hint"/>
                    <p class="field__hint" id="tags-hint">{texts.posts_field_tags_hint()}</p>
                </div>
                <Readers visibility has_communities=!communities.is_empty()/>
                {may_choose.then(|| view! { <Communities communities community/> })}
                {(!is_published).then(|| view! { <Later at/> })}
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Readers(visibility: String, has_communities: bool) -> impl IntoView {
    let texts = texts();
    let offered = |each: &Visibility| *each != Visibility::Community || has_communities;
    let options = Visibility::ALL.into_iter().filter(offered).map(|each| {
        let is_chosen = each.as_str() == visibility;
        view! { <option value=each.as_str() selected=is_chosen>{readers(texts, each)}</option> }
    });
    view! {
        <label class="field" for="visibility">
            <span class="field__label">{texts.posts_field_visibility()}</span>
            <select class="field__input" id="visibility" name="visibility">{options.collect_view()}</select>
        </label>
    }
    .into_any()
}

fn readers(texts: Texts, visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => texts.posts_visible_public(),
        Visibility::Followers => texts.posts_visible_followers(),
        Visibility::Community => texts.posts_visible_community(),
    }
}

#[component]
fn Communities(communities: Vec<InCommunity>, community: String) -> impl IntoView {
    let texts = texts();
    let options = communities.into_iter().map(|each| {
        let is_chosen = each.slug == community;
        view! { <option value=each.slug selected=is_chosen>{each.name}</option> }
    });
    view! {
        <label class="field" for="community">
            <span class="field__label">{texts.posts_field_community()}</span>
            <select class="field__input" id="community" name="community">
                <option value="">{texts.posts_field_community_none()}</option>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// In UTC, until the script says where the author's clock stands.
#[component]
fn Later(at: String) -> impl IntoView {
    let texts = texts();
    view! {
        <div class="field">
            <label class="field__label" for="publish_at">{texts.posts_field_publish_at()}</label>
            <input class="field__input" id="publish_at" name="publish_at" type="datetime-local" value=at
                aria-describedby="publish_at-hint" data-zone="zone"/>
            <input type="hidden" name="zone" id="zone" value="0"/>
            <p class="field__hint" id="publish_at-hint">
                {texts.posts_field_publish_at_hint()} " " <span data-zone-name="">{texts.posts_utc()}</span>
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn Buttons(is_published: bool) -> impl IntoView {
    let texts = texts();
    let first = match is_published {
        true => view! { <button class="button" name="do" value="keep">{texts.posts_save_changes()}</button> }.into_any(),
        false => view! {
            <button class="button" name="do" value="publish">{texts.posts_publish()}</button>
            <button class="button button--quiet" name="do" value="keep">{texts.posts_save_draft()}</button>
        }
        .into_any(),
    };
    view! {
        <div class="actions">
            {first}
            <button class="button button--quiet" name="do" value="preview" data-plain="">{texts.posts_preview()}</button>
            <span class="editor__state" role="status" data-saved=texts.posts_autosaved()
                data-changed=texts.posts_changed_elsewhere()></span>
        </div>
    }
    .into_any()
}

#[component]
fn Preview(preview: Option<String>) -> impl IntoView {
    let texts = texts();
    let html = preview.unwrap_or_default();
    view! {
        <section class="panel page__panel editor__preview" aria-label=texts.posts_preview()>
            <h2 class="page__subtitle">{texts.posts_preview()}</h2>
            <p class="page__body editor__nothing">{texts.posts_preview_empty()}</p>
            <div class="prose" id="preview" dir="auto" inner_html=html></div>
        </section>
    }
    .into_any()
}
