//! Two people and their one conversation.

use domain::chat::{
    Started, add_members, conversation, conversations, hide_conversation, history, start_direct,
};
use domain::people::{block, change_privacy};
use test_support::{Listener, World, on_both};
use tokio::task::JoinSet;
use wire::chat::Span;
use wire::conversations::{ConversationKind, RequestState, Target};
use wire::people::{PrivacyChange, WhoCanMessage};
use wire::{ConversationKey, ErrorCode, UserId};

use crate::{band, begin, code, count, friends, heard_types, say_in, unheard};

async fn follow(world: &World, follower: UserId, followee: UserId) {
    use sea_orm::{ActiveModelTrait, Set};
    let row = entity::follow::ActiveModel {
        follower_id: Set(follower.0),
        followee_id: Set(followee.0),
        created_at: Set(0),
    };
    row.insert(&world.rows).await.unwrap();
}

on_both! {
    async fn a_start_by_id_or_by_name_finds_the_one_conversation_of_the_two(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let by_id = Target::Id(bob.user_id);
        let Ok(Started::New(begun)) = start_direct(&world.services, &ada, &by_id).await else {
            panic!()
        };
        assert_eq!((begun.kind, begun.request), (ConversationKind::Direct, RequestState::Sent));
        assert_eq!(begun.people[0].user.username, "bob");
        let again = [
            (&ada, Target::Username("BOB".into())),
            (&bob, Target::Username(" ada ".into())),
            (&bob, Target::Id(ada.user_id)),
        ];
        for (caller, target) in again {
            let Ok(Started::Existing(found)) = start_direct(&world.services, caller, &target).await
            else {
                panic!("{target:?}")
            };
            assert_eq!(found.id, begun.id);
        }
    }

    async fn s_41_two_simultaneous_starts_make_one_conversation(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let nodes = [world.services.clone(), world.reopen().await];
        let mut starts = JoinSet::new();
        for n in 0..20 {
            let services = nodes[n % 2].clone();
            let (caller, other) =
                if n / 2 % 2 == 0 { (ada.clone(), &bob) } else { (bob.clone(), &ada) };
            let target = Target::Id(other.user_id);
            starts.spawn(async move { start_direct(&services, &caller, &target).await.unwrap() });
        }
        let started = starts.join_all().await;
        let new = started.iter().filter(|one| matches!(one, Started::New(_))).count();
        let first = started[0].clone().into_conversation().id;
        assert!(started.into_iter().all(|one| one.into_conversation().id == first));
        assert_eq!(new, 1);
        assert_eq!(count(&world, "SELECT count(*) FROM conversation WHERE kind = 'direct'").await, 1);
    }

    async fn l_29_oneself_nobody_and_the_disabled_cannot_be_written_to(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        for oneself in [Target::Id(ada.user_id), Target::Username("ADA".into())] {
            let refused = start_direct(&world.services, &ada, &oneself).await;
            assert_eq!(code(refused), ErrorCode::InvalidField);
        }
        begin(&world, &ada, &bob).await;
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'bob'").await;
        let nobody = [
            Target::Id(UserId::new()),
            Target::Username("nobody".into()),
            Target::Username(String::new()),
            Target::Id(bob.user_id),
        ];
        for target in nobody {
            let refused = start_direct(&world.services, &ada, &target).await;
            assert_eq!(code(refused), ErrorCode::NotFound, "{target:?}");
        }
        assert_eq!(count(&world, "SELECT count(*) FROM conversation").await, 2);
    }

    async fn s_59_the_recipients_follow_decides_whether_it_is_a_request(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (eve, dan) = (world.person("eve").await, world.person("dan").await);
        follow(&world, ada.user_id, bob.user_id).await;
        follow(&world, eve.user_id, ada.user_id).await;
        band(&world, &dan, &[&ada]).await;
        // Bob does not follow her, though she follows him; Eve does; Dan has brought her into a group.
        for (other, expected) in [
            (&bob, RequestState::Sent),
            (&eve, RequestState::Accepted),
            (&dan, RequestState::Accepted),
        ] {
            let id = begin(&world, &ada, other).await;
            let seen = conversation(&world.services, &ada, id).await.unwrap();
            assert_eq!(seen.request, expected, "{}", other.username);
        }
    }

    async fn a_group_that_a_stranger_made_is_no_acquaintance(world: World) {
        let (mallory, ada) = (world.person("mallory").await, world.person("ada").await);
        let band = band(&world, &mallory, &[&ada]).await;
        let id = begin(&world, &mallory, &ada).await;
        let request = async || conversation(&world.services, &mallory, id).await.unwrap().request;
        assert_eq!(request().await, RequestState::Sent);
        // Whoever speaks there is no stranger to the others.
        let (eve, dan) = (world.person("eve").await, world.person("dan").await);
        say_in(&world, &ada, band, "hello all").await.unwrap();
        add_members(&world.services, &mallory, band, &[Target::Id(eve.user_id)]).await.unwrap();
        let to_ada = begin(&world, &eve, &ada).await;
        let seen = conversation(&world.services, &eve, to_ada).await.unwrap();
        assert_eq!(seen.request, RequestState::Accepted);
        let to_dan = begin(&world, &eve, &dan).await;
        let seen = conversation(&world.services, &eve, to_dan).await.unwrap();
        assert_eq!(seen.request, RequestState::Sent);
    }

    async fn opening_a_hidden_one_again_shows_it_on_every_device(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        hide_conversation(&world.services, &ada, id).await.unwrap();
        let mut hers = Listener::of_person(&world.services, &ada);
        assert_eq!(begin(&world, &ada, &bob).await, id);
        assert_eq!(heard_types(&mut hers).await, ["conversation_added"]);
        assert_eq!(begin(&world, &ada, &bob).await, id);
        assert!(heard_types(&mut hers).await.is_empty(), "it was there");
        hide_conversation(&world.services, &ada, id).await.unwrap();
        heard_types(&mut hers).await;
        say_in(&world, &ada, id, "still here").await.unwrap();
        assert_eq!(heard_types(&mut hers).await, ["conversation_added", "message_sent"]);
    }

    async fn nobody_hears_of_a_conversation_without_a_message(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        follow(&world, bob.user_id, ada.user_id).await;
        let mut hers = Listener::of_person(&world.services, &ada);
        let mut his = Listener::of_person(&world.services, &bob);
        let id = begin(&world, &ada, &bob).await;
        assert_eq!((hers.unheard().await, his.unheard().await), (0, 0));
        let listed = conversations(&world.services, &bob, None, 20).await.unwrap();
        assert!(listed.conversations.is_empty());
        say_in(&world, &ada, id, "hello").await.unwrap();
        assert_eq!(heard_types(&mut hers).await, ["message_sent"]);
        assert_eq!(heard_types(&mut his).await, ["conversation_added", "new_message"]);
        let listed = conversations(&world.services, &bob, None, 20).await.unwrap();
        assert_eq!(listed.conversations[0].last_message.as_ref().unwrap().content, "hello");
    }

    async fn who_wants_no_messages_gets_no_new_ones(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (eve, dan) = (world.person("eve").await, world.person("dan").await);
        let old = friends(&world, &eve, &bob).await;
        let pending = begin(&world, &dan, &bob).await;
        let wants = |who| PrivacyChange { who_can_message: Some(who), ..PrivacyChange::default() };
        change_privacy(&world.services, &bob, wants(WhoCanMessage::Following)).await.unwrap();
        let target = Target::Id(bob.user_id);
        let refused = start_direct(&world.services, &ada, &target).await;
        assert_eq!(code(refused), ErrorCode::CannotMessage);
        follow(&world, bob.user_id, ada.user_id).await;
        let new = begin(&world, &ada, &bob).await;
        say_in(&world, &ada, new, "hello").await.unwrap();
        change_privacy(&world.services, &bob, wants(WhoCanMessage::Nobody)).await.unwrap();
        let cat = world.person("cat").await;
        let refused = start_direct(&world.services, &cat, &target).await;
        assert_eq!(code(refused), ErrorCode::CannotMessage);
        assert_eq!(code(say_in(&world, &dan, pending, "hello").await), ErrorCode::CannotMessage);
        say_in(&world, &eve, old, "we know each other").await.unwrap();
    }

    async fn s_09_a_block_stops_both_sides_at_every_door(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (eve, id) = (world.person("eve").await, friends(&world, &ada, &bob).await);
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        let ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        for sender in [&ada, &bob] {
            assert_eq!(code(say_in(&world, sender, id, "x").await), ErrorCode::CannotMessage);
        }
        block(&world.services, &eve, &Target::Id(ada.user_id)).await.unwrap();
        for (sender, other) in [(&ada, &eve), (&eve, &ada)] {
            let target = Target::Id(other.user_id);
            let refused = start_direct(&world.services, sender, &target).await;
            assert_eq!(code(refused), ErrorCode::CannotMessage, "as for who wants no messages");
        }
        assert_eq!(unheard(&ears).await, [0, 0]);
        let seen = conversation(&world.services, &bob, id).await.unwrap();
        assert!(seen.is_blocked);
        assert!(!conversation(&world.services, &ada, id).await.unwrap().is_blocked, "not told");
    }

    async fn l_01_who_does_not_belong_neither_writes_nor_reads(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (eve, id) = (world.person("eve").await, friends(&world, &ada, &bob).await);
        let ear = Listener::of_person(&world.services, &bob);
        assert_eq!(code(say_in(&world, &eve, id, "let me in").await), ErrorCode::NotFound);
        assert_eq!(code(conversation(&world.services, &eve, id).await), ErrorCode::NotFound);
        let key = ConversationKey::Id(id);
        for caller in [Some(&eve), None] {
            let refused = history(&world.services, caller, key, Span::Newest, 50).await;
            assert_eq!(code(refused), ErrorCode::NotFound);
        }
        assert_eq!(ear.unheard().await, 0);
    }
}
