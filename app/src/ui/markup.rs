//! HTML as text, for what is written by the hundred.

use std::fmt::Write;

/// Text that grows to HTML. What people have written goes through [`Markup::text`] or [`Markup::attr`], which
/// escape it; [`Markup::raw`] takes only what stands in the source.
#[derive(Debug, Default)]
pub struct Markup(String);

impl Markup {
    /// Markup of our own.
    pub fn raw(&mut self, html: &'static str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Words between tags.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.0, text);
        self
    }

    /// ` name="value"`, inside a tag.
    pub fn attr(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        escape(&mut self.0, value);
        self.0.push('"');
        self
    }

    /// A number, between tags or inside of a quoted value.
    pub fn number(&mut self, number: i64) -> &mut Self {
        // Writing to a string cannot fail.
        let _written = write!(self.0, "{number}");
        self
    }

    #[must_use]
    pub fn into_html(self) -> String {
        self.0
    }
}

/// What could end the text of an element or a quoted value, or begin something in it.
fn escape(to: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        to.push_str(&rest[..at]);
        to.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    to.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_never_become_markup() {
        let mut markup = Markup::default();
        markup.raw("<p").attr("title", "\"><script>").raw(">").text("a < b & \"c\" é").raw("</p>");
        let html = markup.into_html();
        assert_eq!(
            html,
            "<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b &amp; &quot;c&quot; é</p>"
        );
    }
}
