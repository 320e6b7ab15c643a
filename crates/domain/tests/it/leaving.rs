//! An account that its owner gives up: what can be taken back, and what is left when it is gone.

use domain::Caller;
use domain::accounts::{give_up_account, own_account, take_account_back};
use domain::chat::conversation;
use domain::communities::{community, join, members};
use domain::jobs::work_once;
use domain::media::open_picture;
use domain::notifications::news;
use domain::people::search_people;
use domain::posts::{
    Change, CommentsWanted, Feed, Intent, PostForm, Reaction, comments, feed, post,
    react_to_comment, tagged, write_comment, write_post,
};
use domain::profiles::{figures, follow, profile, set_picture};
use test_support::{PASSWORD, World, on_both, origin, sign_in_form};
use wire::ErrorCode;
use wire::media::PictureKind;
use wire::notifications::NewsKind;
use wire::posts::PostCard;

use crate::communities::open;
use crate::pictures::png;
use crate::{band, code, count, friends, say_in, texts};

/// As if the two weeks were over.
async fn wait_for_the_end(world: &World) {
    for sql in [
        "UPDATE account SET delete_at = 1 WHERE delete_at IS NOT NULL",
        "UPDATE job SET run_at = 1",
    ] {
        world.execute(sql).await;
    }
    while work_once(&world.services).await.unwrap() {}
}

async fn is_found(world: &World, by: &Caller, name: &str) -> bool {
    let found = search_people(&world.services, by, name, None, 10).await.unwrap();
    found.people.iter().any(|person| person.user.username == name)
}

fn post_form(title: &str) -> PostForm {
    let (title, content) = (title.into(), "words #leaving".into());
    PostForm { title, content, intent: Intent::Publish, ..PostForm::default() }
}

fn titles(posts: Vec<PostCard>) -> Vec<String> {
    posts.into_iter().map(|post| post.title).collect()
}

