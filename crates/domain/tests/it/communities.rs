//! Communities: who may do what in them, how one gets in, and what is seen from outside.

use domain::communities::{
    CommunityError, accept, accept_invitation, acts, ban, banned, change, change_role, community,
    create, decline, delete, discover, invitation, invitations, invite, join, leave, members,
    own_communities, page_of_communities, page_of_members, pin_post, remove, requests, search,
    take_invitation_back, take_post_out, unban,
};
use domain::people::block;
use domain::{Caller, Services};
use test_support::{World, on_both};
use uuid::Uuid;
use wire::ErrorCode;
use wire::communities::{
    ActCursor, Community, CommunityChange, CommunityForm, CommunityRight, CommunityRole, Deed,
    Joined, Standing,
};
use wire::conversations::Target;

use crate::{code, count};

pub(crate) fn form(name: &str) -> CommunityForm {
    CommunityForm { name: name.into(), ..CommunityForm::default() }
}

pub(crate) async fn open(world: &World, owner: &Caller, name: &str) -> Community {
    create(&world.services, owner, &form(name)).await.unwrap()
}

pub(crate) async fn closed(world: &World, owner: &Caller, name: &str) -> Community {
    let form = CommunityForm { is_private: true, rules: "Be kind.".into(), ..form(name) };
    create(&world.services, owner, &form).await.unwrap()
}

async fn standing(services: &Services, who: &Caller, slug: &str) -> Standing {
    community(services, Some(who), slug).await.unwrap().standing
}

async fn names(services: &Services, caller: Option<&Caller>, slug: &str) -> Vec<String> {
    let step = members(services, caller, slug, None).await.unwrap();
    step.people.into_iter().map(|member| member.user.username).collect()
}

/// The names of everybody in the answer.
fn called(people: wire::communities::CommunityMembers) -> Vec<String> {
    people.people.into_iter().map(|member| member.user.username).collect()
}

/// What each right is asked for by, done to `bob`, who is a member and waits for nothing.
async fn exercise(
    services: &Services,
    caller: &Caller,
    slug: &str,
    right: CommunityRight,
) -> Result<(), CommunityError> {
    match right {
        CommunityRight::AnswerRequests => accept(services, caller, slug, "eve").await,
        CommunityRight::Invite => invite(services, caller, slug, 7, 1).await.map(drop),
        CommunityRight::Remove => remove(services, caller, slug, "bob").await,
        CommunityRight::Ban => ban(services, caller, slug, "bob").await,
        CommunityRight::Pin => pin_post(services, caller, slug, None).await,
        // That there is no such post hears only who may take one out.
        CommunityRight::TakeOut => match take_post_out(services, caller, slug, Uuid::nil()).await {
            Err(CommunityError::NotFound) => Ok(()),
            asked => asked,
        },
        CommunityRight::SeeActs => acts(services, caller, slug, None).await.map(drop),
        CommunityRight::Change => {
            let rules = CommunityChange { rules: Some("New".into()), ..Default::default() };
            change(services, caller, slug, rules).await.map(drop)
        }
        CommunityRight::GiveRole => {
            change_role(services, caller, slug, "bob", CommunityRole::Moderator).await
        }
        CommunityRight::HandOver => {
            change_role(services, caller, slug, "bob", CommunityRole::Owner).await
        }
        CommunityRight::Delete => delete(services, caller, slug).await,
    }
}

/// Somebody's standing, brought about behind the program's back.
async fn put(world: &World, community: &Community, who: &Caller, standing: Standing) {
    let (state, role) = match standing {
        Standing::Stranger => return,
        Standing::Requested => ("requested", "member"),
        Standing::Banned => ("banned", "member"),
        Standing::Member(role) => ("active", role.as_str()),
    };
    let values = [community.id.0.into(), who.user_id.0.into(), role.into(), state.into()];
    let statement = sea_orm::Statement::from_sql_and_values(
        sea_orm::ConnectionTrait::get_database_backend(&world.rows),
        "INSERT INTO community_member (community_id, account_id, role, state, joined_at) \
         VALUES ($1, $2, $3, $4, 0)",
        values,
    );
    sea_orm::ConnectionTrait::execute_raw(&world.rows, statement).await.unwrap();
}

