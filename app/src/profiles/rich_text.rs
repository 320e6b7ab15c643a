//! A text of somebody's with the addresses in it as links.

use leptos::prelude::*;
use wire::profiles::{Piece, pieces};

/// Links of people are no word of ours: search engines are told so, and the page they lead to does not
/// hear where from.
pub(super) const FOREIGN: &str = "nofollow ugc noopener noreferrer";

/// Whoever shows a link on their profile says that it leads to themselves.
pub(super) const OWN: &str = "me nofollow ugc noopener noreferrer";

pub(super) fn rich(text: &str) -> Vec<AnyView> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Url(url) => {
                let words = url.split_once("://").map_or(url, |(_, rest)| rest).to_owned();
                view! { <a href=url.to_owned() rel=FOREIGN>{words}</a> }.into_any()
            }
        })
        .collect()
}
