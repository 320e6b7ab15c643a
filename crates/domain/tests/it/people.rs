//! Finding people, keeping them away, reporting them, and what one shows of oneself.

use domain::chat::attend;
use domain::people::{
    block, blocked_people, change_privacy, last_seen_of, mute, page_of_people, privacy, report,
    search_people, touch_last_seen, unblock, unmute, who_may_see, whom_to_see,
};
use domain::{Caller, Services};
use test_support::{World, on_both};
use uuid::Uuid;
use wire::conversations::Target;
use wire::people::{
    LastSeen, Privacy, PrivacyChange, Report, ReportKind, ReportReason, WhoCanMessage,
};
use wire::{ErrorCode, UserId};

use crate::{band, begin, code, count, friends, say_in};

async fn found(services: &Services, caller: &Caller, prefix: &str) -> Vec<String> {
    let found = search_people(services, caller, prefix, None, 50).await.unwrap();
    found.people.into_iter().map(|person| person.user.username).collect()
}

fn about(kind: ReportKind, id: Uuid) -> Report {
    Report { kind, id, reason: ReportReason::Harassment, note: Some(" look ".into()) }
}

async fn hide_presence(services: &Services, caller: &Caller) {
    let change = PrivacyChange { show_presence: Some(false), ..PrivacyChange::default() };
    change_privacy(services, caller, change).await.unwrap();
}

