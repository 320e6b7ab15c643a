//! What reaches a browser, through a real push service on this machine, and what must not.

use std::sync::Arc;

use domain::accounts::{revoke_other_sessions, sign_out};
use domain::chat::{accept_request, attend, mark_read, mute_conversation, unsend_message};
use domain::jobs::work_once;
use domain::notifications::{
    NewDevice, NewsError, add_device, choices, choose, devices, mark_all_read, push_key,
    remove_device, try_device,
};
use domain::people::{block, mute, unmute};
use domain::posts::{Intent, PostForm, write_comment, write_post};
use domain::profiles::follow;
use domain::{Caller, Keys, Services, Settings};
use serde_json::json;
use test_support::{PushServer, SECRET, Subscribed, World, on_both, origin, quick_settings};
use uuid::Uuid;
use web_push::{HttpService, Reach};
use wire::conversations::Target;
use wire::notifications::{NewsChoice, NewsKind, PushDevice};
use wire::{ConversationId, ConversationKey, UnixMillis};

use crate::{band, begin, count, group, say_in};

/// A world that pushes to a push service of the test's.
async fn pushing(world: World) -> (World, PushServer) {
    let key = Keys::derive(SECRET).vapid().unwrap();
    let service = HttpService::new(key, "mailto:us@sphere.example", Reach::Anywhere).unwrap();
    let settings = Settings { pushes: Some(Arc::new(service)), ..quick_settings() };
    (world.with(settings).await, PushServer::start().await)
}

async fn subscribe(
    world: &World,
    caller: &Caller,
    browser: &Subscribed,
) -> Result<PushDevice, NewsError> {
    let Subscribed { endpoint, p256dh, auth } = browser;
    let new = NewDevice { endpoint, p256dh, auth, language: "en" };
    add_device(&world.services, caller, &origin(), new).await
}

/// Whatever is due is done.
async fn work(services: &Services) {
    while work_once(services).await.unwrap() {}
}

async fn follows(world: &World, fan: &Caller, of: &str) {
    follow(&world.services, fan, of).await.unwrap();
    work(&world.services).await;
}

async fn read(world: &World, who: &Caller, id: ConversationId, seq: i64) {
    mark_read(&world.services, who, ConversationKey::Id(id), Some(seq.into())).await.unwrap();
}

/// What was put off is due now.
async fn hurry(world: &World) {
    world.execute("UPDATE job SET run_at = 0 WHERE kind = 'push'").await;
    work(&world.services).await;
}

async fn waiting(world: &World) -> i64 {
    count(world, "SELECT count(*) FROM job WHERE kind = 'push'").await
}

