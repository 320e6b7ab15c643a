//! Days in a row, achievements, and how much is going on.

use domain::Caller;
use domain::activity::{
    achievements, community_pulse, mark_shown, note_visit, pending, pulse, record, streak,
    visits_settled,
};
use domain::notifications::news;
use domain::posts::{
    Change, Intent, PostForm, Reaction, delete_comment, delete_post, react, restore_post,
    write_comment, write_post,
};
use domain::profiles::{follow, unfollow};
use test_support::{World, on_both};
use wire::ErrorCode;
use wire::activity::Achievement;
use wire::notifications::{About, NewsKind};
use wire::posts::Visibility;

use crate::communities::{closed, open};
use crate::{code, count};

const DAY: i64 = 86_400_000;

fn today() -> i64 {
    domain::clock::now().0 / DAY
}

/// As if they had been here so many days ago.
async fn was_here(world: &World, who: &Caller, days_ago: impl IntoIterator<Item = i64>) {
    for ago in days_ago {
        let sql = format!(
            "INSERT INTO visit (account_id, day) SELECT id, {} FROM account WHERE username = '{}'",
            today() - ago,
            who.username
        );
        world.execute(&sql).await;
    }
}

async fn post(world: &World, who: &Caller, title: &str, community: Option<&str>) {
    let form = PostForm {
        title: title.into(),
        content: "x".into(),
        community: community.map(str::to_owned),
        intent: Intent::Publish,
        ..PostForm::default()
    };
    write_post(&world.services, who, None, &form).await.unwrap();
}

pub(crate) async fn earned(world: &World, who: &Caller) -> Vec<Achievement> {
    let earned = achievements(&world.services, who.user_id).await.unwrap();
    earned.into_iter().map(|one| one.achievement).collect()
}

/// What they were told to have achieved, the last first.
async fn told(world: &World, who: &Caller) -> Vec<Achievement> {
    let step = news(&world.services, who, None).await.unwrap();
    let of_these = step.news.into_iter().filter(|news| news.kind == NewsKind::Achievement);
    let about = of_these.map(|news| match news.about {
        About::Achievement(achievement) => achievement,
        other => panic!("{other:?}"),
    });
    about.collect()
}

async fn set(world: &World, who: &Caller, what: &str) {
    world.execute(&format!("UPDATE account SET {what} WHERE username = '{}'", who.username)).await;
}

