//! What search engines and link previews are told of a post.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use serde_json::json;
use wire::posts::{PostCard, Visibility};

use crate::page::{page, script_json};
use crate::text::texts;
use crate::ui::in_title;

#[component]
pub(super) fn PostMeta(card: PostCard) -> impl IntoView {
    let texts = texts();
    let public_url = page().public_url.clone();
    let url = format!("{public_url}{}", card.path());
    let title = texts.site_title(card.title.clone());
    let image = card.cover_address().unwrap_or_else(|| "/icons/icon-512.png".into());
    let is_public = card.visibility == Visibility::Public;
    view! {
        <Title text=in_title(&title)/>
        <Meta name="description" content=card.excerpt.clone()/>
        <Meta property="og:title" content=card.title.clone()/>
        <Meta property="og:description" content=card.excerpt.clone()/>
        <Meta property="og:type" content="article"/>
        <Meta property="og:site_name" content=texts.site_name()/>
        <Meta property="og:url" content=url.clone()/>
        <Meta property="og:image" content=format!("{public_url}{image}")/>
        {(!card.cover_alt.is_empty()).then(|| view! { <Meta property="og:image:alt" content=card.cover_alt.clone()/> })}
        <Meta property="article:published_time" content=card.dated().to_string()/>
        {is_public.then(|| view! { <Link rel="canonical" href=url.clone()/> })}
        {(!is_public).then(|| view! { <Meta name="robots" content="noindex"/> })}
        <script type="application/ld+json" nonce=use_nonce() inner_html=described(&card, &url)></script>
    }
    .into_any()
}

/// As schema.org describes an article.
fn described(card: &PostCard, url: &str) -> String {
    script_json(&json!({
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": card.title,
        "description": card.excerpt,
        "datePublished": card.dated(),
        "dateModified": card.edited_at.unwrap_or(card.dated()),
        "mainEntityOfPage": url,
        "keywords": card.tags,
        "wordCount": card.words,
        "author": {"@type": "Person", "name": card.author.name()},
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/LikeAction",
            "userInteractionCount": card.likes_count,
        },
    }))
}
