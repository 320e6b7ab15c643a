//! Who follows whom, and what a profile shows of it.

use domain::Caller;
use domain::people::{block, mute};
use domain::profiles::{
    Direction, all_followed, change_links, explore, figures, follow, follows, mutuals, profile,
    suggestions, unfollow,
};
use test_support::{World, on_both};
use wire::ErrorCode;
use wire::conversations::Target;
use wire::profiles::{Listed, ProfileLink};

use crate::{code, count};

async fn people<const N: usize>(world: &World, names: [&str; N]) -> [Caller; N] {
    let mut people = Vec::new();
    for name in names {
        people.push(world.person(name).await);
    }
    people.try_into().unwrap()
}

fn names(people: &[Listed]) -> Vec<&str> {
    people.iter().map(|person| person.user.username.as_str()).collect()
}

async fn counts(world: &World, of: &Caller) -> (i64, i64) {
    let figures = figures(&world.services, of).await.unwrap();
    (figures.followers_count, figures.following_count)
}

/// What is counted is what is there.
async fn expect_true_counts(world: &World) {
    for (column, end) in [("followers_count", "followee_id"), ("following_count", "follower_id")] {
        let wrong = format!(
            "SELECT count(*) FROM account a WHERE a.{column} <> \
             (SELECT count(*) FROM follow f WHERE f.{end} = a.id)"
        );
        assert_eq!(count(world, &wrong).await, 0, "{column}");
    }
}

