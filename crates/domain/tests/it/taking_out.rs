//! What those who look after a community do with posts and comments that do not belong there.

use domain::communities::{acts, ban, change_role, community, join, pin_post, take_post_out};
use domain::notifications::{news, unread};
use domain::posts::{
    Intent, PostForm, delete_comment, delete_post, drafts, post, posts_in, write_comment,
    write_post,
};
use domain::profiles::figures;
use domain::{Caller, Services};
use test_support::{World, on_both};
use wire::communities::{Community, CommunityRole, Deed};
use wire::notifications::{About, NewsKind};
use wire::posts::{Post, Visibility};
use wire::{ErrorCode, UnixMillis};

use crate::code;
use crate::communities::open;

async fn publish(
    world: &World,
    author: &Caller,
    place: &Community,
    visibility: Visibility,
) -> Post {
    let form = PostForm {
        title: format!("{} {visibility:?}", author.username),
        content: "Words #tea".into(),
        visibility,
        community: Some(place.slug.clone()),
        intent: Intent::Publish,
        ..PostForm::default()
    };
    write_post(&world.services, author, None, &form).await.unwrap()
}

/// A community of ada's with a moderator and two members.
async fn tea(world: &World) -> (Community, [Caller; 4]) {
    let services = &world.services;
    let ada = world.person("ada").await;
    let place = open(world, &ada, "Tea").await;
    let mut people = vec![ada.clone()];
    for name in ["mod", "bob", "eve"] {
        let one = world.person(name).await;
        join(services, &one, "tea").await.unwrap();
        people.push(one);
    }
    change_role(services, &ada, "tea", "mod", CommunityRole::Moderator).await.unwrap();
    (place, people.try_into().unwrap())
}

async fn last_deed(world: &World, who: &Caller) -> (Deed, Option<String>) {
    let acts = acts(&world.services, who, "tea", None).await.unwrap().acts;
    (acts[0].deed, acts[0].to.clone())
}

fn place_of(name: &str) -> About {
    About::Community { name: name.into(), slug: name.to_lowercase() }
}

/// Out of what, and who did it; all of what waits is told and counted.
async fn told(services: &Services, who: &Caller) -> Vec<(About, String)> {
    let told = news(services, who, None).await.unwrap().news;
    assert_eq!(told.len() as i64, unread(services, who).await.unwrap());
    let taken = told.into_iter().filter(|one| one.kind == NewsKind::TakenOut);
    taken.map(|one| (one.about, one.people[0].username.clone())).collect()
}

