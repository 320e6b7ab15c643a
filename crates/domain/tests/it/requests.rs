//! Somebody writes to somebody who does not know them.

use domain::Caller;
use domain::chat::{
    accept_request, block_request, conversation, conversations, counts, edit_message, history,
    ignore_request, mark_read, react, receipts, requests, start_direct, typing, unsend_message,
};
use test_support::{Listener, World, on_both};
use tokio::task::JoinSet;
use wire::chat::Span;
use wire::conversations::{RequestState, Target};
use wire::live::ServerFrame;
use wire::people::ReportReason;
use wire::{ConversationId, ConversationKey, ErrorCode};

use crate::{begin, code, count, friends, heard, heard_types, say_in, texts, unheard};

/// Ada has written to Bob, who does not know her.
async fn asked(world: &World) -> (Caller, Caller, ConversationId) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let id = begin(world, &ada, &bob).await;
    say_in(world, &ada, id, "hello?").await.unwrap();
    (ada, bob, id)
}

async fn request_of(world: &World, caller: &Caller, id: ConversationId) -> RequestState {
    conversation(&world.services, caller, id).await.unwrap().request
}

on_both! {
    async fn s_09_a_sender_may_leave_three_messages_and_no_fourth(world: World) {
        let (ada, bob, id) = asked(&world).await;
        for _ in 0..2 {
            say_in(&world, &ada, id, "hello?").await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(code(say_in(&world, &ada, id, "HELLO").await), ErrorCode::RequestLimit);
        }
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 3);
        say_in(&world, &bob, id, "yes?").await.unwrap();
        say_in(&world, &ada, id, "it is me").await.unwrap();
        assert_eq!(texts(&world, &bob, id).await, ["hello?", "hello?", "hello?", "yes?", "it is me"]);
    }

    async fn many_at_once_are_no_way_past_the_limit(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = begin(&world, &ada, &bob).await;
        let nodes = [world.services.clone(), world.reopen().await];
        let mut sends = JoinSet::new();
        for n in 0..40 {
            let (services, ada) = (nodes[n % 2].clone(), ada.clone());
            let draft = crate::draft_in(id, "x", None);
            sends.spawn(async move { domain::chat::post_message(&services, &ada, draft).await });
        }
        let answers = sends.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 3);
    }

    async fn the_recipient_hears_a_card_and_never_a_message(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = begin(&world, &ada, &bob).await;
        let mut his = Listener::of_person(&world.services, &bob);
        let sent = say_in(&world, &ada, id, "hello?").await.unwrap();
        let [ServerFrame::MessageRequest { conversation: card }] = &heard(&mut his).await[..] else {
            panic!("one card");
        };
        assert_eq!((card.id, card.request), (id, RequestState::Received));
        assert_eq!(card.last_message.as_ref(), Some(&sent));
        assert_eq!((card.unread_count, card.people[0].user.id), (1, ada.user_id));
        assert!(!card.people[0].shows_presence && card.people[0].last_seen.is_none());
    }

    async fn what_is_refused_accepts_nothing(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let mut hers = Listener::of_person(&world.services, &ada);
        let elsewhere = friends(&world, &bob, &world.person("eve").await).await;
        let elsewhere = say_in(&world, &bob, elsewhere, "elsewhere").await.unwrap();
        let answer = crate::draft_in(id, "yes?", Some(elsewhere.id));
        let refused = domain::chat::post_message(&world.services, &bob, answer).await;
        assert_eq!(code(refused), ErrorCode::InvalidField);
        assert_eq!(request_of(&world, &bob, id).await, RequestState::Received);
        assert!(!heard_types(&mut hers).await.contains(&"request_accepted".to_owned()));
    }

    async fn changes_of_a_request_are_no_new_messages(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let last = say_in(&world, &ada, id, "it is me").await.unwrap();
        let mut his = Listener::of_person(&world.services, &bob);
        let mut old_client = Listener::unscreened(&world.services, &bob);
        react(&world.services, &ada, last.id, "👍", true).await.unwrap();
        assert!(heard_types(&mut his).await.is_empty());
        edit_message(&world.services, &ada, last.id, "it is Ada").await.unwrap();
        let [ServerFrame::MessageRequest { conversation: card }] = &heard(&mut his).await[..] else {
            panic!("the card as it is now");
        };
        assert_eq!(card.last_message.as_ref().unwrap().content, "it is Ada");
        unsend_message(&world.services, &ada, last.id).await.unwrap();
        assert_eq!(heard_types(&mut his).await, ["message_request"]);
        assert!(heard_types(&mut old_client).await.is_empty());
    }

    async fn a_request_stands_in_the_list_of_requests_and_counts_there(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let waiting = requests(&world.services, &bob, None, 20).await.unwrap().conversations;
        assert_eq!(waiting.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
        assert!(conversations(&world.services, &bob, None, 20).await.unwrap().conversations.is_empty());
        assert!(requests(&world.services, &ada, None, 20).await.unwrap().conversations.is_empty());
        let hers = conversations(&world.services, &ada, None, 20).await.unwrap().conversations;
        assert_eq!((hers[0].id, hers[0].request), (id, RequestState::Sent));
        let his = counts(&world.services, &bob).await.unwrap();
        assert_eq!((his.unread_count, his.unread_conversations, his.requests_count), (0, 0, 1));
        accept_request(&world.services, &bob, id).await.unwrap();
        let his = counts(&world.services, &bob).await.unwrap();
        assert_eq!((his.unread_count, his.unread_conversations, his.requests_count), (1, 1, 0));
    }

    async fn s_08_only_the_recipient_accepts(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let eve = world.person("eve").await;
        for (caller, expected) in [(&ada, ErrorCode::Forbidden), (&eve, ErrorCode::NotFound)] {
            assert_eq!(code(accept_request(&world.services, caller, id).await), expected);
            assert_eq!(code(ignore_request(&world.services, caller, id).await), expected);
            assert_eq!(code(block_request(&world.services, caller, id, None).await), expected);
        }
        assert_eq!(request_of(&world, &bob, id).await, RequestState::Received);
        let mut hers = Listener::of_person(&world.services, &ada);
        let mut his = Listener::of_person(&world.services, &bob);
        for _ in 0..2 {
            accept_request(&world.services, &bob, id).await.unwrap();
        }
        let accepted = ServerFrame::RequestAccepted { conversation_id: id, user_id: bob.user_id };
        assert_eq!(heard(&mut hers).await, [accepted]);
        assert_eq!(heard_types(&mut his).await, ["conversation_added"]);
        assert_eq!(request_of(&world, &ada, id).await, RequestState::Accepted);
    }

    async fn any_answer_accepts(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let mut hers = Listener::of_person(&world.services, &ada);
        let mut his = Listener::of_person(&world.services, &bob);
        say_in(&world, &bob, id, "yes?").await.unwrap();
        assert_eq!(heard_types(&mut hers).await, ["request_accepted", "new_message"]);
        assert_eq!(heard_types(&mut his).await, ["conversation_added", "message_sent"]);
        assert_eq!(request_of(&world, &bob, id).await, RequestState::Accepted);
        let listed = conversations(&world.services, &bob, None, 20).await.unwrap().conversations;
        assert_eq!((listed[0].unread_count, listed[0].last_seq), (0, 2));
    }

    async fn a_declined_request_is_invisible_to_its_sender(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let before = conversation(&world.services, &ada, id).await.unwrap();
        let mut hers = Listener::of_person(&world.services, &ada);
        ignore_request(&world.services, &bob, id).await.unwrap();
        assert_eq!(hers.unheard().await, 0);
        assert_eq!(conversation(&world.services, &ada, id).await.unwrap(), before);
        let mut his = Listener::of_person(&world.services, &bob);
        say_in(&world, &ada, id, "still there?").await.unwrap();
        assert_eq!(heard_types(&mut hers).await, ["message_sent"]);
        assert_eq!(heard_types(&mut his).await, Vec::<String>::new());
        let his = counts(&world.services, &bob).await.unwrap();
        assert_eq!((his.unread_count, his.requests_count), (0, 0));
        let key = ConversationKey::Id(id);
        let refused = history(&world.services, Some(&bob), key, Span::Newest, 50).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
        // Opening it oneself brings it back, and writing accepts it.
        start_direct(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        assert_eq!(texts(&world, &bob, id).await, ["hello?", "still there?"]);
        say_in(&world, &bob, id, "sorry").await.unwrap();
        assert_eq!(request_of(&world, &ada, id).await, RequestState::Accepted);
    }

    async fn nothing_crosses_while_a_request_waits(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let key = ConversationKey::Id(id);
        let ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        for who in [&ada, &bob] {
            typing(&world.services, who, key, true).await.unwrap();
        }
        assert_eq!(unheard(&ears).await, [0, 0]);
        mark_read(&world.services, &bob, key, None).await.unwrap();
        assert_eq!(unheard(&ears).await, [0, 1], "his own devices alone");
        assert!(receipts(&world.services, &ada, id).await.unwrap().is_empty());
        let hers = conversation(&world.services, &ada, id).await.unwrap();
        assert_eq!((hers.people[0].last_read_seq, hers.people[0].shows_presence), (None, false));
    }

    async fn block_and_report_ends_it_at_once(world: World) {
        let (ada, bob, id) = asked(&world).await;
        let mut hers = Listener::of_person(&world.services, &ada);
        let why = Some((ReportReason::Spam, "  again and again "));
        block_request(&world.services, &bob, id, why).await.unwrap();
        assert_eq!(heard_types(&mut hers).await, Vec::<String>::new());
        assert_eq!(code(say_in(&world, &ada, id, "x").await), ErrorCode::CannotMessage);
        let filed = "SELECT count(*) FROM report WHERE kind = 'conversation' AND reason = 'spam' \
            AND note = 'again and again' AND state = 'open'";
        assert_eq!(count(&world, filed).await, 1);
        assert!(requests(&world.services, &bob, None, 20).await.unwrap().conversations.is_empty());
    }
}