on_both! {
    async fn s_39_a_day_is_written_down_once_however_often_somebody_comes(world: World) {
        let ada = world.person("ada").await;
        let all = "SELECT count(*) FROM visit";
        for _ in 0..3 {
            for _ in 0..100 {
                note_visit(&world.services, ada.user_id);
            }
            visits_settled(&world.services).await;
            assert_eq!(count(&world, all).await, 1);
        }
        // A restart, or another node, knows nothing of it.
        let other = world.reopen().await;
        note_visit(&other, ada.user_id);
        visits_settled(&other).await;
        assert_eq!(count(&world, all).await, 1);
        assert_eq!(count(&world, "SELECT count(*) FROM account WHERE last_seen IS NOT NULL").await, 0);
    }

    async fn whoever_is_gone_keeps_nobody_else_from_being_counted(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        note_visit(&world.services, wire::UserId::new());
        note_visit(&world.services, ada.user_id);
        note_visit(&world.services, bob.user_id);
        visits_settled(&world.services).await;
        assert_eq!(count(&world, "SELECT count(*) FROM visit").await, 2);
    }

    async fn s_65_a_streak_is_days_in_a_row_until_today_or_yesterday(world: World) {
        for (name, days_ago, own, seen) in [
            ("nobody", vec![], (1, 1), (0, 0)),
            ("today", vec![0], (1, 1), (1, 1)),
            ("yesterday", vec![1, 2, 3], (4, 4), (3, 3)),
            ("before", vec![2, 3, 4, 5], (1, 4), (0, 4)),
            ("gaps", vec![0, 1, 3, 4, 5, 9], (2, 3), (2, 3)),
            ("long", (0..40).collect(), (40, 40), (40, 40)),
        ] {
            let who = world.person(name).await;
            was_here(&world, &who, days_ago).await;
            let mine = streak(&world.services, Some(&who), who.user_id).await.unwrap();
            assert_eq!((mine.current, mine.longest), own, "{name} asks, and is here");
            let theirs = streak(&world.services, None, who.user_id).await.unwrap();
            assert_eq!((theirs.current, theirs.longest), seen, "{name}");
            let weekday = ((today() + 3) % 7) as usize;
            assert!(mine.week[weekday] && mine.week[weekday + 1..].iter().all(|here| !here), "{name}");
            assert_eq!(mine.week_start.len(), 10);
        }
    }

    async fn each_achievement_is_given_at_its_number_and_told_once(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        post(&world, &ada, "One", None).await;
        assert_eq!(earned(&world, &ada).await, [Achievement::FirstPost]);
        set(&world, &ada, "posts_count = 8").await;
        post(&world, &ada, "Nine", None).await;
        assert_eq!(earned(&world, &ada).await.len(), 1, "nine posts are not ten");
        post(&world, &ada, "Ten", None).await;
        assert!(earned(&world, &ada).await.contains(&Achievement::RisingStar));
        set(&world, &ada, "karma = 98").await;
        react(services, &bob, "one", Reaction::Like, Change::Put).await.unwrap();
        assert_eq!(earned(&world, &ada).await.len(), 2, "99 are not 100");
        react(services, &bob, "nine", Reaction::Like, Change::Put).await.unwrap();
        assert!(earned(&world, &ada).await.contains(&Achievement::KarmaKing));
        set(&world, &ada, "followers_count = 49").await;
        for _ in 0..2 {
            follow(services, &bob, "ada").await.unwrap();
            unfollow(services, &bob, "ada").await.unwrap();
        }
        assert_eq!(told(&world, &ada).await.len(), 4, "each is told once");
        assert!(earned(&world, &ada).await.contains(&Achievement::SocialButterfly), "and stays");
        for n in 0..5 {
            assert!(!earned(&world, &ada).await.contains(&Achievement::CommunityBuilder), "{n}");
            open(&world, &ada, &format!("Place {n}")).await;
        }
        assert_eq!(told(&world, &ada).await[0], Achievement::CommunityBuilder);
        assert!(earned(&world, &bob).await.is_empty() && told(&world, &bob).await.is_empty());
    }

    async fn seven_days_in_a_row_are_worth_something(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        was_here(&world, &ada, 1..=6).await;
        was_here(&world, &bob, [1, 2, 3, 5, 6, 7, 8]).await;
        for who in [&ada, &bob] {
            note_visit(&world.services, who.user_id);
        }
        visits_settled(&world.services).await;
        assert_eq!(earned(&world, &ada).await, [Achievement::WeekWarrior]);
        assert_eq!(told(&world, &ada).await, [Achievement::WeekWarrior]);
        assert!(earned(&world, &bob).await.is_empty(), "a day is missing");
    }

    async fn s_18_asking_what_is_new_gives_nothing_and_marks_nothing(world: World) {
        let ada = world.person("ada").await;
        set(&world, &ada, "karma = 500").await;
        assert!(pending(&world.services, &ada).await.unwrap().is_empty(), "nothing has happened");
        post(&world, &ada, "One", None).await;
        for _ in 0..2 {
            let waiting = pending(&world.services, &ada).await.unwrap();
            assert_eq!(waiting.len(), 2, "publishing looks at both");
        }
        for _ in 0..2 {
            mark_shown(&world.services, &ada, Achievement::FirstPost).await.unwrap();
        }
        let waiting = pending(&world.services, &ada).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.achievement).collect::<Vec<_>>(), [Achievement::KarmaKing]);
        assert_eq!(earned(&world, &ada).await.len(), 2);
        let none = mark_shown(&world.services, &ada, Achievement::WeekWarrior).await;
        assert_eq!(code(none), ErrorCode::NotFound);
        let record = record(&world.services, None, ada.user_id).await.unwrap();
        assert_eq!((record.karma, record.earned.len(), record.streak.current), (500, 2, 0));
        assert_eq!(record.progress(Achievement::RisingStar), (1, 10));
        assert_eq!(record.progress(Achievement::CommunityBuilder), (0, 5));
        closed(&world, &ada, "Closed").await;
        let record = domain::activity::record(&world.services, None, ada.user_id).await.unwrap();
        assert_eq!(record.progress(Achievement::CommunityBuilder), (1, 5));
    }

    async fn s_25_s_60_the_pulse_counts_what_everybody_may_see(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        closed(&world, &ada, "Closed").await;
        post(&world, &ada, "Open", None).await;
        post(&world, &ada, "Shut", Some("closed")).await;
        let followers = PostForm {
            title: "Few".into(), content: "x".into(), intent: Intent::Publish,
            visibility: Visibility::Followers, ..PostForm::default()
        };
        write_post(&world.services, &ada, None, &followers).await.unwrap();
        for slug in ["open", "shut"] {
            write_comment(&world.services, &ada, slug, None, "x").await.unwrap();
        }
        let said = write_comment(&world.services, &bob, "open", None, "y").await.unwrap();
        delete_comment(&world.services, &bob, said.id).await.unwrap();
        world.execute("UPDATE session SET last_seen = last_seen - 400000 WHERE account_id IN \
            (SELECT id FROM account WHERE username = 'bob')").await;
        let fresh = world.reopen().await;
        let now = pulse(&fresh).await.unwrap();
        assert_eq!((now.posts_count, now.comments_count, now.active_users), (1, 1, 1));
        assert_eq!(now.pulse, 20 + 15 + 5 + 10);
        post(&world, &ada, "More", None).await;
        assert_eq!(pulse(&fresh).await.unwrap(), now, "whoever asks again is not counted for");
        world.execute(&format!("UPDATE post SET published_at = published_at - {DAY}")).await;
        let fresh = world.reopen().await;
        let later = pulse(&fresh).await.unwrap();
        assert_eq!(later.posts_count, 0, "that was yesterday");
    }

    async fn a_community_knows_what_went_on_in_it_this_week(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let tea = open(&world, &ada, "Tea").await.id.0;
        domain::communities::join(&world.services, &bob, "tea").await.unwrap();
        let of = || async { community_pulse(&world.services, tea).await.unwrap() };
        assert_eq!(of().await, Default::default());
        post(&world, &ada, "One", Some("tea")).await;
        post(&world, &ada, "Two", Some("tea")).await;
        post(&world, &ada, "Elsewhere", None).await;
        let said = write_comment(&world.services, &bob, "one", None, "x").await.unwrap();
        write_comment(&world.services, &ada, "one", Some(said.id), "y").await.unwrap();
        let week = of().await;
        assert_eq!((week.posts_count, week.comments_count, week.active_members), (2, 2, 2));
        delete_comment(&world.services, &bob, said.id).await.unwrap();
        delete_post(&world.services, &ada, "two").await.unwrap();
        let week = of().await;
        assert_eq!((week.posts_count, week.comments_count), (1, 1));
        let two = "SELECT count(*) FROM post WHERE state = 'deleted' AND slug = 'two'";
        assert_eq!(count(&world, two).await, 1);
        restore_post(&world.services, &ada, "two").await.unwrap();
        assert_eq!(of().await.posts_count, 2);
        world.execute("UPDATE community_day SET day = day - 7").await;
        world.execute("UPDATE community_active SET day = day - 7").await;
        assert_eq!(of().await, Default::default(), "that was last week");
        domain::communities::delete(&world.services, &ada, "tea").await.unwrap();
        let left = "SELECT (SELECT count(*) FROM community_day) + (SELECT count(*) FROM community_active)";
        assert_eq!(count(&world, left).await, 0);
    }
}
