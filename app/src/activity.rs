//! What somebody has done here, and how much is going on: parts of other pages, as the server renders them.

mod achievements;
mod pulse;
mod streak;

use wire::activity::{Achievement, Record};

pub(crate) use self::achievements::AchievementList;
pub(crate) use self::pulse::{CommunityWeek, PulseLine};
pub(crate) use self::streak::StreakView;

use crate::text::Texts;

/// A number for a plural text.
fn whole(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// What an achievement is called, and how it is come by.
pub(crate) fn words_of(texts: Texts, achievement: Achievement) -> (&'static str, &'static str) {
    match achievement {
        Achievement::FirstPost => (texts.activity_first_post(), texts.activity_first_post_how()),
        Achievement::RisingStar => (texts.activity_rising_star(), texts.activity_rising_star_how()),
        Achievement::KarmaKing => (texts.activity_karma_king(), texts.activity_karma_king_how()),
        Achievement::WeekWarrior => {
            (texts.activity_week_warrior(), texts.activity_week_warrior_how())
        }
        Achievement::CommunityBuilder => {
            (texts.activity_community_builder(), texts.activity_community_builder_how())
        }
        Achievement::SocialButterfly => {
            (texts.activity_social_butterfly(), texts.activity_social_butterfly_how())
        }
    }
}

/// How many days in a row, as a piece of a sentence.
pub(crate) fn days_in_a_row(texts: Texts, days: i64) -> String {
    match days {
        0 => texts.activity_streak_none().to_owned(),
        days => texts.activity_streak_current(whole(days)),
    }
}

/// One's own record in a line.
pub(crate) fn summary(texts: Texts, record: &Record) -> String {
    let karma = match usize::try_from(record.karma) {
        Ok(karma) => texts.activity_own_karma(karma),
        // Rules of plurals know no numbers below zero.
        Err(_) => format!("{} {}", record.karma, texts.activity_karma()),
    };
    let all = Achievement::ALL.len();
    let achieved = texts.activity_achieved_of(all, record.earned.len());
    texts.activity_own(achieved, karma, days_in_a_row(texts, record.streak.current))
}
