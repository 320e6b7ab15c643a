//! What stands where nothing is yet: what this place is, and why it is empty.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

#[component]
pub fn EmptyState<T: IntoView + 'static, B: IntoView + 'static>(
    glyph: Glyph,
    title: T,
    body: B,
    /// One thing to do about it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="empty-state__glyph"><Icon glyph/></span>
            <p class="empty-state__title">{title}</p>
            <p>{body}</p>
            {children.map(|children| children())}
        </div>
    }
}
