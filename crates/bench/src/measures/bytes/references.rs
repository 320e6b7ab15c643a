//! What a page names that a browser fetches at once.

/// Paths on the same host, as they stand in the HTML.
pub(super) fn of(html: &str) -> Vec<String> {
    let tags = html.split('<').filter_map(|rest| rest.split('>').next());
    tags.filter_map(reference).filter(|path| is_local(path)).map(str::to_owned).collect()
}

fn reference(tag: &str) -> Option<&str> {
    match tag.split_ascii_whitespace().next()? {
        "script" | "img" => attribute(tag, "src"),
        "link" if is_fetched(attribute(tag, "rel")?) => attribute(tag, "href"),
        _ => None,
    }
}

fn is_fetched(rel: &str) -> bool {
    rel.split_ascii_whitespace()
        .any(|word| matches!(word, "stylesheet" | "preload" | "modulepreload"))
}

fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//")
}

/// The value of an attribute, quoted either way or not at all.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let (before, after) = rest.split_at(at);
        rest = &after[name.len()..];
        if let Some(value) = rest.strip_prefix('=')
            && before.ends_with(|c: char| c.is_ascii_whitespace())
        {
            return unquoted(value);
        }
    }
}

fn unquoted(value: &str) -> Option<&str> {
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split(|c: char| c.is_ascii_whitespace()).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_at_once_is_found_and_the_rest_is_not() {
        let html = r#"<head><link id="leptos" rel="stylesheet" href="/pkg/a.1.css">
            <link rel="preload" href="/pkg/a.1.wasm" as="fetch" crossorigin="">
            <link crossorigin nonce='x' rel='modulepreload' href='/pkg/a.1.js'>
            <link rel="icon" href="/favicon.svg"><link rel="canonical" href="/x">
            <script type="module" nonce="y">import("/pkg/a.1.js")</script>
            <script defer src=/pkg/theme.js></script><img data-src="/no.png" src="/logo.svg">
            <script src="https://elsewhere.example/x.js"></script><a href="/login">in</a>"#;
        let expected =
            ["/pkg/a.1.css", "/pkg/a.1.wasm", "/pkg/a.1.js", "/pkg/theme.js", "/logo.svg"];
        assert_eq!(of(html), expected);
    }
}
