//! What somebody has achieved; for themselves also what is still to come.

use leptos::prelude::*;
use wire::activity::{Achievement, Earned};

use super::words_of;
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon};

#[component]
pub(crate) fn AchievementList(earned: Vec<Earned>, is_own: bool) -> impl IntoView {
    let texts = texts();
    let has = |one: &Achievement| earned.iter().any(|earned| earned.achievement == *one);
    let missing: Vec<_> = Achievement::ALL.into_iter().filter(|one| is_own && !has(one)).collect();
    if earned.is_empty() && missing.is_empty() {
        return view! { <p class="page__body">{texts.activity_achievements_none()}</p> }.into_any();
    }
    let rows = earned.iter().map(|one| {
        let since = texts.activity_earned_on(texts.date(one.at.day()));
        row(texts, one.achievement, since, true)
    });
    let to_come = |one: Achievement| row(texts, one, texts.activity_to_come().to_owned(), false);
    view! {
        <ul class="achievements">
            {rows.collect_view()}
            {missing.into_iter().map(to_come).collect_view()}
        </ul>
    }
    .into_any()
}

fn row(texts: Texts, achievement: Achievement, state: String, is_earned: bool) -> AnyView {
    let (name, how) = words_of(texts, achievement);
    view! {
        <li class="achievement" class:achievement--to-come=!is_earned>
            <span class="achievement__sign" data-achievement=achievement.as_str()>
                <Icon glyph=glyph(achievement)/>
            </span>
            <div class="achievement__text">
                <p class="achievement__name">{name}</p>
                <p class="row__detail">{how}</p>
                <p class="row__detail">{state}</p>
            </div>
        </li>
    }
    .into_any()
}

fn glyph(achievement: Achievement) -> Glyph {
    match achievement {
        Achievement::FirstPost => Glyph::Feather,
        Achievement::RisingStar => Glyph::Star,
        Achievement::KarmaKing => Glyph::Heart,
        Achievement::WeekWarrior => Glyph::Bolt,
        Achievement::CommunityBuilder => Glyph::Home,
        Achievement::SocialButterfly => Glyph::People,
    }
}
