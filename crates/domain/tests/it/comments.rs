//! Answering posts and each other.

use domain::Caller;
use domain::people::block;
use domain::posts::{
    Change, CommentsWanted, Intent, PostError, PostForm, Reaction, comment, comments,
    delete_comment, edit_comment, post, react_to_comment, thread, write_comment, write_post,
};
use test_support::{World, on_both};
use wire::conversations::Target;
use wire::posts::{Comment, CommentOrder, PostCard, Visibility};
use wire::{CommentId, ErrorCode};

use crate::{code, count};

async fn publish(world: &World, author: &Caller, title: &str) -> PostCard {
    let intent = Intent::Publish;
    let form = PostForm { title: title.into(), content: "x".into(), intent, ..PostForm::default() };
    write_post(&world.services, author, None, &form).await.unwrap().card
}

async fn say(
    world: &World,
    who: &Caller,
    post: &str,
    parent: Option<CommentId>,
    text: &str,
) -> CommentId {
    write_comment(&world.services, who, post, parent, text).await.unwrap().id
}

async fn tree(world: &World, viewer: Option<&Caller>, post: &PostCard) -> Vec<String> {
    let wanted = CommentsWanted { order: CommentOrder::Oldest, ..CommentsWanted::default() };
    outline(&comments(&world.services, viewer, post, &wanted).await.unwrap().comments)
}

/// Each comment with as many dashes as it is deep.
fn outline(comments: &[Comment]) -> Vec<String> {
    let mut lines = Vec::new();
    for comment in comments {
        let text = if comment.author.is_none() { "gone" } else { &comment.content };
        lines.push(format!("{}{text}", "-".repeat(comment.depth as usize)));
        lines.extend(outline(&comment.replies));
    }
    lines
}

async fn commented(world: &World, slug: &str) -> i64 {
    post(&world.services, None, slug).await.unwrap().card.comments_count
}

