//! Somebody writes.

use domain::chat::{attend, leave_group, typing};
use domain::people::{block, touch_last_seen};
use test_support::{Listener, World, on_both};
use wire::conversations::Target;
use wire::live::ServerFrame;
use wire::{ConversationId, ConversationKey, ErrorCode};

use crate::failing_commits::refuse_commit;
use crate::{band, code, friends, heard, say_in, unheard};

on_both! {
    async fn the_other_members_are_told_and_ones_own_devices_are_not(world: World) {
        let (ada, bob, eve) =
            (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let dan = world.person("dan").await;
        let id = band(&world, &ada, &[&bob, &eve]).await;
        let mut ears = [&bob, &eve].map(|who| Listener::of_person(&world.services, who));
        let others = [&ada, &dan].map(|who| Listener::of_person(&world.services, who));
        let key = ConversationKey::Id(id);
        for is_typing in [true, false] {
            typing(&world.services, &ada, key, is_typing).await.unwrap();
            let told = ServerFrame::Typing {
                conversation_id: key,
                user_id: ada.user_id,
                username: "ada".into(),
                is_typing,
            };
            for ear in &mut ears {
                assert_eq!(heard(ear).await, std::slice::from_ref(&told));
            }
        }
        assert_eq!(unheard(&others).await, [0, 0]);
        leave_group(&world.services, &bob, id).await.unwrap();
        let former = Listener::of_person(&world.services, &bob);
        typing(&world.services, &ada, key, true).await.unwrap();
        assert_eq!(former.unheard().await, 0);
    }

    async fn s_07_l_02_strangers_cannot_say_that_they_write(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (eve, id) = (world.person("eve").await, friends(&world, &ada, &bob).await);
        let ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        for key in [ConversationKey::Id(id), ConversationKey::Id(ConversationId::new())] {
            let refused = typing(&world.services, &eve, key, true).await;
            assert_eq!(code(refused), ErrorCode::NotFound);
        }
        typing(&world.services, &eve, ConversationKey::Global, true).await.unwrap();
        assert_eq!(unheard(&ears).await, [0, 0]);
    }

    async fn s_39_writing_and_coming_change_no_account(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        refuse_commit(&world, "account", "UPDATE", "NEW.created_at >= 0").await;
        let mut his = Listener::of_person(&world.services, &bob);
        let _device = attend(&world.services, &ada).await.unwrap();
        typing(&world.services, &ada, ConversationKey::Id(id), true).await.unwrap();
        say_in(&world, &ada, id, "hello").await.unwrap();
        assert_eq!(heard(&mut his).await.len(), 2);
        let refused = touch_last_seen(&world.services, &[ada.user_id]).await;
        assert!(refused.is_err(), "it would have been noticed");
    }

    async fn it_does_not_cross_a_block(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        let ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        block(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        for who in [&ada, &bob] {
            typing(&world.services, who, ConversationKey::Id(id), true).await.unwrap();
        }
        assert_eq!(unheard(&ears).await, [0, 0]);
    }
}
