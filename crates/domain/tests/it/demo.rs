//! The place that is played for demonstrations.

use domain::chat::{GLOBAL_ROOM, messages_after};
use domain::communities::community;
use domain::notifications::news;
use domain::posts::{Feed, drafts, feed, posts_in};
use domain::profiles::profile;
use domain::seed::{Demo, SeedError, Staged, stage};
use domain::{Caller, Settings, clock};
use test_support::{PASSWORD, World, on_both, quick_settings};

use crate::count;

/// What is counted in a row must be what is there.
pub(crate) const RECOUNTS: [(&str, &str); 10] = [
    (
        "account a",
        "a.followers_count <> (SELECT count(*) FROM follow f WHERE f.followee_id = a.id)",
    ),
    (
        "account a",
        "a.following_count <> (SELECT count(*) FROM follow f WHERE f.follower_id = a.id)",
    ),
    (
        "account a",
        "a.posts_count <> (SELECT count(*) FROM post p WHERE p.author_id = a.id AND p.state = 'published')",
    ),
    (
        "account a",
        "COALESCE(a.last_published_at, 0) < (SELECT max(p.published_at) FROM post p \
         WHERE p.author_id = a.id AND p.state = 'published')",
    ),
    (
        "post p",
        "p.likes_count <> (SELECT count(*) FROM post_reaction r WHERE r.post_id = p.id AND r.value = 1)",
    ),
    ("post p", "p.comments_count <> (SELECT count(*) FROM comment c WHERE c.post_id = p.id)"),
    ("post p", "p.bookmarks_count <> (SELECT count(*) FROM bookmark b WHERE b.post_id = p.id)"),
    ("comment c", "c.replies_count <> (SELECT count(*) FROM comment d WHERE d.parent_id = c.id)"),
    (
        "community c",
        "c.members_count <> (SELECT count(*) FROM community_member m \
         WHERE m.community_id = c.id AND m.state = 'active')",
    ),
    (
        "community c",
        "c.posts_count <> (SELECT count(*) FROM post p WHERE p.community_id = c.id AND p.state = 'published')",
    ),
];

async fn played(world: World) -> (World, Staged, Caller) {
    let settings = Settings { posts_per_hour: 0, comments_per_hour: 0, ..quick_settings() };
    let settings = Settings { acts_per_minute: 0, beginnings_per_hour: 0, ..settings };
    let world = world.with(settings).await;
    let demo = Demo { password: PASSWORD.into(), has_pictures: false, now: clock::now() };
    let staged = stage(&world.services, &demo).await.unwrap();
    let visitor = world.sign_in("demo", &[]).await.caller;
    (world, staged, visitor)
}

on_both! {
    async fn a_whole_place_is_there_and_every_count_is_true(world: World) {
        let (world, staged, visitor) = played(world).await;
        assert_eq!((staged.people, staged.communities), (25, 5));
        assert!(staged.posts >= 50 && staged.comments >= 100 && staged.messages >= 200, "{staged:?}");
        for (table, wrong) in RECOUNTS {
            let sql = format!("SELECT count(*) FROM {table} WHERE {wrong}");
            assert_eq!(count(&world, &sql).await, 0, "{wrong}");
        }
        let seen = feed(&world.services, &visitor, Feed::Fresh, None).await.unwrap();
        assert!(seen.posts.len() > 10);
        assert!(seen.posts.is_sorted_by_key(|post| std::cmp::Reverse(post.published_at)));
        let mara = profile(&world.services, Some(&visitor), "mara.mensah").await.unwrap();
        assert!(mara.standing.is_following && mara.posts_count >= 2 && mara.followers_count > 0);
        let clay = community(&world.services, Some(&visitor), "clay-kiln").await.unwrap();
        assert_eq!(clay.members_count, 8);
        let posts = posts_in(&world.services, Some(&visitor), clay.id.0, None, 20).await.unwrap();
        assert!(posts.posts.len() >= 4);
        assert!(!news(&world.services, &visitor, None).await.unwrap().news.is_empty());
        assert_eq!(drafts(&world.services, &visitor).await.unwrap().len(), 1);
    }

    async fn it_goes_back_for_weeks_and_nothing_is_to_come(world: World) {
        let before = clock::now().0;
        let (world, _, _) = played(world).await;
        let week = 7 * 86_400_000;
        for (table, column) in [("post", "published_at"), ("comment", "created_at"),
            ("message", "created_at"), ("notification", "created_at"), ("follow", "created_at")] {
            let newest = count(&world, &format!("SELECT max({column}) FROM {table}")).await;
            assert!(newest < before, "{table}: {newest}");
        }
        let old = format!("SELECT count(*) FROM post WHERE published_at < {}", before - 2 * week);
        assert!(count(&world, &old).await > 10);
        let said = messages_after(&world.services, GLOBAL_ROOM, 0, 10_000).await.unwrap();
        assert!(said.is_sorted_by_key(|message| message.created_at));
        assert!(said[0].created_at.0 < before - week / 2);
    }

    async fn where_somebody_is_nothing_is_played(world: World) {
        world.person("ada").await;
        let demo = Demo { password: PASSWORD.into(), has_pictures: false, now: clock::now() };
        let refused = stage(&world.services, &demo).await;
        assert!(matches!(refused, Err(SeedError::NotEmpty)), "{refused:?}");
        assert_eq!(count(&world, "SELECT count(*) FROM account").await, 1);
    }
}
