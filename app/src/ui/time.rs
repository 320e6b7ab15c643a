//! A moment in words.

use leptos::prelude::*;
use wire::UnixMillis;

use crate::text::{Texts, texts};

/// Date and time: in UTC from the server, in local time once the page is alive. The change comes
/// after hydration, so that what hydrates is what was sent.
#[component]
pub fn LocalTime(at: UnixMillis) -> impl IntoView {
    let texts = texts();
    let offset = RwSignal::new(None);
    Effect::new(move |_| offset.set(Some(offset_minutes(at))));
    view! {
        <time datetime=at.to_string()>{move || in_words(texts, at, offset.get())}</time>
    }
}

/// Minutes east of Greenwich at that moment, as the browser's clock has it. Browser only.
#[must_use]
pub fn offset_minutes(at: UnixMillis) -> i32 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    -(date.get_timezone_offset() as i32)
}

fn in_words(texts: Texts, at: UnixMillis, offset: Option<i32>) -> String {
    let shifted = at.shifted(offset.unwrap_or_default());
    let (hour, minute) = shifted.hour_minute();
    let (date, time) = (texts.date(shifted.day()), format!("{hour:02}:{minute:02}"));
    match offset {
        Some(_) => texts.time_local(date, time),
        None => texts.time_utc(date, time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn utc_says_so_and_local_time_does_not() {
        let texts = texts_in(Language::En);
        let at = UnixMillis(23 * 3_600_000 + 5 * 60_000);
        assert_eq!(in_words(texts, at, None), "1 January 1970, 23:05 UTC");
        assert_eq!(in_words(texts, at, Some(60)), "2 January 1970, 00:05");
    }
}
