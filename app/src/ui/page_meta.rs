//! Title, description and Open Graph of a page.

use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_location;

use crate::page::page;
use crate::text::texts;

#[component]
pub fn PageMeta(
    #[prop(into)] title: String,
    /// One sentence for search results and link previews; the site's own where left out.
    #[prop(optional)]
    description: Option<&'static str>,
    /// Whether search engines may list the page.
    #[prop(default = true)]
    indexed: bool,
) -> impl IntoView {
    let texts = texts();
    let title = texts.site_title(title);
    let description = description.unwrap_or_else(|| texts.site_description());
    let url = page().public_url + &use_location().pathname.get_untracked();
    view! {
        <Title text=title.clone()/>
        <Meta name="description" content=description/>
        <Meta property="og:title" content=title/>
        <Meta property="og:description" content=description/>
        <Meta property="og:type" content="website"/>
        <Meta property="og:site_name" content=texts.site_name()/>
        <Meta property="og:url" content=url.clone()/>
        <Meta property="og:image" content=page().public_url + "/icons/icon-512.png"/>
        {indexed.then(|| view! { <Link rel="canonical" href=url/> })}
        {(!indexed).then(|| view! { <Meta name="robots" content="noindex"/> })}
    }
    .into_any()
}
