//! What is done when something has changed.

use leptos::prelude::*;

/// Runs once the page is alive, and again whenever a signal that it read has changed; in the browser only, as long
/// as the owner at hand stands. All share the code of one effect.
pub(crate) fn whenever(run: impl FnMut() + 'static) {
    watch(Box::new(run));
}

fn watch(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| run());
}
