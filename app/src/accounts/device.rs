//! A device by the name its owner knows it by.
//!
//! User agents pretend to be each other, so the order of the lists matters: the impostor's own
//! word stands before the word it borrows.

use crate::text::Texts;

const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// "Firefox on Linux", as far as the user agent tells.
pub(crate) fn label(texts: Texts, user_agent: &str) -> String {
    let known = |list: &[(&str, &'static str)]| {
        list.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => texts.sessions_device(browser, system),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => program(texts, user_agent),
    }
}

/// A program that is no browser goes by its own first word, such as `curl`.
fn program(texts: Texts, user_agent: &str) -> String {
    let name: String = user_agent
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(32)
        .collect();
    if name.is_empty() { texts.sessions_unknown_device().to_owned() } else { name }
}

/// Whether it is something one holds in a hand.
pub(crate) fn is_handheld(user_agent: &str) -> bool {
    ["iPhone", "iPad", "Android", "Mobile"].iter().any(|word| user_agent.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn devices_by_name() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:131.0) Gecko/20100101 Firefox/131.0",
                "Firefox on macOS",
            ),
            ("curl/8.5.0", "curl"),
            ("", "Unknown device"),
            ("\u{202e}<b>", "Unknown device"),
        ];
        for (user_agent, name) in cases {
            assert_eq!(label(texts_in(Language::En), user_agent), name, "{user_agent}");
        }
    }
}