on_both! {
    async fn a_post_that_is_taken_out_stays_with_its_author(world: World) {
        let services = &world.services;
        let (place, [ada, moderator, bob, eve]) = tea(&world).await;
        let open = publish(&world, &bob, &place, Visibility::Public).await.card;
        pin_post(services, &moderator, "tea", Some(open.id.0)).await.unwrap();
        assert_eq!(code(take_post_out(services, &eve, "tea", open.id.0).await), ErrorCode::Forbidden);
        take_post_out(services, &moderator, "tea", open.id.0).await.unwrap();
        assert_eq!(last_deed(&world, &ada).await, (Deed::TookPostOut, Some("bob".into())));
        let seen = post(services, None, &open.slug).await.unwrap().card;
        assert!(seen.community.is_none());
        let now = community(services, Some(&bob), "tea").await.unwrap();
        assert_eq!((now.posts_count, now.pinned_post_id), (0, None));
        assert_eq!(figures(services, &bob).await.unwrap().posts_count, 1);
        assert!(posts_in(services, Some(&bob), now.id.0, None, 20).await.unwrap().posts.is_empty());
        assert_eq!(code(take_post_out(services, &moderator, "tea", open.id.0).await), ErrorCode::NotFound);
        assert_eq!(told(services, &bob).await, [(place_of("Tea"), "mod".into())]);
        let own = publish(&world, &ada, &place, Visibility::Public).await.card.id.0;
        take_post_out(services, &ada, "tea", own).await.unwrap();
        assert_eq!(told(services, &ada).await, [], "what one does oneself is no news");
    }

    async fn what_only_the_community_could_read_is_a_draft_again(world: World) {
        let services = &world.services;
        let (place, [_, moderator, bob, eve]) = tea(&world).await;
        let narrow = publish(&world, &bob, &place, Visibility::Community).await.card;
        post(services, Some(&eve), &narrow.slug).await.unwrap();
        take_post_out(services, &moderator, "tea", narrow.id.0).await.unwrap();
        assert_eq!(code(post(services, Some(&eve), &narrow.slug).await), ErrorCode::NotFound);
        let own = drafts(services, &bob).await.unwrap();
        assert_eq!((own.len(), own[0].card.id), (1, narrow.id));
        assert_eq!(community(services, None, "tea").await.unwrap().posts_count, 0);
        assert_eq!(figures(services, &bob).await.unwrap().posts_count, 0);
    }

    async fn nobody_takes_out_what_is_of_no_lower_role_or_elsewhere(world: World) {
        let services = &world.services;
        let (place, [ada, moderator, bob, _]) = tea(&world).await;
        let of_owner = publish(&world, &ada, &place, Visibility::Public).await.card;
        let refused = take_post_out(services, &moderator, "tea", of_owner.id.0).await;
        assert_eq!(code(refused), ErrorCode::Forbidden);
        assert_eq!(community(services, None, "tea").await.unwrap().posts_count, 1, "nothing was done");
        let other = open(&world, &bob, "Coffee").await;
        let elsewhere = publish(&world, &bob, &other, Visibility::Public).await.card;
        let refused = take_post_out(services, &moderator, "tea", elsewhere.id.0).await;
        assert_eq!(code(refused), ErrorCode::NotFound);
        take_post_out(services, &ada, "tea", of_owner.id.0).await.unwrap();
    }

    async fn those_who_look_after_a_community_delete_comments_in_it(world: World) {
        let services = &world.services;
        let (place, [ada, moderator, bob, eve]) = tea(&world).await;
        let card = publish(&world, &ada, &place, Visibility::Public).await.card;
        let said = async |who: &Caller| write_comment(services, who, &card.slug, None, "rude").await.unwrap().id;
        let (of_bob, of_ada) = (said(&bob).await, said(&ada).await);
        assert_eq!(code(delete_comment(services, &eve, of_bob).await), ErrorCode::Forbidden);
        assert_eq!(code(delete_comment(services, &moderator, of_ada).await), ErrorCode::Forbidden);
        delete_comment(services, &moderator, of_bob).await.unwrap();
        assert_eq!(last_deed(&world, &ada).await, (Deed::TookCommentOut, Some("bob".into())));
        assert_eq!(told(services, &bob).await, [(place_of("Tea"), "mod".into())]);
        assert_eq!(post(services, None, &card.slug).await.unwrap().card.comments_count, 1);
        // Under a post that stands in no community, nobody's but their own.
        let form = PostForm { title: "Own".into(), content: "x".into(), intent: Intent::Publish, ..PostForm::default() };
        let alone = write_post(services, &eve, None, &form).await.unwrap().card;
        let there = write_comment(services, &bob, &alone.slug, None, "x").await.unwrap().id;
        assert_eq!(code(delete_comment(services, &ada, there).await), ErrorCode::Forbidden);
    }

    async fn whoever_is_banned_can_delete_a_post_there_but_not_change_it(world: World) {
        let services = &world.services;
        let (place, [ada, _, bob, _]) = tea(&world).await;
        let card = publish(&world, &bob, &place, Visibility::Public).await.card;
        ban(services, &ada, "tea", "bob").await.unwrap();
        let changed = PostForm { title: "Now".into(), content: "rude".into(), ..PostForm::default() };
        let refused = write_post(services, &bob, Some(&card.slug), &changed).await;
        assert_eq!(code(refused), ErrorCode::InvalidField);
        delete_post(services, &bob, &card.slug).await.unwrap();
    }

    async fn what_was_saved_since_it_was_read_is_not_written_over(world: World) {
        let services = &world.services;
        let ada = world.person("ada").await;
        let draft = |content: &str, based_on| PostForm { title: "Tea".into(), content: content.into(), based_on, ..PostForm::default() };
        let begun = write_post(services, &ada, None, &draft("one", None)).await.unwrap().card;
        let (key, opened) = (begun.id.to_string(), Some(begun.saved_at));
        let stale = Some(UnixMillis(begun.saved_at.0 - 1));
        let refused = write_post(services, &ada, Some(&key), &draft("two", stale)).await;
        assert_eq!(code(refused), ErrorCode::EditConflict);
        write_post(services, &ada, Some(&key), &draft("two", opened)).await.unwrap();
        write_post(services, &ada, Some(&key), &draft("three", None)).await.unwrap();
    }
}
