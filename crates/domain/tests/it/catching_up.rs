//! Coming back to conversations: what is given, to whom, and from where makes no difference.

use domain::chat::{
    CaughtUp, ChatError, Missed, block_request, catch_up, edit_message, history, leave_group,
    post_message, react, unsend_message,
};
use domain::{Caller, Services};
use test_support::{PATIENCE, World, on_both};
use tokio::time::timeout;
use wire::chat::{Message, Span};
use wire::live::{Cursors, RESUME_LIMIT, ServerFrame};
use wire::{ConversationKey, ErrorCode};

use crate::{begin, code, draft_in, friends, group, missed_messages, say_in};

const ROOM: ConversationKey = ConversationKey::Global;

/// What the database says, in the frames that tell it first.
async fn expected(
    services: &Services,
    who: &Caller,
    key: ConversationKey,
    seq: i64,
) -> Vec<Message> {
    let found = history(services, Some(who), key, Span::After(seq), RESUME_LIMIT).await;
    found.unwrap().messages
}

async fn agrees(world: &World, who: &Caller, key: ConversationKey, seq: i64) {
    let told = missed_messages(&world.services, who, key, seq).await.unwrap();
    assert_eq!(told, expected(&world.services, who, key, seq).await, "{key:?} behind {seq}");
}

async fn one(
    services: &Services,
    who: &Caller,
    key: ConversationKey,
    seq: i64,
) -> Result<CaughtUp, ChatError> {
    let answers = catch_up(services, who, Cursors::from([(key, seq)])).await.unwrap();
    answers.into_values().next().unwrap()
}

