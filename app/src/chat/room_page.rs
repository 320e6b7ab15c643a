//! `/chat/global`.

use leptos::prelude::*;

use super::room::Room;
use crate::page::{LIVE_ELEMENT, Live, page};
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, PageMeta};

/// The newest messages, or with `?before=` an older stretch, for readers without script.
#[component]
pub fn GlobalRoomPage() -> impl IntoView {
    let texts = texts();
    let content = match page().live {
        Live::Room(room) => view! { <div class="live" id=LIVE_ELEMENT><Room room=*room/></div> }.into_any(),
        _ => view! {
            <EmptyState glyph=Glyph::Calm title=texts.room_failed_title() body=texts.error_unavailable()/>
        }
        .into_any(),
    };
    view! {
        <PageMeta title=texts.room_title() description=texts.room_description()/>
        {content}
    }
}
