//! How much is going on, in a line.

use leptos::prelude::*;
use wire::activity::{CommunityPulse, Pulse};

use super::whole;
use crate::text::texts;

/// Everywhere, in the last hour.
#[component]
pub(crate) fn PulseLine(pulse: Pulse) -> impl IntoView {
    let texts = texts();
    let parts = [
        texts.activity_now_posts(whole(pulse.posts_count)),
        texts.activity_now_comments(whole(pulse.comments_count)),
        texts.activity_now_people(whole(pulse.active_users)),
    ];
    line(texts.activity_now(), parts)
}

/// In one community, in seven days.
#[component]
pub(crate) fn CommunityWeek(pulse: CommunityPulse) -> impl IntoView {
    let texts = texts();
    let parts = [
        texts.activity_week_posts(whole(pulse.posts_count)),
        texts.activity_week_comments(whole(pulse.comments_count)),
        texts.activity_week_people(whole(pulse.active_members)),
    ];
    line(texts.activity_in_week(), parts)
}

fn line(label: &'static str, parts: [String; 3]) -> AnyView {
    let parts = parts.map(|words| view! { <li>{words}</li> });
    view! { <ul class="pulse" aria-label=label>{parts}</ul> }.into_any()
}
