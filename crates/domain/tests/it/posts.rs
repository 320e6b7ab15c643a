//! Writing posts, who sees them, and what readers do with them.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use domain::jobs::work_once;
use domain::people::{block, mute};
use domain::posts::{
    Change, Counts, Feed, Intent, NEW_POSTS_MAX, PostError, PostForm, Reaction, Reader,
    delete_comment, delete_post, deleted_posts, drafts, editable, feed, keep, liked_by,
    mapped_posts, mapped_weeks, new_posts, page_of_posts, post, posts_in, posts_of, react,
    replies_of, restore_post, saved, score, tagged, trending, versions, view, views_settled,
    write_comment, write_post,
};
use domain::{Caller, Settings, clock};
use test_support::{World, on_both, quick_settings};
use uuid::Uuid;
use wire::conversations::Target;
use wire::posts::{Post, PostState, Visibility};
use wire::{ErrorCode, UnixMillis};

use crate::{code, count};

const HOUR: i64 = 3_600_000;

fn form(title: &str, content: &str) -> PostForm {
    let intent = Intent::Publish;
    PostForm { title: title.into(), content: content.into(), intent, ..PostForm::default() }
}

async fn publish(world: &World, author: &Caller, title: &str) -> Post {
    write_post(&world.services, author, None, &form(title, "Some words.")).await.unwrap()
}

async fn follow(world: &World, one: &Caller, other: &Caller) {
    use entity::follow;
    use sea_orm::{ActiveModelTrait, Set};
    let row = follow::ActiveModel {
        follower_id: Set(one.user_id.0),
        followee_id: Set(other.user_id.0),
        created_at: Set(0),
    };
    row.insert(&world.rows).await.unwrap();
}

/// A community of theirs, the first of them its owner.
pub(crate) async fn community(
    world: &World,
    slug: &str,
    is_private: bool,
    members: &[&Caller],
) -> Uuid {
    use sea_orm::{ConnectionTrait, Statement};
    let id = Uuid::now_v7();
    let backend = world.rows.get_database_backend();
    let sql = "INSERT INTO community (id, name, name_key, slug, is_private, created_at) \
        VALUES ($1, $2, $2, $2, $3, 0)";
    let values = [id.into(), slug.into(), is_private.into()];
    world.rows.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
    for (n, member) in members.iter().enumerate() {
        let role = if n == 0 { "owner" } else { "member" };
        let sql = "INSERT INTO community_member (community_id, account_id, role, state, joined_at) \
            VALUES ($1, $2, $3, 'active', 0)";
        let values = [id.into(), member.user_id.0.into(), role.into()];
        world.rows.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
    }
    id
}

fn slugs<'a>(posts: impl IntoIterator<Item = &'a wire::posts::PostCard>) -> Vec<&'a str> {
    posts.into_iter().map(|post| post.slug.as_str()).collect()
}

async fn likes(world: &World, key: &str) -> (i64, i64) {
    let post = post(&world.services, None, key).await.unwrap().card;
    (post.likes_count, post.dislikes_count)
}

/// Does all that is due, the planned work too.
async fn work(world: &World) {
    while work_once(&world.services).await.unwrap() {}
}

pub(crate) async fn add_job(world: &World, kind: &str) {
    let id = Uuid::now_v7().simple();
    let id = if world.services.store.is_sqlite() { format!("X'{id}'") } else { format!("'{id}'") };
    world
        .execute(&format!(
            "INSERT INTO job (id, kind, payload, state, attempts, run_at, created_at) \
        VALUES ({id}, '{kind}', '{{}}', 'queued', 0, 0, 0)"
        ))
        .await;
}

fn reader(last: u8) -> Reader {
    Reader {
        account: None,
        address: Ipv4Addr::new(203, 0, 113, last).into(),
        user_agent: "a".into(),
    }
}

/// A new id, in SQL.
fn any_id(world: &World) -> &'static str {
    match world.services.store.is_sqlite() {
        true => "randomblob(16)",
        false => "gen_random_uuid()",
    }
}

/// Posts of somebody who has none.
async fn plant_posts(world: &World, author: &str, count: u32) {
    let id = any_id(world);
    for sql in [
        format!(
            "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, created_at, \
             saved_at, published_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
             WHERE i < {count}) SELECT {id}, a.id, 't', '{author} ' || i, '', '', '', 'published', i, i, i \
             FROM n JOIN account a ON a.username = '{author}'"
        ),
        format!("UPDATE account SET posts_count = {count} WHERE username = '{author}'"),
    ] {
        world.execute(&sql).await;
    }
}

/// People with one post each, later than now, whom bob follows.
async fn plant_followed(world: &World, count: u32) {
    let id = any_id(world);
    for sql in [
        format!(
            "INSERT INTO account (id, username, username_key, password_hash, created_at, last_published_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             SELECT {id}, 'loud ' || i, 'loud ' || i, '', i, 9000000000000 + i FROM n"
        ),
        format!(
            "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, created_at, \
             saved_at, published_at) SELECT {id}, id, 't', username, '', '', '', 'published', 1, 1, \
             9000000000000 + created_at FROM account WHERE username LIKE 'loud %'"
        ),
        "INSERT INTO follow (follower_id, followee_id, created_at) SELECT b.id, a.id, 0 FROM account a \
         JOIN account b ON b.username = 'bob' WHERE a.username LIKE 'loud %'"
            .to_owned(),
    ] {
        world.execute(&sql).await;
    }
}

