//! Who has read how far, and who is told.

use domain::chat::{conversation, mark_read, receipts, seen_by};
use domain::people::{block, change_privacy};
use domain::{Caller, Services};
use test_support::{Listener, World, on_both};
use wire::conversations::Target;
use wire::live::ServerFrame;
use wire::people::PrivacyChange;
use wire::{ConversationId, ConversationKey, ErrorCode, MessageId};

use crate::{band, code, friends, heard, heard_types, say_in};

async fn show_receipts(services: &Services, caller: &Caller, show: bool) {
    let change = PrivacyChange { show_read_receipts: Some(show), ..PrivacyChange::default() };
    change_privacy(services, caller, change).await.unwrap();
}

async fn seen(
    world: &World,
    caller: &Caller,
    id: ConversationId,
    message: MessageId,
) -> Vec<String> {
    let seen = seen_by(&world.services, caller, id, message).await.unwrap();
    seen.into_iter().map(|one| one.user.username).collect()
}

on_both! {
    async fn s_40_reading_is_told_to_the_sender_with_how_much_it_was(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        say_in(&world, &ada, id, "two").await.unwrap();
        let mut ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        let key = ConversationKey::Id(id);
        for _ in 0..2 {
            mark_read(&world.services, &bob, key, None).await.unwrap();
        }
        let told = ServerFrame::MessagesRead {
            conversation_id: key,
            reader_id: bob.user_id,
            up_to: 2,
            count: 2,
        };
        for ear in &mut ears {
            assert_eq!(heard(ear).await, std::slice::from_ref(&told));
        }
        let hers = conversation(&world.services, &ada, id).await.unwrap();
        assert_eq!(hers.people[0].last_read_seq, Some(2));
    }

    async fn a_group_shows_by_whom_a_message_was_seen(world: World) {
        let (ada, bob, eve) =
            (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let dan = world.person("dan").await;
        let id = band(&world, &ada, &[&bob, &eve]).await;
        let first = say_in(&world, &ada, id, "one").await.unwrap();
        let key = ConversationKey::Id(id);
        assert!(seen(&world, &ada, id, first.id).await.is_empty());
        mark_read(&world.services, &eve, key, None).await.unwrap();
        let second = say_in(&world, &ada, id, "two").await.unwrap();
        mark_read(&world.services, &bob, key, None).await.unwrap();
        assert_eq!(seen(&world, &ada, id, first.id).await, ["bob", "eve"]);
        assert_eq!(seen(&world, &ada, id, second.id).await, ["bob"]);
        assert_eq!(seen(&world, &bob, id, first.id).await, ["eve"], "neither author nor oneself");
        let refused = seen_by(&world.services, &dan, id, first.id).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
        let elsewhere = world.say(&ada, "in the room").await;
        let refused = seen_by(&world.services, &ada, id, elsewhere.id).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
    }

    async fn the_switch_works_both_ways(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        let key = ConversationKey::Id(id);
        for (hers, his) in [(true, false), (false, true), (false, false), (true, true)] {
            show_receipts(&world.services, &ada, hers).await;
            show_receipts(&world.services, &bob, his).await;
            let sent = say_in(&world, &ada, id, "read me").await.unwrap();
            let mut ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
            mark_read(&world.services, &bob, key, None).await.unwrap();
            let both = hers && his;
            let [her_ear, his_ear] = &mut ears;
            assert_eq!(her_ear.unheard().await, usize::from(both), "{hers} {his}");
            assert_eq!(heard_types(his_ear).await, ["messages_read"], "his own devices always");
            assert_eq!(seen(&world, &ada, id, sent.id).await.len(), usize::from(both));
            let answer = say_in(&world, &bob, id, "and you me").await.unwrap();
            mark_read(&world.services, &ada, key, None).await.unwrap();
            assert_eq!(seen(&world, &bob, id, answer.id).await.len(), usize::from(both));
            let shown = conversation(&world.services, &ada, id).await.unwrap().people.remove(0);
            assert_eq!(shown.last_read_seq.is_some(), both);
        }
    }

    async fn across_a_block_nothing_is_seen(world: World) {
        let (ada, bob, eve) =
            (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let id = band(&world, &ada, &[&bob, &eve]).await;
        say_in(&world, &ada, id, "one").await.unwrap();
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        let mut ears = [&ada, &eve].map(|who| Listener::of_person(&world.services, who));
        mark_read(&world.services, &bob, ConversationKey::Id(id), None).await.unwrap();
        let [blocked, other] = &mut ears;
        assert_eq!((blocked.unheard().await, other.unheard().await), (0, 1));
        let hers = receipts(&world.services, &ada, id).await.unwrap();
        assert!(hers.iter().all(|one| one.user.id != bob.user_id));
        let theirs = receipts(&world.services, &eve, id).await.unwrap();
        assert!(theirs.iter().any(|one| one.user.id == bob.user_id));
    }
}