on_both! {
    async fn giving_up_takes_the_password_and_can_be_taken_back(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        follow(&world.services, &bob, "ada").await.unwrap();
        for wrong in ["", "not the password"] {
            let refused = give_up_account(&world.services, &ada, wrong).await;
            assert_eq!(code(refused), ErrorCode::InvalidField);
        }
        give_up_account(&world.services, &ada, PASSWORD).await.unwrap();
        assert_eq!(code(profile(&world.services, Some(&bob), "ada").await), ErrorCode::NotFound);
        assert!(!is_found(&world, &bob, "ada").await, "in no search");
        assert!(profile(&world.services, Some(&ada), "ada").await.is_ok(), "to oneself one is there");
        let again = world.sign_in("ada", &[]).await.caller;
        assert!(own_account(&world.services, &again).await.unwrap().delete_at.is_some());
        take_account_back(&world.services, &again).await.unwrap();
        wait_for_the_end(&world).await;
        let seen = profile(&world.services, Some(&bob), "ada").await.unwrap();
        assert_eq!(seen.followers_count, 1, "everything is as it was");
    }

    async fn what_somebody_wrote_is_out_of_sight_with_them(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        let (hers, his) = (post_form("Hers"), post_form("His"));
        write_post(services, &ada, None, &hers).await.unwrap();
        write_post(services, &bob, None, &his).await.unwrap();
        let said = write_comment(services, &ada, "his", None, "my words").await.unwrap().id;
        write_comment(services, &bob, "his", Some(said), "an answer").await.unwrap();
        follow(services, &ada, "bob").await.unwrap();
        let tea = open(&world, &ada, "Tea").await;
        join(services, &bob, &tea.slug).await.unwrap();
        give_up_account(services, &ada, PASSWORD).await.unwrap();
        for reader in [Some(&bob), None] {
            assert_eq!(code(post(services, reader, "hers").await), ErrorCode::NotFound);
            assert_eq!(titles(tagged(services, reader, "leaving", None, 9).await.unwrap().posts), ["His"]);
            let under = post(services, reader, "his").await.unwrap().card;
            let comments = comments(services, reader, &under, &CommentsWanted::default()).await.unwrap().comments;
            assert!(comments[0].author.is_none() && comments[0].content.is_empty());
            assert_eq!(comments[0].replies[0].content, "an answer", "the place stays");
            let people = members(services, reader, &tea.slug, None).await.unwrap().people;
            assert_eq!(people.len(), 1);
            assert!(community(services, reader, &tea.slug).await.unwrap().creator.is_none());
        }
        assert_eq!(titles(feed(services, &bob, Feed::Fresh, None).await.unwrap().posts), ["His"]);
        let told = news(services, &bob, None).await.unwrap().news;
        assert!(told.iter().all(|one| one.kind == NewsKind::Achievement), "his own: {told:?}");
        let liked = react_to_comment(services, &bob, said, Reaction::Like, Change::Put).await;
        assert_eq!(code(liked), ErrorCode::NotFound);
        let answered = write_comment(services, &bob, "his", Some(said), "too late").await;
        assert_eq!(code(answered), ErrorCode::InvalidField);
        let again = world.sign_in("ada", &[]).await.caller;
        assert!(post(services, Some(&again), "hers").await.is_ok(), "to oneself it is there");
        take_account_back(services, &again).await.unwrap();
        assert!(post(services, None, "hers").await.is_ok(), "everything is as it was");
    }

    async fn what_is_gone_is_gone_and_the_counts_are_true(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        for (who, whom) in [(&ada, "bob"), (&bob, "ada"), (&ada, "eve"), (&eve, "bob")] {
            follow(&world.services, who, whom).await.unwrap();
        }
        let talk = friends(&world, &ada, &bob).await;
        say_in(&world, &bob, talk, "and I am bob").await.unwrap();
        let group = band(&world, &ada, &[&bob, &eve]).await;
        world.say(&ada, "to everybody").await;
        let avatar = set_picture(&world.services, &ada, PictureKind::Avatar, png().into(), None).await.unwrap();
        world.execute("UPDATE account SET email = 'ada@x.org', email_key = 'ada@x.org', bio = 'me' WHERE username = 'ada'").await;
        give_up_account(&world.services, &ada, PASSWORD).await.unwrap();
        wait_for_the_end(&world).await;

        let form = sign_in_form("ada", PASSWORD);
        let refused = domain::accounts::sign_in(&world.services, &form, &origin(), None, &[]).await;
        assert_eq!(code(refused.map(|_| ())), ErrorCode::InvalidCredentials);
        assert_eq!(texts(&world, &bob, talk).await, ["", "and I am bob"], "the numbers have no hole");
        assert_eq!(count(&world, "SELECT count(*) FROM message WHERE content LIKE '%everybody%'").await, 0);
        let left = conversation(&world.services, &bob, group).await.unwrap();
        assert_eq!(left.members_count, 2, "the group has another owner");
        assert_eq!(count(&world, "SELECT count(*) FROM membership WHERE role = 'owner' AND state = 'active'").await, 1);
        for (who, followers, following) in [(&bob, 1, 0), (&eve, 0, 1)] {
            let figures = figures(&world.services, who).await.unwrap();
            assert_eq!((figures.followers_count, figures.following_count), (followers, following));
        }
        assert!(open_picture(&world.services, avatar, 64).await.unwrap().is_none());
        let traces = "SELECT count(*) FROM account WHERE username = 'ada' OR email IS NOT NULL OR bio <> ''";
        assert_eq!(count(&world, traces).await, 0);
        for table in ["media", "profile_link", "session WHERE account_id NOT IN (SELECT id FROM account WHERE is_active)"] {
            assert_eq!(count(&world, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        world.person("ada").await;
    }

    async fn counts_of_posts_and_communities_are_corrected_too(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = |n: u8| format!("(SELECT id FROM account WHERE username = '{}')", if n == 0 { "ada" } else { "bob" });
        let new_id = match world.backend {
            test_support::Backend::Sqlite => "randomblob(16)",
            test_support::Backend::Postgres => "gen_random_uuid()",
        };
        for sql in [
            format!("INSERT INTO community (id, name, name_key, slug, members_count, posts_count, created_at) VALUES ({new_id}, 'C', 'c', 'c', 2, 2, 0)"),
            "INSERT INTO community_member (community_id, account_id, state, joined_at) SELECT c.id, a.id, 'active', 0 FROM community c JOIN account a ON a.username IN ('ada', 'bob')".to_owned(),
            format!("INSERT INTO post (id, author_id, community_id, title, slug, content, content_html, excerpt, state, created_at, saved_at, published_at, likes_count, comments_count, bookmarks_count) \
                 SELECT {new_id}, a.id, c.id, 't', 'by-' || a.username, '', '', '', 'published', 0, 0, 0, 1, 1, 1 FROM account a JOIN community c ON c.slug = 'c' WHERE a.username IN ('ada', 'bob')"),
            format!("INSERT INTO post_reaction (post_id, account_id, value, created_at) SELECT p.id, {}, 1, 0 FROM post p", id(0)),
            format!("INSERT INTO bookmark (account_id, post_id, created_at) SELECT {}, p.id, 0 FROM post p", id(0)),
            format!("INSERT INTO comment (id, post_id, author_id, content, created_at) SELECT {new_id}, p.id, {}, 'well', 0 FROM post p", id(0)),
            "UPDATE account SET karma = 1".into(),
        ] {
            world.execute(&sql).await;
        }
        give_up_account(&world.services, &ada, PASSWORD).await.unwrap();
        wait_for_the_end(&world).await;
        assert_eq!(count(&world, "SELECT count(*) FROM post").await, 1, "only bob's");
        let left = "SELECT likes_count + comments_count + bookmarks_count FROM post";
        assert_eq!(count(&world, left).await, 0);
        assert_eq!(count(&world, "SELECT members_count * 10 + posts_count FROM community").await, 11);
        assert_eq!(figures(&world.services, &bob).await.unwrap().karma, 0);
        assert_eq!(count(&world, "SELECT count(*) FROM comment WHERE content <> ''").await, 0);
    }
}