on_both! {
    async fn the_room_is_the_same_from_memory_and_as_new_as_ever(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        for who in [&ada, &bob] {
            assert_eq!(one(&world.services, who, ROOM, 0).await.unwrap(), CaughtUp { missed: Missed::Frames(vec![]), last: 0 });
        }
        for n in 1..=6 {
            world.say(if n % 2 == 0 { &ada } else { &bob }, &n.to_string()).await;
            for (who, seq) in [(&ada, 0), (&bob, n - 1), (&bob, n)] {
                agrees(&world, who, ROOM, seq).await;
            }
        }
        assert_eq!(one(&world.services, &ada, ROOM, -5).await.unwrap().last, 6);
        assert_eq!(one(&world.services, &ada, ROOM, 99).await.unwrap().last, 99, "never back");
    }

    async fn a_change_is_seen_at_once_and_reactions_are_ones_own(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let friends = friends(&world, &ada, &bob).await;
        for key in [ROOM, ConversationKey::Id(friends)] {
            let mut sent = Vec::new();
            for n in 0..4 {
                let draft = wire::chat::Draft { conversation: key, ..draft_in(friends, &format!("text {n}"), None) };
                sent.push(post_message(&world.services, &ada, draft).await.unwrap().into_message());
                agrees(&world, &bob, key, 0).await;
            }
            edit_message(&world.services, &ada, sent[0].id, "other words").await.unwrap();
            agrees(&world, &bob, key, 0).await;
            unsend_message(&world.services, &ada, sent[1].id).await.unwrap();
            agrees(&world, &bob, key, 0).await;
            for is_added in [true, false, true] {
                react(&world.services, &bob, sent[2].id, "👍", is_added).await.unwrap();
                for who in [&ada, &bob] {
                    agrees(&world, who, key, 0).await;
                }
            }
            let seen = missed_messages(&world.services, &bob, key, sent[1].seq).await.unwrap();
            assert!(seen[0].reactions[0].mine);
        }
    }

    async fn a_change_on_a_node_that_is_not_heard_is_seen_within_a_moment(world: World) {
        let ada = world.person("ada").await;
        let other = world.reopen().await;
        let sent = world.say(&ada, "secret").await;
        agrees(&world, &ada, ROOM, 0).await;
        unsend_message(&other, &ada, sent.id).await.unwrap();
        let seen = async {
            while !missed_messages(&world.services, &ada, ROOM, 0).await.unwrap()[0].is_unsent {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, seen).await.expect("the room is looked at again");
    }

    async fn who_may_not_read_a_conversation_is_told_that_there_is_none(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let band = group(&world, &[&ada, &bob]).await;
        let request = begin(&world, &eve, &bob).await;
        say_in(&world, &ada, band, "in the band").await.unwrap();
        say_in(&world, &eve, request, "may I?").await.unwrap();
        let [band, request] = [band, request].map(ConversationKey::Id);
        for (who, key) in [(&bob, band), (&ada, band), (&bob, request), (&eve, request)] {
            agrees(&world, who, key, 0).await;
        }
        let ConversationKey::Id(id) = band else { panic!() };
        leave_group(&world.services, &bob, id).await.unwrap();
        let ConversationKey::Id(id) = request else { panic!() };
        block_request(&world.services, &bob, id, None).await.unwrap();
        for (who, key) in [(&bob, band), (&eve, band), (&bob, request), (&ada, request)] {
            for seq in [0, 1000] {
                assert_eq!(code(one(&world.services, who, key, seq).await), ErrorCode::NotFound);
            }
        }
        agrees(&world, &eve, request, 0).await;
    }

    async fn whom_the_room_keeps_out_hears_nothing_of_it(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        world.say(&ada, "hello").await;
        world.execute(&format!("UPDATE membership SET state = 'banned' WHERE account_id IN (SELECT id FROM account WHERE username = '{}')", bob.username)).await;
        assert_eq!(code(one(&world.services, &bob, ROOM, 0).await), ErrorCode::NotFound);
        agrees(&world, &ada, ROOM, 0).await;
    }

    async fn too_much_is_a_gap_and_the_most_is_none(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        let limit = RESUME_LIMIT as i64;
        for key in [ROOM, ConversationKey::Id(id)] {
            let mut last = 0;
            while last <= limit {
                let draft = wire::chat::Draft { conversation: key, ..draft_in(id, "x", None) };
                last = post_message(&world.services, &ada, draft).await.unwrap().into_message().seq;
            }
            for who in [&ada, &bob] {
                let gap = CaughtUp { missed: Missed::Gap, last };
                assert_eq!(one(&world.services, who, key, last - limit - 1).await.unwrap(), gap);
                agrees(&world, who, key, last - limit).await;
            }
        }
    }

    async fn many_conversations_are_answered_each_for_itself(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let mut cursors = Cursors::from([(ROOM, 0)]);
        for n in 0..5 {
            let id = group(&world, &[&ada, &bob]).await;
            for _ in 0..n {
                say_in(&world, &ada, id, "hello").await.unwrap();
            }
            cursors.insert(ConversationKey::Id(id), n / 2);
        }
        let foreign = ConversationKey::Id(friends(&world, &ada, &eve).await);
        cursors.insert(foreign, 0);
        world.say(&ada, "and in the room").await;
        for who in [&ada, &bob] {
            let answers = catch_up(&world.services, who, cursors.clone()).await.unwrap();
            assert_eq!(answers.len(), cursors.len());
            for (key, answer) in answers {
                let seq = cursors[&key];
                if key == foreign && who == &bob {
                    assert_eq!(code(answer), ErrorCode::NotFound);
                    continue;
                }
                let Missed::Frames(frames) = answer.unwrap().missed else { panic!("no gap") };
                let told: Vec<_> = frames.iter().map(|frame| match serde_json::from_str(frame.text()).unwrap() {
                    ServerFrame::NewMessage { message } if message.sender.id != who.user_id => message,
                    ServerFrame::MessageSent { message } if message.sender.id == who.user_id => message,
                    other => panic!("{other:?}"),
                }).collect();
                assert_eq!(told, expected(&world.services, who, key, seq).await);
            }
        }
    }
}
