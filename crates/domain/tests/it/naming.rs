//! `@name` in posts and comments: who is told, who is not, and what it leads to.

use std::fmt::Write;

use domain::Caller;
use domain::chat::{edit_message, mute_conversation, post_message, remove_member, unsend_message};
use domain::jobs::work_once;
use domain::notifications::news;
use domain::people::{block, mute};
use domain::posts::{
    CommentsWanted, Intent, PostForm, comments, edit_comment, post, write_comment, write_post,
};
use test_support::{World, on_both};
use wire::conversations::Target;
use wire::notifications::About;
use wire::posts::{Post, Visibility};
use wire::{ConversationKey, UnixMillis};

use crate::{band, count, draft, friends, say_in};

fn form(content: &str) -> PostForm {
    let intent = Intent::Publish;
    PostForm { title: "Post".into(), content: content.into(), intent, ..PostForm::default() }
}

async fn write(world: &World, author: &Caller, key: Option<&str>, form: &PostForm) -> Post {
    write_post(&world.services, author, key, form).await.unwrap()
}

/// How often they were told that somebody named them.
async fn told(world: &World, who: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM notification n JOIN account a ON a.id = n.account_id \
         WHERE n.kind = 'mention' AND a.username = '{who}'"
    );
    count(world, &sql).await
}

