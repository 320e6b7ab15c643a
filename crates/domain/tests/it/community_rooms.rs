//! The room of a community: who is in it, and when they are not any more.

use domain::Caller;
use domain::chat::{
    Started, add_members, conversation, conversations, history, leave_group, members, rename_group,
    start_direct,
};
use domain::communities::{ban, change, delete, enter_room, join, leave, remove};
use test_support::{Listener, World, on_both};
use wire::chat::Span;
use wire::communities::{CommunityChange, ROOM_LIMIT};
use wire::conversations::{RequestState, Role, Target};
use wire::{ConversationId, ConversationKey, ErrorCode};

use crate::communities::open;
use crate::{code, count, heard_types, say_in, unheard};

async fn people(world: &World) -> [Caller; 3] {
    [world.person("ada").await, world.person("bob").await, world.person("eve").await]
}

/// The room of `tea`, with all three in it.
async fn full_room(world: &World, [ada, bob, eve]: [&Caller; 3]) -> ConversationId {
    open(world, ada, "Tea").await;
    let room = enter_room(&world.services, ada, "tea").await.unwrap();
    for who in [bob, eve] {
        join(&world.services, who, "tea").await.unwrap();
        assert_eq!(enter_room(&world.services, who, "tea").await.unwrap(), room);
    }
    room
}

async fn can_read(world: &World, who: &Caller, room: ConversationId) -> bool {
    let key = ConversationKey::Id(room);
    history(&world.services, Some(who), key, Span::Newest, 50).await.is_ok()
}