on_both! {
    async fn an_event_reaches_each_browser_once_and_says_little(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let other = world.sign_in("ada", &[]).await.caller;
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        subscribe(&world, &other, &server.browser("phone")).await.unwrap();
        follow(&world.services, &bob, "ada").await.unwrap();
        assert_eq!(waiting(&world).await, 2, "nobody waits for a push service");
        work(&world.services).await;
        let mut reached = [server.next().await, server.next().await];
        reached.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        for (arrived, name) in reached.iter().zip(["desk", "phone"]) {
            assert!(arrived.endpoint.ends_with(name), "{}", arrived.endpoint);
            let tag = format!("follow-{}", ada.user_id.0);
            assert_eq!(arrived.payload, json!({"title": "en: follow by bob", "url": "/u/bob", "tag": tag}));
            assert_eq!(arrived.claims["sub"], "mailto:us@sphere.example");
            assert_eq!(Some(arrived.key.clone()), push_key(&world.services));
            // A signature may say anything.
            let plain = |line: &&str| !line.starts_with("authorization:");
            let said: Vec<_> = arrived.head.lines().filter(plain).collect();
            assert!(said.contains(&"ttl: 86400") && !said.concat().contains("bob"), "{said:?}");
        }
        let seen = devices(&world.services, &ada).await.unwrap();
        assert_eq!(seen.iter().map(|device| device.is_current).collect::<Vec<_>>(), [true, false]);
        assert!(seen.iter().all(|device| device.pushed_at.is_some()));
        let cyd = world.person("cyd").await;
        follows(&world, &cyd, "ada").await;
        assert!(server.arrived().await.is_none() && waiting(&world).await == 0, "the first waits unread still");
        mark_all_read(&world.services, &ada).await.unwrap();
        let dan = world.person("dan").await;
        follows(&world, &dan, "ada").await;
        assert_eq!(server.next().await.payload["title"], "en: follow by dan");
    }

    async fn nobody_is_pushed_what_they_do_not_want(world: World) {
        let (world, server) = pushing(world).await;
        let ada = world.person("ada").await;
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        let [bob, cyd, dan, eve, fay] = [
            world.person("bob").await, world.person("cyd").await, world.person("dan").await,
            world.person("eve").await, world.person("fay").await,
        ];
        let services = &world.services;
        block(services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        let _not_there = follow(services, &bob, "ada").await;
        mute(services, &ada, &Target::Id(cyd.user_id)).await.unwrap();
        follow(services, &cyd, "ada").await.unwrap();
        let id = begin(&world, &dan, &ada).await;
        say_in(&world, &dan, id, "hello?").await.unwrap();
        follow(services, &dan, "ada").await.unwrap();
        assert_eq!(waiting(&world).await, 0, "not even planned");
        mark_all_read(services, &ada).await.unwrap();
        // Between the event and its push.
        follow(services, &eve, "ada").await.unwrap();
        assert_eq!(waiting(&world).await, 1);
        mute(services, &ada, &Target::Id(eve.user_id)).await.unwrap();
        work(services).await;
        mark_all_read(services, &ada).await.unwrap();
        let quiet = NewsChoice { by_push: false, ..NewsChoice::default() };
        choose(services, &ada, &[(NewsKind::Follow, quiet)].into()).await.unwrap();
        follow(services, &fay, "ada").await.unwrap();
        assert_eq!((waiting(&world).await, count(&world, "SELECT count(*) FROM notification").await), (0, 3));
        assert!(server.arrived().await.is_none());
    }

    async fn whoever_looks_has_heard_of_it(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        let socket = attend(&world.services, &ada).await.unwrap();
        follows(&world, &bob, "ada").await;
        assert!(server.arrived().await.is_none() && waiting(&world).await == 0);
        drop(socket);
    }

    async fn a_push_service_that_is_busy_is_asked_again_and_one_that_forgot_is_not(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let device = subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        for status in [429, 503] {
            server.answer(status);
        }
        follows(&world, &bob, "ada").await;
        assert_eq!(waiting(&world).await, 1, "put off");
        hurry(&world).await;
        assert!(server.arrived().await.is_none());
        hurry(&world).await;
        assert_eq!(server.next().await.payload["url"], "/u/bob");
        assert_eq!(waiting(&world).await, 0);
        // Whatever it says otherwise is the end of this push, and of nothing else.
        server.answer(403);
        try_device(&world.services, &ada, device.id).await.unwrap();
        work(&world.services).await;
        assert_eq!((waiting(&world).await, devices(&world.services, &ada).await.unwrap().len()), (0, 1));
        server.answer(410);
        try_device(&world.services, &ada, device.id).await.unwrap();
        work(&world.services).await;
        assert_eq!((waiting(&world).await, devices(&world.services, &ada).await.unwrap().len()), (0, 0));
        assert!(server.arrived().await.is_none());
    }

    async fn a_push_service_that_never_comes_back_is_given_up(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        (0..20).for_each(|_| server.answer(500));
        follows(&world, &bob, "ada").await;
        for _ in 0..20 {
            hurry(&world).await;
        }
        assert_eq!(waiting(&world).await, 0);
        assert!(server.arrived().await.is_none());
    }

    async fn a_worker_that_died_over_a_push_leaves_it_unsent(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        follow(&world.services, &bob, "ada").await.unwrap();
        world.execute("UPDATE job SET payload = replace(payload, '\"begun\":false', '\"begun\":true')").await;
        work(&world.services).await;
        assert!(server.arrived().await.is_none() && waiting(&world).await == 0);
    }

    async fn of_several_nodes_one_sends(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        for n in 0..6 {
            let session = world.sign_in("ada", &[]).await.caller;
            subscribe(&world, &session, &server.browser(&format!("browser{n}"))).await.unwrap();
        }
        follow(&world.services, &bob, "ada").await.unwrap();
        let other = world.reopen().await;
        tokio::join!(work(&world.services), work(&other));
        let mut reached = Vec::new();
        for _ in 0..6 {
            reached.push(server.next().await.endpoint);
        }
        reached.sort();
        reached.dedup();
        assert_eq!((reached.len(), waiting(&world).await), (6, 0));
        assert!(server.arrived().await.is_none());
        assert_eq!(devices(&world.services, &ada).await.unwrap().len(), 6);
    }

    async fn a_browser_is_pushed_to_as_long_as_its_session_lives(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let other = world.sign_in("ada", &[]).await.caller;
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        subscribe(&world, &other, &server.browser("phone")).await.unwrap();
        revoke_other_sessions(&world.services, &ada).await.unwrap();
        assert_eq!(devices(&world.services, &ada).await.unwrap().len(), 1);
        // The same browser, another person: whoever was there before is pushed to no more.
        subscribe(&world, &bob, &server.browser("desk")).await.unwrap();
        assert_eq!(devices(&world.services, &ada).await.unwrap().len(), 0);
        // The same session, another address.
        subscribe(&world, &bob, &server.browser("desk-again")).await.unwrap();
        assert_eq!(devices(&world.services, &bob).await.unwrap().len(), 1);
        follows(&world, &ada, "bob").await;
        assert!(server.next().await.endpoint.ends_with("desk-again"));
        sign_out(&world.services, &bob).await.unwrap();
        assert_eq!(count(&world, "SELECT count(*) FROM push_device").await, 0);
    }

    async fn a_device_is_its_owners_and_has_to_be_one(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let browser = server.browser("desk");
        let device = subscribe(&world, &ada, &browser).await.unwrap();
        for id in [device.id, Uuid::now_v7()] {
            let refused = [
                remove_device(&world.services, &bob, id).await,
                try_device(&world.services, &bob, id).await,
            ];
            assert!(refused.iter().all(|answer| matches!(answer, Err(NewsError::NotFound))), "{refused:?}");
        }
        let wrong = Subscribed { auth: "short".into(), ..browser.clone() };
        let refused = subscribe(&world, &ada, &wrong).await;
        assert!(matches!(refused, Err(NewsError::NoSubscription("auth", _))), "{refused:?}");
        try_device(&world.services, &ada, device.id).await.unwrap();
        work(&world.services).await;
        let trial = server.next().await.payload;
        assert_eq!(trial["url"], "/settings/notifications");
        remove_device(&world.services, &ada, device.id).await.unwrap();
        follows(&world, &bob, "ada").await;
        assert!(server.arrived().await.is_none());
        let off = world.with(quick_settings()).await;
        assert!(matches!(subscribe(&off, &ada, &browser).await, Err(NewsError::Off)) && push_key(&off.services).is_none());
    }

    async fn what_is_said_leads_to_itself_and_never_stands_in_the_push(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        let form = PostForm {
            title: "Secret plans".into(),
            content: "x".into(),
            intent: Intent::Publish,
            ..PostForm::default()
        };
        write_post(&world.services, &ada, None, &form).await.unwrap();
        let said = write_comment(&world.services, &bob, "secret-plans", None, "Psst!").await.unwrap();
        work(&world.services).await;
        let payload = server.next().await.payload;
        assert_eq!(payload["url"], format!("/posts/secret-plans/comments/{}", said.id));
        let text = payload.to_string();
        assert!(!text.contains("Psst") && !text.contains("Secret"), "{text}");
    }

    async fn a_message_reaches_whoever_is_away_and_the_next_one_after_it_was_read(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        let id = begin(&world, &bob, &ada).await;
        say_in(&world, &bob, id, "may I?").await.unwrap();
        assert_eq!(waiting(&world).await, 0, "a request waits without a sound");
        accept_request(&world.services, &ada, id).await.unwrap();
        read(&world, &ada, id, 1).await;
        for words in ["one", "two"] {
            say_in(&world, &bob, id, words).await.unwrap();
        }
        assert_eq!(waiting(&world).await, 1, "the first waits unread still");
        work(&world.services).await;
        let (url, tag) = (format!("/chat/{id}"), format!("message-{}", id.0));
        let expected = json!({"title": "en: message by bob", "url": url, "tag": tag});
        assert_eq!(server.next().await.payload, expected);
        world.execute("UPDATE conversation SET updated_at = updated_at - 600001").await;
        say_in(&world, &bob, id, "are you there?").await.unwrap();
        work(&world.services).await;
        assert_eq!(server.next().await.payload, expected, "once more, after ten minutes");
        read(&world, &ada, id, 4).await;
        say_in(&world, &ada, id, "yes").await.unwrap();
        say_in(&world, &bob, id, "read at once").await.unwrap();
        read(&world, &ada, id, 6).await;
        work(&world.services).await;
        assert!(server.arrived().await.is_none() && waiting(&world).await == 0, "what was read is not pushed");
        say_in(&world, &bob, id, "to somebody who looks").await.unwrap();
        let socket = attend(&world.services, &ada).await.unwrap();
        work(&world.services).await;
        assert!(server.arrived().await.is_none());
        drop(socket);
    }

    async fn no_message_is_pushed_to_whoever_wants_to_hear_nothing_of_it(world: World) {
        let (world, server) = pushing(world).await;
        let [ada, bob, eve] = [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        subscribe(&world, &bob, &server.browser("own")).await.unwrap();
        let services = &world.services;
        let id = band(&world, &ada, &[&bob, &eve]).await;
        let key = ConversationKey::Id(id);
        let say = async |words: &str| {
            let said = say_in(&world, &eve, id, words).await.unwrap();
            read(&world, &bob, id, said.seq).await;
            said
        };
        let first = say("in a group").await;
        work(services).await;
        assert_eq!(server.next().await.payload["title"], "en: message by eve in a group");
        assert!(server.arrived().await.is_none(), "bob has read it");
        read(&world, &ada, id, first.seq).await;
        mute_conversation(services, &ada, key, Some(UnixMillis(i64::MAX))).await.unwrap();
        let second = say("while it is muted").await;
        assert_eq!(waiting(&world).await, 1, "bob alone would hear of it");
        mute_conversation(services, &ada, key, None).await.unwrap();
        read(&world, &ada, id, second.seq).await;
        let third = say("taken back").await;
        unsend_message(services, &eve, third.id).await.unwrap();
        read(&world, &ada, id, third.seq).await;
        let fourth = say("muted before it is sent").await;
        mute(services, &ada, &Target::Id(eve.user_id)).await.unwrap();
        work(services).await;
        read(&world, &ada, id, fourth.seq).await;
        unmute(services, &ada, &Target::Id(eve.user_id)).await.unwrap();
        let quiet = NewsChoice { by_push: false, on_site: false, by_mail: true };
        choose(services, &ada, &[(NewsKind::Message, quiet)].into()).await.unwrap();
        let kept = choices(services, &ada).await.unwrap()[&NewsKind::Message];
        assert_eq!(kept, NewsChoice { by_push: false, on_site: true, by_mail: false });
        say("not wanted").await;
        work(services).await;
        assert!(server.arrived().await.is_none());
    }

    async fn who_was_declined_makes_no_sound_in_a_group_either(world: World) {
        let (world, server) = pushing(world).await;
        let [ada, bob, eve] = [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        let request = begin(&world, &bob, &ada).await;
        say_in(&world, &bob, request, "may I?").await.unwrap();
        let id = band(&world, &eve, &[&ada, &bob]).await;
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        let said = say_in(&world, &bob, id, "then here").await.unwrap();
        work(&world.services).await;
        assert!(server.arrived().await.is_none());
        read(&world, &ada, id, said.seq).await;
        say_in(&world, &eve, id, "hello").await.unwrap();
        work(&world.services).await;
        assert_eq!(server.next().await.payload["title"], "en: message by eve in a group");
    }

    async fn the_room_of_a_community_calls_only_whom_it_names(world: World) {
        let (world, server) = pushing(world).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        subscribe(&world, &ada, &server.browser("desk")).await.unwrap();
        let id = group(&world, &[&ada, &bob]).await;
        say_in(&world, &bob, id, "to everybody").await.unwrap();
        assert_eq!(waiting(&world).await, 0);
        say_in(&world, &bob, id, "to @ada").await.unwrap();
        work(&world.services).await;
        assert_eq!(server.next().await.payload["url"], format!("/chat/{id}?at=2#m2"));
    }
}