on_both! {
    async fn s_48_no_address_is_answered_with_a_mistake_of_ours(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        for slug in ["", "nothing", "a\0b", "%00", "\0"] {
            assert_eq!(code(community(services, Some(&ada), slug).await), ErrorCode::NotFound, "{slug:?}");
            assert_eq!(code(join(services, &ada, slug).await), ErrorCode::NotFound, "{slug:?}");
            assert_eq!(code(accept_invitation(services, &ada, slug, "x").await), ErrorCode::NotFound, "{slug:?}");
        }
    }

    async fn s_05_each_right_is_for_its_roles_and_nobody_else(world: World) {
        let services = &world.services;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let eve = world.person("eve").await;
        let standings = [
            Standing::Stranger,
            Standing::Requested,
            Standing::Banned,
            Standing::Member(CommunityRole::Member),
            Standing::Member(CommunityRole::Moderator),
            Standing::Member(CommunityRole::Admin),
            Standing::Member(CommunityRole::Owner),
        ];
        let rank = |standing| match standing {
            Standing::Member(role) => role as i32,
            _ => -1,
        };
        for (n, standing) in standings.into_iter().enumerate() {
            for right in CommunityRight::ALL {
                let place = closed(&world, &ada, &format!("{right:?} {n}")).await;
                let is_owner = standing == Standing::Member(CommunityRole::Owner);
                let actor = if is_owner { ada.clone() } else { world.person(&format!("actor-{n}-{right:?}").to_lowercase()).await };
                if !is_owner {
                    put(&world, &place, &actor, standing).await;
                }
                put(&world, &place, &bob, Standing::Member(CommunityRole::Member)).await;
                put(&world, &place, &eve, Standing::Requested).await;
                let done = exercise(services, &actor, &place.slug, right).await;
                let least = match right {
                    CommunityRight::AnswerRequests | CommunityRight::Invite
                    | CommunityRight::Remove | CommunityRight::Ban
                    | CommunityRight::Pin | CommunityRight::TakeOut | CommunityRight::SeeActs => 1,
                    CommunityRight::Change | CommunityRight::GiveRole => 2,
                    CommunityRight::HandOver | CommunityRight::Delete => 3,
                };
                if rank(standing) >= least {
                    done.unwrap_or_else(|error| panic!("{standing:?} {right:?}: {error}"));
                } else {
                    assert_eq!(code(done), ErrorCode::Forbidden, "{standing:?} {right:?}");
                }
            }
        }
    }

    async fn nobody_is_above_themselves_or_their_equals(world: World) {
        let services = &world.services;
        let [ada, ben, cal] =
            [world.person("ada").await, world.person("ben").await, world.person("cal").await];
        open(&world, &ada, "Tea").await;
        for who in [&ben, &cal] {
            join(services, who, "tea").await.unwrap();
            change_role(services, &ada, "tea", &who.username, CommunityRole::Moderator).await.unwrap();
        }
        for target in ["ada", "ben", "cal"] {
            for refused in [remove(services, &ben, "tea", target).await, ban(services, &ben, "tea", target).await] {
                assert_eq!(code(refused), ErrorCode::Forbidden, "{target}");
            }
        }
        change_role(services, &ada, "tea", "ben", CommunityRole::Admin).await.unwrap();
        for (target, role) in [("ada", CommunityRole::Member), ("ben", CommunityRole::Member), ("cal", CommunityRole::Admin), ("cal", CommunityRole::Owner)] {
            let refused = change_role(services, &ben, "tea", target, role).await;
            assert_eq!(code(refused), ErrorCode::Forbidden, "{target} {role:?}");
        }
        change_role(services, &ben, "tea", "cal", CommunityRole::Member).await.unwrap();
        assert_eq!(code(remove(services, &ada, "tea", "nobody").await), ErrorCode::NotFound);
        assert_eq!(code(leave(services, &ada, "tea").await), ErrorCode::BadRequest);
        assert_eq!(code(change_role(services, &ada, "tea", "ada", CommunityRole::Owner).await), ErrorCode::Forbidden);
        change_role(services, &ada, "tea", "cal", CommunityRole::Owner).await.unwrap();
        assert_eq!(standing(services, &ada, "tea").await, Standing::Member(CommunityRole::Admin));
        assert_eq!(standing(services, &cal, "tea").await, Standing::Member(CommunityRole::Owner));
        leave(services, &ada, "tea").await.unwrap();
        leave(services, &ada, "tea").await.unwrap();
        assert_eq!(community(services, None, "tea").await.unwrap().members_count, 2);
    }

    async fn s_25_a_private_community_shows_its_card_and_nothing_else(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        let place = closed(&world, &ada, "Quiet").await;
        for viewer in [None, Some(&bob)] {
            let card = community(services, viewer, "quiet").await.unwrap();
            assert_eq!((card.name.as_str(), card.members_count, card.rules.as_str()), ("Quiet", 1, ""));
            assert_eq!(code(members(services, viewer, "quiet", None).await), ErrorCode::NotFound);
            assert_eq!(code(page_of_members(services, viewer, "quiet", 0, 20).await), ErrorCode::NotFound);
        }
        for _ in 0..2 {
            assert_eq!(join(services, &bob, "quiet").await.unwrap(), Joined::Requested);
        }
        assert_eq!(code(members(services, Some(&bob), "quiet", None).await), ErrorCode::NotFound);
        assert_eq!(called(requests(services, &ada, "quiet", None).await.unwrap()), ["bob"]);
        assert_eq!(code(accept(services, &ada, "quiet", "eve").await), ErrorCode::NotFound);
        accept(services, &ada, "quiet", "bob").await.unwrap();
        assert_eq!(names(services, Some(&bob), "quiet").await, ["ada", "bob"]);
        assert_eq!(community(services, Some(&bob), "quiet").await.unwrap().rules, "Be kind.");
        join(services, &eve, "quiet").await.unwrap();
        decline(services, &ada, "quiet", "eve").await.unwrap();
        assert_eq!(standing(services, &eve, "quiet").await, Standing::Stranger);
        join(services, &eve, "quiet").await.unwrap();
        leave(services, &eve, "quiet").await.unwrap();
        assert_eq!(standing(services, &eve, "quiet").await, Standing::Stranger);
        remove(services, &ada, "quiet", "bob").await.unwrap();
        assert_eq!(code(members(services, Some(&bob), "quiet", None).await), ErrorCode::NotFound);
        assert_eq!(community(services, None, &place.slug).await.unwrap().members_count, 1);
    }

    async fn who_is_banned_stays_outside(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        open(&world, &ada, "Tea").await;
        join(services, &bob, "tea").await.unwrap();
        for _ in 0..2 {
            ban(services, &ada, "tea", "BOB").await.unwrap();
        }
        let link = invite(services, &ada, "tea", 1, 1).await.unwrap();
        assert_eq!(code(join(services, &bob, "tea").await), ErrorCode::Forbidden);
        assert_eq!(code(accept_invitation(services, &bob, "tea", &link.token).await), ErrorCode::Forbidden);
        leave(services, &bob, "tea").await.unwrap();
        assert_eq!(code(join(services, &bob, "tea").await), ErrorCode::Forbidden, "leaving lifts no ban");
        assert_eq!(called(banned(services, &ada, "tea", None).await.unwrap()), ["bob"]);
        assert!(own_communities(services, &bob).await.unwrap().is_empty());
        unban(services, &ada, "tea", "bob").await.unwrap();
        assert_eq!(code(unban(services, &ada, "tea", "bob").await), ErrorCode::NotFound);
        assert_eq!(join(services, &bob, "tea").await.unwrap(), Joined::Member(CommunityRole::Member));
        assert_eq!(community(services, None, "tea").await.unwrap().members_count, 2);
    }

    async fn s_42_names_are_taken_once_and_addresses_never_fail(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        for (name, slug) in [("New", "new-2"), ("東京 写真部", "東京-写真部"), ("Tea!", "tea"), ("Tea?", "tea-2"), ("Tea", "tea-3")] {
            assert_eq!(open(&world, &ada, name).await.slug, slug, "{name}");
        }
        let party = open(&world, &ada, "🎉").await;
        assert_eq!(party.slug, party.id.0.simple().to_string());
        for taken in ["tea", "TEA", " теа ", "东京\t写真部", "東京   写真部"] {
            let refused = create(services, &ada, &form(taken)).await;
            if taken.starts_with('东') {
                refused.unwrap();
                continue;
            }
            let problem: wire::Problem = refused.unwrap_err().into();
            assert!(problem.fields.contains_key("name"), "{taken}: {problem:?}");
        }
        for name in ["", "  ", "a\0b", &"x".repeat(101)] {
            assert_eq!(code(create(services, &ada, &form(name)).await), ErrorCode::InvalidField);
        }
        let taken = CommunityChange { name: Some("TEA?".into()), ..Default::default() };
        assert_eq!(code(change(services, &ada, "tea", taken).await), ErrorCode::InvalidField);
        let own = CommunityChange { name: Some("TEA!".into()), ..Default::default() };
        assert_eq!(change(services, &ada, "tea", own).await.unwrap().slug, "tea");
    }

    async fn s_42_many_at_once_get_an_address_each_and_one_the_name(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        let mut running = tokio::task::JoinSet::new();
        for n in 0..12 {
            let (services, ada) = (services.clone(), ada.clone());
            let name = if n % 2 == 0 { "Same".to_owned() } else { format!("Race{}", ".".repeat(n)) };
            running.spawn(async move { create(&services, &ada, &form(&name)).await });
        }
        let made: Vec<_> = running.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (7, 5));
        assert!(lost.into_iter().all(|lost| matches!(lost, Err(CommunityError::NameTaken))));
        let slugs: std::collections::BTreeSet<_> = won.into_iter().map(|won| won.unwrap().slug).collect();
        assert_eq!(slugs.len(), 7);
        assert_eq!(count(&world, "SELECT count(*) FROM community_member WHERE role = 'owner'").await, 7);
    }

    async fn many_who_join_at_once_are_counted_once_each(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        open(&world, &ada, "Tea").await;
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(world.person(&format!("guest{n}")).await);
        }
        let mut running = tokio::task::JoinSet::new();
        for who in [people.clone(), people].concat() {
            let services = services.clone();
            running.spawn(async move { join(&services, &who, "tea").await.unwrap() });
        }
        running.join_all().await;
        assert_eq!(community(services, None, "tea").await.unwrap().members_count, 7);
        assert_eq!(count(&world, "SELECT count(*) FROM community_member").await, 7);
    }

    async fn an_invitation_lets_in_as_many_as_it_says(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        closed(&world, &ada, "Quiet").await;
        open(&world, &ada, "Tea").await;
        for (days, uses) in [(0, 1), (31, 1), (1, 0), (1, 1001)] {
            assert_eq!(code(invite(services, &ada, "quiet", days, uses).await), ErrorCode::InvalidField);
        }
        let link = invite(services, &ada, "quiet", 1, 1).await.unwrap();
        assert!(link.token.len() >= 43);
        let stored = count(&world, &format!("SELECT count(*) FROM community_invite WHERE digest = '{}'", link.token)).await;
        assert_eq!(stored, 0, "only its digest is kept");
        for (slug, token) in [("quiet", "forged"), ("tea", link.token.as_str()), ("none", link.token.as_str())] {
            assert_eq!(code(invitation(services, None, slug, token).await), ErrorCode::NotFound);
            assert_eq!(code(accept_invitation(services, &bob, slug, token).await), ErrorCode::NotFound);
        }
        for _ in 0..2 {
            assert_eq!(invitation(services, None, "quiet", &link.token).await.unwrap().name, "Quiet");
        }
        for _ in 0..2 {
            assert_eq!(accept_invitation(services, &bob, "quiet", &link.token).await.unwrap(), Joined::Member(CommunityRole::Member));
        }
        assert_eq!(code(accept_invitation(services, &eve, "quiet", &link.token).await), ErrorCode::NotFound);
        assert_eq!(names(services, Some(&bob), "quiet").await, ["ada", "bob"]);
        let old = invite(services, &ada, "quiet", 1, 5).await.unwrap();
        world.execute("UPDATE community_invite SET expires_at = 1").await;
        assert_eq!(code(accept_invitation(services, &eve, "quiet", &old.token).await), ErrorCode::NotFound);
        let back = invite(services, &ada, "quiet", 1, 5).await.unwrap();
        let listed = invitations(services, &ada, "quiet").await.unwrap();
        assert_eq!((listed.len(), listed[0].uses_left, listed[0].by.as_str()), (1, 5, "ada"));
        assert_eq!(code(take_invitation_back(services, &bob, "quiet", listed[0].id).await), ErrorCode::Forbidden);
        take_invitation_back(services, &ada, "quiet", listed[0].id).await.unwrap();
        assert_eq!(code(accept_invitation(services, &eve, "quiet", &back.token).await), ErrorCode::NotFound);
    }

    async fn the_last_place_of_an_invitation_goes_to_one(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        closed(&world, &ada, "Quiet").await;
        let link = invite(services, &ada, "quiet", 1, 2).await.unwrap();
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(world.person(&format!("guest{n}")).await);
        }
        let mut running = tokio::task::JoinSet::new();
        for who in people {
            let (services, token) = (services.clone(), link.token.clone());
            running.spawn(async move { accept_invitation(&services, &who, "quiet", &token).await.is_ok() });
        }
        let let_in = running.join_all().await.into_iter().filter(|done| *done).count();
        assert_eq!((let_in, community(services, None, "quiet").await.unwrap().members_count), (2, 3));
    }

    async fn what_was_done_is_written_down(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        closed(&world, &ada, "Quiet").await;
        for who in [&bob, &eve] {
            join(services, who, "quiet").await.unwrap();
        }
        accept(services, &ada, "quiet", "bob").await.unwrap();
        decline(services, &ada, "quiet", "eve").await.unwrap();
        change_role(services, &ada, "quiet", "bob", CommunityRole::Moderator).await.unwrap();
        ban(services, &bob, "quiet", "eve").await.unwrap();
        let done = acts(services, &bob, "quiet", None).await.unwrap().acts;
        let said: Vec<_> = done.iter().rev().map(|act| (act.by.as_deref(), act.deed, act.to.as_deref(), act.note.as_str())).collect();
        let (ada, bob) = (Some("ada"), Some("bob"));
        assert_eq!(said, [
            (ada, Deed::Created, None, ""),
            (ada, Deed::Accepted, bob, ""),
            (ada, Deed::Declined, Some("eve"), ""),
            (ada, Deed::GaveRole, bob, "moderator"),
            (bob, Deed::Banned, Some("eve"), ""),
        ]);
        let rest = acts(services, &world.sign_in("ada", &[]).await.caller, "quiet", Some(ActCursor { at: done[1].at, id: done[1].id })).await.unwrap().acts;
        assert_eq!(rest.len(), 3);
    }

    async fn a_block_hides_members_from_each_other(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        open(&world, &ada, "Tea").await;
        for who in [&bob, &eve] {
            join(services, who, "tea").await.unwrap();
        }
        block(services, &bob, &Target::Id(eve.user_id)).await.unwrap();
        assert_eq!(names(services, Some(&bob), "tea").await, ["ada", "bob"]);
        assert_eq!(names(services, Some(&eve), "tea").await, ["ada", "eve"]);
        assert_eq!(names(services, None, "tea").await, ["ada", "bob", "eve"]);
        let (page, count) = page_of_members(services, Some(&bob), "tea", 0, 20).await.unwrap();
        assert_eq!((page.len(), count), (2, 2));
    }

    async fn a_deleted_community_leaves_its_posts_to_their_authors(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        let tea = open(&world, &ada, "Tea").await;
        let quiet = closed(&world, &ada, "Quiet").await;
        for (n, (place, visibility)) in [(&tea, "public"), (&tea, "community"), (&quiet, "public"), (&quiet, "community")].into_iter().enumerate() {
            let backend = sea_orm::ConnectionTrait::get_database_backend(&world.rows);
            let statement = sea_orm::Statement::from_sql_and_values(backend,
                "INSERT INTO post (id, author_id, community_id, title, slug, content, content_html, excerpt, visibility, state, created_at, saved_at, published_at) \
                 VALUES ($1, $2, $3, 't', $4, '', '', '', $5, 'published', 0, 0, 0)",
                [Uuid::now_v7().into(), bob.user_id.0.into(), place.id.0.into(), format!("p{n}").into(), visibility.into()]);
            sea_orm::ConnectionTrait::execute_raw(&world.rows, statement).await.unwrap();
        }
        for slug in ["tea", "quiet"] {
            delete(services, &ada, slug).await.unwrap();
            assert_eq!(code(community(services, Some(&ada), slug).await), ErrorCode::NotFound);
        }
        let left = |state: &str| format!("SELECT count(*) FROM post WHERE community_id IS NULL AND state = '{state}'");
        assert_eq!((count(&world, &left("published")).await, count(&world, &left("draft")).await), (1, 3));
        assert_eq!(count(&world, "SELECT count(*) FROM community_member").await, 0);
    }

    async fn lists_are_read_in_steps_the_largest_first(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        for n in 0..30 {
            open(&world, &ada, &format!("Place {n}")).await;
        }
        for slug in ["place-3", "place-7"] {
            join(services, &bob, slug).await.unwrap();
        }
        let first = discover(services, Some(&bob), None).await.unwrap();
        let second = discover(services, Some(&bob), first.next).await.unwrap();
        let all: Vec<_> = [first.communities, second.communities].concat();
        let slugs: Vec<_> = all.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(slugs[..4], ["place-7", "place-3", "place-29", "place-28"]);
        assert_eq!((slugs.len(), second.next), (30, None));
        assert!(all.iter().all(|one| one.standing.role().is_some() == (one.members_count == 2)));
        let (page, count) = page_of_communities(services, None, 6, 6).await.unwrap();
        let paged: Vec<_> = page.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!((paged.as_slice(), count), (&slugs[6..12], 30));
        let own: Vec<_> = own_communities(services, &bob).await.unwrap().into_iter().map(|one| one.slug).collect();
        assert_eq!(own, ["place-3", "place-7"]);
        let found: Vec<_> = search(services, Some(&bob), " PLACE  2").await.unwrap().into_iter().map(|one| one.slug).collect();
        assert_eq!((found.len(), found[0].as_str()), (11, "place-2"));
        assert!(search(services, None, "lace").await.unwrap().is_empty());
    }
}