on_both! {
    async fn s_66_people_are_found_by_the_beginning_of_their_name(world: World) {
        let quinn = world.person("quinn").await;
        for name in ["Anna", "anton", "banana", "an_a", "an-z", "zoe"] {
            world.person(name).await;
        }
        assert_eq!(found(&world.services, &quinn, "AN").await, ["an-z", "an_a", "Anna", "anton"]);
        assert_eq!(found(&world.services, &quinn, "аn").await.len(), 4, "a look-alike");
        assert_eq!(found(&world.services, &quinn, "an_").await, ["an_a"], "no wildcard");
        assert_eq!(found(&world.services, &quinn, "%").await, Vec::<String>::new());
        assert_eq!(found(&world.services, &quinn, "quinn").await, Vec::<String>::new(), "not oneself");
        assert_eq!(found(&world.services, &quinn, "").await.len(), 6);
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'anton'").await;
        assert_eq!(found(&world.services, &quinn, "ant").await, Vec::<String>::new());
    }

    async fn l_14_an_address_finds_nobody(world: World) {
        let quinn = world.person("quinn").await;
        world.person("ada").await;
        world.execute("UPDATE account SET email = 'x@y.zz', email_key = 'x@y.zz' WHERE username = 'ada'").await;
        assert_eq!(found(&world.services, &quinn, "x@y").await, Vec::<String>::new());
    }

    async fn l_36_a_search_goes_on_in_steps_and_in_pages(world: World) {
        let quinn = world.person("quinn").await;
        for n in 0..7 {
            world.person(&format!("friend{n}")).await;
        }
        let mut stepped = Vec::new();
        let mut after = None;
        loop {
            let step = search_people(&world.services, &quinn, "fri", after.as_deref(), 3).await.unwrap();
            stepped.extend(step.people.into_iter().map(|person| person.user.username));
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(stepped, found(&world.services, &quinn, "fri").await);
        assert_eq!(stepped.len(), 7);
        let (page, count) = page_of_people(&world.services, &quinn, "fri", 6, 3).await.unwrap();
        assert_eq!((page.len(), count), (1, 7));
        assert_eq!(page[0].username, "friend6", "pages go by the name itself, steps by what it is mistaken for");
    }

    async fn the_blocked_and_their_blockers_do_not_find_each_other(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let him = Target::Username("bob".into());
        for _ in 0..2 {
            block(&world.services, &ada, &him).await.unwrap();
        }
        assert_eq!(found(&world.services, &ada, "bob").await, Vec::<String>::new());
        assert_eq!(found(&world.services, &bob, "ada").await, Vec::<String>::new());
        let blocked = blocked_people(&world.services, &ada).await.unwrap();
        assert_eq!(blocked[0].user.username, "bob");
        assert!(blocked_people(&world.services, &bob).await.unwrap().is_empty());
        for _ in 0..2 {
            unblock(&world.services, &ada, &him).await.unwrap();
        }
        assert_eq!(found(&world.services, &ada, "bob").await, ["bob"]);
        for (target, expected) in [
            (Target::Id(ada.user_id), ErrorCode::InvalidField),
            (Target::Id(UserId::new()), ErrorCode::NotFound),
        ] {
            assert_eq!(code(block(&world.services, &ada, &target).await), expected);
            assert_eq!(code(unblock(&world.services, &ada, &target).await), expected);
            assert_eq!(code(mute(&world.services, &ada, &target).await), expected);
        }
    }

    async fn a_block_ends_follows_and_a_waiting_request(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = begin(&world, &bob, &ada).await;
        say_in(&world, &bob, id, "hello?").await.unwrap();
        world
            .execute(
                "INSERT INTO follow (follower_id, followee_id, created_at) \
                 SELECT a.id, b.id, 0 FROM account a JOIN account b ON b.id <> a.id",
            )
            .await;
        world.execute("UPDATE account SET followers_count = 1, following_count = 1").await;
        block(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        assert_eq!(count(&world, "SELECT count(*) FROM follow").await, 0);
        assert_eq!(count(&world, "SELECT sum(followers_count + following_count) FROM account").await, 0);
        let waiting = domain::chat::requests(&world.services, &ada, None, 20).await.unwrap();
        assert!(waiting.conversations.is_empty());
    }

    async fn muting_is_idempotent(world: World) {
        let ada = world.person("ada").await;
        world.person("bob").await;
        let him = Target::Username("bob".into());
        for _ in 0..2 {
            mute(&world.services, &ada, &him).await.unwrap();
        }
        assert_eq!(count(&world, "SELECT count(*) FROM mute").await, 1);
        for _ in 0..2 {
            unmute(&world.services, &ada, &him).await.unwrap();
        }
        assert_eq!(count(&world, "SELECT count(*) FROM mute").await, 0);
    }

    async fn what_one_can_see_one_can_report_once(world: World) {
        let (ada, bob, eve) =
            (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let id = friends(&world, &ada, &bob).await;
        let message = say_in(&world, &bob, id, "bad words").await.unwrap();
        let public = world.say(&bob, "bad words").await;
        let visible = [
            about(ReportKind::User, bob.user_id.0),
            about(ReportKind::Conversation, id.0),
            about(ReportKind::Message, message.id.0),
            about(ReportKind::Message, public.id.0),
        ];
        for one in &visible {
            for _ in 0..2 {
                report(&world.services, &ada, one).await.unwrap();
            }
        }
        let filed = "SELECT count(*) FROM report WHERE note = 'look' AND reason = 'harassment'";
        assert_eq!(count(&world, filed).await, 4);
        for hidden in [&visible[1], &visible[2], &about(ReportKind::User, Uuid::now_v7())] {
            assert_eq!(code(report(&world.services, &eve, hidden).await), ErrorCode::NotFound);
        }
        let oneself = about(ReportKind::User, eve.user_id.0);
        assert_eq!(code(report(&world.services, &eve, &oneself).await), ErrorCode::InvalidField);
        let long = Report { note: Some("x".repeat(1001)), ..visible[0].clone() };
        assert_eq!(code(report(&world.services, &eve, &long).await), ErrorCode::InvalidField);
    }

    async fn privacy_is_open_until_it_is_changed_one_switch_at_a_time(world: World) {
        let ada = world.person("ada").await;
        let open = Privacy {
            show_presence: true,
            show_read_receipts: true,
            who_can_message: WhoCanMessage::Everyone,
        };
        assert_eq!(privacy(&world.services, &ada).await.unwrap(), open);
        hide_presence(&world.services, &ada).await;
        let change = PrivacyChange {
            who_can_message: Some(WhoCanMessage::Following),
            ..PrivacyChange::default()
        };
        let now = change_privacy(&world.services, &ada, change).await.unwrap();
        let expected = Privacy {
            show_presence: false,
            who_can_message: WhoCanMessage::Following,
            ..open
        };
        assert_eq!((now, privacy(&world.services, &ada).await.unwrap()), (expected, expected));
    }

    async fn l_39_presence_concerns_those_who_share_an_accepted_conversation(world: World) {
        let (ada, bob, eve) =
            (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let (dan, cat) = (world.person("dan").await, world.person("cat").await);
        friends(&world, &ada, &bob).await;
        band(&world, &ada, &[&eve, &cat]).await;
        let pending = begin(&world, &ada, &dan).await;
        say_in(&world, &ada, pending, "hello?").await.unwrap();
        block(&world.services, &cat, &Target::Id(ada.user_id)).await.unwrap();
        let expected = [bob.user_id, eve.user_id].into();
        assert_eq!(who_may_see(&world.services, ada.user_id).await.unwrap(), expected);
        assert_eq!(whom_to_see(&world.services, ada.user_id).await.unwrap(), expected);
        assert!(who_may_see(&world.services, dan.user_id).await.unwrap().is_empty());
        hide_presence(&world.services, &ada).await;
        assert!(who_may_see(&world.services, ada.user_id).await.unwrap().is_empty());
        assert_eq!(whom_to_see(&world.services, ada.user_id).await.unwrap(), expected);
        assert!(whom_to_see(&world.services, bob.user_id).await.unwrap().is_empty());
    }

    async fn last_seen_is_coarse_and_hidden_on_wish(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        assert_eq!(last_seen_of(&world.services, ada.user_id).await.unwrap(), None);
        touch_last_seen(&world.services, &[ada.user_id]).await.unwrap();
        let recently = Some(LastSeen::Recently);
        assert_eq!(last_seen_of(&world.services, ada.user_id).await.unwrap(), recently);
        let _here = attend(&world.services, &ada).await.unwrap();
        let shown = |world: &World, bob: &Caller| {
            let (services, bob) = (world.services.clone(), bob.clone());
            async move {
                let seen = domain::chat::conversation(&services, &bob, id).await.unwrap();
                let card = search_people(&services, &bob, "ada", None, 1).await.unwrap().people;
                let person = &seen.people[0];
                assert_eq!((person.is_online, person.last_seen), (card[0].is_online, card[0].last_seen));
                (person.shows_presence, person.is_online, person.last_seen)
            }
        };
        assert_eq!(shown(&world, &bob).await, (true, true, recently));
        hide_presence(&world.services, &ada).await;
        assert_eq!(shown(&world, &bob).await, (false, false, None));
        assert_eq!(last_seen_of(&world.services, ada.user_id).await.unwrap(), None);
    }
}
