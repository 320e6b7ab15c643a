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
    #[prop(optional, into)]
    description: Option<String>,
    /// The path of the picture that goes with it; the site's own sign where left out.
    #[prop(optional, into)]
    image: Option<String>,
    /// The one path of the page where it is had by several spellings; else the one that was asked for.
    #[prop(optional, into)]
    path: Option<String>,
    /// Whether search engines may list the page.
    #[prop(default = true)]
    indexed: bool,
) -> impl IntoView {
    let texts = texts();
    let title = texts.site_title(title);
    let description = description.unwrap_or_else(|| texts.site_description().to_owned());
    let image = image.unwrap_or_else(|| "/icons/icon-512.png".into());
    let path = path.unwrap_or_else(|| use_location().pathname.get_untracked());
    let url = format!("{}{path}", page().public_url);
    view! {
        <Title text=in_title(&title)/>
        <Meta name="description" content=description.clone()/>
        <Meta property="og:title" content=title/>
        <Meta property="og:description" content=description/>
        <Meta property="og:type" content="website"/>
        <Meta property="og:site_name" content=texts.site_name()/>
        <Meta property="og:url" content=url.clone()/>
        <Meta property="og:image" content=format!("{}{image}", page().public_url)/>
        {indexed.then(|| view! { <Link rel="canonical" href=url/> })}
        {(!indexed).then(|| view! { <Meta name="robots" content="noindex"/> })}
    }
    .into_any()
}

/// The renderer writes a title as it is: whatever could end it or mean a character is escaped here.
pub(crate) fn in_title(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_title() {
        assert_eq!(in_title("</title><b>&lt;"), "&lt;/title>&lt;b>&amp;lt;");
    }
}
