//! Who can be named in a message, as the composer offers them.

use leptos::prelude::*;

use crate::ui::Avatar;

/// One option for each name.
#[component]
pub fn Mentions(names: Vec<String>) -> impl IntoView {
    let rows = names.into_iter().map(|name| {
        view! {
            <div class="choice" role="option" data-name=name.clone()>
                <Avatar name=name.clone()/> <span dir="auto">{name.clone()}</span>
            </div>
        }
    });
    rows.collect_view().into_any()
}