on_both! {
    async fn s_45_answers_to_answers_are_shown_and_go_on_elsewhere(world: World) {
        let ada = world.person("ada").await;
        let card = publish(&world, &ada, "post").await;
        let mut parent = None;
        let mut ids = Vec::new();
        for depth in 0..7 {
            parent = Some(say(&world, &ada, "post", parent, &format!("c{depth}")).await);
            ids.extend(parent);
        }
        say(&world, &ada, "post", Some(ids[0]), "aside").await;
        assert_eq!(tree(&world, None, &card).await, ["c0", "-c1", "--c2", "---c3", "-aside"]);
        let (root, next) = thread(&world.services, None, &card, ids[3], None).await.unwrap();
        assert_eq!((outline(&[root]), next), (vec!["---c3".into(), "----c4".into(), "-----c5".into(), "------c6".into()], None));
        let shown = comment(&world.services, None, ids[0]).await.unwrap();
        assert_eq!((shown.replies_count, shown.depth), (2, 0));
        assert_eq!(commented(&world, "post").await, 8);
    }

    async fn s_45_a_parent_is_under_the_same_post(world: World) {
        let ada = world.person("ada").await;
        publish(&world, &ada, "one").await;
        let two = publish(&world, &ada, "two").await;
        let elsewhere = say(&world, &ada, "one", None, "here").await;
        for parent in [elsewhere, CommentId::new()] {
            let refused = write_comment(&world.services, &ada, "two", Some(parent), "x").await;
            assert!(matches!(refused, Err(PostError::Invalid { field: "parent", .. })));
        }
        assert_eq!(code(thread(&world.services, None, &two, elsewhere, None).await), ErrorCode::NotFound);
        assert_eq!(commented(&world, "two").await, 0);
    }

    async fn s_04_only_its_author_changes_a_comment(world: World) {
        let (ada, eve) = (world.person("ada").await, world.person("eve").await);
        let services = &world.services;
        publish(&world, &ada, "post").await;
        let id = say(&world, &ada, "post", None, "mine").await;
        assert_eq!(code(edit_comment(services, &eve, id, "hers").await), ErrorCode::Forbidden);
        assert_eq!(code(delete_comment(services, &eve, id).await), ErrorCode::Forbidden);
        let edited = edit_comment(services, &ada, id, "  mine still ").await.unwrap();
        assert_eq!((edited.content.as_str(), edited.edited_at.is_some()), ("mine still", true));
        world.execute("UPDATE post SET visibility = 'followers'").await;
        assert_eq!(code(edit_comment(services, &eve, id, "hers").await), ErrorCode::NotFound);
        assert_eq!(code(write_comment(services, &eve, "post", None, "x").await), ErrorCode::NotFound);
        assert_eq!(code(comment(services, Some(&eve), id).await), ErrorCode::NotFound);
        assert_eq!(code(react_to_comment(services, &eve, id, Reaction::Like, Change::Put).await), ErrorCode::NotFound);
    }

    async fn what_is_taken_back_keeps_the_place_of_its_answers(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let card = publish(&world, &ada, "post").await;
        let top = say(&world, &ada, "post", None, "top").await;
        let middle = say(&world, &ada, "post", Some(top), "middle").await;
        let leaf = say(&world, &ada, "post", Some(middle), "leaf").await;
        delete_comment(services, &ada, middle).await.unwrap();
        assert_eq!(tree(&world, None, &card).await, ["top", "-gone", "--leaf"]);
        assert_eq!(commented(&world, "post").await, 2);
        for refused in [
            code(delete_comment(services, &ada, middle).await),
            code(edit_comment(services, &ada, middle, "x").await),
            code(react_to_comment(services, &ada, middle, Reaction::Like, Change::Put).await),
        ] {
            assert_eq!(refused, ErrorCode::NotFound);
        }
        assert!(write_comment(services, &ada, "post", Some(middle), "x").await.is_err());
        assert_eq!(count(&world, "SELECT count(*) FROM comment WHERE content = 'middle'").await, 0, "its words are gone");
        delete_comment(services, &ada, leaf).await.unwrap();
        assert_eq!(tree(&world, None, &card).await, ["top"], "nothing keeps the place");
        assert_eq!(comment(services, None, top).await.unwrap().replies_count, 0);
        delete_comment(services, &ada, top).await.unwrap();
        assert_eq!((commented(&world, "post").await, count(&world, "SELECT count(*) FROM comment").await), (0, 0));
        assert_eq!(count(&world, "SELECT sum(comments) FROM post_day").await, 0);
    }

    async fn s_43_a_comment_has_one_reaction_of_each_reader(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        publish(&world, &ada, "post").await;
        let id = say(&world, &ada, "post", None, "text").await;
        for (reaction, change, expected) in [
            (Reaction::Like, Change::Put, (1, 0)),
            (Reaction::Like, Change::Put, (1, 0)),
            (Reaction::Dislike, Change::Toggle, (0, 1)),
            (Reaction::Dislike, Change::Take, (0, 0)),
        ] {
            react_to_comment(services, &bob, id, reaction, change).await.unwrap();
            let seen = comment(services, Some(&bob), id).await.unwrap();
            assert_eq!((seen.likes_count, seen.dislikes_count), expected);
            assert_eq!((seen.has_liked, seen.has_disliked), (expected.0 == 1, expected.1 == 1));
        }
        assert_eq!(count(&world, "SELECT karma FROM account WHERE username = 'ada'").await, 0);
    }

    async fn comments_come_in_steps_in_three_orders(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        let card = publish(&world, &ada, "post").await;
        let mut ids = Vec::new();
        for n in 0..7 {
            ids.push(say(&world, &ada, "post", None, &n.to_string()).await);
        }
        react_to_comment(services, &bob, ids[3], Reaction::Like, Change::Put).await.unwrap();
        react_to_comment(services, &bob, ids[6], Reaction::Dislike, Change::Put).await.unwrap();
        for (order, expected) in [
            (CommentOrder::Oldest, "0123456"),
            (CommentOrder::Newest, "6543210"),
            (CommentOrder::Best, "3542106"),
        ] {
            let (mut shown, mut after) = (String::new(), None);
            loop {
                let wanted = CommentsWanted { order, after, limit: 3, ..CommentsWanted::default() };
                let step = comments(services, None, &card, &wanted).await.unwrap();
                shown.extend(step.comments.iter().map(|comment| comment.content.as_str()));
                after = step.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(shown, expected, "{order:?}");
        }
        let few = CommentsWanted { after: Some("nonsense".into()), limit: 0, ..CommentsWanted::default() };
        assert_eq!(comments(services, None, &card, &few).await.unwrap().comments.len(), 1);
    }

    async fn the_blocked_do_not_read_each_other(world: World) {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let card = publish(&world, &ada, "post").await;
        let hers = say(&world, &eve, "post", None, "eve").await;
        say(&world, &ada, "post", Some(hers), "answer").await;
        say(&world, &bob, "post", None, "bob").await;
        block(&world.services, &bob, &Target::Id(eve.user_id)).await.unwrap();
        assert_eq!(tree(&world, Some(&bob), &card).await, ["bob"]);
        assert_eq!(tree(&world, Some(&eve), &card).await, ["eve", "-answer"]);
        assert_eq!(tree(&world, None, &card).await, ["eve", "-answer", "bob"]);
        assert!(write_comment(&world.services, &bob, "post", Some(hers), "x").await.is_err());
        assert_eq!(code(comment(&world.services, Some(&bob), hers).await), ErrorCode::NotFound);
    }

    async fn s_48_a_comment_is_one_to_a_thousand_characters(world: World) {
        let ada = world.person("ada").await;
        publish(&world, &ada, "post").await;
        for text in ["", " \n ", "a\0b", &"ж".repeat(1001)] {
            let refused = write_comment(&world.services, &ada, "post", None, text).await;
            assert!(matches!(refused, Err(PostError::Invalid { field: "content", .. })), "{text}");
        }
        say(&world, &ada, "post", None, &"ж".repeat(1000)).await;
        assert_eq!(Visibility::from_word("everybody"), None);
    }
}
