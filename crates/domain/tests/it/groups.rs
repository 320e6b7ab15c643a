//! Groups: who is in them, and who may do what.

use domain::Caller;
use domain::chat::{
    add_members, change_role, conversation, conversations, create_group, history, leave_group,
    members, remove_member, rename_group,
};
use domain::people::{block, change_privacy};
use domain::seed::{Seed, plant};
use test_support::{Listener, World, on_both};
use wire::chat::Span;
use wire::conversations::{GROUP_LIMIT, MemberChange, Role, Target};
use wire::live::ServerFrame;
use wire::people::{PrivacyChange, WhoCanMessage};
use wire::{ConversationId, ConversationKey, ErrorCode};

use crate::{band, begin, code, count, friends, heard, heard_types, say_in, texts, unheard};

async fn people(world: &World) -> [Caller; 4] {
    [
        world.person("ada").await,
        world.person("bob").await,
        world.person("eve").await,
        world.person("dan").await,
    ]
}

async fn roles(world: &World, caller: &Caller, id: ConversationId) -> Vec<(String, Role)> {
    let members = members(&world.services, caller, id).await.unwrap();
    let mut roles: Vec<_> = members.into_iter().map(|m| (m.user.username, m.role)).collect();
    roles.sort();
    roles
}

fn role(name: &str, role: Role) -> (String, Role) {
    (name.into(), role)
}

