//! What happens to a message after it was sent: answers, other words, taking back, reactions.

use domain::Caller;
use domain::chat::{
    Posted, conversations, edit_message, history, post_message, react, seq_of_message,
    unsend_message,
};
use domain::people::block;
use test_support::{Listener, World, on_both};
use wire::chat::{ContentIssue, Draft, Message, Span};
use wire::conversations::{Reaction, Target};
use wire::live::ServerFrame;
use wire::{ConversationId, ConversationKey, ErrorCode, MessageId};

use crate::{
    begin, code, count, draft_as, draft_in, friends, heard, heard_types, missed_messages, say_in,
    texts, unheard,
};

async fn two(world: &World) -> (Caller, Caller, ConversationId) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let id = friends(world, &ada, &bob).await;
    (ada, bob, id)
}

async fn read(world: &World, caller: &Caller, key: ConversationKey) -> Vec<Message> {
    history(&world.services, Some(caller), key, Span::Newest, 50).await.unwrap().messages
}

fn kind(emoji: &str, count: i64, mine: bool) -> Reaction {
    Reaction { emoji: emoji.into(), count, mine }
}

on_both! {
    async fn an_answer_shows_what_it_answers(world: World) {
        let (ada, bob, id) = two(&world).await;
        let asked = say_in(&world, &ada, id, &"why? ".repeat(100)).await.unwrap();
        let mut hers = Listener::of_person(&world.services, &ada);
        let draft = draft_in(id, "because", Some(asked.id));
        let answer = post_message(&world.services, &bob, draft.clone()).await.unwrap();
        let answer = answer.into_message();
        let again = post_message(&world.services, &bob, draft).await.unwrap();
        assert_eq!(again, Posted::Repeated(answer.clone()));
        let quote = answer.reply_to.clone().unwrap();
        assert_eq!((quote.id, quote.seq, quote.sender.id), (asked.id, asked.seq, ada.user_id));
        assert_eq!(quote.content.chars().count(), 200);
        assert_eq!(heard(&mut hers).await, [ServerFrame::NewMessage { message: answer.clone() }]);
        let key = ConversationKey::Id(id);
        assert_eq!(read(&world, &ada, key).await.pop(), Some(answer));
    }

    async fn an_answer_stays_in_its_conversation(world: World) {
        let (ada, bob, id) = two(&world).await;
        let elsewhere = world.say(&ada, "in the room").await;
        for other in [elsewhere.id, MessageId::new()] {
            let draft = draft_in(id, "because", Some(other));
            let refused = post_message(&world.services, &bob, draft).await;
            assert_eq!(code(refused), ErrorCode::InvalidField);
        }
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 2);
        let draft = Draft { reply_to: Some(elsewhere.id), ..crate::draft("here too") };
        let in_room = post_message(&world.services, &bob, draft);
        let answer = in_room.await.unwrap().into_message();
        assert_eq!(answer.reply_to.unwrap().id, elsewhere.id);
    }

    async fn an_edit_changes_the_words_and_says_so(world: World) {
        let (ada, bob, id) = two(&world).await;
        let sent = say_in(&world, &ada, id, "helo").await.unwrap();
        react(&world.services, &bob, sent.id, "👍", true).await.unwrap();
        let mut ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        let edited = edit_message(&world.services, &ada, sent.id, " hello ").await.unwrap();
        assert_eq!((edited.content.as_str(), edited.seq), ("hello", sent.seq));
        assert!(edited.edited_at.is_some());
        for ear in &mut ears {
            let told = ServerFrame::MessageEdited { message: edited.clone() };
            assert_eq!(heard(ear).await, [told]);
        }
        let read = read(&world, &bob, ConversationKey::Id(id)).await.pop().unwrap();
        assert_eq!(read.reactions, [kind("👍", 1, true)]);
        assert_eq!(Message { reactions: Vec::new(), ..read }, edited);
        edit_message(&world.services, &ada, sent.id, "hello").await.unwrap();
        assert_eq!(unheard(&ears).await, [0, 0], "the same words are no news");
    }

    async fn only_ones_own_message_can_be_changed_and_for_a_day(world: World) {
        let (ada, bob, id) = two(&world).await;
        let eve = world.person("eve").await;
        let sent = say_in(&world, &ada, id, "mine").await.unwrap();
        for (caller, expected) in [(&bob, ErrorCode::Forbidden), (&eve, ErrorCode::NotFound)] {
            let refused = edit_message(&world.services, caller, sent.id, "theirs").await;
            assert_eq!(code(refused), expected);
            assert_eq!(code(unsend_message(&world.services, caller, sent.id).await), expected);
        }
        let nothing = edit_message(&world.services, &ada, sent.id, " ").await;
        assert!(matches!(nothing, Err(domain::chat::ChatError::Content(ContentIssue::Empty))));
        let nowhere = edit_message(&world.services, &ada, MessageId::new(), "x").await;
        assert_eq!(code(nowhere), ErrorCode::NotFound);
        world.execute("UPDATE message SET created_at = created_at - 86400001").await;
        let late = edit_message(&world.services, &ada, sent.id, "later").await;
        assert_eq!(code(late), ErrorCode::EditTooLate);
        unsend_message(&world.services, &ada, sent.id).await.unwrap();
        assert_eq!(texts(&world, &bob, id).await, ["may I?", ""]);
    }

    async fn a_message_taken_back_leaves_its_place_and_nothing_else(world: World) {
        let (ada, bob, id) = two(&world).await;
        let sent = say_in(&world, &ada, id, "secret").await.unwrap();
        react(&world.services, &bob, sent.id, "👍", true).await.unwrap();
        let answer = draft_in(id, "what?", Some(sent.id));
        post_message(&world.services, &bob, answer).await.unwrap();
        let mut ears = [&ada, &bob].map(|who| Listener::of_person(&world.services, who));
        for _ in 0..2 {
            unsend_message(&world.services, &ada, sent.id).await.unwrap();
        }
        let told = ServerFrame::MessageUnsent {
            conversation_id: ConversationKey::Id(id),
            message_id: sent.id,
            seq: sent.seq,
        };
        for ear in &mut ears {
            assert_eq!(heard(ear).await, std::slice::from_ref(&told));
        }
        let [.., tombstone, answer] = &read(&world, &bob, ConversationKey::Id(id)).await[..] else {
            panic!()
        };
        assert_eq!((tombstone.is_unsent, tombstone.content.as_str()), (true, ""));
        assert!(tombstone.reactions.is_empty());
        let quote = answer.reply_to.as_ref().unwrap();
        assert_eq!((quote.is_unsent, quote.content.as_str()), (true, ""));
        let traces = "SELECT count(*) FROM message WHERE content LIKE '%secret%'";
        assert_eq!(count(&world, traces).await, 0);
        assert_eq!(count(&world, "SELECT count(*) FROM reaction").await, 0);
        let missed = missed_messages(&world.services, &bob, ConversationKey::Id(id), 1).await;
        assert!(missed.unwrap()[0].is_unsent);
        let again = edit_message(&world.services, &ada, sent.id, "no").await;
        assert_eq!(code(again), ErrorCode::MessageUnsent);
        let late = react(&world.services, &bob, sent.id, "👍", true).await;
        assert_eq!(code(late), ErrorCode::MessageUnsent);
    }

    async fn s_35_a_repeat_of_what_was_changed_since_is_still_a_repeat(world: World) {
        let ada = world.person("ada").await;
        for change in ["edit", "unsend"] {
            let draft = draft_as(&wire::ClientId::new(), change);
            let sent = post_message(&world.services, &ada, draft.clone()).await.unwrap();
            let sent = sent.into_message().id;
            if change == "edit" {
                edit_message(&world.services, &ada, sent, "other words").await.unwrap();
            } else {
                unsend_message(&world.services, &ada, sent).await.unwrap();
            }
            let again = post_message(&world.services, &ada, draft).await.unwrap();
            assert!(matches!(&again, Posted::Repeated(message) if message.id == sent), "{again:?}");
        }
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 2);
    }

    async fn s_43_reactions_are_idempotent_and_counted_by_kind(world: World) {
        let (ada, bob, id) = two(&world).await;
        let sent = say_in(&world, &ada, id, "party!").await.unwrap();
        let mut hers = Listener::of_person(&world.services, &ada);
        for _ in 0..2 {
            let now = react(&world.services, &bob, sent.id, "🎉", true).await.unwrap();
            assert_eq!(now, [kind("🎉", 1, true)]);
        }
        react(&world.services, &ada, sent.id, "🎉", true).await.unwrap();
        let now = react(&world.services, &ada, sent.id, "👩‍👩‍👧‍👦", true).await.unwrap();
        assert_eq!(now, [kind("🎉", 2, true), kind("👩‍👩‍👧‍👦", 1, true)]);
        let key = ConversationKey::Id(id);
        let his = read(&world, &bob, key).await.pop().unwrap().reactions;
        assert_eq!(his, [kind("🎉", 2, true), kind("👩‍👩‍👧‍👦", 1, false)]);
        for _ in 0..2 {
            let now = react(&world.services, &bob, sent.id, "🎉", false).await.unwrap();
            assert_eq!(now[0], kind("🎉", 1, false));
        }
        let counts: Vec<_> = heard(&mut hers)
            .await
            .into_iter()
            .map(|frame| match frame {
                ServerFrame::Reaction { user_id, is_added, count, .. } => (user_id, is_added, count),
                other => panic!("{other:?}"),
            })
            .collect();
        let (a, b) = (ada.user_id, bob.user_id);
        assert_eq!(counts, [(b, true, 1), (a, true, 2), (a, true, 1), (b, false, 1)]);
    }

    async fn what_is_no_reaction_is_refused(world: World) {
        let (ada, bob, id) = two(&world).await;
        let eve = world.person("eve").await;
        let sent = say_in(&world, &ada, id, "hello").await.unwrap();
        for text in ["", "like", "👍👍", "<b>"] {
            let refused = react(&world.services, &bob, sent.id, text, true).await;
            assert_eq!(code(refused), ErrorCode::InvalidField, "{text:?}");
        }
        let stranger = react(&world.services, &eve, sent.id, "👍", true).await;
        assert_eq!(code(stranger), ErrorCode::NotFound);
        for n in 0..20_u32 {
            let emoji = char::from_u32(0x1F600 + n).unwrap().to_string();
            react(&world.services, &bob, sent.id, &emoji, true).await.unwrap();
        }
        let one_more = react(&world.services, &ada, sent.id, "🎉", true).await;
        assert_eq!(code(one_more), ErrorCode::TooManyReactions);
        react(&world.services, &ada, sent.id, "😀", true).await.unwrap();
    }

    async fn before_a_request_is_accepted_its_card_is_all_that_changes(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = begin(&world, &ada, &bob).await;
        let sent = say_in(&world, &ada, id, "hello?").await.unwrap();
        let mut his = Listener::of_person(&world.services, &bob);
        let mut hers = Listener::of_person(&world.services, &ada);
        let refused = react(&world.services, &bob, sent.id, "👍", true).await;
        assert_eq!(code(refused), ErrorCode::Forbidden);
        edit_message(&world.services, &ada, sent.id, "hello!").await.unwrap();
        unsend_message(&world.services, &ada, sent.id).await.unwrap();
        assert_eq!(heard_types(&mut hers).await, ["message_edited", "message_unsent"]);
        let cards = heard(&mut his).await;
        let last = |frame: &ServerFrame| match frame {
            ServerFrame::MessageRequest { conversation } => {
                conversation.last_message.as_ref().map(|message| message.content.clone())
            }
            other => panic!("{other:?}"),
        };
        let shown: Vec<_> = cards.iter().filter_map(last).collect();
        assert_eq!(shown, ["hello!", ""]);
    }

    async fn across_a_block_one_can_take_back_and_nothing_else(world: World) {
        let (ada, bob, id) = two(&world).await;
        let sent = say_in(&world, &ada, id, "hello").await.unwrap();
        let his = say_in(&world, &bob, id, "hi").await.unwrap();
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        let ear = Listener::of_person(&world.services, &bob);
        let mut hers = Listener::of_person(&world.services, &ada);
        let edited = edit_message(&world.services, &ada, sent.id, "please").await;
        assert_eq!(code(edited), ErrorCode::CannotMessage);
        let reacted = react(&world.services, &ada, his.id, "👍", true).await;
        assert_eq!(code(reacted), ErrorCode::CannotMessage);
        unsend_message(&world.services, &ada, sent.id).await.unwrap();
        assert_eq!(heard_types(&mut hers).await, ["message_unsent"]);
        assert_eq!(ear.unheard().await, 0);
    }

    async fn in_the_global_room_everybody_hears_and_the_banned_change_nothing(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let sent = world.say(&ada, "hello").await;
        let mut room = Listener::in_room(&world.services, &bob);
        react(&world.services, &bob, sent.id, "👍", true).await.unwrap();
        edit_message(&world.services, &ada, sent.id, "hello all").await.unwrap();
        unsend_message(&world.services, &ada, sent.id).await.unwrap();
        let types = heard_types(&mut room).await;
        assert_eq!(types, ["reaction", "message_edited", "message_unsent"]);
        let second = world.say(&ada, "again").await;
        world.execute("UPDATE membership SET state = 'banned'").await;
        for refused in [
            code(edit_message(&world.services, &ada, second.id, "x").await),
            code(react(&world.services, &bob, second.id, "👍", true).await),
        ] {
            assert_eq!(refused, ErrorCode::Forbidden);
        }
    }

    async fn a_message_names_its_place_to_those_who_can_read_it(world: World) {
        let (ada, bob, id) = two(&world).await;
        let eve = world.person("eve").await;
        let sent = say_in(&world, &ada, id, "hello").await.unwrap();
        let key = ConversationKey::Id(id);
        let services = &world.services;
        assert_eq!(seq_of_message(services, Some(&bob), key, sent.id).await.unwrap(), sent.seq);
        let refused = [
            seq_of_message(services, Some(&eve), key, sent.id).await,
            seq_of_message(services, None, key, sent.id).await,
            seq_of_message(services, Some(&bob), ConversationKey::Global, sent.id).await,
        ];
        for refused in refused {
            assert_eq!(code(refused), ErrorCode::NotFound);
        }
        let stranger = missed_messages(services, &eve, key, 0).await;
        assert_eq!(code(stranger), ErrorCode::NotFound);
        let listed = conversations(services, &bob, None, 20).await.unwrap().conversations;
        assert_eq!(listed[0].last_message.as_ref().unwrap().id, sent.id);
    }
}
