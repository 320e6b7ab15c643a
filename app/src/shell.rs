//! The document around every page.
//!
//! Nothing in it is inline script or style: the theme is an attribute that the style sheet reads,
//! and hydration is started by `boot.js`, which finds what it needs in `data-` attributes.

use std::sync::Arc;

use leptos::html;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::content::{Content, content};
use crate::offline::StaleLine;
use crate::page::{LIVE_ELEMENT, Live, PAGE_ELEMENT, Page, Theme, provide_page};

/// Where the page's files are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
    pub boot: String,
    /// What a member's pages of conversations have besides.
    pub chat: String,
    /// What pages of people, posts and communities have besides.
    pub social: String,
    /// What the pages on which a post is written have besides.
    pub pictures: String,
    /// What the pages on which pictures of people and communities are chosen have besides.
    pub crop: String,
    /// What they have for a mouse and the keyboard besides: cards of names.
    pub hover_card: String,
    /// What a member's feed has besides.
    pub feed: String,
    /// What the page of one's alerts has besides.
    pub alerts: String,
    /// What keeps copies of pages, and takes pushes.
    pub worker: String,
    /// The catalogue of the page's language, [`crate::text::file`].
    pub text: String,
}

/// The whole document of the page that the request asks for.
pub fn shell(page: Arc<Page>, assets: Assets) -> impl IntoView {
    provide_page(Arc::clone(&page));
    let is_alive = page.live != Live::Nothing;
    let language = page.language;
    let content = content();
    let has_chat = page.viewer.is_some() && matches!(*content, Content::Chat(_));
    let is_social = content.is_social();
    let is_writing = content.is_editor();
    let has_picture_forms = content.has_picture_forms();
    let is_feed = content.is_feed();
    // Strangers keep nothing.
    let worker = (is_social && page.viewer.is_some()).then(|| assets.worker.clone());
    let has_alerts = matches!(&*content, Content::Notifications(shown) if shown.has_devices());
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction() data-theme=page.theme.as_str()
            data-hydrate=is_alive data-js=assets.js.clone() data-wasm=assets.wasm.clone()
            data-text=assets.text.clone() data-worker=worker.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content=VIEWPORT/>
                {theme_colors(page.theme)}
                <link rel="stylesheet" href=assets.css.clone()/>
                {icons()}
                {is_alive.then(|| preloads(&assets))}
                <script type="module" src=assets.boot.clone() nonce=use_nonce()></script>
                {has_chat.then(|| view! { <script type="module" src=assets.chat.clone() nonce=use_nonce()></script> })}
                {is_social.then(|| view! {
                    <script type="module" src=assets.social.clone() nonce=use_nonce()></script>
                    <script type="module" src=assets.hover_card.clone() nonce=use_nonce()></script>
                })}
                {is_writing.then(|| view! { <script type="module" src=assets.pictures.clone() nonce=use_nonce()></script> })}
                {has_picture_forms.then(|| view! { <script type="module" src=assets.crop.clone() nonce=use_nonce()></script> })}
                {is_feed.then(|| view! { <script type="module" src=assets.feed.clone() nonce=use_nonce()></script> })}
                {has_alerts.then(|| view! { <script type="module" src=assets.alerts.clone() nonce=use_nonce()></script> })}
                <script type="application/json" id=PAGE_ELEMENT inner_html=page.to_script_json()></script>
                <MetaTags/>
            </head>
            <body>
                {worker.is_some().then(|| view! { <StaleLine/> })}
                <App/>
            </body>
        </html>
    }
}

/// The keyboard of a phone shrinks the page instead of covering its lower end.
const VIEWPORT: &str =
    "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";

/// The colours of the browser's own bars: the canvas tokens of `style/tokens.css`.
fn theme_colors(theme: Theme) -> impl IntoView {
    // `media` on `<meta>` is too new for the macro to know.
    let color = |media: Option<&'static str>, content| {
        html::meta().name("theme-color").content(content).attr("media", media)
    };
    let (light, dark) =
        (Some("(prefers-color-scheme: light)"), Some("(prefers-color-scheme: dark)"));
    let colors = match theme {
        Theme::Light => vec![color(None, LIGHT_CANVAS)],
        Theme::Dark => vec![color(None, DARK_CANVAS)],
        Theme::System => vec![color(light, LIGHT_CANVAS), color(dark, DARK_CANVAS)],
    };
    let scheme = match theme {
        Theme::System => "light dark",
        chosen => chosen.as_str(),
    };
    view! { <meta name="color-scheme" content=scheme/> {colors} }
}

const LIGHT_CANVAS: &str = "#eef4f6";
const DARK_CANVAS: &str = "#0a1119";

fn icons() -> impl IntoView {
    view! {
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="apple-touch-icon" href="/icons/apple-touch-icon.png"/>
        <link rel="manifest" href="/manifest.webmanifest"/>
    }
}

