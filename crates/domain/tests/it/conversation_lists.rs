//! The list of conversations: its order, its steps, what is hidden and what counts.

use domain::Caller;
use domain::chat::{
    accepted_cursors, conversation, conversations, counts, hide_conversation, mark_read, members,
    mute_conversation, start_direct,
};
use test_support::{Listener, World, on_both};
use wire::conversations::{Conversation, Target};
use wire::{ConversationId, ConversationKey, ErrorCode, UnixMillis};

use crate::{band, code, friends, heard_types, say_in};

async fn listed(world: &World, caller: &Caller) -> Vec<Conversation> {
    conversations(&world.services, caller, None, 100).await.unwrap().conversations
}

async fn names(world: &World, caller: &Caller) -> Vec<String> {
    listed(world, caller).await.into_iter().map(|c| c.people[0].user.username.clone()).collect()
}

/// Ada and some friends, each of whom was written to after the one before.
async fn circle(world: &World, count: usize) -> (Caller, Vec<(Caller, ConversationId)>) {
    let ada = world.person("ada").await;
    let mut circle = Vec::new();
    for n in 0..count {
        let friend = world.person(&format!("friend{n}")).await;
        let id = friends(world, &ada, &friend).await;
        was_active(world, id, n as i64).await;
        circle.push((friend, id));
    }
    (ada, circle)
}

/// Writes down when somebody last wrote there.
async fn was_active(world: &World, id: ConversationId, at: i64) {
    use entity::conversation::{Column, Entity};
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let update = Entity::update_many().col_expr(Column::UpdatedAt, Expr::value(at));
    update.filter(Column::Id.eq(id.0)).exec(&world.rows).await.unwrap();
}

on_both! {
    async fn s_63_s_67_the_list_is_read_in_steps_that_neither_skip_nor_repeat(world: World) {
        let (ada, circle) = circle(&world, 7).await;
        // Two at the same moment: the id decides.
        was_active(&world, circle[4].1, 3).await;
        let whole: Vec<_> = listed(&world, &ada).await.into_iter().map(|c| c.id).collect();
        assert_eq!(whole.len(), 7);
        assert_eq!((whole[0], whole[6]), (circle[6].1, circle[0].1));
        let mut stepped = Vec::new();
        let mut after = None;
        loop {
            let step = conversations(&world.services, &ada, after, 2).await.unwrap();
            stepped.extend(step.conversations.into_iter().map(|c| c.id));
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(stepped, whole);
        say_in(&world, &ada, circle[0].1, "you first").await.unwrap();
        assert_eq!(names(&world, &ada).await[0], "friend0");
    }

    async fn a_row_shows_the_last_line_and_what_is_unread(world: World) {
        let (ada, circle) = circle(&world, 1).await;
        let (bob, id) = &circle[0];
        say_in(&world, bob, *id, "one").await.unwrap();
        say_in(&world, bob, *id, "two").await.unwrap();
        let row = listed(&world, &ada).await.remove(0);
        let last = row.last_message.unwrap();
        assert_eq!((last.content.as_str(), last.sender.username.as_str()), ("two", "friend0"));
        assert_eq!((row.unread_count, row.last_seq, row.last_read_seq), (2, 3, 1));
        assert_eq!(listed(&world, bob).await[0].unread_count, 0, "one's own is read");
        mark_read(&world.services, &ada, ConversationKey::Id(*id), None).await.unwrap();
        assert_eq!(listed(&world, &ada).await[0].unread_count, 0);
    }

    async fn s_08_hiding_is_for_oneself_and_until_somebody_writes(world: World) {
        let (ada, circle) = circle(&world, 1).await;
        let (bob, id) = &circle[0];
        let mut ears = [&ada, bob].map(|who| Listener::of_person(&world.services, who));
        hide_conversation(&world.services, &ada, *id).await.unwrap();
        let [hers, his] = &mut ears;
        assert_eq!(heard_types(hers).await, ["conversation_removed"]);
        assert_eq!(his.unheard().await, 0);
        assert!(listed(&world, &ada).await.is_empty());
        assert_eq!(listed(&world, bob).await.len(), 1);
        say_in(&world, bob, *id, "come back").await.unwrap();
        assert_eq!(heard_types(hers).await, ["conversation_added", "new_message"]);
        assert_eq!(listed(&world, &ada).await.len(), 1);
        say_in(&world, bob, *id, "again").await.unwrap();
        assert_eq!(heard_types(hers).await, ["new_message"]);
        hide_conversation(&world.services, &ada, *id).await.unwrap();
        start_direct(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        assert_eq!(listed(&world, &ada).await.len(), 1, "opened again by oneself");
        let eve = world.person("eve").await;
        let refused = hide_conversation(&world.services, &eve, *id).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
    }

    async fn muted_and_hidden_conversations_and_the_global_room_do_not_count(world: World) {
        let (ada, circle) = circle(&world, 3).await;
        for (friend, id) in &circle {
            say_in(&world, friend, *id, "x").await.unwrap();
        }
        world.say(&circle[0].0, "to everybody").await;
        let counted = counts(&world.services, &ada).await.unwrap();
        assert_eq!((counted.unread_count, counted.unread_conversations), (3, 3));
        let key = ConversationKey::Id(circle[0].1);
        let far = UnixMillis(i64::MAX);
        for (until, expected) in [(Some(far), 2), (Some(UnixMillis(1)), 3), (None, 3)] {
            mute_conversation(&world.services, &ada, key, until).await.unwrap();
            assert_eq!(counts(&world.services, &ada).await.unwrap().unread_count, expected);
            let seen = conversation(&world.services, &ada, circle[0].1).await.unwrap();
            assert_eq!(seen.muted_until.is_some(), expected == 2);
        }
        hide_conversation(&world.services, &ada, circle[1].1).await.unwrap();
        assert_eq!(counts(&world.services, &ada).await.unwrap().unread_count, 2);
    }

    async fn a_client_learns_which_conversations_it_hears_of(world: World) {
        let (ada, circle) = circle(&world, 2).await;
        let eve = world.person("eve").await;
        let waiting = crate::begin(&world, &eve, &ada).await;
        say_in(&world, &eve, waiting, "hello?").await.unwrap();
        world.say(&eve, "to everybody").await;
        let cursors = accepted_cursors(&world.services, &ada).await.unwrap();
        let expected = [
            (ConversationKey::Global, 1),
            (ConversationKey::Id(circle[0].1), 1),
            (ConversationKey::Id(circle[1].1), 1),
        ];
        assert_eq!(cursors, expected.into());
    }

    async fn members_are_shown_to_members(world: World) {
        let (ada, bob, eve) =
            (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let id = band(&world, &ada, &[&bob]).await;
        let seen = members(&world.services, &bob, id).await.unwrap();
        let names: Vec<_> = seen.iter().map(|member| member.user.username.as_str()).collect();
        assert_eq!(names, ["bob", "ada"]);
        assert_eq!(code(members(&world.services, &eve, id).await), ErrorCode::NotFound);
        let nowhere = ConversationId::new();
        assert_eq!(code(members(&world.services, &ada, nowhere).await), ErrorCode::NotFound);
        let global = domain::chat::GLOBAL_ROOM;
        assert_eq!(code(conversation(&world.services, &ada, global).await), ErrorCode::NotFound);
    }
}