on_both! {
    async fn members_come_in_by_themselves_and_strangers_do_not(world: World) {
        let [ada, bob, eve] = people(&world).await;
        open(&world, &ada, "Tea").await;
        assert_eq!(code(enter_room(&world.services, &bob, "tea").await), ErrorCode::Forbidden);
        let room = enter_room(&world.services, &ada, "tea").await.unwrap();
        say_in(&world, &ada, room, "hello?").await.unwrap();
        join(&world.services, &bob, "tea").await.unwrap();
        assert!(!can_read(&world, &bob, room).await, "joining alone is no place in the room");
        let mut ears = [&ada, &bob, &eve].map(|who| Listener::of_person(&world.services, who));
        for _ in 0..2 {
            assert_eq!(enter_room(&world.services, &bob, "tea").await.unwrap(), room);
        }
        let [ada_hears, bob_hears, eve_hears] = &mut ears;
        assert_eq!(heard_types(ada_hears).await, ["member_changed"]);
        assert_eq!(heard_types(bob_hears).await, ["conversation_added", "member_changed"]);
        assert_eq!(eve_hears.unheard().await, 0);
        let his = conversation(&world.services, &bob, room).await.unwrap();
        assert_eq!((his.title.as_deref(), his.role, his.unread_count), (Some("Tea"), Role::Member, 0));
    }

    async fn whoever_leaves_the_community_is_out_of_its_room(world: World) {
        let [ada, bob, eve] = people(&world).await;
        let room = full_room(&world, [&ada, &bob, &eve]).await;
        let dan = world.person("dan").await;
        join(&world.services, &dan, "tea").await.unwrap();
        enter_room(&world.services, &dan, "tea").await.unwrap();
        let mut ears = [&bob, &eve, &dan].map(|who| Listener::of_person(&world.services, who));
        leave(&world.services, &bob, "tea").await.unwrap();
        remove(&world.services, &ada, "tea", "eve").await.unwrap();
        ban(&world.services, &ada, "tea", "dan").await.unwrap();
        for ear in &mut ears {
            assert_eq!(heard_types(ear).await.pop().as_deref(), Some("conversation_removed"));
        }
        say_in(&world, &ada, room, "alone").await.unwrap();
        assert_eq!(unheard(&ears).await, [0, 0, 0]);
        for gone in [&bob, &eve, &dan] {
            assert!(!can_read(&world, gone, room).await);
            assert_eq!(code(say_in(&world, gone, room, "x").await), ErrorCode::NotFound);
        }
        assert_eq!(code(enter_room(&world.services, &eve, "tea").await), ErrorCode::Forbidden);
        join(&world.services, &eve, "tea").await.unwrap();
        enter_room(&world.services, &eve, "tea").await.unwrap();
        assert!(can_read(&world, &eve, room).await);
    }

    async fn nobody_looks_after_the_room_but_the_community(world: World) {
        let [ada, bob, eve] = people(&world).await;
        let room = full_room(&world, [&ada, &bob, &eve]).await;
        world.person("dan").await;
        let dan = [Target::Username("dan".into())];
        assert_eq!(code(add_members(&world.services, &ada, room, &dan).await), ErrorCode::Forbidden);
        assert_eq!(code(rename_group(&world.services, &ada, room, "x").await), ErrorCode::Forbidden);
        let name = CommunityChange { name: Some("Coffee".into()), ..Default::default() };
        change(&world.services, &ada, "tea", name).await.unwrap();
        let shown = conversation(&world.services, &bob, room).await.unwrap();
        assert_eq!(shown.title.as_deref(), Some("Coffee"));
        leave_group(&world.services, &bob, room).await.unwrap();
        enter_room(&world.services, &bob, "tea").await.unwrap();
        assert_eq!(members(&world.services, &bob, room).await.unwrap().len(), 3);
    }

    async fn the_room_ends_with_its_community(world: World) {
        let [ada, bob, eve] = people(&world).await;
        let room = full_room(&world, [&ada, &bob, &eve]).await;
        let mut ear = Listener::of_person(&world.services, &bob);
        delete(&world.services, &ada, "tea").await.unwrap();
        assert_eq!(heard_types(&mut ear).await, ["conversation_removed"]);
        for who in [&ada, &bob, &eve] {
            assert!(!can_read(&world, who, room).await);
            assert!(conversations(&world.services, who, None, 20).await.unwrap().conversations.is_empty());
        }
    }

    async fn a_room_is_no_way_round_requests(world: World) {
        let [ada, bob, eve] = people(&world).await;
        let room = full_room(&world, [&ada, &bob, &eve]).await;
        say_in(&world, &bob, room, "I am here").await.unwrap();
        let begun = start_direct(&world.services, &eve, &Target::Id(bob.user_id)).await.unwrap();
        let Started::New(talk) = begun else { panic!("they had none") };
        assert_eq!(talk.request, RequestState::Sent);
    }

    async fn a_room_has_its_limit(world: World) {
        let [ada, bob, _] = people(&world).await;
        open(&world, &ada, "Tea").await;
        let room = enter_room(&world.services, &ada, "tea").await.unwrap();
        join(&world.services, &bob, "tea").await.unwrap();
        let crowd = domain::seed::Seed { users: ROOM_LIMIT as u32 - 1, messages: 0, password: None };
        domain::seed::plant(&world.services, &crowd).await.unwrap();
        let places = "INSERT INTO membership (conversation_id, account_id, state, role, last_read_seq, last_delivered_seq, joined_at) \
             SELECT c.id, a.id, 'active', 'member', 0, 0, 0 FROM conversation c, account a \
             WHERE c.kind = 'group' AND a.username NOT IN ('ada', 'bob', 'eve')";
        world.execute(places).await;
        let there = count(&world, "SELECT count(*) FROM membership m JOIN conversation c ON c.id = m.conversation_id WHERE c.kind = 'group'").await;
        assert_eq!(there, ROOM_LIMIT as i64);
        assert_eq!(code(enter_room(&world.services, &bob, "tea").await), ErrorCode::GroupFull);
        leave_group(&world.services, &ada, room).await.unwrap();
        enter_room(&world.services, &bob, "tea").await.unwrap();
    }
}
