//! Text inside a `<textarea>`.

/// A text as a `<textarea>` holds it. The renderer writes it there as it is, so that on the server whatever
/// could end the element or mean a character is escaped here; the browser takes over what it has parsed.
#[must_use]
pub fn in_textarea(text: String) -> String {
    if cfg!(target_arch = "wasm32") {
        return text;
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    // The parser drops a first line break.
    if escaped.starts_with('\n') { format!("\n{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_element() {
        let hostile = "</textarea><b>&lt;";
        assert_eq!(in_textarea(hostile.into()), "&lt;/textarea>&lt;b>&amp;lt;");
        assert_eq!(in_textarea("\na".into()), "\n\na");
    }
}
