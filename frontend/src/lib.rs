//! Hydration, and nothing else.

use app::page::Page;
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the server's HTML to life. `boot.js` calls it with the catalogue of the page's language.
///
/// A page whose data cannot be read stays as it is: it works without being alive.
#[wasm_bindgen]
pub fn hydrate(catalogue: &str) {
    console_error_panic_hook::set_once();
    let Some(page) = Page::from_document() else { return };
    if app::text::install(catalogue).is_some() {
        app::come_alive(page);
    }
}
