//! How often somebody is here, what they have achieved, and how much is going on.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UnixMillis;

/// Something that is achieved once, and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Achievement {
    FirstPost,
    RisingStar,
    KarmaKing,
    WeekWarrior,
    CommunityBuilder,
    SocialButterfly,
}

/// What an achievement is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Posts that are published.
    Posts,
    /// Likes less dislikes of all posts.
    Karma,
    /// Days in a row until today.
    DaysInARow,
    /// Communities that somebody belongs to.
    Communities,
    Followers,
}

impl Achievement {
    pub const ALL: [Self; 6] = [
        Self::FirstPost,
        Self::RisingStar,
        Self::KarmaKing,
        Self::WeekWarrior,
        Self::CommunityBuilder,
        Self::SocialButterfly,
    ];

    /// How it is called over REST and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstPost => "first_post",
            Self::RisingStar => "rising_star",
            Self::KarmaKing => "karma_king",
            Self::WeekWarrior => "week_warrior",
            Self::CommunityBuilder => "community_builder",
            Self::SocialButterfly => "social_butterfly",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// What has to be reached, and how much of it at least.
    #[must_use]
    pub fn rule(self) -> (Measure, i64) {
        match self {
            Self::FirstPost => (Measure::Posts, 1),
            Self::RisingStar => (Measure::Posts, 10),
            Self::KarmaKing => (Measure::Karma, 100),
            Self::WeekWarrior => (Measure::DaysInARow, 7),
            Self::CommunityBuilder => (Measure::Communities, 5),
            Self::SocialButterfly => (Measure::Followers, 50),
        }
    }

    /// What a notification of it is about.
    #[must_use]
    pub fn topic(self) -> Uuid {
        Uuid::from_u128(self as u128 + 1)
    }

    #[must_use]
    pub fn of_topic(topic: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.topic() == topic)
    }
}

/// An achievement of somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earned {
    pub achievement: Achievement,
    pub at: UnixMillis,
}

/// Days of UTC on which somebody was here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// In a row until today, or until yesterday where today is still to come.
    pub current: i64,
    /// The most that ever were in a row.
    pub longest: i64,
    /// Those of this week, from Monday on.
    pub week: [bool; 7],
    /// This week's Monday, `YYYY-MM-DD`.
    pub week_start: String,
}

/// What somebody's profile says of what they have done here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub karma: i64,
    pub posts_count: i64,
    pub followers_count: i64,
    pub communities_count: i64,
    pub streak: Streak,
    /// Those that came first, first.
    pub earned: Vec<Earned>,
}

impl Record {
    /// How much there is of a measure now; karma alone can be below zero.
    #[must_use]
    pub fn amount(&self, measure: Measure) -> i64 {
        match measure {
            Measure::Posts => self.posts_count,
            Measure::Karma => self.karma,
            Measure::DaysInARow => self.streak.current,
            Measure::Communities => self.communities_count,
            Measure::Followers => self.followers_count,
        }
    }

    /// How far it is to an achievement: what there is, from none to all of it, and what it takes.
    #[must_use]
    pub fn progress(&self, to: Achievement) -> (i64, i64) {
        let (measure, least) = to.rule();
        (self.amount(measure).clamp(0, least), least)
    }
}

/// How much is going on everywhere, as far as everybody may see it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// 20 to 100.
    pub pulse: i64,
    /// Of the last hour.
    pub posts_count: i64,
    /// Of the last hour.
    pub comments_count: i64,
    /// People of the last five minutes.
    pub active_users: i64,
}

impl Pulse {
    #[must_use]
    pub fn new(posts_count: i64, comments_count: i64, active_users: i64) -> Self {
        let sum = 20 + 15 * posts_count + 5 * comments_count + 10 * active_users;
        Self { pulse: sum.clamp(20, 100), posts_count, comments_count, active_users }
    }
}

/// What went on in a community today and on the six days before, of UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommunityPulse {
    pub posts_count: i64,
    pub comments_count: i64,
    /// Those who posted or commented.
    pub active_members: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pulse_is_the_documented_one_and_stays_in_its_bounds() {
        for (counts, pulse) in [
            ((0, 0, 0), 20),
            ((1, 2, 3), 75),
            ((0, 1, 0), 25),
            ((9, 0, 0), 100),
            ((0, 0, 800), 100),
        ] {
            assert_eq!(Pulse::new(counts.0, counts.1, counts.2).pulse, pulse, "{counts:?}");
        }
    }

    #[test]
    fn progress_stays_between_nothing_and_all_of_it() {
        let record = Record { karma: -3, posts_count: 4, followers_count: 80, ..Record::default() };
        assert_eq!(record.progress(Achievement::KarmaKing), (0, 100));
        assert_eq!(record.progress(Achievement::RisingStar), (4, 10));
        assert_eq!(record.progress(Achievement::SocialButterfly), (50, 50));
    }

    #[test]
    fn every_achievement_is_known_by_its_word_and_by_its_topic() {
        for one in Achievement::ALL {
            assert_eq!(Achievement::from_word(one.as_str()), Some(one));
            assert_eq!(Achievement::of_topic(one.topic()), Some(one));
        }
        assert_eq!(Achievement::of_topic(Uuid::nil()), None);
    }
}
