//! A message in: its text, its number, who hears of it, and that it is there once.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::chat::{
    ChatError, GLOBAL_ROOM, Posted, conversation_of, history, messages_after, post_message,
    submit_message,
};
use domain::{Caller, Services, Settings};
use test_support::{Listener, World, on_both, quick_settings};
use tokio::task::JoinSet;
use wire::chat::{ContentIssue, Draft, HISTORY_LIMIT, Message, Span};
use wire::live::ServerFrame;
use wire::{ClientId, ConversationId, ConversationKey, ErrorCode, Problem};

use crate::{count, draft, draft_as, group, read_mark};

async fn post(services: &Services, caller: &Caller, draft: Draft) -> Result<Message, ChatError> {
    post_message(services, caller, draft).await.map(Posted::into_message)
}

async fn stored(world: &World) -> i64 {
    count(world, "SELECT count(*) FROM message").await
}

/// Everything in the global room, oldest first.
async fn all(services: &Services) -> Vec<Message> {
    messages_after(services, GLOBAL_ROOM, 0, 10_000).await.unwrap()
}

fn numbers(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.seq).collect()
}

on_both! {
    async fn text_is_trimmed_and_otherwise_kept_as_typed(world: World) {
        let ada = world.person("ada").await;
        let two_thousand = "🎈".repeat(2000);
        let texts = [
            ("  hello  \n", "hello"),
            ("two\n\nlines", "two\n\nlines"),
            (
                "<script>alert(1)</script> & \"quotes\" 'n \\ %s $1 {}",
                "<script>alert(1)</script> & \"quotes\" 'n \\ %s $1 {}",
            ),
            ("👩‍👩‍👧‍👦 ❤️ 🇳🇬", "👩‍👩‍👧‍👦 ❤️ 🇳🇬"),
            ("שלום עולם \u{202e}gnp.exe", "שלום עולם \u{202e}gnp.exe"),
            ("a\u{200b}b", "a\u{200b}b"),
            ("'); DROP TABLE message; --", "'); DROP TABLE message; --"),
            (&two_thousand, &two_thousand),
        ];
        for (typed, kept) in texts {
            let sent = world.say(&ada, typed).await;
            assert_eq!(sent.content, kept);
            let read = all(&world.services).await.pop().unwrap();
            assert_eq!(read, sent, "what is read is what was acknowledged");
        }
    }

    async fn what_cannot_be_a_message_is_refused_and_not_stored(world: World) {
        let ada = world.person("ada").await;
        let room = Listener::in_room(&world.services, &ada);
        let too_long = ContentIssue::TooLong { length: 2001, limit: 2000 };
        let texts = [
            ("", ContentIssue::Empty, ErrorCode::MessageEmpty),
            (" \n\t ", ContentIssue::Empty, ErrorCode::MessageEmpty),
            ("\u{200b}\u{feff}", ContentIssue::Empty, ErrorCode::MessageEmpty),
            (&"x".repeat(2001), too_long, ErrorCode::MessageTooLong),
            ("a\0b", ContentIssue::Nul, ErrorCode::MessageInvalidCharacter),
        ];
        for (text, issue, code) in texts {
            let refused = post(&world.services, &ada, draft(text)).await.unwrap_err();
            assert!(matches!(refused, ChatError::Content(found) if found == issue), "{refused:?}");
            assert_eq!(Problem::from(refused).code, code);
        }
        assert_eq!((stored(&world).await, room.unheard().await), (0, 0));
    }

    async fn drafts_are_stored_in_the_order_in_which_they_were_submitted(world: World) {
        let people = [world.person("ada").await, world.person("bob").await];
        let submit =
            |n: usize| submit_message(&world.services, &people[n % 2], draft(&n.to_string()));
        // Awaited backwards: the place in the queue counts, not who asks first.
        let submitted: Vec<_> = (0..150).map(submit).collect();
        for answer in submitted.into_iter().rev() {
            answer.await.unwrap();
        }
        let texts: Vec<_> = all(&world.services).await.into_iter().map(|m| m.content).collect();
        assert_eq!(texts, (0..150).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    async fn the_operators_limit_on_length_counts(world: World) {
        let world = world.with(Settings { message_max_length: 3, ..quick_settings() }).await;
        let ada = world.person("ada").await;
        world.say(&ada, "äöü").await;
        let refused = post(&world.services, &ada, draft("äöüß")).await.unwrap_err();
        let too_long = ContentIssue::TooLong { length: 4, limit: 3 };
        assert!(matches!(refused, ChatError::Content(issue) if issue == too_long), "{refused:?}");
    }

    async fn a_sender_in_a_hurry_is_told_how_long_to_wait(world: World) {
        let world = world.with(Settings { message_rate_limit: 1, ..quick_settings() }).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let mut refused = None;
        while refused.is_none() {
            refused = post(&world.services, &ada, draft("again")).await.err();
        }
        let problem = Problem::from(refused.unwrap());
        assert_eq!(problem.code, ErrorCode::RateLimited);
        assert!((1..=1001).contains(&problem.retry_after_ms.unwrap()), "{problem:?}");
        let stored_now = stored(&world).await;
        assert!(stored_now >= 5, "a burst of five passes, {stored_now} did");
        world.say(&bob, "not my hurry").await;
    }

    async fn own_sockets_hear_message_sent_and_others_new_message_once(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let mut own =
            [Listener::in_room(&world.services, &ada), Listener::in_room(&world.services, &ada)];
        let mut other = Listener::in_room(&world.services, &bob);
        let message = world.say(&ada, "hello").await;
        for socket in &mut own {
            assert_eq!(socket.frame().await, ServerFrame::MessageSent { message: message.clone() });
            assert_eq!(socket.unheard().await, 0);
        }
        assert_eq!(other.frame().await, ServerFrame::NewMessage { message });
        assert_eq!(other.unheard().await, 0);
    }

    async fn the_same_client_id_fifty_times_at_once_is_one_message(world: World) {
        let ada = world.person("ada").await;
        let (one, two) = (world.services.clone(), world.reopen().await);
        let listeners = [&one, &two].map(|services| Listener::in_room(services, &ada));
        let client_id = ClientId::new();
        let mut sends = JoinSet::new();
        for send in 0..50 {
            let services = if send % 2 == 0 { one.clone() } else { two.clone() };
            let (ada, draft) = (ada.clone(), draft_as(&client_id, "once"));
            sends.spawn(async move { post_message(&services, &ada, draft).await.unwrap() });
        }
        let answers = sends.join_all().await;
        let new = answers.iter().filter(|answer| matches!(answer, Posted::New(_))).count();
        let messages: BTreeSet<_> =
            answers.into_iter().map(|a| format!("{:?}", a.into_message())).collect();
        assert_eq!((new, messages.len(), stored(&world).await), (1, 1, 1));
        let [here, there] = &listeners;
        assert_eq!(here.unheard().await + there.unheard().await, 1);
    }

    async fn a_repeat_after_a_restart_gets_the_first_answer_and_tells_nobody(world: World) {
        let ada = world.person("ada").await;
        let first = draft("first");
        let answer = post(&world.services, &ada, first.clone()).await.unwrap();
        world.say(&ada, "second").await;
        let restarted = world.reopen().await;
        let room = Listener::in_room(&restarted, &ada);
        let repeat = post_message(&restarted, &ada, first).await.unwrap();
        assert_eq!(repeat, Posted::Repeated(answer));
        assert_eq!((room.unheard().await, stored(&world).await), (0, 2));
    }

    async fn a_client_id_used_for_something_else_is_a_conflict(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let room = ConversationKey::Id(group(&world, &[&ada]).await);
        let id = ClientId::new();
        post(&world.services, &ada, draft_as(&id, "one")).await.unwrap();
        let elsewhere = Draft { conversation: room, ..draft_as(&id, "one") };
        for other in [draft_as(&id, "two"), elsewhere] {
            let refused = post(&world.services, &ada, other).await.unwrap_err();
            assert!(matches!(refused, ChatError::ClientIdConflict), "{refused:?}");
            assert_eq!(Problem::from(refused).code, ErrorCode::ClientIdConflict);
        }
        let theirs = post(&world.services, &bob, draft_as(&id, "two")).await.unwrap();
        assert_eq!(theirs.seq, 2, "another sender's id is another message");
    }

    async fn two_nodes_give_dense_numbers_and_each_tells_its_own_in_order(world: World) {
        let people = [world.person("ada").await, world.person("bob").await];
        let nodes = [world.services.clone(), world.reopen().await];
        let mut listeners = nodes.each_ref().map(|node| Listener::in_room(node, &people[0]));
        let mut sends = JoinSet::new();
        for send in 0..120 {
            let (services, caller) = (nodes[send % 2].clone(), people[send / 2 % 2].clone());
            sends.spawn(
                async move { (send % 2, post(&services, &caller, draft("x")).await.unwrap()) },
            );
        }
        let answers = sends.join_all().await;
        let mut given: Vec<_> = answers.iter().map(|(_, message)| message.seq).collect();
        given.sort_unstable();
        assert_eq!(given, (1..=120).collect::<Vec<_>>());
        assert_eq!(numbers(&all(&world.services).await), given);
        for (node, listener) in listeners.iter_mut().enumerate() {
            let heard: Vec<_> = listener.frames(60).await.into_iter().map(seq_of).collect();
            let mut of_node: Vec<_> = answers
                .iter()
                .filter(|(on, _)| *on == node)
                .map(|(_, message)| message.seq)
                .collect();
            of_node.sort_unstable();
            assert_eq!((heard, listener.unheard().await), (of_node, 0));
        }
    }

    async fn a_frame_leaves_only_when_its_row_can_be_read(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let mut listener = Listener::in_room(&world.services, &bob);
        let reader = world.reopen().await;
        let check = tokio::spawn(async move {
            for _ in 0..60 {
                let ServerFrame::NewMessage { message } = listener.frame().await else { panic!() };
                let read = messages_after(&reader, GLOBAL_ROOM, message.seq - 1, 1).await.unwrap();
                assert_eq!(read, [message]);
            }
        });
        let mut sends = JoinSet::new();
        for _ in 0..60 {
            let (services, ada) = (world.services.clone(), ada.clone());
            sends.spawn(async move { post(&services, &ada, draft("x")).await.unwrap() });
        }
        sends.join_all().await;
        check.await.unwrap();
    }

    async fn who_may_not_write_is_refused_and_does_not_hold_up_the_others(world: World) {
        let (ada, banned) = (world.person("ada").await, world.person("banned").await);
        let group = ConversationKey::Id(group(&world, &[&ada]).await);
        let nowhere = ConversationKey::Id(ConversationId::new());
        let of = "(SELECT id FROM account WHERE username = 'banned')";
        let ban = format!("UPDATE membership SET state = 'banned' WHERE account_id = {of}");
        world.execute(&ban).await;
        let to = |conversation| Draft { conversation, ..draft("hello") };
        let cases = [
            (&banned, to(ConversationKey::Global), Some(ErrorCode::Forbidden)),
            (&banned, to(group), Some(ErrorCode::NotFound)),
            (&ada, to(nowhere), Some(ErrorCode::NotFound)),
            (&ada, to(group), None),
            (&ada, to(ConversationKey::Global), None),
        ];
        let mut sends = JoinSet::new();
        for round in 0..20 {
            let (caller, draft, expected) = &cases[round % cases.len()];
            let (services, caller, expected) =
                (world.services.clone(), (*caller).clone(), *expected);
            let draft = Draft { client_id: ClientId::new(), ..draft.clone() };
            sends.spawn(async move {
                let refused = post(&services, &caller, draft.clone()).await.map_err(Problem::from);
                assert_eq!(refused.err().map(|problem| problem.code), expected, "{draft:?}");
            });
        }
        sends.join_all().await;
        assert_eq!(stored(&world).await, 8);
        for conversation in [ConversationKey::Global, group] {
            let read =
                history(&world.services, Some(&ada), conversation, Span::After(0), HISTORY_LIMIT)
                    .await
                    .unwrap();
            assert_eq!(numbers(&read.messages), [1, 2, 3, 4]);
        }
    }

    async fn somebody_who_left_a_group_neither_writes_nor_reads_there(world: World) {
        let ada = world.person("ada").await;
        let key = ConversationKey::Id(group(&world, &[&ada]).await);
        for state in ["requested", "declined", "left", "banned"] {
            world
                .execute(&format!(
                    "UPDATE membership SET state = '{state}' WHERE last_delivered_seq = 0"
                ))
                .await;
            let refused =
                post(&world.services, &ada, Draft { conversation: key, ..draft("x") }).await;
            assert!(matches!(refused, Err(ChatError::NotFound)), "{state}: {refused:?}");
            let refused = history(&world.services, Some(&ada), key, Span::Newest, 1).await;
            assert!(matches!(refused, Err(ChatError::NotFound)), "{state}: {refused:?}");
        }
        assert_eq!(conversation_of(key).0, key.to_string().parse::<uuid::Uuid>().unwrap());
    }

    async fn ones_own_message_is_not_unread(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        world.say(&ada, "one").await;
        world.say(&bob, "two").await;
        for (caller, read) in [(&ada, 1), (&bob, 2)] {
            assert_eq!(read_mark(&world.services, caller).await, read, "{}", caller.username);
        }
    }

    async fn what_was_taken_before_the_end_is_written_and_the_rest_refused(world: World) {
        let ada = world.person("ada").await;
        let mut sends = JoinSet::new();
        for _ in 0..100 {
            let (services, ada): (Arc<Services>, _) = (world.services.clone(), ada.clone());
            sends.spawn(async move { post(&services, &ada, draft("x")).await });
        }
        world.services.shut_down().await;
        let (acknowledged, refused): (Vec<_>, Vec<_>) =
            sends.join_all().await.into_iter().partition(Result::is_ok);
        for error in refused.into_iter().filter_map(Result::err) {
            let problem = Problem::from(error);
            assert_eq!(problem.code, ErrorCode::Unavailable);
            assert!(problem.retry_after_ms.is_some());
        }
        let mut seen = numbers(&acknowledged.into_iter().map(Result::unwrap).collect::<Vec<_>>());
        seen.sort_unstable();
        assert_eq!(numbers(&all(&*world.reopen().await).await), seen);
        let late = post(&world.services, &ada, draft("late")).await.map_err(Problem::from);
        assert_eq!(late.unwrap_err().code, ErrorCode::Unavailable);
    }
}

fn seq_of(frame: ServerFrame) -> i64 {
    match frame {
        ServerFrame::MessageSent { message } | ServerFrame::NewMessage { message } => message.seq,
        other => panic!("{other:?}"),
    }
}
