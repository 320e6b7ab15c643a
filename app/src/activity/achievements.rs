//! What somebody has achieved; for themselves also what is still to come.

use leptos::prelude::*;
use wire::activity::{Achievement, Record};

use super::{whole, words_of};
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon};

#[component]
pub(crate) fn AchievementList(record: Record, is_own: bool) -> impl IntoView {
    let texts = texts();
    let has = |one: &Achievement| record.earned.iter().any(|earned| earned.achievement == *one);
    let missing: Vec<_> = Achievement::ALL.into_iter().filter(|one| is_own && !has(one)).collect();
    if record.earned.is_empty() && missing.is_empty() {
        return view! { <p class="page__body">{texts.activity_achievements_none()}</p> }.into_any();
    }
    let rows = record.earned.iter().map(|one| {
        let since = texts.activity_earned_on(texts.date(one.at.day()));
        let since = view! { <p class="row__detail">{since}</p> }.into_any();
        row(texts, one.achievement, since, true)
    });
    let to_come = |one: Achievement| row(texts, one, progress(texts, record.progress(one)), false);
    view! {
        <ul class="achievements">
            {rows.collect_view()}
            {missing.into_iter().map(to_come).collect_view()}
        </ul>
    }
    .into_any()
}

fn row(texts: Texts, achievement: Achievement, state: AnyView, is_earned: bool) -> AnyView {
    let (name, how) = words_of(texts, achievement);
    view! {
        <li class="achievement" class:achievement--to-come=!is_earned>
            <span class="achievement__sign" data-achievement=achievement.as_str()>
                <Icon glyph=glyph(achievement)/>
            </span>
            <div class="achievement__text">
                <p class="achievement__name">{name}</p>
                <p class="row__detail">{how}</p>
                {state}
            </div>
        </li>
    }
    .into_any()
}

/// How far it is, as a bar beside the words that say it. What is only yes or no has no way to go.
fn progress(texts: Texts, (there, all): (i64, i64)) -> AnyView {
    if all <= 1 {
        return view! { <p class="row__detail">{texts.activity_to_come()}</p> }.into_any();
    }
    view! {
        <p class="achievement__way row__detail">
            <progress class="achievement__bar" value=there max=all aria-hidden="true"></progress>
            <span>{texts.activity_progress(whole(all), whole(there))}</span>
        </p>
    }
    .into_any()
}

fn glyph(achievement: Achievement) -> Glyph {
    match achievement {
        Achievement::FirstPost => Glyph::FEATHER,
        Achievement::RisingStar => Glyph::STAR,
        Achievement::KarmaKing => Glyph::HEART,
        Achievement::WeekWarrior => Glyph::BOLT,
        Achievement::CommunityBuilder => Glyph::HOME,
        Achievement::SocialButterfly => Glyph::PEOPLE,
    }
}