on_both! {
    async fn a_new_group_is_told_to_everybody_in_it(world: World) {
        let [ada, bob, eve, dan] = people(&world).await;
        let mut ears = [&ada, &bob, &eve].map(|who| Listener::of_person(&world.services, who));
        let stranger = Listener::of_person(&world.services, &dan);
        let targets = [Target::Id(bob.user_id), Target::Username("EVE".into())];
        let group = create_group(&world.services, &ada, " Band ", &targets).await.unwrap();
        assert_eq!((group.title.as_deref(), group.members_count), (Some("Band"), 3));
        assert_eq!(group.role, Role::Owner);
        for ear in &mut ears {
            assert_eq!(heard_types(ear).await, ["conversation_added"]);
        }
        assert_eq!(stranger.unheard().await, 0);
        let listed = conversations(&world.services, &bob, None, 20).await.unwrap().conversations;
        assert_eq!((listed[0].id, listed[0].role, listed[0].people.len()), (group.id, Role::Member, 2));
        say_in(&world, &bob, group.id, "hello").await.unwrap();
        let [ada, bob, eve] = &mut ears;
        assert_eq!(heard_types(bob).await, ["message_sent"]);
        for other in [ada, eve] {
            assert_eq!(heard_types(other).await, ["new_message"]);
        }
    }

    async fn what_cannot_be_a_group_is_refused(world: World) {
        let [ada, bob, eve, dan] = people(&world).await;
        let everybody = [Target::Id(bob.user_id)];
        for title in ["", "  ", "a\nb", &"x".repeat(101)] {
            let refused = create_group(&world.services, &ada, title, &everybody).await;
            assert_eq!(code(refused), ErrorCode::InvalidField, "{title:?}");
        }
        let nobody = [Target::Id(bob.user_id), Target::Username("nobody".into())];
        let refused = create_group(&world.services, &ada, "x", &nobody).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        block(&world.services, &ada, &Target::Id(eve.user_id)).await.unwrap();
        let change =
            PrivacyChange { who_can_message: Some(WhoCanMessage::Nobody), ..Default::default() };
        change_privacy(&world.services, &dan, change).await.unwrap();
        let group = band(&world, &ada, &[]).await;
        for unwilling in [&bob, &eve, &dan] {
            let them = [Target::Id(unwilling.user_id)];
            let refused = create_group(&world.services, &ada, "x", &them).await;
            assert_eq!(code(refused), ErrorCode::CannotMessage, "{}", unwilling.username);
            let refused = add_members(&world.services, &ada, group, &them).await;
            assert_eq!(code(refused), ErrorCode::CannotMessage, "{}", unwilling.username);
        }
        assert_eq!(count(&world, "SELECT count(*) FROM conversation WHERE kind = 'group'").await, 1);
    }

    async fn a_group_has_at_most_a_hundred_members(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let crowd = Seed { users: 110, messages: 0, password: None };
        plant(&world.services, &crowd).await.unwrap();
        let group = band(&world, &ada, &[]).await;
        let others = others(&world, &[&ada, &bob]).await;
        add_members(&world.services, &ada, group, &others[..GROUP_LIMIT - 1]).await.unwrap();
        let more = [Target::Id(bob.user_id)];
        let refused = add_members(&world.services, &ada, group, &more).await;
        assert_eq!(code(refused), ErrorCode::GroupFull);
        // Those who are in it already are not too many.
        add_members(&world.services, &ada, group, &others[..3]).await.unwrap();
        let refused = create_group(&world.services, &ada, "x", &others[..GROUP_LIMIT]).await;
        assert_eq!(code(refused), ErrorCode::GroupFull);
        let seen = conversation(&world.services, &ada, group).await.unwrap();
        assert_eq!((seen.members_count, seen.people.len()), (100, 5));
    }

    async fn who_comes_sees_the_group_and_the_others_see_who_came(world: World) {
        let [ada, bob, eve, _] = people(&world).await;
        let id = band(&world, &ada, &[&bob]).await;
        say_in(&world, &ada, id, "before").await.unwrap();
        let mut ears = [&ada, &bob, &eve].map(|who| Listener::of_person(&world.services, who));
        add_members(&world.services, &ada, id, &[Target::Id(eve.user_id)]).await.unwrap();
        let added = ServerFrame::MemberChanged {
            conversation_id: id,
            change: MemberChange::Added,
            user_id: eve.user_id,
            username: "eve".into(),
            role: Role::Member,
            by: ada.user_id,
            members_count: 3,
        };
        let [ada_hears, bob_hears, eve_hears] = &mut ears;
        assert_eq!(heard(ada_hears).await, std::slice::from_ref(&added));
        assert_eq!(heard(bob_hears).await, [added]);
        assert_eq!(heard_types(eve_hears).await, ["conversation_added", "member_changed"]);
        let hers = conversation(&world.services, &eve, id).await.unwrap();
        assert_eq!((hers.unread_count, hers.last_seq), (0, 1), "what was said before counts as read");
    }

    async fn former_members_hear_and_see_nothing(world: World) {
        let [ada, bob, eve, _] = people(&world).await;
        let id = band(&world, &ada, &[&bob, &eve]).await;
        let mut ears = [&bob, &eve].map(|who| Listener::of_person(&world.services, who));
        leave_group(&world.services, &bob, id).await.unwrap();
        remove_member(&world.services, &ada, id, eve.user_id).await.unwrap();
        let [bob_hears, eve_hears] = &mut ears;
        assert_eq!(heard_types(bob_hears).await, ["conversation_removed"]);
        assert_eq!(heard_types(eve_hears).await, ["member_changed", "conversation_removed"]);
        say_in(&world, &ada, id, "alone").await.unwrap();
        rename_group(&world.services, &ada, id, "Solo").await.unwrap();
        assert_eq!(unheard(&ears).await, [0, 0]);
        let key = ConversationKey::Id(id);
        for gone in [&bob, &eve] {
            let refused = history(&world.services, Some(gone), key, Span::Newest, 50).await;
            assert_eq!(code(refused), ErrorCode::NotFound);
            assert_eq!(code(say_in(&world, gone, id, "x").await), ErrorCode::NotFound);
            assert_eq!(code(leave_group(&world.services, gone, id).await), ErrorCode::NotFound);
            let listed = conversations(&world.services, gone, None, 20).await.unwrap();
            assert!(listed.conversations.is_empty());
        }
    }

    async fn who_went_is_brought_back_only_by_somebody_they_know(world: World) {
        let [ada, bob, eve, _] = people(&world).await;
        let id = band(&world, &ada, &[&bob, &eve]).await;
        leave_group(&world.services, &bob, id).await.unwrap();
        say_in(&world, &ada, id, "come back").await.unwrap();
        let bob_again = [Target::Id(bob.user_id)];
        let refused = add_members(&world.services, &ada, id, &bob_again).await;
        assert_eq!(code(refused), ErrorCode::CannotMessage);
        assert_eq!(code(history(&world.services, Some(&bob), ConversationKey::Id(id), Span::Newest, 50).await), ErrorCode::NotFound);
        friends(&world, &ada, &bob).await;
        add_members(&world.services, &ada, id, &bob_again).await.unwrap();
        assert_eq!(texts(&world, &bob, id).await, ["come back"]);
    }

    async fn an_owner_who_leaves_hands_over_to_the_oldest_admin_or_member(world: World) {
        let [ada, bob, eve, dan] = people(&world).await;
        let id = band(&world, &ada, &[&bob]).await;
        for later in [&eve, &dan] {
            add_members(&world.services, &ada, id, &[Target::Id(later.user_id)]).await.unwrap();
        }
        change_role(&world.services, &ada, id, dan.user_id, Role::Admin).await.unwrap();
        let mut ear = Listener::of_person(&world.services, &bob);
        leave_group(&world.services, &ada, id).await.unwrap();
        let [
            ServerFrame::MemberChanged { change: MemberChange::Left, members_count: 3, .. },
            ServerFrame::MemberChanged { change: MemberChange::Role, role: Role::Owner, user_id, .. },
        ] = heard(&mut ear).await[..]
        else {
            panic!("somebody left and somebody owns it");
        };
        assert_eq!(user_id, dan.user_id);
        leave_group(&world.services, &dan, id).await.unwrap();
        let expected = [role("bob", Role::Owner), role("eve", Role::Member)];
        assert_eq!(roles(&world, &eve, id).await, expected);
        for last in [&bob, &eve] {
            leave_group(&world.services, last, id).await.unwrap();
        }
        let left = "SELECT count(*) FROM membership m JOIN conversation c ON c.id = m.conversation_id \
            WHERE c.kind = 'group' AND m.state <> 'left'";
        assert_eq!(count(&world, left).await, 0);
    }

    async fn each_role_does_what_it_may_and_no_more(world: World) {
        let [ada, bob, eve, dan] = people(&world).await;
        let id = band(&world, &ada, &[&bob, &eve]).await;
        change_role(&world.services, &ada, id, bob.user_id, Role::Admin).await.unwrap();
        let services = &world.services;
        let new = [Target::Id(dan.user_id)];
        for (caller, expected) in [(&eve, ErrorCode::Forbidden), (&dan, ErrorCode::NotFound)] {
            assert_eq!(code(rename_group(services, caller, id, "x").await), expected);
            assert_eq!(code(add_members(services, caller, id, &new).await), expected);
            let refused = remove_member(services, caller, id, bob.user_id).await;
            assert_eq!(code(refused), expected);
            let refused = change_role(services, caller, id, eve.user_id, Role::Admin).await;
            assert_eq!(code(refused), expected);
        }
        // An admin neither gives roles nor takes out the owner, themselves or another admin.
        for member in [&ada, &bob] {
            let refused = remove_member(services, &bob, id, member.user_id).await;
            assert_eq!(code(refused), ErrorCode::Forbidden);
        }
        let refused = change_role(services, &bob, id, eve.user_id, Role::Admin).await;
        assert_eq!(code(refused), ErrorCode::Forbidden);
        let refused = change_role(services, &ada, id, ada.user_id, Role::Member).await;
        assert_eq!(code(refused), ErrorCode::Forbidden, "a group is never without its owner");
        let refused = change_role(services, &ada, id, dan.user_id, Role::Admin).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
        rename_group(services, &bob, id, "Orchestra").await.unwrap();
        add_members(services, &bob, id, &new).await.unwrap();
        remove_member(services, &bob, id, eve.user_id).await.unwrap();
        change_role(services, &ada, id, bob.user_id, Role::Owner).await.unwrap();
        let expected =
            [role("ada", Role::Admin), role("bob", Role::Owner), role("dan", Role::Member)];
        assert_eq!(roles(&world, &dan, id).await, expected);
        let seen = conversation(services, &dan, id).await.unwrap();
        assert_eq!(seen.title.as_deref(), Some("Orchestra"));
    }

    async fn a_direct_conversation_is_no_group(world: World) {
        let [ada, bob, eve, _] = people(&world).await;
        let id = begin(&world, &ada, &bob).await;
        let services = &world.services;
        let new = [Target::Id(eve.user_id)];
        assert_eq!(code(rename_group(services, &ada, id, "x").await), ErrorCode::Forbidden);
        assert_eq!(code(add_members(services, &ada, id, &new).await), ErrorCode::Forbidden);
        assert_eq!(code(leave_group(services, &ada, id).await), ErrorCode::Forbidden);
        let refused = remove_member(services, &ada, id, bob.user_id).await;
        assert_eq!(code(refused), ErrorCode::Forbidden);
        let global = domain::chat::GLOBAL_ROOM;
        assert_eq!(code(rename_group(services, &ada, global, "x").await), ErrorCode::NotFound);
        assert_eq!(code(leave_group(services, &ada, global).await), ErrorCode::NotFound);
    }
}

/// A crowd to fill a group with.
async fn others(world: &World, not: &[&Caller]) -> Vec<Target> {
    use sea_orm::EntityTrait;
    let accounts = entity::account::Entity::find().all(&world.rows).await.unwrap();
    let named = |account: entity::account::Model| Target::Username(account.username);
    let is_known = |id| not.iter().any(|caller| caller.user_id.0 == id);
    accounts.into_iter().filter(|account| !is_known(account.id)).map(named).collect()
}
