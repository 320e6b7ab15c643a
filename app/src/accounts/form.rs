//! What the two account forms have in common.

use leptos::prelude::*;
use wire::accounts::{Field, safe_next};

use crate::page::page;
use crate::text::texts;

/// Where to go once signed in: what a refused form said, or the address.
pub(super) fn next() -> String {
    safe_next(&page().value("next"), "").to_owned()
}

/// The address of the other form, which leads to the same place afterwards.
pub(super) fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        return path.to_owned();
    }
    format!("{path}?next={}", percent_encode(next))
}

/// Everything but letters, digits, `/`, `-`, `_` and `.` as `%XX`.
fn percent_encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let encode =
        |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

/// The panel of an account form: its heading, what the server had to say, and the form itself, whose
/// refusals `boot.js` shows without losing what was typed.
#[component]
pub(super) fn AccountPanel(
    title: &'static str,
    body: &'static str,
    #[prop(into)] action: String,
    next: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="auth">
            <section class="panel auth__panel">
                <h1 class="auth__title">{title}</h1>
                <p class="auth__body">{body}</p>
                {notice()}
                <form class="form" method="post" action=action novalidate=true data-kept>
                    <input type="hidden" name="next" value=next/>
                    {children()}
                </form>
            </section>
            <Promise/>
        </div>
    }
    .into_any()
}

/// Whether a field is the one to type in first: the first bad one, or else `fallback`.
pub(super) fn starts_at(field: Field, fallback: Field) -> bool {
    page().form.issues.first().map_or(fallback, |(bad, _)| *bad) == field
}

/// A refusal that belongs to no single field.
fn notice() -> Option<impl IntoView> {
    let notice = page().form.notice.clone();
    notice.map(|notice| view! { <p class="notice" role="alert">{notice}</p> })
}

/// What waits behind the form.
#[component]
fn Promise() -> impl IntoView {
    let texts = texts();
    view! {
        <aside class="auth__aside">
            <p class="auth__promise">{texts.auth_aside_title()}</p>
            <p>{texts.auth_aside_body()}</p>
        </aside>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_survives_the_way_to_the_other_form() {
        assert_eq!(with_next("/login", ""), "/login");
        assert_eq!(
            with_next("/login", "/chat/global?a=1&b=é#x"),
            "/login?next=/chat/global%3Fa%3D1%26b%3D%C3%A9%23x"
        );
    }
}
