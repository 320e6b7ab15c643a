//! How communities end, and what people leave behind who end in them.

use domain::accounts::give_up_account;
use domain::communities::{
    accept_invitation, ban, change_role, community, delete, invitation, invite, join, leave,
    members, remove,
};
use domain::jobs::work_once;
use domain::posts::{
    Change, Intent, PostForm, Reaction, delete_post, drafts, post, react, restore_post, tagged,
    write_post,
};
use domain::profiles::{figures, follow};
use domain::{Caller, clock};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use test_support::{Backend, PASSWORD, World, on_both};
use wire::communities::{Community, CommunityRole};
use wire::posts::{Post, PostState, Visibility};
use wire::{ErrorCode, UnixMillis};

use crate::communities::{closed, open};
use crate::{code, count};

fn form(title: &str, place: &Community, visibility: Visibility) -> PostForm {
    PostForm {
        title: title.into(),
        content: "Words #secret".into(),
        visibility,
        community: Some(place.slug.clone()),
        intent: Intent::Publish,
        ..PostForm::default()
    }
}

async fn publish(world: &World, author: &Caller, form: &PostForm) -> Post {
    write_post(&world.services, author, None, form).await.unwrap()
}

async fn become_member(world: &World, owner: &Caller, who: &Caller, place: &Community) {
    let link = invite(&world.services, owner, &place.slug, 1, 1).await.unwrap();
    accept_invitation(&world.services, who, &place.slug, &link.token).await.unwrap();
}

async fn work_off(world: &World) {
    world.execute("UPDATE job SET run_at = 1").await;
    while work_once(&world.services).await.unwrap() {}
}

/// As if two weeks were over since they gave their account up.
async fn is_gone(world: &World, who: &Caller) {
    give_up_account(&world.services, who, PASSWORD).await.unwrap();
    world.execute("UPDATE account SET delete_at = 1 WHERE delete_at IS NOT NULL").await;
    work_off(world).await;
}

async fn role(world: &World, by: &Caller, slug: &str, name: &str) -> Option<CommunityRole> {
    let step = members(&world.services, Some(by), slug, None).await.unwrap();
    step.people.into_iter().find(|one| one.user.username == name).map(|one| one.role)
}

#[allow(clippy::disallowed_methods, reason = "a third who is in the way, not a verb")]
async fn begin(rows: &DatabaseConnection) -> DatabaseTransaction {
    rows.begin().await.unwrap()
}

/// Until so many statements of this database wait for each other's rows.
async fn until_waiting(world: &World, wanted: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while count(world, waiting).await < wanted {
        tokio::task::yield_now().await;
    }
}

