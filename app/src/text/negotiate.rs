//! Which language a visitor gets.

use super::Language;

impl Language {
    /// The language of a code such as `en` or `en-GB`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// What the visitor chose, else what the browser prefers most, else English.
    #[must_use]
    pub fn negotiate(cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        let chosen = cookie.and_then(Self::from_code);
        chosen.or_else(|| preferred(accept_language?)).unwrap_or_default()
    }
}

/// The best known language of an `Accept-Language` header; the earlier of two equals.
fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for (quality, language) in header.split(',').filter_map(range) {
        if best.is_none_or(|(found, _)| quality > found) {
            best = Some((quality, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `de-AT;q=0.8` as its quality in thousandths and a language we have. `q=0` means "not this one".
fn range(item: &str) -> Option<(u16, Language)> {
    let (code, parameters) = item.split_once(';').unwrap_or((item, ""));
    let quality = parameters.trim().strip_prefix("q=");
    let quality: f32 = quality.map_or(Ok(1.0), str::parse).ok()?;
    let thousandths = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
    let language = Language::from_code(code)?;
    (thousandths > 0).then_some((thousandths, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_by_their_primary_part() {
        for code in ["en", "EN", "en-GB", " en_US "] {
            assert_eq!(Language::from_code(code), Some(Language::En), "{code}");
        }
        for code in ["", "english", "tlh", "../en"] {
            assert_eq!(Language::from_code(code), None, "{code}");
        }
    }

    #[test]
    fn nonsense_is_english() {
        for header in ["", ";;;", "q=1", "tlh;q=NaN", "en;q=0", "*;q=0.5", "\u{202e}"] {
            assert_eq!(Language::negotiate(Some("xx"), Some(header)), Language::En, "{header}");
        }
        assert_eq!(Language::negotiate(None, None), Language::En);
    }

    #[test]
    fn ranges_carry_their_quality() {
        assert_eq!(range("en-GB;q=0.8"), Some((800, Language::En)));
        assert_eq!(range("en"), Some((1000, Language::En)));
        assert_eq!(range("en;q=0"), None);
    }

    #[test]
    fn the_best_known_range_wins_and_the_earlier_of_two_equals() {
        for header in [
            "fr",
            "fr-CA, en;q=0.9",
            "en;q=0.3, fr;q=0.8",
            "de-AT, fr;q=0.5, en;q=0.4",
            "fr, en",
            "en;q=0, fr;q=0.1",
            " FR-fr ; q=0.9,en;q=0.8",
        ] {
            assert_eq!(Language::negotiate(None, Some(header)), Language::Fr, "{header}");
        }
        for header in ["en, fr", "fr;q=0.8, en-GB", "fr;q=0", "fr;q=0.7, en;q=0.701", "frp"] {
            assert_eq!(Language::negotiate(None, Some(header)), Language::En, "{header}");
        }
    }

    #[test]
    fn what_was_chosen_outweighs_what_the_browser_prefers() {
        assert_eq!(Language::negotiate(Some("fr"), Some("en")), Language::Fr);
        assert_eq!(Language::negotiate(Some("en"), Some("fr")), Language::En);
        assert_eq!(Language::negotiate(Some("xx"), Some("fr")), Language::Fr);
    }
}
