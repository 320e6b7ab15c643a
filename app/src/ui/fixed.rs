//! Parts of a living page that never change.

use leptos::prelude::*;

/// What an element holds for good, for its `inner_html`: the server's words, which a browser that brings the
/// element to life leaves as they are. Nothing of it is in the browser's program, so nothing in it may be alive.
pub(crate) fn fixed<V: RenderHtml>(view: impl FnOnce() -> V) -> String {
    if cfg!(feature = "hydrate") { String::new() } else { view().to_html() }
}
