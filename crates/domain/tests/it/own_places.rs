//! What somebody keeps for themselves in a conversation: unread marks, quiet, drafts.

use domain::chat::{
    ChatError, conversation, keep_draft, mark_read, mark_unread, mute_conversation, receipts,
};
use test_support::{Listener, World, on_both};
use wire::chat::ContentIssue;
use wire::conversations::UpTo;
use wire::live::ServerFrame;
use wire::{ConversationKey, ErrorCode, MessageId, UnixMillis};

use crate::{code, friends, heard, heard_types, say_in};

on_both! {
    async fn marked_unread_from_a_message_on_and_read_again(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        for n in 0..4 {
            say_in(&world, &ada, id, &n.to_string()).await.unwrap();
        }
        let third = say_in(&world, &ada, id, "from here").await.unwrap();
        say_in(&world, &ada, id, "to here").await.unwrap();
        let key = ConversationKey::Id(id);
        mark_read(&world.services, &bob, key, None).await.unwrap();
        let unread = || async {
            conversation(&world.services, &bob, id).await.unwrap().unread_count
        };
        let mut hers = Listener::of_person(&world.services, &ada);
        let mut his = Listener::of_person(&world.services, &bob);
        mark_unread(&world.services, &bob, key, UpTo::Message(third.id)).await.unwrap();
        assert_eq!(unread().await, 2);
        let seen = receipts(&world.services, &ada, id).await.unwrap();
        assert_eq!(seen[0].last_read_seq, 7, "what others know stays as it is");
        mark_read(&world.services, &bob, key, Some(UpTo::Seq(6))).await.unwrap();
        assert_eq!(unread().await, 1);
        mark_read(&world.services, &bob, key, None).await.unwrap();
        assert_eq!(unread().await, 0);
        assert_eq!(hers.unheard().await, 0);
        let states: Vec<_> = heard(&mut his)
            .await
            .into_iter()
            .map(|frame| match frame {
                ServerFrame::ConversationState { state, .. } => state.unread_count,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(states, [2, 1, 0]);
        mark_unread(&world.services, &bob, key, UpTo::Seq(1)).await.unwrap();
        say_in(&world, &bob, id, "I answer").await.unwrap();
        assert_eq!(unread().await, 0, "who answers has read");
        assert_eq!(heard_types(&mut hers).await, ["new_message"]);
    }

    async fn l_33_a_mark_may_name_a_message_and_only_one_of_its_conversation(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        let second = say_in(&world, &ada, id, "two").await.unwrap();
        say_in(&world, &ada, id, "three").await.unwrap();
        let elsewhere = world.say(&ada, "in the room").await;
        let key = ConversationKey::Id(id);
        for message in [elsewhere.id, MessageId::new()] {
            let up_to = Some(UpTo::Message(message));
            assert_eq!(code(mark_read(&world.services, &bob, key, up_to).await), ErrorCode::NotFound);
        }
        let up_to = Some(UpTo::Message(second.id));
        mark_read(&world.services, &bob, key, up_to).await.unwrap();
        let his = conversation(&world.services, &bob, id).await.unwrap();
        assert_eq!((his.last_read_seq, his.unread_count), (2, 1));
    }

    async fn drafts_are_kept_for_ones_own_devices(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = friends(&world, &ada, &bob).await;
        let key = ConversationKey::Id(id);
        let mut hers = Listener::of_person(&world.services, &ada);
        let his = Listener::of_person(&world.services, &bob);
        for text in ["  half a thou", "  half a thou", "half a thought", " \n "] {
            keep_draft(&world.services, &ada, key, text).await.unwrap();
        }
        let drafts: Vec<_> = heard(&mut hers)
            .await
            .into_iter()
            .map(|frame| match frame {
                ServerFrame::ConversationState { state, .. } => state.draft,
                other => panic!("{other:?}"),
            })
            .collect();
        let kept = |text: &str| Some(text.to_owned());
        assert_eq!(drafts, [kept("  half a thou"), kept("half a thought"), None]);
        keep_draft(&world.services, &ada, key, "later").await.unwrap();
        let seen = |caller| conversation(&world.services, caller, id);
        assert_eq!(seen(&ada).await.unwrap().draft.as_deref(), Some("later"));
        assert_eq!((seen(&bob).await.unwrap().draft, his.unheard().await), (None, 0));
        let too_long = keep_draft(&world.services, &ada, key, &"x".repeat(2001)).await;
        let issue = ContentIssue::TooLong { length: 2001, limit: 2000 };
        assert!(matches!(too_long, Err(ChatError::Content(found)) if found == issue));
        let nul = keep_draft(&world.services, &ada, key, "a\0b").await;
        assert!(matches!(nul, Err(ChatError::Content(ContentIssue::Nul))));
    }

    async fn strangers_keep_nothing_in_a_conversation(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (eve, id) = (world.person("eve").await, friends(&world, &ada, &bob).await);
        let key = ConversationKey::Id(id);
        let refused = [
            keep_draft(&world.services, &eve, key, "x").await,
            mark_unread(&world.services, &eve, key, UpTo::Seq(1)).await,
            mute_conversation(&world.services, &eve, key, Some(UnixMillis(1))).await,
            mark_read(&world.services, &eve, key, None).await,
        ];
        for refused in refused {
            assert_eq!(code(refused), ErrorCode::NotFound);
        }
    }
}
