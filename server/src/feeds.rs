//! What programs read of public posts: Atom for readers of feeds, a map of the site for search engines.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::people;
use domain::posts;
use wire::posts::post_path;

use crate::refusal::Refusal;
use crate::state::AppState;

/// Posts in a feed.
const ENTRIES: u64 = 30;
const SHORTLY: &str = "public, max-age=300";

/// `GET /u/{username}/feed.xml`: what everybody may read of somebody's, the newest first.
pub(crate) async fn atom(
    State(state): State<AppState>,
    Path(username): Path<String>,
) -> Result<Response, Refusal> {
    let Some((id, username)) = people::id_of(&state.services, &username).await? else {
        return Err(Refusal::new(wire::ErrorCode::NotFound, "Not found."));
    };
    let step = posts::posts_of(&state.services, None, id, None, ENTRIES).await?;
    let url = &state.config.public_url;
    let own = format!("{url}/u/{}", wire::posts::in_path(&username));
    let updated = step.posts.first().map(|post| post.edited_at.unwrap_or(post.dated()));
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\
         <title>{name}</title><id>{own}</id><link href=\"{own}\"/>\
         <link rel=\"self\" href=\"{own}/feed.xml\"/><updated>{}</updated>\
         <author><name>{name}</name></author>",
        updated.unwrap_or_default(),
        name = escaped(&username),
    );
    for post in &step.posts {
        // Writing to a text cannot fail.
        let _written = write!(
            xml,
            "<entry><title>{}</title><id>urn:uuid:{}</id><link href=\"{url}{}\"/>\
             <published>{}</published><updated>{}</updated><summary>{}</summary></entry>",
            escaped(&post.title),
            post.id,
            post.path(),
            post.dated(),
            post.edited_at.unwrap_or(post.dated()),
            escaped(&post.excerpt),
        );
    }
    xml.push_str("</feed>\n");
    Ok(document("application/atom+xml; charset=utf-8", xml))
}

const MAPS: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const XML: &str = "application/xml; charset=utf-8";

/// `GET /sitemap.xml`: the parts of the map, one for each week in which there is something to read.
pub(crate) async fn sitemap(State(state): State<AppState>) -> Result<Response, Refusal> {
    let url = &state.config.public_url;
    let part = |name: String| format!("<sitemap><loc>{url}/sitemap/{name}.xml</loc></sitemap>");
    let weeks = posts::mapped_weeks(&state.services).await?;
    let parts = weeks.into_iter().map(|week| part(format!("posts-{week}")));
    let parts: String = [part("pages".into())].into_iter().chain(parts).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sitemapindex xmlns=\"{MAPS}\">{parts}</sitemapindex>\n"
    );
    Ok(document(XML, xml))
}

/// `GET /sitemap/{part}`: the posts of a week that everybody may read, or what is no post.
pub(crate) async fn sitemap_part(
    State(state): State<AppState>,
    Path(part): Path<String>,
) -> Result<Response, Refusal> {
    let url = &state.config.public_url;
    let name = part.strip_suffix(".xml").unwrap_or_default();
    let week = name.strip_prefix("posts-").and_then(|week| week.parse().ok());
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"{MAPS}\">");
    match week {
        None if name == "pages" => {
            for page in ["/", "/communities"] {
                xml += &format!("<url><loc>{url}{page}</loc></url>");
            }
        }
        None => return Err(Refusal::new(wire::ErrorCode::NotFound, "Not found.")),
        Some(week) => {
            for (slug, changed) in posts::mapped_posts(&state.services, week).await? {
                let path = post_path(&slug);
                xml += &format!("<url><loc>{url}{path}</loc><lastmod>{changed}</lastmod></url>");
            }
        }
    }
    xml.push_str("</urlset>\n");
    Ok(document(XML, xml))
}

/// `GET /robots.txt`: what search engines leave alone, and where the map is.
pub(crate) async fn robots(State(state): State<AppState>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /settings/\nDisallow: /api/\nDisallow: /fn/\n\
         Disallow: /drafts\nSitemap: {}/sitemap.xml\n",
        state.config.public_url
    );
    document("text/plain; charset=utf-8", text)
}

fn document(kind: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, SHORTLY)], text).into_response()
}

/// A text inside of XML; what no XML may hold is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_people_write_is_markup() {
        assert_eq!(
            escaped("<a href=\"x\">&\u{1}ж</a>"),
            "&lt;a href=&quot;x&quot;&gt;&amp;ж&lt;/a&gt;"
        );
    }
}