on_both! {
    async fn whom_a_post_names_is_told_once_and_led_to(world: World) {
        let [ada, _bob, _cid] = [world.person("ada").await, world.person("Bob.B").await, world.person("cid").await];
        let draft = PostForm { intent: Intent::Keep, ..form("Hi @bob.b, @bob.b and @nobody; I am @ada.") };
        let slug = write(&world, &ada, None, &draft).await.card.slug;
        assert_eq!(told(&world, "Bob.B").await, 0, "a draft tells nobody");
        let published = PostForm { intent: Intent::Publish, ..draft };
        let shown = write(&world, &ada, Some(&slug), &published).await;
        assert_eq!((told(&world, "Bob.B").await, told(&world, "ada").await), (1, 0));
        assert_eq!(shown.html.matches(r#"href="/u/Bob.B""#).count(), 2, "{}", shown.html);
        assert!(shown.html.contains("@nobody;") && !shown.html.contains("/u/nobody"), "{}", shown.html);
        let slug = shown.card.slug;
        let edited = PostForm { intent: Intent::Keep, content: "Hi @bob.b and @cid".into(), ..published };
        write(&world, &ada, Some(&slug), &edited).await;
        assert_eq!((told(&world, "Bob.B").await, told(&world, "cid").await), (1, 1));
    }

    async fn nobody_is_told_of_what_they_may_not_read(world: World) {
        let [ada, bob, cid, _dan] =
            [world.person("ada").await, world.person("bob").await, world.person("cid").await, world.person("dan").await];
        let text = "@bob @cid @dan";
        let closed = PostForm { visibility: Visibility::Followers, ..form(text) };
        write(&world, &ada, None, &closed).await;
        for who in ["bob", "cid", "dan"] {
            assert_eq!(told(&world, who).await, 0, "{who} does not follow");
        }
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        mute(&world.services, &cid, &Target::Id(ada.user_id)).await.unwrap();
        write(&world, &ada, None, &form(text)).await;
        assert_eq!([told(&world, "bob").await, told(&world, "cid").await, told(&world, "dan").await], [0, 0, 1]);
    }

    async fn a_planned_post_tells_when_it_appears_and_never_too_many(world: World) {
        let ada = world.person("ada").await;
        let names: Vec<_> = (10..35).map(|n| format!("name{n}")).collect();
        for name in &names {
            world.person(name).await;
        }
        let text: String = names.iter().map(|name| format!("@{name} ")).collect();
        let at = UnixMillis(domain::clock::now().0 + 60_000);
        let planned = PostForm { intent: Intent::Schedule(at), ..form(&text) };
        write(&world, &ada, None, &planned).await;
        let all = "SELECT count(*) FROM notification WHERE kind = 'mention'";
        assert_eq!(count(&world, all).await, 0);
        world.execute("UPDATE post SET publish_at = 1 WHERE publish_at IS NOT NULL").await;
        world.execute("UPDATE job SET run_at = 0 WHERE kind = 'publish_post'").await;
        while work_once(&world.services).await.unwrap() {}
        assert_eq!(count(&world, all).await, 20);
    }

    async fn whom_a_comment_names_is_told_and_its_author_led_to_them(world: World) {
        let [ada, bob, _cid] = [world.person("ada").await, world.person("bob").await, world.person("cid").await];
        let slug = write(&world, &ada, None, &form("x")).await.card.slug;
        let said = write_comment(&world.services, &bob, &slug, None, "@ada look, @cid, @nobody").await.unwrap();
        assert_eq!((told(&world, "ada").await, told(&world, "cid").await), (0, 1), "ada hears of the comment");
        let card = post(&world.services, None, &slug).await.unwrap().card;
        let step = comments(&world.services, None, &card, &CommentsWanted::default()).await.unwrap();
        let people: Vec<_> = step.comments[0].people.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(people, ["ada", "cid"]);
        let changed = edit_comment(&world.services, &bob, said.id, "@cid again, @ada and @cid").await.unwrap();
        assert_eq!((told(&world, "ada").await, told(&world, "cid").await), (0, 1), "named before");
        assert_eq!(changed.people.len(), 2);
    }

    async fn whom_a_message_names_is_led_to_it_among_the_members_of_its_group(world: World) {
        let [ada, bob, eve, _dan] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await, world.person("dan").await];
        let id = band(&world, &ada, &[&bob, &eve]).await;
        mute_conversation(&world.services, &bob, ConversationKey::Id(id), Some(UnixMillis(i64::MAX))).await.unwrap();
        let said = say_in(&world, &ada, id, "@BOB, @ada and @dan: at eight?").await.unwrap();
        assert_eq!([told(&world, "bob").await, told(&world, "ada").await, told(&world, "dan").await], [1, 0, 0]);
        let about = About::Conversation { key: ConversationKey::Id(id), name: Some("Band".into()), seq: 1 };
        let shown = news(&world.services, &bob, None).await.unwrap().news;
        assert_eq!((shown.len(), &shown[0].about, shown[0].address()), (1, &about, format!("/chat/{id}?at=1#m1")));
        edit_message(&world.services, &ada, said.id, "@bob and @eve: at nine?").await.unwrap();
        assert_eq!([told(&world, "bob").await, told(&world, "eve").await], [1, 1]);
        remove_member(&world.services, &ada, id, eve.user_id).await.unwrap();
        assert!(news(&world.services, &eve, None).await.unwrap().news.is_empty(), "it is not hers to read any more");
        unsend_message(&world.services, &ada, said.id).await.unwrap();
        assert!(news(&world.services, &bob, None).await.unwrap().news.is_empty(), "it says nothing any more");
        let pair = friends(&world, &ada, &bob).await;
        say_in(&world, &ada, pair, "@bob!").await.unwrap();
        assert_eq!(told(&world, "bob").await, 1, "between two nobody has to be called");
    }

    async fn the_global_room_calls_a_few_and_nobody_who_was_sent_out(world: World) {
        let ada = world.person("ada").await;
        let mut called = String::new();
        for n in 0..7 {
            world.person(&format!("name{n}")).await;
            write!(called, "@name{n} ").unwrap();
        }
        world.execute("UPDATE membership SET state = 'banned' WHERE account_id = \
            (SELECT id FROM account WHERE username = 'name0')").await;
        let posts = [draft(&called), draft("@name1"), draft("and nobody")];
        for post in posts {
            post_message(&world.services, &ada, post).await.unwrap();
        }
        let all = "SELECT count(*) FROM notification WHERE kind = 'mention'";
        assert_eq!((told(&world, "name0").await, told(&world, "name1").await, count(&world, all).await), (0, 2, 5));
        let name1 = world.sign_in("name1", &[]).await.caller;
        let shown = news(&world.services, &name1, None).await.unwrap().news;
        let about = About::Conversation { key: ConversationKey::Global, name: None, seq: 2 };
        assert_eq!((shown.len(), &shown[0].about), (1, &about), "together, and the newest first");
    }
}
