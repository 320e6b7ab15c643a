//! A moment in words.

use leptos::prelude::*;
use wire::UnixMillis;

use crate::text::{Texts, texts};

/// Date and time: in UTC from the server; `boot.js` puts the reader's own in its place.
#[component]
pub fn LocalTime(at: UnixMillis) -> impl IntoView {
    let texts = texts();
    view! { <time datetime=at.to_string() data-local="">{in_words(texts, at)}</time> }
}

/// As short as a list needs it: the time of today, else the day; `boot.js` puts the reader's own in its
/// place.
#[component]
pub fn ShortTime(at: UnixMillis) -> impl IntoView {
    let texts = texts();
    let day = texts.date(at.day());
    view! { <time datetime=at.to_string() data-local="short">{day}</time> }
}

/// Minutes east of Greenwich at that moment, as the browser's clock has it. Browser only.
#[must_use]
pub fn offset_minutes(at: UnixMillis) -> i32 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    -(date.get_timezone_offset() as i32)
}

fn in_words(texts: Texts, at: UnixMillis) -> String {
    let (hour, minute) = at.hour_minute();
    texts.time_utc(texts.date(at.day()), format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn utc_says_so() {
        let at = UnixMillis(23 * 3_600_000 + 5 * 60_000);
        assert_eq!(in_words(texts_in(Language::En), at), "1 January 1970, 23:05 UTC");
    }
}
