//! `/chat/global`.

use leptos::prelude::*;

#[component]
pub fn GlobalRoomPage() -> impl IntoView {
    view! { <h1>"Global"</h1> }
}
