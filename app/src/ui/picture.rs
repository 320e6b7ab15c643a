//! A picture that somebody sent.

use leptos::prelude::*;
use wire::MediaId;
use wire::media::{PictureKind, picture_address, picture_addresses};

/// A picture in its kind's shape, which has its place on the page before it is there.
#[component]
pub fn Picture(
    id: MediaId,
    kind: PictureKind,
    #[prop(into)] class: String,
    /// What it shows, in words; empty for one that only adorns.
    #[prop(into)]
    alt: String,
    /// How wide it is shown, as CSS says it.
    sizes: &'static str,
    /// Whether it is there at first sight.
    #[prop(optional)]
    at_once: bool,
) -> impl IntoView {
    let largest = kind.sizes().last().copied().unwrap_or(1);
    let (across, down) = kind.shape().unwrap_or((1, 1));
    view! {
        <img class=class src=picture_address(id, largest) srcset=picture_addresses(id, kind) sizes=sizes alt=alt
            width=largest height=largest * down / across loading=(!at_once).then_some("lazy") decoding="async"/>
    }
}