/// Tells the browser of the small files that `boot.js` will ask for, in just the mode in which it
/// will, so that none is fetched twice. The large one may wait for the first picture.
fn preloads(assets: &Assets) -> impl IntoView + use<> {
    view! {
        // Half a list of messages would be seen to jump, since it stands at its end.
        <link rel="expect" href=format!("#{LIVE_ELEMENT}") blocking="render"/>
        <link rel="modulepreload" href=assets.js.clone() nonce=use_nonce()/>
        <link rel="preload" href=assets.text.clone() r#as="fetch" r#type="application/json" crossorigin="anonymous"/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Live {
        use wire::ConversationKey;
        use wire::chat::{History, Room};
        let history =
            History { messages: Vec::new(), has_older: false, last_seq: 0, last_read_seq: None };
        let room = Room { history, online: Vec::new(), online_count: 0, message_max_length: 2000 };
        let key = ConversationKey::Global;
        Live::Room(Box::new(RoomStart { key, room, talk: None, replying: None }))
    }

    use leptos_router::location::RequestUrl;

    use crate::chat::RoomStart;
    use wire::accounts::{Field, FieldIssue, Viewer};

    use crate::page::FormEcho;

    /// The document at a path, as it is sent.
    fn render(path: &str, page: Page) -> String {
        let owner = Owner::new();
        owner.with(|| {
            let (meta, _output) = leptos_meta::ServerMetaContext::new();
            provide_context(meta);
            provide_context(RequestUrl::new(path));
            let assets = Assets { wasm: "/pkg/a.wasm".into(), ..Assets::default() };
            shell(Arc::new(page), assets).into_view().to_html()
        })
    }

    fn refused() -> Page {
        let mut form = FormEcho::default();
        form.values.insert("username".into(), "<ada>\"".into());
        form.values.insert("next".into(), "/chat/global".into());
        form.issues.push((Field::Username, FieldIssue::UsernameTaken));
        Page { form, ..Page::default() }
    }

    #[test]
    fn a_refused_form_comes_back_with_its_text_and_the_reason_beside_it() {
        let html = render("/signup", refused());
        assert!(html.contains("Somebody already uses this name"), "{html}");
        assert!(html.contains(r#"value="&lt;ada&gt;&quot;""#), "{html}");
        assert!(html.contains(r#"aria-invalid="true""#) && html.contains("autofocus"), "{html}");
        assert!(html.contains(r#"name="next" value="/chat/global""#), "{html}");
    }

    #[test]
    fn no_page_holds_inline_script_or_style() {
        for path in ["/", "/login", "/signup", "/settings/appearance"] {
            let html = render(path, Page::default());
            assert!(!html.contains(" style=") && !html.contains("<style"), "{path}");
            let scripts = html.matches("<script").count();
            assert_eq!(scripts, 2, "boot.js and the page's data: {path}");
        }
    }

    #[test]
    fn next_never_leaves_the_site() {
        let mut page = Page::default();
        page.form.values.insert("next".into(), "https://evil.example/".into());
        let html = render("/login", page);
        let main = html.split("<main").nth(1).unwrap();
        assert!(!main.contains("evil.example"), "{main}");
    }

    #[test]
    fn the_door_one_stands_in_is_not_offered_in_the_top_bar() {
        let offered = |path| {
            let html = render(path, Page::default());
            let bar = html.split("<main").next().unwrap().to_owned();
            ["/login", "/signup"].map(|door| bar.contains(&format!(r#"href="{door}""#)))
        };
        assert_eq!(offered("/"), [true, true]);
        assert_eq!(offered("/login"), [false, true]);
        assert_eq!([offered("/signup"), offered("/register")], [[true, false]; 2]);
    }

    #[test]
    fn whoever_was_sent_to_sign_in_first_is_told_so() {
        let mut page = Page::default();
        page.form.values.insert("next".into(), "/settings/sessions".into());
        assert!(render("/login", page).contains("That page is for members"));
        assert!(render("/login", Page::default()).contains("Sign in to join the conversation"));
    }

    #[test]
    fn only_living_pages_announce_what_they_need() {
        let announced = |path, live| {
            let html = render(path, Page { live, ..Page::default() });
            assert!(
                !html.contains(r#"rel="preload" href="/pkg/a.wasm""#),
                "not before the first picture"
            );
            html.contains(r#"rel="modulepreload""#)
        };
        assert!(!announced("/", Live::Nothing) && !announced("/login", Live::Nothing));
        assert!(announced("/chat/global", room()));
    }

    #[test]
    fn a_member_starts_at_home_and_can_sign_out_without_script() {
        let viewer = Viewer { id: wire::UserId::new(), username: "ada".into(), is_staff: false };
        let html = render("/", Page { viewer: Some(viewer), ..Page::default() });
        assert!(html.contains("It is quiet here"), "{html}");
        assert!(html.contains(r#"<form method="post" action="/logout""#), "{html}");
    }
}
