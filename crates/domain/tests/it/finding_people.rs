//! The list of people.

use domain::chat::attend;
use domain::people::{PeopleError, block, page_of_people};
use domain::{Caller, Settings};
use test_support::{World, on_both, quick_settings, sign_up_form};
use wire::accounts::{PersonView, SignUpForm};
use wire::conversations::Target;

type Page = (Vec<PersonView>, u64);

async fn find(world: &World, caller: &Caller, search: &str) -> Page {
    page_of_people(&world.services, caller, search, 0, 20).await.unwrap()
}

fn names((people, _): &Page) -> Vec<&str> {
    people.iter().map(|person| person.username.as_str()).collect()
}

on_both! {
    async fn l14_people_are_found_by_name_and_never_by_address(world: World) {
        let form = SignUpForm { email: "secret@sphere.example".into(), ..sign_up_form("bob") };
        let from = test_support::origin();
        let bob = domain::accounts::sign_up(&world.services, &form, &from, &[]);
        let bob = bob.await.unwrap().caller;
        let ada = world.person("ada").await;
        for search in ["secret", "sphere", "@", "secret@sphere.example"] {
            assert_eq!(find(&world, &ada, search).await.1, 0, "{search}");
        }
        assert_eq!(names(&find(&world, &ada, "BO").await), ["bob"]);
        assert_eq!(names(&find(&world, &bob, "").await), ["ada"], "not oneself");
    }

    async fn a_search_is_a_text_and_no_pattern(world: World) {
        let ada = world.person("ada").await;
        for name in ["under_score", "underXscore", "plain"] {
            world.person(name).await;
        }
        assert_eq!(names(&find(&world, &ada, "under_s").await), ["under_score"]);
        for search in ["%", "!", "a\0b", "' OR 1=1 --", &"x".repeat(5000)] {
            assert_eq!(find(&world, &ada, search).await.1, 0, "{search}");
        }
    }

    async fn pages_follow_each_other_and_the_disabled_are_not_there(world: World) {
        let ada = world.person("ada").await;
        for name in ["carol", "bob", "dave", "eve"] {
            world.person(name).await;
        }
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'eve'").await;
        let mut seen = Vec::new();
        for skip in [0, 2] {
            let (page, count) = page_of_people(&world.services, &ada, "", skip, 2).await.unwrap();
            assert_eq!(count, 3);
            seen.extend(page.into_iter().map(|person| person.username));
        }
        assert_eq!(seen, ["bob", "carol", "dave"]);
        assert!(page_of_people(&world.services, &ada, "", u64::MAX, 2).await.unwrap().0.is_empty());
    }

    async fn whoever_is_here_is_shown_so(world: World) {
        let ada = world.person("ada").await;
        let bob = world.person("bob").await;
        assert!(!find(&world, &ada, "bob").await.0[0].is_online);
        let _here = attend(&world.services, &bob).await.unwrap();
        let shown = find(&world, &ada, "bob").await.0.remove(0);
        assert!(shown.is_online && shown.last_seen.is_some() && shown.created_at.0 > 0);
    }

    async fn s12_searching_is_limited_and_looking_is_not(world: World) {
        let ada = world.person("ada").await;
        let world = world.with(Settings { searches_per_minute: 2, ..quick_settings() }).await;
        for _ in 0..2 {
            find(&world, &ada, "b").await;
        }
        let refused = page_of_people(&world.services, &ada, "b", 0, 20).await;
        assert!(matches!(refused, Err(PeopleError::TooOften { .. })), "{refused:?}");
        find(&world, &ada, "").await;
    }

    async fn everybody_comes_in_pages_that_know_their_end(world: World) {
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("Eve").await];
        let page = |who: &Caller, offset, limit| {
            let (services, who) = (world.services.clone(), who.clone());
            async move {
                let (people, count) = page_of_people(&services, &who, " ", offset, limit).await.unwrap();
                let names: Vec<_> = people.into_iter().map(|person| person.username).collect();
                (names.join(" "), count)
            }
        };
        assert_eq!(page(&ada, 0, 20).await, ("Eve bob".into(), 2));
        assert_eq!(page(&ada, 1, 1).await, ("bob".into(), 2));
        // Somebody new is there at once, and gone for each other by a block.
        world.person("zoe").await;
        assert_eq!(page(&ada, 2, 20).await, ("zoe".into(), 3));
        block(&world.services, &eve, &Target::Id(ada.user_id)).await.unwrap();
        assert_eq!(page(&ada, 0, 20).await, ("bob zoe".into(), 2));
        assert_eq!(page(&eve, 0, 20).await, ("bob zoe".into(), 2));
        assert_eq!(page(&bob, 0, 20).await, ("Eve ada zoe".into(), 3));
    }
}
