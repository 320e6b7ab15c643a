//! Days in a row, and those of this week as seven marks.

use leptos::prelude::*;
use wire::activity::Streak;

use super::{days_in_a_row, whole};
use crate::text::texts;

#[component]
pub(crate) fn StreakView(streak: Streak) -> impl IntoView {
    let texts = texts();
    let names = [
        texts.activity_monday(),
        texts.activity_tuesday(),
        texts.activity_wednesday(),
        texts.activity_thursday(),
        texts.activity_friday(),
        texts.activity_saturday(),
        texts.activity_sunday(),
    ];
    let days = names.into_iter().zip(streak.week).map(|(name, is_here)| {
        let words = match is_here {
            true => texts.activity_week_here(name),
            false => texts.activity_week_away(name),
        };
        let letters: String = name.chars().take(2).collect();
        view! {
            <li class="week__day" class:week__day--here=is_here>
                <span aria-hidden="true">{letters}</span>
                <span class="visually-hidden">{words}</span>
            </li>
        }
    });
    let longest = (streak.longest > streak.current)
        .then(|| texts.activity_streak_longest(whole(streak.longest)));
    view! {
        <p class="streak">
            <strong>{days_in_a_row(texts, streak.current)}</strong>
            {longest.map(|words| view! { <span class="streak__longest">{words}</span> })}
        </p>
        <ul class="week" aria-label=texts.activity_week()>{days.collect_view()}</ul>
    }
    .into_any()
}
