//! How far somebody has read.

use std::collections::BTreeSet;

use domain::Caller;
use domain::chat::{ChatError, mark_read};
use test_support::{Listener, World, on_both};
use tokio::task::JoinSet;
use wire::conversations::UpTo;
use wire::live::ServerFrame;
use wire::{ConversationId, ConversationKey};

use crate::{group, read_mark};

const ROOM: ConversationKey = ConversationKey::Global;

/// Somebody who speaks and somebody who has read nothing of it.
async fn talk(world: &World, messages: usize) -> (Caller, Caller) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    for _ in 0..messages {
        world.say(&ada, "x").await;
    }
    (ada, bob)
}

on_both! {
    async fn the_mark_moves_forward_only_and_no_further_than_the_end(world: World) {
        let (_, bob) = talk(&world, 5).await;
        let moves = [
            (Some(3), 3),
            (Some(2), 3),
            (Some(0), 3),
            (Some(-1), 3),
            (Some(i64::MIN), 3),
            (Some(4), 4),
            (Some(1000), 5),
            (Some(i64::MAX), 5),
            (None, 5),
        ];
        for (up_to, expected) in moves {
            mark_read(&world.services, &bob, ROOM, up_to.map(UpTo::Seq)).await.unwrap();
            assert_eq!(read_mark(&world.services, &bob).await, expected, "{up_to:?}");
        }
    }

    async fn without_a_number_everything_is_read(world: World) {
        let (ada, bob) = talk(&world, 3).await;
        mark_read(&world.services, &bob, ROOM, None).await.unwrap();
        assert_eq!(read_mark(&world.services, &bob).await, 3);
        assert_eq!(read_mark(&world.services, &ada).await, 3, "her own messages");
    }

    async fn ones_own_devices_are_told_once_and_nobody_else(world: World) {
        let (ada, bob) = talk(&world, 3).await;
        let mut own = [
            Listener::of_person(&world.services, &bob),
            Listener::of_person(&world.services, &bob),
        ];
        let others =
            [Listener::of_person(&world.services, &ada), Listener::in_room(&world.services, &ada)];
        for up_to in [Some(2), Some(2), Some(1), None, None] {
            mark_read(&world.services, &bob, ROOM, up_to.map(UpTo::Seq)).await.unwrap();
        }
        for device in &mut own {
            for (up_to, count) in [(2, 2), (3, 1)] {
                let told = ServerFrame::MessagesRead {
                    conversation_id: ROOM,
                    reader_id: bob.user_id,
                    up_to,
                    count,
                };
                assert_eq!(device.frame().await, told);
            }
            assert_eq!(device.unheard().await, 0, "a mark that did not move is no news");
        }
        for other in &others {
            assert_eq!(other.unheard().await, 0);
        }
    }

    async fn many_devices_at_once_never_move_it_back(world: World) {
        let (_, bob) = talk(&world, 20).await;
        let nodes = [world.services.clone(), world.reopen().await];
        let mut own = nodes.each_ref().map(|node| Listener::of_person(node, &bob));
        let mut devices = JoinSet::new();
        for step in 0..80 {
            let (services, bob) = (nodes[step % 2].clone(), bob.clone());
            // 1 to 20 in a shuffled order, four times over.
            let up_to = (step * 7 % 20 + 1) as i64;
            devices.spawn(async move {
                mark_read(&services, &bob, ROOM, Some(UpTo::Seq(up_to))).await.unwrap();
                read_mark(&services, &bob).await
            });
        }
        devices.join_all().await;
        assert_eq!(read_mark(&world.services, &bob).await, 20);
        let mut told = BTreeSet::new();
        for device in &mut own {
            while device.unheard().await > 0 {
                let ServerFrame::MessagesRead { up_to, .. } = device.frame().await else {
                    panic!()
                };
                assert!(told.insert(up_to), "the mark came to {up_to} twice");
            }
        }
        assert_eq!(told.last(), Some(&20));
    }

    async fn only_members_have_a_mark(world: World) {
        let (ada, bob) = talk(&world, 1).await;
        let theirs = ConversationKey::Id(group(&world, &[&ada]).await);
        for key in [theirs, ConversationKey::Id(ConversationId::new())] {
            let refused = mark_read(&world.services, &bob, key, None).await;
            assert!(matches!(refused, Err(ChatError::NotFound)), "{refused:?}");
        }
        world.execute("UPDATE membership SET state = 'banned'").await;
        let refused = mark_read(&world.services, &bob, ROOM, None).await;
        assert!(matches!(refused, Err(ChatError::NotFound)), "{refused:?}");
    }
}
