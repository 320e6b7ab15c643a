//! `/chat/global`.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::load_room;
use super::room::Room;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, PageMeta};

/// The newest messages, or with `?before=` an older stretch, for readers without script.
#[component]
pub fn GlobalRoomPage() -> impl IntoView {
    let texts = texts();
    let before = use_query_map().with_untracked(|query| query.get("before"));
    let before = before.and_then(|seq| seq.parse().ok());
    let room = Resource::new(|| (), move |()| load_room(before, None));
    view! {
        <PageMeta title=texts.room_title() description=texts.room_description()/>
        <Suspense>
            {move || Suspend::new(async move {
                match room.await {
                    Ok(room) => view! { <Room room/> }.into_any(),
                    Err(error) => view! {
                        <EmptyState glyph=Glyph::Calm title=texts.room_failed_title()
                            body=texts.problem(error.0.code)/>
                    }.into_any(),
                }
            })}
        </Suspense>
    }
}
