//! Reading a conversation, from either end and from the middle.

use domain::chat::{ChatError, GLOBAL_ROOM, history, messages_after, room};
use domain::{Caller, Services};
use test_support::{World, on_both};
use tokio::task::JoinSet;
use wire::chat::{HISTORY_LIMIT, HISTORY_PAGE, History, Room, Span};
use wire::{ConversationId, ConversationKey};

use crate::{draft, group};

async fn fill(world: &World, caller: &Caller, count: usize) {
    let mut sends = JoinSet::new();
    for _ in 0..count {
        let (services, caller) = (world.services.clone(), caller.clone());
        sends.spawn(async move {
            domain::chat::post_message(&services, &caller, draft("x")).await.unwrap();
        });
    }
    sends.join_all().await;
}

async fn read(services: &Services, caller: Option<&Caller>, span: Span, limit: u64) -> History {
    history(services, caller, ConversationKey::Global, span, limit).await.unwrap()
}

async fn room_since(services: &Services, seq: i64) -> Room {
    room(services, None, Span::After(seq)).await.unwrap()
}

fn numbers(history: &History) -> Vec<i64> {
    history.messages.iter().map(|message| message.seq).collect()
}

on_both! {
    async fn every_span_gives_its_stretch_oldest_first(world: World) {
        let ada = world.person("ada").await;
        fill(&world, &ada, 120).await;
        let cases = [
            (Span::Newest, 50, 71..=120, true),
            (Span::Newest, 120, 1..=120, false),
            (Span::Newest, 1, 120..=120, true),
            (Span::Before(71), 50, 21..=70, true),
            (Span::Before(21), 50, 1..=20, false),
            (Span::Before(51), 50, 1..=50, false),
            (Span::Before(1000), 2, 119..=120, true),
            (Span::After(0), 3, 1..=3, false),
            (Span::After(-5), 3, 1..=3, false),
            (Span::After(100), 200, 101..=120, true),
            (Span::After(118), 1, 119..=119, true),
        ];
        for (span, limit, expected, has_older) in cases {
            let page = read(&world.services, Some(&ada), span, limit).await;
            assert_eq!(numbers(&page), expected.collect::<Vec<_>>(), "{span:?}");
            assert_eq!((page.has_older, page.last_seq), (has_older, 120), "{span:?}");
        }
        for span in
            [Span::Before(1), Span::Before(i64::MIN), Span::After(120), Span::After(i64::MAX)]
        {
            let page = read(&world.services, Some(&ada), span, 50).await;
            assert_eq!((numbers(&page), page.last_seq), (vec![], 120), "{span:?}");
        }
    }

    async fn walking_back_page_by_page_meets_every_message_once(world: World) {
        let ada = world.person("ada").await;
        fill(&world, &ada, 107).await;
        let mut page = read(&world.services, None, Span::Newest, 10).await;
        let mut seen = numbers(&page);
        while page.has_older {
            world.say(&ada, "meanwhile").await;
            page = read(&world.services, None, Span::Before(seen[0]), 10).await;
            seen.splice(0..0, numbers(&page));
        }
        assert_eq!(seen, (1..=107).collect::<Vec<_>>());
    }

    async fn nobody_gets_more_than_the_limit(world: World) {
        let ada = world.person("ada").await;
        fill(&world, &ada, HISTORY_LIMIT as usize + 5).await;
        for limit in [HISTORY_LIMIT, HISTORY_LIMIT + 1, u64::MAX] {
            let page = read(&world.services, None, Span::Newest, limit).await;
            assert_eq!(page.messages.len() as u64, HISTORY_LIMIT);
        }
        let room = room(&world.services, None, Span::Newest).await.unwrap();
        assert_eq!(room.history.messages.len() as u64, HISTORY_PAGE);
        let news = room_since(&world.services, 1).await;
        assert_eq!(news.history.messages.len() as u64, HISTORY_LIMIT, "who comes back gets more");
        let after =
            messages_after(&world.services, GLOBAL_ROOM, 3, HISTORY_LIMIT + 1).await.unwrap();
        assert_eq!(
            after.len() as u64,
            HISTORY_LIMIT + 1,
            "one more than the limit tells of too much"
        );
    }

    async fn an_empty_room_is_empty(world: World) {
        let page = read(&world.services, None, Span::Newest, 50).await;
        let empty =
            History { messages: vec![], has_older: false, last_seq: 0, last_read_seq: None };
        assert_eq!(page, empty);
    }

    async fn a_page_without_news_does_not_say_that_there_is_nothing_older(world: World) {
        let ada = world.person("ada").await;
        fill(&world, &ada, 3).await;
        assert!(read(&world.services, None, Span::After(3), 50).await.has_older);
        assert!(read(&world.services, None, Span::After(2), 50).await.has_older);
        assert!(!read(&world.services, None, Span::Before(1), 50).await.has_older);
    }

    async fn reading_marks_nothing_as_read(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        fill(&world, &ada, 3).await;
        for _ in 0..2 {
            let page = read(&world.services, Some(&bob), Span::Newest, 50).await;
            assert_eq!((page.last_read_seq, page.last_seq), (Some(0), 3));
        }
        assert_eq!(read(&world.services, None, Span::Newest, 50).await.last_read_seq, None);
    }

    async fn the_global_room_is_everybodys_and_any_other_its_members(world: World) {
        let (ada, eve) = (world.person("ada").await, world.person("eve").await);
        let theirs = ConversationKey::Id(group(&world, &[&ada]).await);
        let nowhere = ConversationKey::Id(ConversationId::new());
        let strangers =
            [(None, theirs), (Some(&eve), theirs), (None, nowhere), (Some(&ada), nowhere)];
        for (caller, key) in strangers {
            let refused = history(&world.services, caller, key, Span::Newest, 50).await;
            assert!(matches!(refused, Err(ChatError::NotFound)), "{key}: {refused:?}");
        }
        history(&world.services, Some(&ada), theirs, Span::Newest, 50).await.unwrap();
        // The global room under its id is the global room, and so is its name in the answer.
        let by_id = ConversationKey::Id(GLOBAL_ROOM);
        world.say(&ada, "hello").await;
        let page = history(&world.services, Some(&ada), by_id, Span::Newest, 50).await.unwrap();
        assert_eq!(page.messages[0].conversation_id, ConversationKey::Global);
    }

    async fn a_renamed_author_is_shown_under_the_name_of_today(world: World) {
        let ada = world.person("ada").await;
        world.say(&ada, "hello").await;
        world.execute("UPDATE account SET username = 'countess'").await;
        let page = read(&world.services, None, Span::Newest, 50).await;
        assert_eq!(page.messages[0].sender.username, "countess");
    }
}