on_both! {
    async fn what_a_private_community_showed_is_a_draft_when_it_ends(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        follow(services, &eve, "bob").await.unwrap();
        let (tea, quiet) = (open(&world, &ada, "Tea").await, closed(&world, &ada, "Quiet").await);
        for place in [&tea, &quiet] {
            become_member(&world, &ada, &bob, place).await;
        }
        publish(&world, &bob, &form("Open", &tea, Visibility::Public)).await;
        publish(&world, &bob, &form("Ours", &tea, Visibility::Community)).await;
        publish(&world, &bob, &form("Said inside", &quiet, Visibility::Public)).await;
        publish(&world, &bob, &form("Taken back", &quiet, Visibility::Public)).await;
        delete_post(services, &bob, "taken-back").await.unwrap();
        let soon = Intent::Schedule(UnixMillis(clock::now().0 + 3_600_000));
        let plan = PostForm { intent: soon, ..form("Planned", &quiet, Visibility::Public) };
        publish(&world, &bob, &plan).await;
        react(services, &ada, "said-inside", Reaction::Like, Change::Put).await.unwrap();
        assert_eq!(figures(services, &bob).await.unwrap().karma, 1);

        delete(services, &ada, "quiet").await.unwrap();
        delete(services, &ada, "tea").await.unwrap();
        restore_post(services, &bob, "taken-back").await.unwrap();
        world.execute("UPDATE post SET publish_at = 1 WHERE state = 'scheduled'").await;
        work_off(&world).await;
        for slug in ["ours", "said-inside", "taken-back", "planned"] {
            for reader in [Some(&eve), Some(&ada), None] {
                assert_eq!(code(post(services, reader, slug).await), ErrorCode::NotFound, "{slug}");
            }
        }
        post(services, None, "open").await.unwrap();
        assert_eq!(tagged(services, Some(&eve), "secret", None, 9).await.unwrap().posts.len(), 1);
        let own = drafts(services, &bob).await.unwrap();
        assert_eq!(own.len(), 4);
        assert!(own.iter().all(|own| own.card.state == PostState::Draft && own.card.community.is_none()));
        let figures_of = figures(services, &bob).await.unwrap();
        assert_eq!((figures_of.posts_count, figures_of.karma), (1, 0));

        let again = PostForm { community: None, ..form("Said inside", &quiet, Visibility::Public) };
        write_post(services, &bob, Some("said-inside"), &again).await.unwrap();
        post(services, Some(&eve), "said-inside").await.unwrap();
        let figures_of = figures(services, &bob).await.unwrap();
        assert_eq!((figures_of.posts_count, figures_of.karma), (2, 1), "its likes count again");
    }

    async fn publishing_and_the_end_of_a_community_wait_for_each_other(world: World) {
        let services = &world.services;
        let [ada, bob] = [world.person("ada").await, world.person("bob").await];
        let tea = open(&world, &ada, "Tea").await;
        become_member(&world, &ada, &bob, &tea).await;
        let wanted = form("Words", &tea, Visibility::Community);
        let draft = PostForm { intent: Intent::Keep, ..wanted.clone() };
        let key = publish(&world, &bob, &draft).await.card.id.to_string();
        let publishing = || write_post(services, &bob, Some(&key), &wanted);
        let (published, deleted) = if world.backend == Backend::Sqlite {
            tokio::join!(publishing(), delete(services, &ada, "tea"))
        } else {
            // Both meet with the post's row held by a third: whoever holds what the other needs shows then.
            let rows = sea_orm::Database::connect(world.url()).await.unwrap();
            let third = begin(&rows).await;
            third.execute_unprepared("SELECT 1 FROM post FOR UPDATE").await.unwrap();
            let first = async {
                until_waiting(&world, 2).await;
                third.rollback().await.unwrap();
            };
            let second = async {
                until_waiting(&world, 1).await;
                delete(services, &ada, "tea").await
            };
            let (published, deleted, ()) = tokio::join!(publishing(), second, first);
            (published, deleted)
        };
        deleted.unwrap();
        if let Err(refused) = published {
            assert_eq!(wire::Problem::from(refused).code, ErrorCode::InvalidField);
        }
        assert_eq!(code(post(services, Some(&bob), "words").await), ErrorCode::NotFound);
        let own = drafts(services, &bob).await.unwrap();
        assert_eq!((own.len(), own[0].card.state), (1, PostState::Draft));
        assert_eq!(figures(services, &bob).await.unwrap().posts_count, 0);
    }

    async fn an_invitation_ends_with_its_makers_role(world: World) {
        let services = &world.services;
        let [ada, eve] = [world.person("ada").await, world.person("eve").await];
        let quiet = closed(&world, &ada, "Quiet").await;
        let slug = quiet.slug.as_str();
        for way in ["demoted", "left", "removed", "banned", "closed"] {
            let maker = world.person(way).await;
            become_member(&world, &ada, &maker, &quiet).await;
            change_role(services, &ada, slug, way, CommunityRole::Moderator).await.unwrap();
            let link = invite(services, &maker, slug, 7, 5).await.unwrap();
            change_role(services, &ada, slug, way, CommunityRole::Admin).await.unwrap();
            invitation(services, None, slug, &link.token).await.unwrap();
            match way {
                "demoted" => {
                    change_role(services, &ada, slug, way, CommunityRole::Member).await.unwrap();
                    change_role(services, &ada, slug, way, CommunityRole::Moderator).await.unwrap();
                }
                "left" => leave(services, &maker, slug).await.unwrap(),
                "removed" => remove(services, &ada, slug, way).await.unwrap(),
                "banned" => ban(services, &ada, slug, way).await.unwrap(),
                _ => world.execute("UPDATE account SET is_active = FALSE WHERE username = 'closed'").await,
            }
            assert_eq!(code(invitation(services, None, slug, &link.token).await), ErrorCode::NotFound, "{way}");
            let refused = accept_invitation(services, &eve, slug, &link.token).await;
            assert_eq!(code(refused), ErrorCode::NotFound, "{way}");
        }
    }

    async fn a_community_outlives_its_owners_account(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        let tea = open(&world, &ada, "Tea").await;
        let names = ["mia", "moe", "max", "amy"];
        for name in names {
            let who = world.person(name).await;
            join(services, &who, "tea").await.unwrap();
        }
        world.execute("UPDATE community_member SET joined_at = joined_at + 5 WHERE account_id = \
             (SELECT id FROM account WHERE username = 'max')").await;
        for (name, role) in [("max", CommunityRole::Moderator), ("moe", CommunityRole::Moderator), ("amy", CommunityRole::Admin)] {
            change_role(services, &ada, "tea", name, role).await.unwrap();
        }
        let lonely = closed(&world, &ada, "Lonely").await;
        publish(&world, &ada, &form("Of tea", &tea, Visibility::Public)).await;
        is_gone(&world, &ada).await;
        let reader = world.person("reader").await;
        assert_eq!(code(community(services, None, &lonely.slug).await), ErrorCode::NotFound, "nobody was left");
        for (n, heir) in ["amy", "moe", "max", "mia"].into_iter().enumerate() {
            assert_eq!(role(&world, &reader, "tea", heir).await, Some(CommunityRole::Owner));
            let counted = community(services, None, "tea").await.unwrap();
            assert_eq!((counted.members_count, counted.posts_count), (4 - n as i64, 0));
            let caller = world.sign_in(heir, &[]).await.caller;
            is_gone(&world, &caller).await;
        }
        assert_eq!(code(community(services, None, "tea").await), ErrorCode::NotFound);
        assert_eq!(count(&world, "SELECT count(*) FROM community").await, 0);
    }
}
