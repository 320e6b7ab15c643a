//! What went wrong in the systems before this one, and must not here. The names begin with the row of
//! the list of their faults; more such tests stand with the verbs they are about.

use domain::chat::{
    ChatError, conversations, create_group, history, keep_draft, mark_read, mark_unread,
    page_of_conversations, post_message, react, start_direct, submit_message,
};
use domain::people::{block, search_people};
use domain::{Caller, Settings};
use test_support::{Listener, World, on_both, quick_settings};
use tokio::task::JoinSet;
use wire::chat::{HISTORY_LIMIT, Span};
use wire::conversations::Target;
use wire::live::ServerFrame;
use wire::{ClientId, ConversationId, ConversationKey, ErrorCode, Problem};

use crate::{
    band, begin, code, count, draft_in, friends, heard, missed_messages, say_in, texts, unheard,
};

async fn two(world: &World) -> (Caller, Caller, ConversationId) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let id = friends(world, &ada, &bob).await;
    (ada, bob, id)
}

on_both! {
    async fn s_12_l_11_haste_is_slowed_down_in_messages_and_searches(world: World) {
        let (ada, _, id) = two(&world).await;
        let hasty = Settings { message_rate_limit: 1, searches_per_minute: 3, ..quick_settings() };
        let world = world.with(hasty).await;
        let mut refused = None;
        while refused.is_none() {
            refused = say_in(&world, &ada, id, "again").await.err();
        }
        let problem = Problem::from(refused.unwrap());
        assert_eq!(problem.code, ErrorCode::RateLimited);
        assert!(problem.retry_after_ms.unwrap() > 0);
        for _ in 0..3 {
            search_people(&world.services, &ada, "b", None, 5).await.unwrap();
        }
        let refused = search_people(&world.services, &ada, "b", None, 5).await;
        let problem = Problem::from(refused.unwrap_err());
        assert_eq!(problem.code, ErrorCode::RateLimited);
        assert!(problem.retry_after_ms.unwrap() > 0);
    }

    async fn s_12_haste_is_slowed_down_in_everything_that_changes_something(world: World) {
        let (ada, _, id) = two(&world).await;
        let message = say_in(&world, &ada, id, "one").await.unwrap().id;
        let key = ConversationKey::Id(id);
        let hasty = Settings { acts_per_minute: 1, ..quick_settings() };
        let world = world.with(hasty).await;
        let services = &world.services;
        // Thirty at once after a pause; afterwards nothing of any kind.
        for n in 0..15 {
            react(services, &ada, message, "👍", n % 2 == 0).await.unwrap();
            keep_draft(services, &ada, key, &n.to_string()).await.unwrap();
        }
        let refusals: [Problem; 5] = [
            react(services, &ada, message, "🎉", true).await.unwrap_err().into(),
            keep_draft(services, &ada, key, "x").await.unwrap_err().into(),
            mark_unread(services, &ada, key, 1.into()).await.unwrap_err().into(),
            create_group(services, &ada, "Band", &[]).await.unwrap_err().into(),
            block(services, &ada, &Target::Username("bob".into())).await.unwrap_err().into(),
        ];
        for problem in refusals {
            assert_eq!(problem.code, ErrorCode::RateLimited);
            assert!((1..=60_000).contains(&problem.retry_after_ms.unwrap()), "{problem:?}");
        }
    }

    async fn s_12_nobody_writes_to_everybody(world: World) {
        let people = ["ada", "bob", "eve", "dan"];
        let mut callers = Vec::new();
        for name in people {
            callers.push(world.person(name).await);
        }
        let world = world.with(Settings { beginnings_per_hour: 2, ..quick_settings() }).await;
        let to = |name: &str| Target::Username(name.into());
        let ada = &callers[0];
        start_direct(&world.services, ada, &to("bob")).await.unwrap();
        start_direct(&world.services, ada, &to("eve")).await.unwrap();
        start_direct(&world.services, ada, &to("bob")).await.unwrap();
        let refused = start_direct(&world.services, ada, &to("dan")).await;
        assert_eq!(code(refused), ErrorCode::RateLimited);
        let refused = create_group(&world.services, ada, "Band", &[to("dan")]).await;
        assert_eq!(code(refused), ErrorCode::RateLimited);
        assert_eq!(count(&world, "SELECT count(*) FROM conversation").await, 3);
    }

    async fn s_33_s_36_l_26_every_device_of_both_learns_of_a_message_by_any_door(world: World) {
        let (ada, bob, id) = two(&world).await;
        let listen = |who| Listener::of_person(&world.services, who);
        let mut own = [listen(&ada), listen(&ada)];
        let mut others = [listen(&bob), listen(&bob)];
        let by_rest = say_in(&world, &ada, id, "one").await.unwrap();
        let draft = draft_in(id, "two", None);
        let by_socket = submit_message(&world.services, &ada, draft).await.unwrap().into_message();
        for message in [by_rest, by_socket] {
            for device in &mut own {
                let sent = ServerFrame::MessageSent { message: message.clone() };
                assert_eq!(device.frame().await, sent);
            }
            for device in &mut others {
                let new = ServerFrame::NewMessage { message: message.clone() };
                assert_eq!(device.frame().await, new);
            }
        }
        assert_eq!((unheard(&own).await, unheard(&others).await), ([0, 0], [0, 0]));
    }

    async fn l_26_what_was_missed_is_given_again_in_order(world: World) {
        let (ada, bob, id) = two(&world).await;
        for n in 2..=5 {
            say_in(&world, &ada, id, &n.to_string()).await.unwrap();
        }
        let key = ConversationKey::Id(id);
        let missed = missed_messages(&world.services, &bob, key, 2).await.unwrap();
        let numbers: Vec<_> = missed.iter().map(|message| message.seq).collect();
        assert_eq!(numbers, [3, 4, 5]);
    }

    async fn s_35_a_retry_in_a_conversation_is_one_message_told_once(world: World) {
        let (ada, bob, id) = two(&world).await;
        let mut his = Listener::of_person(&world.services, &bob);
        let draft = draft_in(id, "once", None);
        for _ in 0..3 {
            post_message(&world.services, &ada, draft.clone()).await.unwrap();
        }
        assert_eq!(heard(&mut his).await.len(), 1);
        assert_eq!(texts(&world, &bob, id).await, ["may I?", "once"]);
        let other = wire::chat::Draft { content: "other".into(), ..draft };
        let conflict = post_message(&world.services, &ada, other).await;
        assert_eq!(code(conflict), ErrorCode::ClientIdConflict);
    }

    async fn s_35_a_retry_does_not_use_up_a_request(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = begin(&world, &ada, &bob).await;
        let drafts = ["1", "2", "3"].map(|text| draft_in(id, text, None));
        for draft in drafts.iter().cycle().take(9) {
            post_message(&world.services, &ada, draft.clone()).await.unwrap();
        }
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 3);
    }

    async fn s_18_s_64_reading_a_history_changes_nothing(world: World) {
        let (ada, bob, id) = two(&world).await;
        let ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        let key = ConversationKey::Id(id);
        for _ in 0..2 {
            let page = history(&world.services, Some(&bob), key, Span::Newest, 50).await.unwrap();
            assert_eq!((page.last_read_seq, page.last_seq), (Some(0), 1));
            let listed = conversations(&world.services, &bob, None, 20).await.unwrap();
            assert_eq!(listed.conversations[0].unread_count, 1);
        }
        assert_eq!(unheard(&ears).await, [0, 0]);
    }

    async fn s_27_l_28_text_is_stored_as_typed_and_never_cut(world: World) {
        let (ada, bob, id) = two(&world).await;
        let markup = "<b onclick=\"x()\">&amp; 'bold'</b>";
        say_in(&world, &ada, id, markup).await.unwrap();
        assert_eq!(texts(&world, &bob, id).await[1], markup);
        let lone_tag = say_in(&world, &ada, id, "<i></i>").await.unwrap();
        assert_eq!(lone_tag.content, "<i></i>");
        let refused = say_in(&world, &ada, id, &"é".repeat(2001)).await;
        assert_eq!(code(refused), ErrorCode::MessageTooLong);
        for empty in ["", " \n ", "\u{200b}"] {
            assert_eq!(code(say_in(&world, &ada, id, empty).await), ErrorCode::MessageEmpty);
        }
    }

    async fn l_31_a_history_is_read_in_stretches_from_either_side(world: World) {
        let (ada, bob, id) = two(&world).await;
        for n in 2..=9 {
            say_in(&world, &ada, id, &n.to_string()).await.unwrap();
        }
        let key = ConversationKey::Id(id);
        let cases = [
            (Span::Newest, 3, vec![7, 8, 9]),
            (Span::Before(7), 2, vec![5, 6]),
            (Span::After(7), 50, vec![8, 9]),
            (Span::After(2), 2, vec![3, 4]),
            (Span::Before(1), 50, vec![]),
        ];
        for (span, limit, expected) in cases {
            let page = history(&world.services, Some(&bob), key, span, limit).await.unwrap();
            let numbers: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
            assert_eq!(numbers, expected, "{span:?}");
            assert!(page.messages.len() as u64 <= HISTORY_LIMIT);
        }
    }

    async fn s_07_strangers_cannot_mark_as_read(world: World) {
        let (ada, bob, id) = two(&world).await;
        let eve = world.person("eve").await;
        let ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        let refused = mark_read(&world.services, &eve, ConversationKey::Id(id), None).await;
        assert!(matches!(refused, Err(ChatError::NotFound)));
        assert_eq!(unheard(&ears).await, [0, 0]);
        let unread = "SELECT count(*) FROM membership m JOIN account a ON a.id = m.account_id \
            JOIN conversation c ON c.id = m.conversation_id \
            WHERE a.username = 'bob' AND c.kind = 'direct' AND m.last_read_seq = 0";
        assert_eq!(count(&world, unread).await, 1);
    }

    async fn l_36_pages_of_conversations_hold_requests_too_and_say_how_many(world: World) {
        let (ada, bob, _) = two(&world).await;
        let eve = world.person("eve").await;
        let asked = begin(&world, &eve, &ada).await;
        say_in(&world, &eve, asked, "hello?").await.unwrap();
        for _ in 0..3 {
            band(&world, &ada, &[&bob]).await;
        }
        let mut ids = Vec::new();
        for offset in [0, 2, 4] {
            let page = page_of_conversations(&world.services, &ada, offset, 2).await.unwrap();
            assert_eq!(page.1, 5);
            ids.extend(page.0.into_iter().map(|conversation| conversation.id));
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5);
        let beyond = page_of_conversations(&world.services, &ada, 6, 2).await.unwrap();
        assert_eq!((beyond.0.len(), beyond.1), (0, 5));
    }

    async fn a_client_id_is_ones_own(world: World) {
        let (ada, bob, id) = two(&world).await;
        let client_id = ClientId::new();
        for who in [&ada, &bob] {
            let draft =
                wire::chat::Draft { client_id: client_id.clone(), ..draft_in(id, "x", None) };
            post_message(&world.services, who, draft).await.unwrap();
        }
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 3);
    }

    async fn s_09_no_message_passes_a_block_that_has_been_acknowledged(world: World) {
        let (ada, bob, id) = two(&world).await;
        let other_node = world.reopen().await;
        let mut sends = JoinSet::new();
        for n in 0..60 {
            let (services, ada) = (other_node.clone(), ada.clone());
            let draft = draft_in(id, &n.to_string(), None);
            sends.spawn(async move { post_message(&services, &ada, draft).await });
        }
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        let at_block = count(&world, "SELECT count(*) FROM message").await;
        let answers = sends.join_all().await;
        let stored = answers.iter().filter(|answer| answer.is_ok()).count() as i64;
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, at_block);
        assert_eq!(at_block, 1 + stored, "what was acknowledged is there, and nothing else");
        let refused = answers.into_iter().filter(Result::is_err).map(code);
        assert!(refused.into_iter().all(|code| code == ErrorCode::CannotMessage));
    }
}