on_both! {
    async fn s_46_following_is_idempotent_and_always_counted(world: World) {
        let [ada, bob] = people(&world, ["ada", "bob"]).await;
        for _ in 0..2 {
            let followed = follow(&world.services, &ada, "BOB").await.unwrap();
            assert_eq!((followed.is_following, followed.followers_count), (true, 1));
            assert_eq!(followed.username, "bob");
        }
        assert_eq!((counts(&world, &ada).await, counts(&world, &bob).await), ((0, 1), (1, 0)));
        let seen = profile(&world.services, Some(&ada), "bob").await.unwrap();
        assert_eq!((seen.followers_count, seen.following_count, seen.posts_count), (1, 0, 0));
        assert!(seen.standing.is_following && !seen.standing.follows_reader);
        assert!(profile(&world.services, Some(&bob), "ada").await.unwrap().standing.follows_reader);
        for _ in 0..2 {
            let followed = unfollow(&world.services, &ada, "bob").await.unwrap();
            assert_eq!((followed.is_following, followed.followers_count), (false, 0));
        }
        expect_true_counts(&world).await;
    }

    async fn nobody_follows_themselves_nor_nobody(world: World) {
        let ada = world.person("ada").await;
        assert_eq!(code(follow(&world.services, &ada, "ada").await), ErrorCode::InvalidField);
        assert_eq!(code(unfollow(&world.services, &ada, "ada").await), ErrorCode::InvalidField);
        for name in ["nobody", "", "a\0b", "' OR 1=1"] {
            assert_eq!(code(follow(&world.services, &ada, name).await), ErrorCode::NotFound, "{name}");
        }
    }

    async fn a_block_ends_follows_both_ways_and_hides_both(world: World) {
        let [ada, bob, eve] = people(&world, ["ada", "bob", "eve"]).await;
        for (who, whom) in [(&ada, "bob"), (&bob, "ada"), (&eve, "ada"), (&eve, "bob")] {
            follow(&world.services, who, whom).await.unwrap();
        }
        block(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        assert_eq!(counts(&world, &ada).await, (1, 0));
        assert_eq!(counts(&world, &bob).await, (1, 0));
        expect_true_counts(&world).await;
        for (who, whom) in [(&ada, "bob"), (&bob, "ada")] {
            assert_eq!(code(follow(&world.services, who, whom).await), ErrorCode::NotFound);
            assert_eq!(code(unfollow(&world.services, who, whom).await), ErrorCode::NotFound);
            assert_eq!(code(profile(&world.services, Some(who), whom).await), ErrorCode::NotFound);
        }
        let direction = Direction::Following;
        let seen = follows(&world.services, Some(&bob), eve.user_id, direction, None).await.unwrap();
        assert_eq!(names(&seen.people), ["bob"], "ada is out of his sight here too");
    }

    async fn two_who_follow_each_other_at_once_and_a_block_between_add_up(world: World) {
        let [ada, bob] = people(&world, ["ada", "bob"]).await;
        for round in 0..5 {
            let him = Target::Id(bob.user_id);
            let (one, other, blocked) = tokio::join!(
                follow(&world.services, &ada, "bob"),
                follow(&world.services, &bob, "ada"),
                async {
                    match round {
                        4 => block(&world.services, &ada, &him).await,
                        _ => Ok(()),
                    }
                },
            );
            blocked.unwrap();
            if round < 4 {
                one.unwrap();
                other.unwrap();
                unfollow(&world.services, &ada, "bob").await.unwrap();
            }
            expect_true_counts(&world).await;
        }
        assert_eq!(count(&world, "SELECT count(*) FROM follow").await, 0, "the block had the last word");
    }

    async fn lists_go_on_in_steps_the_newest_first(world: World) {
        let ada = world.person("ada").await;
        for n in 0..35 {
            let fan = world.person(&format!("fan{n:02}")).await;
            follow(&world.services, &fan, "ada").await.unwrap();
            follow(&world.services, &ada, &fan.username).await.unwrap();
        }
        for direction in [Direction::Followers, Direction::Following] {
            let step = |after: Option<String>| {
                let (services, ada) = (world.services.clone(), ada.clone());
                async move {
                    follows(&services, None, ada.user_id, direction, after.as_deref()).await.unwrap()
                }
            };
            let first = step(None).await;
            let second = step(first.next.clone()).await;
            assert_eq!((first.people.len(), second.people.len(), second.next), (30, 5, None));
            let all: Vec<_> = [&first.people[..], &second.people].concat();
            let expected: Vec<_> = (0..35).rev().map(|n| format!("fan{n:02}")).collect();
            assert_eq!(names(&all), expected);
        }
        let whole = all_followed(&world.services, &ada).await.unwrap();
        assert_eq!(whole.len(), 35);
        assert!(whole.iter().all(|one| one.standing.is_following && one.standing.follows_reader));
        let nonsense = follows(&world.services, None, ada.user_id, Direction::Followers, Some("x")).await;
        assert_eq!(code(nonsense), ErrorCode::InvalidField);
    }

    async fn those_whom_friends_follow_are_suggested_first(world: World) {
        let [ada, bob, cleo, dan, eve, zoe, fred] =
            people(&world, ["ada", "bob", "cleo", "dan", "eve", "zoe", "fred"]).await;
        for (who, whom) in [
            (&ada, "bob"), (&ada, "cleo"), (&bob, "dan"), (&cleo, "dan"), (&bob, "eve"),
            (&dan, "zoe"), (&eve, "zoe"), (&fred, "zoe"), (&bob, "fred"), (&cleo, "ada"),
        ] {
            follow(&world.services, who, whom).await.unwrap();
        }
        mute(&world.services, &ada, &Target::Username("fred".into())).await.unwrap();
        let suggested = suggestions(&world.services, Some(&ada)).await.unwrap();
        assert_eq!(names(&suggested), ["dan", "eve", "zoe"]);
        assert_eq!((suggested[0].mutuals.count, suggested[2].mutuals.count), (2, 0));
        assert_eq!(suggested[1].mutuals.names, ["bob"]);
        block(&world.services, &zoe, &Target::Id(ada.user_id)).await.unwrap();
        assert_eq!(names(&suggestions(&world.services, Some(&ada)).await.unwrap()), ["dan", "eve"]);
        let stranger = suggestions(&world.services, None).await.unwrap();
        assert_eq!((stranger.len(), stranger[0].user.username.as_str()), (5, "zoe"));
        let explored = explore(&world.services, Some(&ada)).await.unwrap();
        assert_eq!(names(&explored)[0], "dan");
        assert!(!names(&explored).contains(&"ada") && !names(&explored).contains(&"zoe"));
        let known = mutuals(&world.services, &ada, dan.user_id).await.unwrap();
        assert_eq!((known.names, known.count), (vec!["bob".to_owned(), "cleo".into()], 2));
    }

    async fn whoever_follows_everybody_recommends_nobody(world: World) {
        let [ada, bob, cleo] = people(&world, ["ada", "bob", "cleo"]).await;
        follow(&world.services, &ada, "bob").await.unwrap();
        follow(&world.services, &bob, "cleo").await.unwrap();
        for (following, mutuals) in [(500, 1), (501, 0)] {
            world.execute(&format!("UPDATE account SET following_count = {following} WHERE username = 'bob'")).await;
            let suggested = suggestions(&world.services, Some(&ada)).await.unwrap();
            assert_eq!(suggested[0].user.id, cleo.user_id);
            assert_eq!(suggested[0].mutuals.count, mutuals, "{following}");
        }
    }

    async fn whoever_has_given_up_their_account_is_out_of_sight(world: World) {
        let [ada, bob] = people(&world, ["ada", "bob"]).await;
        follow(&world.services, &bob, "ada").await.unwrap();
        for gone in ["delete_at = 9", "is_active = FALSE, delete_at = NULL"] {
            world.execute(&format!("UPDATE account SET {gone} WHERE username = 'bob'")).await;
            assert_eq!(code(profile(&world.services, Some(&ada), "bob").await), ErrorCode::NotFound);
            assert_eq!(code(follow(&world.services, &ada, "bob").await), ErrorCode::NotFound);
            let fans = follows(&world.services, None, ada.user_id, Direction::Followers, None).await;
            assert!(fans.unwrap().people.is_empty());
            assert!(explore(&world.services, Some(&ada)).await.unwrap().is_empty());
        }
    }

    async fn a_profile_is_found_by_any_spelling_and_by_id(world: World) {
        let [ada, bob] = people(&world, ["Ada", "bob"]).await;
        for name in ["ada", "ADA", " аda ", &ada.user_id.to_string()] {
            let seen = profile(&world.services, Some(&bob), name).await.unwrap();
            assert_eq!(seen.user.username, "Ada", "{name}");
        }
        let own = profile(&world.services, Some(&ada), "ada").await.unwrap();
        assert!(own.standing.is_self);
        for name in ["nobody", "", "%", "a\0b", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(code(profile(&world.services, None, name).await), ErrorCode::NotFound, "{name:?}");
        }
    }

    async fn s_24_links_are_addresses_of_pages(world: World) {
        let ada = world.person("ada").await;
        let link = |url: &str| ProfileLink { url: url.into(), ..ProfileLink::default() };
        change_links(&world.services, &ada, &[link("example.org"), link(""), link("http://x.org/me")]).await.unwrap();
        let seen = profile(&world.services, None, "ada").await.unwrap().links;
        let urls: Vec<_> = seen.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, ["https://example.org", "http://x.org/me"]);
        let hostile = change_links(&world.services, &ada, &[link("javascript:alert(1)")]).await;
        assert_eq!(code(hostile), ErrorCode::InvalidField);
        assert_eq!(profile(&world.services, None, "ada").await.unwrap().links.len(), 2);
    }
}