on_both! {
    async fn a_post_goes_from_draft_to_published_with_its_html(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let draft = PostForm { intent: Intent::Keep, ..form("", "# Hi\n\n*there* #Music") };
        let draft = write_post(services, &ada, None, &draft).await.unwrap();
        assert_eq!(draft.card.state, PostState::Draft);
        assert_eq!(draft.card.slug, draft.card.id.to_string(), "it has no name yet");
        assert_eq!(code(post(services, Some(&ada), &draft.card.slug).await), ErrorCode::NotFound);
        assert_eq!(drafts(services, &ada).await.unwrap().len(), 1);
        let whole = PostForm { tags: "rust, Music".into(), ..form("Hello, World", "# Hi\n\n*there* #Music") };
        let published = write_post(services, &ada, Some(&draft.card.slug), &whole).await.unwrap();
        assert_eq!((published.card.slug.as_str(), published.card.id), ("hello-world", draft.card.id));
        let read = post(services, None, "hello-world").await.unwrap();
        assert!(read.html.contains("<h2>Hi</h2>") && read.html.contains("<em>there</em>"), "{}", read.html);
        assert_eq!((read.card.tags, read.card.excerpt.as_str()), (vec!["music".into(), "rust".into()], "Hi there #Music"));
        assert_eq!(read.card.author.user.username, "ada");
        assert_eq!(post(services, None, &draft.card.id.to_string()).await.unwrap().card.slug, "hello-world");
        assert_eq!(count(&world, "SELECT posts_count FROM account WHERE username = 'ada'").await, 1);
        assert!(drafts(services, &ada).await.unwrap().is_empty());
        let weeks = mapped_weeks(services).await.unwrap();
        assert_eq!(mapped_posts(services, weeks[0]).await.unwrap()[0].0, "hello-world");
    }

    async fn s_42_posts_of_one_title_never_meet(world: World) {
        let ada = world.person("ada").await;
        let mut writing = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (services, ada) = (world.services.clone(), ada.clone());
            writing.spawn(async move {
                write_post(&services, &ada, None, &form("Trending", "x")).await.unwrap().card.slug
            });
        }
        let slugs: BTreeSet<_> = writing.join_all().await.into_iter().collect();
        let expected: BTreeSet<_> = (2..8).map(|n| format!("trending-{n}")).collect();
        assert_eq!(slugs, expected);
    }

    async fn s_03_only_its_author_changes_a_post(world: World) {
        let (ada, eve) = (world.person("ada").await, world.person("eve").await);
        let services = &world.services;
        let public = publish(&world, &ada, "Mine").await.card.slug;
        let hidden = PostForm { visibility: Visibility::Followers, ..form("Hidden", "x") };
        let hidden = write_post(services, &ada, None, &hidden).await.unwrap().card.slug;
        let draft = PostForm { intent: Intent::Keep, ..form("Draft", "x") };
        let draft = write_post(services, &ada, None, &draft).await.unwrap().card.slug;
        for (key, refused) in [(&public, ErrorCode::Forbidden), (&hidden, ErrorCode::NotFound), (&draft, ErrorCode::NotFound)] {
            assert_eq!(code(write_post(services, &eve, Some(key), &form("Hers", "y")).await), refused, "{key}");
            assert_eq!(code(delete_post(services, &eve, key).await), refused, "{key}");
            assert_eq!(code(restore_post(services, &eve, key).await), refused, "{key}");
            assert_eq!(code(editable(services, &eve, key).await), refused, "{key}");
        }
        assert_eq!(post(services, None, &public).await.unwrap().card.title, "Mine");
    }

    async fn what_a_published_post_said_before_is_kept(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let first = publish(&world, &ada, "First").await.card;
        for title in ["Second", "Second", "Third"] {
            let keep = PostForm { intent: Intent::Keep, ..form(title, "Some words.") };
            write_post(services, &ada, Some(&first.slug), &keep).await.unwrap();
        }
        let (now, before) = versions(services, None, "first").await.unwrap();
        assert_eq!((now.card.title.as_str(), now.card.slug.as_str()), ("Third", "first"), "its address stays");
        assert!(now.card.edited_at.is_some());
        let titles: Vec<_> = before.iter().map(|version| (version.version, version.title.as_str())).collect();
        assert_eq!(titles, [(2, "Second"), (1, "First")]);
        assert_eq!(before[1].written_at, first.published_at.unwrap());
    }

    async fn s_48_what_cannot_be_is_refused_with_its_field(world: World) {
        let ada = world.person("ada").await;
        let now = clock::now().0;
        let but = |change: fn(&mut PostForm)| {
            let mut form = form("Title", "Words");
            change(&mut form);
            form
        };
        for (field, form) in [
            ("title", but(|form| form.title = " ".into())),
            ("title", but(|form| form.title = "x".repeat(101))),
            ("title", but(|form| form.title = "a\0b".into())),
            ("content", but(|form| form.content = "\n".into())),
            ("content", but(|form| form.content = "x".repeat(100_001))),
            ("content", but(|form| form.content = "a\0b".into())),
            ("tags", but(|form| form.tags = "a/b".into())),
            ("visibility", but(|form| form.visibility = Visibility::Community)),
            ("community_slug", but(|form| form.community = Some("nowhere".into()))),
            ("community_slug", but(|form| form.community = Some("a\0b".into()))),
            ("cover_id", but(|form| form.cover = Some(Uuid::nil()))),
            ("publish_at", PostForm { intent: Intent::Schedule(UnixMillis(now - 1)), ..form("a", "b") }),
            ("publish_at", PostForm { intent: Intent::Schedule(UnixMillis(i64::MAX)), ..form("a", "b") }),
        ] {
            match write_post(&world.services, &ada, None, &form).await {
                Err(PostError::Invalid { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{field}: {other:?}"),
            }
        }
        for key in ["", "nothing", "a\0b", "%00", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(code(post(&world.services, None, key).await), ErrorCode::NotFound, "{key:?}");
        }
        assert_eq!(count(&world, "SELECT count(*) FROM post").await, 0);
    }

    async fn who_sees_what(world: World) {
        let names = ["ada", "fan", "member", "enemy", "stranger"];
        let mut people = Vec::new();
        for name in names {
            people.push(world.person(name).await);
        }
        let [ada, fan, member, enemy, stranger] = &people[..] else { unreachable!() };
        let services = &world.services;
        follow(&world, fan, ada).await;
        community(&world, "open", false, &[ada, member]).await;
        community(&world, "closed", true, &[ada, member]).await;
        block(services, ada, &Target::Id(enemy.user_id)).await.unwrap();
        let posts = [
            ("public", Visibility::Public, None),
            ("followers", Visibility::Followers, None),
            ("in-open", Visibility::Public, Some("open")),
            ("for-open", Visibility::Community, Some("open")),
            ("in-closed", Visibility::Public, Some("closed")),
            ("for-fans-in-closed", Visibility::Followers, Some("closed")),
        ];
        for (title, visibility, community) in posts {
            let community = community.map(str::to_owned);
            write_post(services, ada, None, &PostForm { visibility, community, ..form(title, "x #tag") }).await.unwrap();
        }
        let seen = [
            (Some(ada), vec!["public", "followers", "in-open", "for-open", "in-closed", "for-fans-in-closed"]),
            (Some(fan), vec!["public", "followers", "in-open"]),
            (Some(member), vec!["public", "in-open", "for-open", "in-closed"]),
            (Some(enemy), vec![]),
            (Some(stranger), vec!["public", "in-open"]),
            (None, vec!["public", "in-open"]),
        ];
        for (viewer, expected) in seen {
            let newest: Vec<_> = expected.iter().rev().copied().collect();
            let listed = posts_of(services, viewer, ada.user_id, None, 50).await.unwrap();
            assert_eq!(slugs(&listed.posts), newest, "{viewer:?}");
            assert_eq!(slugs(&tagged(services, viewer, "tag", None, 50).await.unwrap().posts), newest);
            let (paged, count) = page_of_posts(services, viewer, None, 0, 50).await.unwrap();
            assert_eq!((slugs(paged.iter().map(|post| &post.card)), count), (newest.clone(), newest.len() as u64));
            assert_eq!(trending(services, viewer, 50).await.unwrap().len(), newest.len());
            for (title, _, _) in posts {
                let read = post(services, viewer, title).await.is_ok();
                assert_eq!(read, expected.contains(&title), "{title} {viewer:?}");
                if let Some(viewer) = viewer {
                    let liked = react(services, viewer, title, Reaction::Like, Change::Put).await.is_ok();
                    assert_eq!(liked, expected.contains(&title), "{title} {viewer:?}");
                }
            }
        }
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'ada'").await;
        assert!(posts_of(services, None, ada.user_id, None, 50).await.unwrap().posts.is_empty());
    }

    async fn s_43_likes_and_dislikes_are_one_for_each_reader(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        publish(&world, &ada, "Post").await;
        let steps = [
            (Reaction::Like, Change::Put, (1, 0)),
            (Reaction::Like, Change::Put, (1, 0)),
            (Reaction::Dislike, Change::Take, (1, 0)),
            (Reaction::Dislike, Change::Toggle, (0, 1)),
            (Reaction::Like, Change::Toggle, (1, 0)),
            (Reaction::Like, Change::Toggle, (0, 0)),
            (Reaction::Like, Change::Take, (0, 0)),
            (Reaction::Dislike, Change::Put, (0, 1)),
        ];
        for (reaction, change, expected) in steps {
            react(services, &bob, "post", reaction, change).await.unwrap();
            assert_eq!(likes(&world, "post").await, expected, "{reaction:?} {change:?}");
            let karma = count(&world, "SELECT karma FROM account WHERE username = 'ada'").await;
            assert_eq!(karma, expected.0 - expected.1);
        }
        let card = post(services, Some(&bob), "post").await.unwrap().card;
        assert!(card.has_disliked && !card.has_liked);
        assert_eq!(count(&world, "SELECT sum(likes) FROM post_day").await, 0);
    }

    async fn s_43_many_who_react_at_once_are_all_counted(world: World) {
        let ada = world.person("ada").await;
        publish(&world, &ada, "Post").await;
        let mut reacting = tokio::task::JoinSet::new();
        for n in 0..6 {
            let bob = world.person(&format!("bob{n}")).await;
            for change in [Change::Toggle, Change::Put, Change::Put] {
                let (services, bob) = (world.services.clone(), bob.clone());
                let reaction = if n % 2 == 0 { Reaction::Like } else { Reaction::Dislike };
                reacting.spawn(async move { react(&services, &bob, "post", reaction, change).await.unwrap() });
            }
        }
        reacting.join_all().await;
        let rows = (
            count(&world, "SELECT count(*) FROM post_reaction WHERE value = 1").await,
            count(&world, "SELECT count(*) FROM post_reaction WHERE value = -1").await,
        );
        assert_eq!(likes(&world, "post").await, rows);
        assert_eq!(count(&world, "SELECT karma FROM account WHERE username = 'ada'").await, rows.0 - rows.1);
    }

    async fn what_is_kept_is_ones_own(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        for title in ["one", "two", "three"] {
            publish(&world, &ada, title).await;
        }
        for (key, change) in [("one", Change::Put), ("one", Change::Put), ("two", Change::Toggle), ("three", Change::Toggle), ("three", Change::Toggle), ("three", Change::Take)] {
            keep(services, &bob, key, change).await.unwrap();
        }
        let mine = saved(services, &bob, None, 1).await.unwrap();
        let rest = saved(services, &bob, mine.next.as_deref(), 1).await.unwrap();
        let both: BTreeSet<_> = slugs(mine.posts.iter().chain(&rest.posts)).into_iter().collect();
        assert_eq!((both, rest.next.is_none()), (BTreeSet::from(["one", "two"]), true));
        assert!(mine.posts[0].has_saved);
        assert!(saved(services, &ada, None, 10).await.unwrap().posts.is_empty());
        assert_eq!(count(&world, "SELECT sum(bookmarks_count) FROM post").await, 2);
        react(services, &bob, "two", Reaction::Like, Change::Put).await.unwrap();
        assert_eq!(slugs(&liked_by(services, None, bob.user_id, None, 10).await.unwrap().posts), ["two"]);
    }

    async fn s_20_a_reader_counts_once_in_24_hours(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        let card = publish(&world, &ada, "Post").await.card;
        let account = |who: &Caller| Reader { account: Some(who.user_id), ..reader(1) };
        for seen in [reader(1), reader(1), reader(2), account(&bob), account(&bob), account(&ada)] {
            view(services, &card, &seen);
        }
        views_settled(services).await;
        let views = async || post(services, None, "post").await.unwrap().card.views_count;
        assert_eq!(views().await, 3);
        world.execute(&format!("UPDATE post_view SET seen_at = seen_at - {}", 23 * HOUR)).await;
        view(services, &card, &reader(1));
        views_settled(services).await;
        assert_eq!(views().await, 3);
        world.execute(&format!("UPDATE post_view SET seen_at = seen_at - {}", 2 * HOUR)).await;
        view(services, &card, &reader(1));
        views_settled(services).await;
        assert_eq!(views().await, 4);
        let other = world.reopen().await;
        for last in [1, 2] {
            view(&other, &card, &reader(last));
        }
        views_settled(&other).await;
        assert_eq!(views().await, 5, "another node knows the readers of this one");
        assert_eq!(count(&world, "SELECT count(*) FROM post_view WHERE reader LIKE '%203.0%' OR length(reader) <> 32").await, 0);
    }

    async fn s_20_a_household_has_few_readers_whatever_they_call_themselves(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let card = publish(&world, &ada, "Post").await.card;
        for name in 0..500 {
            view(services, &card, &Reader { user_agent: format!("browser {name}"), ..reader(1) });
        }
        views_settled(services).await;
        let views = post(services, None, "post").await.unwrap().card.views_count;
        assert!((2..=16).contains(&views), "{views}");
    }

    async fn s_60_trending_is_kept_in_the_row(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        for n in 0..250 {
            publish(&world, &ada, &format!("post {n}")).await;
        }
        let now = clock::now().0;
        // Half of them are old, and have not been looked at since yesterday.
        world.execute(&format!("UPDATE post SET views_count = 7, published_at = {}, scored_at = {now} WHERE slug LIKE '%1'", now - 100 * HOUR)).await;
        world.execute(&format!("UPDATE post SET comments_count = 3, published_at = {} WHERE slug LIKE '%2'", now - 5 * HOUR)).await;
        world.execute(&format!("UPDATE post SET comments_count = 2, scored_at = 5, published_at = {} WHERE slug LIKE '%3'", now - 900 * HOUR)).await;
        react(services, &bob, "post-21", Reaction::Like, Change::Put).await.unwrap();
        add_job(&world, "score_posts").await;
        work(&world).await;
        let best = trending(services, None, 250).await.unwrap();
        let counts = |post: &Post| Counts {
            likes: post.card.likes_count,
            dislikes: post.card.dislikes_count,
            comments: post.card.comments_count,
            views: post.card.views_count,
        };
        let plain = |post: &Post| score(&counts(post), post.card.published_at.unwrap().0, now);
        // Old ones that nothing has happened to keep yesterday's.
        let is_kept = |post: &&Post| !(post.card.slug.ends_with('1') && post.card.slug != "post-21");
        let scored: Vec<_> = best.iter().filter(is_kept).map(plain).collect();
        assert!(scored.len() == 226 && scored.is_sorted_by(|one, next| one >= &(next - 0.02)), "{scored:?}");
        assert_eq!(count(&world, "SELECT count(*) FROM post WHERE scored_at = 0").await, 0);
        assert_eq!(count(&world, "SELECT count(*) FROM job WHERE kind = 'score_posts'").await, 1, "it goes on");
        assert_eq!(trending(services, None, 3).await.unwrap().len(), 3);
    }

    async fn s_67_feeds_neither_repeat_nor_skip_while_things_move(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let eve = world.person("eve").await;
        let services = &world.services;
        follow(&world, &bob, &ada).await;
        for n in 0..25 {
            publish(&world, &ada, &format!("a{n}")).await;
            publish(&world, &eve, &format!("e{n}")).await;
        }
        let followed: BTreeSet<_> = (0..25).map(|n| format!("a{n}")).collect();
        let all: BTreeSet<_> = (0..25).map(|n| format!("e{n}")).chain(followed.clone()).collect();
        for (kind, expected) in [(Feed::Fresh, &all), (Feed::Following, &followed), (Feed::ForYou, &all)] {
            let (mut shown, mut after, mut steps) = (Vec::new(), None, 0);
            loop {
                let step = feed(services, &bob, kind, after.as_deref()).await.unwrap();
                shown.extend(step.posts.into_iter().map(|post| post.slug));
                publish(&world, &ada, &format!("new {kind:?} {steps}")).await;
                // What was best is worst now, and the other way round.
                world.execute("UPDATE post SET score = -score").await;
                (after, steps) = (step.next, steps + 1);
                if after.is_none() {
                    break;
                }
            }
            let once: BTreeSet<_> = shown.iter().cloned().collect();
            assert_eq!(once.len(), shown.len(), "{kind:?} repeats");
            assert!(expected.is_subset(&once), "{kind:?} skips");
        }
        mute(services, &bob, &Target::Id(eve.user_id)).await.unwrap();
        let fresh = feed(services, &bob, Feed::Fresh, None).await.unwrap();
        assert!(fresh.posts.iter().all(|post| post.author.user.username == "ada"));
        let for_you = feed(services, &eve, Feed::ForYou, Some("nonsense")).await.unwrap();
        assert_eq!(for_you.posts.len(), 20);
    }

    async fn s_67_following_merges_authors_and_communities_in_order(world: World) {
        let bob = world.person("bob").await;
        let services = &world.services;
        let mut authors = Vec::new();
        for n in 0..50 {
            let author = world.person(&format!("author{n}")).await;
            publish(&world, &author, &format!("p{n}")).await;
            follow(&world, &bob, &author).await;
            authors.push(author);
        }
        // One of them is louder than all others together, and most of it is nobody's to see.
        for n in 0..30 {
            let form = PostForm { visibility: Visibility::Followers, ..form(&format!("loud{n}"), "x") };
            write_post(services, &authors[0], None, &form).await.unwrap();
        }
        community(&world, "tea", false, &[&authors[1], &bob]).await;
        let in_tea = PostForm { community: Some("tea".into()), ..form("in tea", "x") };
        write_post(services, &authors[1], None, &in_tea).await.unwrap();
        let (mut shown, mut after) = (Vec::new(), None);
        loop {
            let step = feed(services, &bob, Feed::Following, after.as_deref()).await.unwrap();
            assert!(step.posts.len() == 20 || step.next.is_none());
            shown.extend(step.posts.into_iter().map(|post| post.slug));
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        let newest = (0..30).map(|n| format!("loud{n}")).chain(["in-tea".to_owned()]).rev();
        let expected: Vec<_> = (0..50).map(|n| format!("p{n}")).rev().collect();
        let (first, rest) = shown.split_at(31);
        let newest: BTreeSet<_> = newest.collect();
        assert_eq!(first[0], "in-tea");
        assert_eq!(first.iter().cloned().collect::<BTreeSet<_>>(), newest);
        assert_eq!(rest, expected, "each once, the newest first");
        mute(services, &bob, &Target::Id(authors[1].user_id)).await.unwrap();
        let step = feed(services, &bob, Feed::Following, None).await.unwrap();
        assert!(step.posts.iter().all(|post| post.slug != "in-tea"));
    }

    async fn s_67_following_goes_on_behind_those_of_whom_nothing_may_be_seen(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        follow(&world, &bob, &ada).await;
        for n in 0..30 {
            publish(&world, &ada, &format!("p{n}")).await;
        }
        // Whoever else is followed wrote later and has been muted.
        plant_followed(&world, 80).await;
        world.execute("INSERT INTO mute (muter_id, muted_id, created_at) SELECT follower_id, followee_id, 0 FROM follow \
            JOIN account a ON a.id = followee_id WHERE a.username LIKE 'loud %'").await;
        let first = feed(services, &bob, Feed::Following, None).await.unwrap();
        let rest = feed(services, &bob, Feed::Following, first.next.as_deref()).await.unwrap();
        let expected: Vec<_> = (0..30).rev().map(|n| format!("p{n}")).collect();
        assert_eq!([slugs(&first.posts), slugs(&rest.posts)].concat(), expected);
        assert_eq!(rest.next, None);
        world.execute("DELETE FROM mute").await;
        let (mut shown, mut after) = (BTreeSet::new(), None);
        for _ in 0..6 {
            let step = feed(services, &bob, Feed::Following, after.as_deref()).await.unwrap();
            shown.extend(step.posts.into_iter().map(|post| post.slug));
            after = step.next;
        }
        assert_eq!((shown.len(), after), (110, None), "each once");
        // That somebody has published is remembered of them when it is gone.
        world.execute("UPDATE post SET state = 'deleted', deleted_at = 1 WHERE slug LIKE 'loud %'").await;
        let first = feed(services, &bob, Feed::Following, None).await.unwrap();
        assert_eq!(slugs(&first.posts), expected[..20]);
    }

    async fn s_71_a_large_place_counts_only_what_may_be_seen(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        plant_posts(&world, "eve", 1500).await;
        plant_posts(&world, "ada", 1500).await;
        let services = &world.services;
        let counted = async |viewer: Option<&Caller>| page_of_posts(services, viewer, None, 0, 1).await.unwrap().1;
        assert_eq!([counted(None).await, counted(Some(&bob)).await], [2000; 2], "as many as can be reached");
        mute(services, &bob, &Target::Id(eve.user_id)).await.unwrap();
        assert_eq!([counted(None).await, counted(Some(&bob)).await], [2000, 1500]);
        block(services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        assert_eq!([counted(Some(&bob)).await, counted(Some(&ada)).await], [0, 2000]);
        world.execute("UPDATE account SET delete_at = 1 WHERE username = 'eve'").await;
        assert_eq!([counted(None).await, counted(Some(&eve)).await], [1500, 2000]);
        world.execute("UPDATE account SET delete_at = NULL").await;
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'ada'").await;
        assert_eq!(counted(None).await, 1500);
        world.execute("UPDATE account SET is_active = TRUE").await;
        assert_eq!(counted(None).await, 2000);
        world.execute("UPDATE post SET visibility = 'followers' WHERE slug LIKE 'ada %'").await;
        assert_eq!([counted(None).await, counted(Some(&ada)).await], [1500, 2000]);
        world.execute("UPDATE post SET visibility = 'public'").await;
        let closed = community(&world, "closed", true, &[&ada]).await.simple().to_string();
        let closed = if services.store.is_sqlite() { format!("X'{closed}'") } else { format!("'{closed}'") };
        world.execute(&format!("UPDATE post SET community_id = {closed} WHERE slug LIKE 'eve %'")).await;
        assert_eq!([counted(None).await, counted(Some(&ada)).await], [1500, 2000]);
    }

    async fn the_map_has_a_part_for_each_week_with_something_to_read(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        assert!(mapped_weeks(services).await.unwrap().is_empty());
        let week = 7 * 24 * HOUR;
        for (n, at) in [0, week - 1, week, 5 * week + 7, 9 * week].into_iter().enumerate() {
            let visibility = if n == 4 { Visibility::Followers } else { Visibility::Public };
            let form = PostForm { visibility, ..form(&format!("post {n}"), "x") };
            write_post(services, &ada, None, &form).await.unwrap();
            world.execute(&format!("UPDATE post SET published_at = {at} WHERE slug = 'post-{n}'")).await;
        }
        assert_eq!(mapped_weeks(services).await.unwrap(), [0, 1, 5], "the last is not for strangers");
        let of = async |week| mapped_posts(services, week).await.unwrap();
        let names: Vec<_> = of(0).await.into_iter().map(|(slug, _)| slug).collect();
        assert_eq!(names, ["post-1", "post-0"]);
        assert_eq!((of(2).await.len(), of(5).await.len(), of(9).await.len()), (0, 1, 0));
        assert!(of(i64::MAX).await.is_empty());
    }

    async fn s_25_answers_of_somebody_are_listed_as_far_as_one_may_see_them(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let services = &world.services;
        publish(&world, &ada, "open").await;
        let few = PostForm { visibility: Visibility::Followers, ..form("few", "x") };
        write_post(services, &ada, None, &few).await.unwrap();
        follow(&world, &bob, &ada).await;
        let said = write_comment(services, &eve, "open", None, "by eve").await.unwrap();
        for (slug, parent, text) in [("open", None, "one"), ("few", None, "two"), ("open", Some(said.id), "three")] {
            write_comment(services, &bob, slug, parent, text).await.unwrap();
        }
        let gone = write_comment(services, &bob, "open", None, "gone").await.unwrap();
        delete_comment(services, &bob, gone.id).await.unwrap();
        let seen = async |viewer: Option<&Caller>| {
            let step = replies_of(services, viewer, bob.user_id, None, 9).await.unwrap();
            step.replies.into_iter().map(|reply| reply.comment.content).collect::<Vec<_>>()
        };
        assert_eq!(seen(Some(&bob)).await, ["three", "two", "one"]);
        assert_eq!(seen(None).await, ["three", "one"], "what only followers read");
        block(services, &ada, &Target::Id(eve.user_id)).await.unwrap();
        assert_eq!(seen(Some(&ada)).await, ["two", "one"], "nor what was said to somebody blocked");
        assert!(seen(Some(&eve)).await.is_empty(), "nor under posts of somebody who has blocked");
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let step = replies_of(services, Some(&bob), bob.user_id, after.as_deref(), 1).await.unwrap();
            all.extend(step.replies.into_iter().map(|reply| reply.slug));
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all, ["open", "few", "open"]);
    }

    async fn what_came_since_is_counted_for_each_feed(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let services = &world.services;
        follow(&world, &bob, &ada).await;
        publish(&world, &ada, "before").await;
        world.execute("UPDATE post SET published_at = 1000").await;
        let since = UnixMillis(2000);
        let reader = &bob;
        let new = async |feed| new_posts(services, reader, feed, since).await.unwrap();
        assert_eq!((new(Feed::Fresh).await, new(Feed::Following).await), (0, 0));
        publish(&world, &ada, "by a friend").await;
        publish(&world, &eve, "by a stranger").await;
        publish(&world, &bob, "my own").await;
        let hidden = PostForm { visibility: Visibility::Followers, ..form("not for bob", "x") };
        write_post(services, &eve, None, &hidden).await.unwrap();
        for (feed, count) in [(Feed::ForYou, 2), (Feed::Fresh, 2), (Feed::Following, 1), (Feed::Saved, 0)] {
            assert_eq!(new(feed).await, count, "{feed:?}");
        }
        for n in 0..101 {
            publish(&world, &eve, &format!("n{n}")).await;
        }
        assert_eq!(new(Feed::Fresh).await, NEW_POSTS_MAX, "nobody counts further");
    }

    async fn those_one_follows_come_first(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        publish(&world, &ada, "friend").await;
        publish(&world, &eve, "stranger").await;
        world.execute("UPDATE post SET score = 20 WHERE slug = 'stranger'").await;
        world.execute("UPDATE post SET score = 10 WHERE slug = 'friend'").await;
        let services = &world.services;
        assert_eq!(slugs(&feed(services, &bob, Feed::ForYou, None).await.unwrap().posts), ["stranger", "friend"]);
        follow(&world, &bob, &ada).await;
        assert_eq!(slugs(&feed(services, &bob, Feed::ForYou, None).await.unwrap().posts), ["friend", "stranger"]);
    }

    async fn the_best_are_a_thousand_however_many_there_are(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        publish(&world, &ada, "friend").await;
        publish(&world, &eve, "stranger").await;
        follow(&world, &bob, &ada).await;
        world.execute("UPDATE post SET score = -1 WHERE slug = 'friend'").await;
        let plant = |n: i32| format!("INSERT INTO post (id, author_id, title, slug, content, content_html, \
            excerpt, state, created_at, saved_at, published_at, score) WITH RECURSIVE n (i) AS (SELECT 1 \
            UNION ALL SELECT i + 1 FROM n WHERE i < {n}) SELECT {}, author_id, 't', 's' || i || '-{n}', '', '', '', \
            'published', 0, 0, 0, 0 FROM n JOIN post ON slug = 'stranger'", any_id(&world));
        let shown = async || {
            let step = feed(&world.services, &bob, Feed::ForYou, None).await.unwrap();
            step.posts.into_iter().map(|post| post.slug).collect::<Vec<_>>()
        };
        world.execute(&plant(998)).await;
        assert_eq!(shown().await[0], "friend", "the last of a thousand");
        world.execute(&plant(1)).await;
        assert!(!shown().await.contains(&"friend".to_owned()), "nobody looks further");
    }

    async fn a_planned_post_appears_in_its_time_and_once(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let at = clock::now().0 + HOUR;
        let plan = PostForm { intent: Intent::Schedule(UnixMillis(at)), ..form("Later", "x #soon") };
        let planned = write_post(services, &ada, None, &plan).await.unwrap();
        assert_eq!((planned.card.state, planned.card.slug.as_str()), (PostState::Scheduled, "later"));
        let again = PostForm { intent: Intent::Schedule(UnixMillis(at + HOUR)), ..plan.clone() };
        write_post(services, &ada, Some("later"), &again).await.unwrap();
        world.execute(&format!("UPDATE job SET run_at = 0 WHERE run_at = {at}")).await;
        work(&world).await;
        assert_eq!(code(post(services, None, "later").await), ErrorCode::NotFound, "that was the first plan");
        world.execute("UPDATE post SET publish_at = 1").await;
        world.execute("UPDATE job SET run_at = 0").await;
        add_job(&world, "sweep_posts").await;
        work(&world).await;
        let published = post(services, None, "later").await.unwrap().card;
        assert!(published.published_at.unwrap().0 >= at - HOUR && published.publish_at.is_none());
        assert_eq!(count(&world, "SELECT posts_count FROM account WHERE username = 'ada'").await, 1);
        assert_eq!(tagged(services, None, "soon", None, 9).await.unwrap().posts.len(), 1);
        assert_eq!(count(&world, "SELECT count(*) FROM job WHERE kind = 'publish_post'").await, 0);
    }

    async fn a_planned_post_waits_as_long_as_its_community_is_slow(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        community(&world, "club", false, &[&ada, &bob]).await;
        world.execute("UPDATE community SET slow_mode_seconds = 3600").await;
        let planned = |title: &str| PostForm {
            intent: Intent::Schedule(UnixMillis(clock::now().0 + HOUR)),
            community: Some("club".into()),
            ..form(title, "x")
        };
        for title in ["One", "Two"] {
            write_post(services, &bob, None, &planned(title)).await.unwrap();
        }
        world.execute("UPDATE post SET publish_at = 1").await;
        world.execute("UPDATE job SET run_at = 0").await;
        work(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM post WHERE state = 'published'").await, 1);
        let rest = drafts(services, &bob).await.unwrap().remove(0).card;
        let wait = rest.publish_at.unwrap().0 - clock::now().0;
        assert!(rest.state == PostState::Scheduled && (HOUR - 60_000..=HOUR).contains(&wait), "{wait}");
        world.execute("UPDATE community_member SET last_post_at = 1").await;
        world.execute("UPDATE post SET publish_at = 1 WHERE state = 'scheduled'").await;
        world.execute("UPDATE job SET run_at = 0").await;
        work(&world).await;
        assert_eq!(count(&world, "SELECT posts_count FROM community").await, 2);
    }

    async fn what_others_read_or_will_read_keeps_its_words(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        publish(&world, &ada, "Post").await;
        let soon = Intent::Schedule(UnixMillis(clock::now().0 + HOUR));
        write_post(services, &ada, None, &PostForm { intent: soon, ..form("Later", "x") }).await.unwrap();
        for key in ["post", "later"] {
            for (title, content, field) in [(" ", "words", "title"), ("Title", " \n", "content")] {
                let emptied = PostForm { intent: Intent::Keep, ..form(title, content) };
                let refused = write_post(services, &ada, Some(key), &emptied).await.unwrap_err();
                assert!(matches!(refused, PostError::Invalid { field: of, .. } if of == field), "{key}: {refused}");
            }
        }
        assert_eq!(post(services, None, "post").await.unwrap().card.title, "Post");
    }

    async fn a_planned_post_of_somebody_who_left_its_community_stays_a_draft(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let club = community(&world, "club", true, &[&ada]).await;
        let plan = PostForm {
            intent: Intent::Schedule(UnixMillis(clock::now().0 + HOUR)),
            community: Some("club".into()),
            visibility: Visibility::Community,
            ..form("Later", "x")
        };
        write_post(services, &ada, None, &plan).await.unwrap();
        world.execute("DELETE FROM community_member").await;
        world.execute("UPDATE post SET publish_at = 1").await;
        world.execute("UPDATE job SET run_at = 0").await;
        work(&world).await;
        assert_eq!(drafts(services, &ada).await.unwrap()[0].card.state, PostState::Draft);
        assert!(posts_in(services, Some(&ada), club, None, 9).await.unwrap().posts.is_empty());
        assert_eq!(count(&world, "SELECT posts_count FROM community").await, 0);
    }

    async fn a_deleted_post_can_be_had_back_for_thirty_days(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        community(&world, "club", false, &[&ada]).await;
        let in_club = PostForm { community: Some("club".into()), ..form("Post", "x #tag") };
        write_post(services, &ada, None, &in_club).await.unwrap();
        react(services, &bob, "post", Reaction::Like, Change::Put).await.unwrap();
        let counts = async || {
            let of_ada = count(&world, "SELECT posts_count * 10 + karma FROM account WHERE username = 'ada'").await;
            (of_ada, count(&world, "SELECT posts_count FROM community").await)
        };
        assert_eq!(counts().await, (11, 1));
        for _ in 0..2 {
            delete_post(services, &ada, "post").await.unwrap();
            assert_eq!(counts().await, (0, 0));
        }
        assert_eq!(code(post(services, Some(&ada), "post").await), ErrorCode::NotFound);
        assert!(tagged(services, None, "tag", None, 9).await.unwrap().posts.is_empty());
        assert_eq!(deleted_posts(services, &ada).await.unwrap().len(), 1);
        assert_eq!(code(write_post(services, &ada, Some("post"), &form("x", "y")).await), ErrorCode::NotFound);
        restore_post(services, &ada, "post").await.unwrap();
        assert_eq!(code(restore_post(services, &ada, "post").await), ErrorCode::NotFound, "it is there");
        assert_eq!((counts().await, likes(&world, "post").await), ((11, 1), (1, 0)));
        assert_eq!(tagged(services, None, "tag", None, 9).await.unwrap().posts.len(), 1);
        delete_post(services, &ada, "post").await.unwrap();
        world.execute(&format!("UPDATE post SET deleted_at = {}", clock::now().0 - 31 * 24 * HOUR)).await;
        assert_eq!(code(restore_post(services, &ada, "post").await), ErrorCode::NotFound);
        add_job(&world, "sweep_posts").await;
        work(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM post").await, 0);
        assert_eq!(count(&world, "SELECT count(*) FROM post_reaction").await, 0);
    }

    async fn whoever_writes_too_much_waits_and_may_go_on_with_drafts(world: World) {
        let world = world.with(Settings { posts_per_hour: 2, ..quick_settings() }).await;
        let ada = world.person("ada").await;
        publish(&world, &ada, "one").await;
        publish(&world, &ada, "two").await;
        let third = write_post(&world.services, &ada, None, &form("three", "x")).await;
        assert!(matches!(third, Err(PostError::TooOften { retry_after_ms }) if retry_after_ms > 0));
        let draft = PostForm { intent: Intent::Keep, ..form("three", "x") };
        write_post(&world.services, &ada, None, &draft).await.unwrap();
    }
}
