//! Finding posts, people, communities and messages: what is found, and what nobody may find.

use std::net::{IpAddr, Ipv4Addr};

use domain::accounts::{change_own_account, give_up_account};
use domain::chat::{accept_request, edit_message, hide_conversation, rename_group, unsend_message};
use domain::communities::{change, delete};
use domain::media::store_picture;
use domain::people::{block, mute};
use domain::posts::{Intent, PostForm, delete_post, restore_post, write_post};
use domain::search::{QueryFault, Scope, SearchError, index_all, search};
use domain::{Caller, Settings};
use test_support::{PASSWORD, World, on_both, quick_settings};
use wire::accounts::OwnChanges;
use wire::communities::CommunityChange;
use wire::conversations::Target;
use wire::media::{PictureKind, picture_address};
use wire::posts::{Post, Visibility};
use wire::search::{Found, Kind, Piece};
use wire::{ConversationKey, ErrorCode, Problem};

use crate::communities::{closed, open};
use crate::pictures::png;
use crate::{band, begin, count, friends, say_in};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SOME: Scope = Scope { kind: None, page: 1, limit: 20 };

async fn find(world: &World, viewer: Option<&Caller>, text: &str) -> Found {
    let found = search(&world.services, viewer, HERE, text, SOME).await;
    found.unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn titles(found: &Found) -> Vec<&str> {
    found.posts.hits.iter().map(|hit| hit.post.card.title.as_str()).collect()
}

fn names(found: &Found) -> Vec<&str> {
    found.people.hits.iter().map(|hit| hit.person.user.username.as_str()).collect()
}

fn communities(found: &Found) -> Vec<&str> {
    found.communities.hits.iter().map(|hit| hit.community.slug.as_str()).collect()
}

fn said(found: &Found) -> Vec<&str> {
    found.messages.hits.iter().map(|hit| hit.content.as_str()).collect()
}

async fn posts(world: &World, viewer: Option<&Caller>, text: &str) -> Vec<String> {
    titles(&find(world, viewer, text).await).into_iter().map(str::to_owned).collect()
}

async fn messages(world: &World, viewer: Option<&Caller>, text: &str) -> Vec<String> {
    index_all(&world.services).await.unwrap();
    said(&find(world, viewer, text).await).into_iter().map(str::to_owned).collect()
}

fn form(title: &str, content: &str) -> PostForm {
    let intent = Intent::Publish;
    PostForm { title: title.into(), content: content.into(), intent, ..PostForm::default() }
}

async fn publish(world: &World, author: &Caller, form: &PostForm) -> Post {
    write_post(&world.services, author, None, form).await.unwrap()
}

fn shown(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece.is_hit {
        true => format!("[{}]", piece.text),
        false => piece.text.clone(),
    };
    pieces.iter().map(piece).collect()
}

on_both! {
    async fn posts_are_found_by_their_words_and_shown_with_them(world: World) {
        let ada = world.person("ada").await;
        publish(&world, &ada, &form("Brewing tea", "Green **leaves** and a _kettle_. #gongfu")).await;
        publish(&world, &ada, &form("Coffee", "Not a word on tea, but on beans & <kettles>.")).await;
        publish(&world, &ada, &form("Crème brûlée", "Sugar on top.")).await;
        for (text, expected) in [
            ("tea", vec!["Brewing tea", "Coffee"]),
            ("KETTLE", vec!["Coffee", "Brewing tea"]),
            ("tea kettle", vec!["Coffee", "Brewing tea"]),
            ("kettle tea", vec!["Brewing tea"]),
            ("kett", vec!["Coffee", "Brewing tea"]),
            ("kett tea", vec![]),
            ("\"green leaves\"", vec!["Brewing tea"]),
            ("\"leaves green\"", vec![]),
            ("\"kettle\"", vec!["Brewing tea"]),
            ("tea -coffee", vec!["Brewing tea"]),
            ("tea -\"green leaves\"", vec!["Coffee"]),
            ("creme brulee", vec!["Crème brûlée"]),
            ("gongfu", vec!["Brewing tea"]),
            ("strong", vec![]),
        ] {
            assert_eq!(posts(&world, None, text).await, expected, "{text}");
        }
        let found = find(&world, None, "leav kettle").await;
        assert!(found.posts.hits.is_empty(), "only the last is a beginning");
        let found = find(&world, None, "leaves brew").await;
        let hit = &found.posts.hits[0];
        assert_eq!(shown(&hit.title), "[Brewing] tea");
        assert_eq!(shown(&hit.excerpt), "Green [leaves] and a kettle. #gongfu");
    }

    async fn s_66_a_beginning_is_of_few_words_or_of_many(world: World) {
        let ada = world.person("ada").await;
        for (title, text) in [("Stone", "a dry wall"), ("Walls", "of stone"), ("Money", "a wallet for dry waters"), ("Wal", "of all")] {
            publish(&world, &ada, &form(title, text)).await;
        }
        for (text, expected) in [
            ("wall", vec!["Walls", "Money", "Stone"]),
            ("\"wall\"", vec!["Stone"]),
            ("dry wall", vec!["Money", "Stone"]),
            ("-money wall", vec!["Walls", "Stone"]),
            ("walle", vec!["Money"]),
            ("wally", vec![]),
        ] {
            assert_eq!(posts(&world, None, text).await, expected, "{text}");
        }
        assert_eq!(messages(&world, None, "wall").await, Vec::<String>::new());
        world.say(&ada, "walls have ears").await;
        assert_eq!(messages(&world, None, "wall").await, ["walls have ears"]);
        let words: Vec<_> = (0..40).map(|n| format!("wall{n}")).collect();
        publish(&world, &ada, &form("Many", &words.join(" "))).await;
        assert_eq!(posts(&world, None, "wall").await, ["Walls", "Many", "Money", "Stone"]);
        assert_eq!(posts(&world, None, "wall39").await, ["Many"]);
    }

    async fn operators_narrow_a_search_down(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let names = OwnChanges { first_name: Some("Bob".into()), last_name: Some("Ross".into()), ..OwnChanges::default() };
        change_own_account(&world.services, &bob, &names).await.unwrap();
        let club = open(&world, &ada, "Tea club").await;
        publish(&world, &ada, &form("One", "see https://a.example and [this](https://b.example)")).await;
        publish(&world, &bob, &form("Two", "see\n\n```rust\nfn main() {}\n```")).await;
        let picture = store_picture(&world.services, &ada, PictureKind::Picture, png().into(), None).await.unwrap();
        let text = format!("see `x` ![p]({})", picture_address(picture.id, 640));
        let inside = PostForm { community: Some(club.slug.clone()), ..form("Three", &text) };
        publish(&world, &ada, &inside).await;
        for (text, expected) in [
            ("see", vec!["Three", "Two", "One"]),
            ("see from:bob", vec!["Two"]),
            ("from:@ADA", vec!["Three", "One"]),
            ("from:\"bob ross\"", vec!["Two"]),
            ("from:ross see", vec!["Two"]),
            ("from:bob from:ada see", vec!["Three", "Two", "One"]),
            ("from:nobody see", vec![]),
            ("in:tea-club", vec!["Three"]),
            ("in:nowhere see", vec![]),
            ("has:link", vec!["One"]),
            ("has:code", vec!["Three", "Two"]),
            ("has:picture", vec!["Three"]),
            ("see -has:code", vec!["One"]),
            ("see before:2020-01-01", vec![]),
            ("see after:2020-01-01 from:bob", vec!["Two"]),
            ("see after:9999-01-01", vec![]),
        ] {
            assert_eq!(posts(&world, None, text).await, expected, "{text}");
        }
        assert_eq!(posts(&world, Some(&bob), "from:me").await, ["Two"]);
        assert!(find(&world, None, "from:bob bob").await.people.hits.is_empty(), "operators are about texts");
    }

    async fn scripts_without_spaces_are_found_wherever_a_word_stands(world: World) {
        let ada = world.person("ada").await;
        for (title, content) in [
            ("東京都に行きます", "明日は新宿でコーヒーを飲みます。"),
            ("京都の庭", "静かな場所"),
            ("วันนี้", "ฉันชอบดื่มกาแฟตอนเช้า"),
            ("서울에서", "커피를 마셨어요"),
        ] {
            publish(&world, &ada, &form(title, content)).await;
        }
        for (text, expected) in [
            ("京都", vec!["京都の庭", "東京都に行きます"]),
            ("東京", vec!["東京都に行きます"]),
            ("東京都", vec!["東京都に行きます"]),
            ("都京", vec![]),
            ("京", vec!["京都の庭", "東京都に行きます"]),
            ("庭", vec!["京都の庭"]),
            ("コーヒー", vec!["東京都に行きます"]),
            ("ｺｰﾋｰ", vec!["東京都に行きます"]),
            ("新宿 東京", vec!["東京都に行きます"]),
            ("กาแฟ", vec!["วันนี้"]),
            ("서울", vec!["서울에서"]),
            ("커피", vec!["서울에서"]),
        ] {
            assert_eq!(posts(&world, None, text).await, expected, "{text}");
        }
    }

    async fn s_25_nobody_finds_a_post_that_they_may_not_read(world: World) {
        let [ada, bob, cid, dan] = ["ada", "bob", "cid", "dan"];
        let (ada, bob, cid, dan) =
            (world.person(ada).await, world.person(bob).await, world.person(cid).await, world.person(dan).await);
        let club = closed(&world, &ada, "Secret club").await;
        let hidden = [
            PostForm { visibility: Visibility::Followers, ..form("For followers", "needle") },
            PostForm { community: Some(club.slug.clone()), ..form("In private", "needle") },
            PostForm { intent: Intent::Keep, ..form("A draft", "needle") },
        ];
        for form in &hidden {
            publish(&world, &ada, form).await;
        }
        publish(&world, &ada, &form("For all", "needle")).await;
        let all = vec!["For all", "In private", "For followers"];
        assert_eq!(posts(&world, Some(&ada), "needle").await, all);
        assert_eq!(posts(&world, Some(&bob), "needle").await, ["For all"]);
        assert_eq!(posts(&world, Some(&bob), "in:secret-club").await, Vec::<String>::new());
        assert_eq!(posts(&world, None, "needle").await, ["For all"]);
        let her = Target::Id(ada.user_id);
        block(&world.services, &bob, &her).await.unwrap();
        block(&world.services, &ada, &Target::Id(cid.user_id)).await.unwrap();
        mute(&world.services, &dan, &her).await.unwrap();
        for reader in [&bob, &cid, &dan] {
            let found = find(&world, Some(reader), "needle").await;
            assert!(found.is_empty(), "{}: {found:?}", reader.username);
            assert_eq!(posts(&world, Some(reader), "from:ada").await, Vec::<String>::new());
            assert_eq!(names(&find(&world, Some(reader), "ada").await), Vec::<&str>::new());
        }
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'ada'").await;
        assert!(find(&world, None, "needle").await.is_empty(), "of a suspended account");
    }

    async fn what_is_found_is_what_is_there_now(world: World) {
        let ada = world.person("ada").await;
        let post = publish(&world, &ada, &form("First", "one")).await.card;
        let slug = post.slug.clone();
        let other = PostForm { intent: Intent::Keep, ..form("Second", "two") };
        write_post(&world.services, &ada, Some(&slug), &other).await.unwrap();
        assert!(find(&world, None, "first").await.is_empty());
        assert_eq!(posts(&world, None, "two").await, ["Second"]);
        delete_post(&world.services, &ada, &slug).await.unwrap();
        assert!(find(&world, Some(&ada), "two").await.is_empty());
        assert_eq!(count(&world, "SELECT count(*) FROM post_search").await, 0);
        restore_post(&world.services, &ada, &slug).await.unwrap();
        assert_eq!(posts(&world, None, "two").await, ["Second"]);
        let club = open(&world, &ada, "Chess").await;
        let renamed = CommunityChange { name: Some("Go".into()), ..CommunityChange::default() };
        change(&world.services, &ada, &club.slug, renamed).await.unwrap();
        assert_eq!(communities(&find(&world, None, "go").await), ["chess"]);
        delete(&world.services, &ada, &club.slug).await.unwrap();
        assert!(find(&world, None, "go").await.communities.hits.is_empty());
        assert_eq!(count(&world, "SELECT count(*) FROM community_search").await, 0);
    }

    async fn l_14_people_are_found_by_names_and_never_by_their_address(world: World) {
        let (ada, bob) = (world.person("ada.lovelace").await, world.person("bob").await);
        let changes = OwnChanges {
            first_name: Some("Augusta".into()),
            bio: Some("Writes about engines.".into()),
            ..OwnChanges::default()
        };
        change_own_account(&world.services, &ada, &changes).await.unwrap();
        world.execute("UPDATE account SET email = 'ada@secret.example', email_key = 'ada@secret.example' WHERE username = 'ada.lovelace'").await;
        world.execute("DELETE FROM account_search").await;
        world.execute("DELETE FROM search_progress").await;
        index_all(&world.services).await.unwrap();
        for text in ["ada", "love", "ada.love", "Augusta", "engines"] {
            assert_eq!(names(&find(&world, None, text).await), ["ada.lovelace"], "{text}");
        }
        let found = find(&world, Some(&bob), "augu").await;
        assert_eq!(shown(&found.people.hits[0].name), "[Augusta]");
        for text in ["secret", "secret.example", "ada@secret.example"] {
            assert!(find(&world, None, text).await.people.hits.is_empty(), "{text}");
        }
        publish(&world, &ada, &form("Notes", "engines")).await;
        assert_eq!(posts(&world, Some(&bob), "engines").await, ["Notes"]);
        give_up_account(&world.services, &ada, PASSWORD).await.unwrap();
        for text in ["ada", "engines", "from:ada.lovelace"] {
            assert!(find(&world, Some(&bob), text).await.is_empty(), "{text} of who has given up");
        }
    }

    async fn those_whose_name_says_it_come_before_those_who_speak_of_it(world: World) {
        let [ada, bob, cid] = [world.person("ada").await, world.person("bob").await, world.person("tea").await];
        for who in [&ada, &bob] {
            let bio = OwnChanges { bio: Some("I drink tea".into()), ..OwnChanges::default() };
            change_own_account(&world.services, who, &bio).await.unwrap();
        }
        world.execute("UPDATE account SET followers_count = 5 WHERE username = 'bob'").await;
        assert_eq!(names(&find(&world, Some(&cid), "tea").await), ["tea", "bob", "ada"]);
        publish(&world, &ada, &form("All about tea", "Leaves.")).await;
        publish(&world, &ada, &form("Milk", "And tea.")).await;
        assert_eq!(posts(&world, None, "tea").await, ["All about tea", "Milk"]);
        closed(&world, &ada, "Tea house").await;
        let found = find(&world, None, "tea").await;
        assert_eq!(communities(&found), ["tea-house"]);
        assert_eq!(found.communities.hits[0].community.rules, "", "only the card");
    }

    async fn s_66_titles_of_late_come_first_and_every_post_once(world: World) {
        let ada = world.person("ada").await;
        let mut all = vec!["Old tea".to_owned()];
        all.extend((0..150).map(|n| format!("p{n}")));
        all.push("New tea".into());
        all.extend((0..100).map(|n| format!("q{n}")));
        for title in &all {
            publish(&world, &ada, &form(title, "tea")).await;
        }
        let (mut seen, mut page) = (Vec::new(), 1);
        loop {
            let scope = Scope { kind: Some(Kind::Posts), page, limit: 50 };
            let found = search(&world.services, None, HERE, "tea", scope).await.unwrap();
            seen.extend(titles(&found).into_iter().map(str::to_owned));
            page += 1;
            if !found.posts.has_more {
                break;
            }
        }
        // Two hundred posts and more lie above the old one.
        let title = all.remove(151);
        all.push(title);
        all.reverse();
        assert_eq!(seen, all);
    }

    async fn messages_are_found_by_those_who_may_read_them(world: World) {
        let [ada, bob, cid] = [world.person("ada").await, world.person("bob").await, world.person("cid").await];
        world.say(&ada, "a needle in the room").await;
        let pair = friends(&world, &ada, &bob).await;
        say_in(&world, &bob, pair, "a needle between two").await.unwrap();
        let group = band(&world, &ada, &[&bob]).await;
        rename_group(&world.services, &ada, group, "Book club").await.unwrap();
        say_in(&world, &ada, group, "a needle in a group").await.unwrap();
        let asked = begin(&world, &cid, &ada).await;
        say_in(&world, &cid, asked, "a needle that nobody has accepted").await.unwrap();
        let both = ["a needle in a group", "a needle between two", "a needle in the room"];
        for who in [&ada, &bob] {
            assert_eq!(messages(&world, Some(who), "needle").await, both, "{}", who.username);
        }
        let own = ["a needle that nobody has accepted", "a needle in the room"];
        assert_eq!(messages(&world, Some(&cid), "needle").await, own);
        assert_eq!(messages(&world, None, "needle").await, ["a needle in the room"]);
        let none = Vec::<String>::new();
        assert_eq!(messages(&world, Some(&bob), "needle in:\"book club\"").await, both[..1]);
        assert_eq!(messages(&world, Some(&bob), "in:ada").await, ["a needle between two", "may I?"]);
        assert_eq!(messages(&world, Some(&bob), "in:global needle").await, both[2..]);
        assert_eq!(messages(&world, Some(&cid), "needle in:\"Book club\"").await, none);
        assert_eq!(messages(&world, Some(&bob), "needle from:bob").await, both[1..2]);
        accept_request(&world.services, &ada, asked).await.unwrap();
        assert_eq!(messages(&world, Some(&ada), "accepted").await, own[..1]);
        let hit = find(&world, Some(&ada), "accepted").await.messages.hits.remove(0);
        assert_eq!(hit.conversation, ConversationKey::Id(asked));
        assert_eq!((hit.place.as_deref(), hit.path()), (Some("cid"), format!("/chat/{asked}?at=1#m1")));
        assert_eq!(shown(&hit.excerpt), "a needle that nobody has [accepted]");
    }

    async fn a_message_that_was_changed_or_taken_back_is_found_no_more(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (first, second) = (world.say(&ada, "needle one").await, world.say(&ada, "needle two").await);
        // One before it was indexed, one after.
        edit_message(&world.services, &ada, first.id, "thread one").await.unwrap();
        assert_eq!(messages(&world, Some(&bob), "needle").await, ["needle two"]);
        edit_message(&world.services, &ada, second.id, "thread two").await.unwrap();
        assert!(messages(&world, Some(&bob), "needle").await.is_empty());
        assert_eq!(messages(&world, Some(&bob), "thread").await, ["thread two", "thread one"]);
        let third = world.say(&ada, "thread three").await;
        for message in [first, third] {
            unsend_message(&world.services, &ada, message.id).await.unwrap();
        }
        assert_eq!(messages(&world, Some(&bob), "thread").await, ["thread two"]);
        assert_eq!(count(&world, "SELECT count(*) FROM message_search").await, 1);
    }

    async fn blocks_mutes_and_conversations_that_were_left_hide_messages(world: World) {
        let [ada, bob, cid] = [world.person("ada").await, world.person("bob").await, world.person("cid").await];
        world.say(&ada, "needle").await;
        let pair = friends(&world, &ada, &bob).await;
        say_in(&world, &ada, pair, "needle too").await.unwrap();
        assert_eq!(messages(&world, Some(&bob), "needle").await, ["needle too", "needle"]);
        hide_conversation(&world.services, &bob, pair).await.unwrap();
        assert_eq!(messages(&world, Some(&bob), "needle").await, ["needle"]);
        mute(&world.services, &cid, &Target::Id(ada.user_id)).await.unwrap();
        block(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        for who in [&bob, &cid] {
            assert!(messages(&world, Some(who), "needle").await.is_empty(), "{}", who.username);
        }
        assert_eq!(messages(&world, None, "needle").await, ["needle"]);
        let dan = world.person("dan").await;
        world.execute("UPDATE membership SET state = 'banned' WHERE account_id = (SELECT id FROM account WHERE username = 'dan')").await;
        assert!(messages(&world, Some(&dan), "needle").await.is_empty(), "sent out of the room");
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'ada'").await;
        assert!(messages(&world, None, "needle").await.is_empty(), "of a suspended account");
    }

    async fn what_was_there_before_is_indexed_from_behind(world: World) {
        let ada = world.person("ada").await;
        for n in 0..250 {
            world.say(&ada, &format!("number{n} needle")).await;
        }
        publish(&world, &ada, &form("Old post", "needle")).await;
        open(&world, &ada, "Needle work").await;
        for table in ["post", "account", "community", "message"] {
            world.execute(&format!("DELETE FROM {table}_search")).await;
        }
        world.execute("DELETE FROM search_progress").await;
        assert!(find(&world, None, "needle").await.is_empty());
        assert_eq!(index_all(&world.services).await.unwrap(), 253);
        assert_eq!(index_all(&world.services).await.unwrap(), 0, "once");
        let found = find(&world, None, "needle").await;
        assert_eq!((titles(&found), communities(&found)), (vec!["Old post"], vec!["needle-work"]));
        assert_eq!((found.messages.hits.len(), found.messages.has_more), (20, true));
        assert_eq!(said(&find(&world, None, "number249").await), ["number249 needle"]);
        let page = |page| Scope { kind: Some(Kind::Messages), page, limit: 50 };
        let mut seen = Vec::new();
        for n in 1..=6 {
            let found = search(&world.services, None, HERE, "needle", page(n)).await.unwrap();
            assert_eq!(found.messages.has_more, n < 5, "{n}");
            seen.extend(said(&found).into_iter().map(str::to_owned));
        }
        let all: Vec<_> = (0..250).rev().map(|n| format!("number{n} needle")).collect();
        assert_eq!(seen, all);
        // Two nodes at once index each once.
        world.say(&ada, "for both nodes").await;
        let other = world.reopen().await;
        let (one, two) = tokio::join!(index_all(&world.services), index_all(&other));
        one.unwrap();
        two.unwrap();
        assert_eq!(said(&find(&world, None, "nodes").await).len(), 1);
    }

    async fn nothing_that_is_typed_breaks_either_database(world: World) {
        let ada = world.person("ada").await;
        publish(&world, &ada, &form("It's 'quoted' \\ here", "a:b & c | d ! e <-> f * NEAR OR AND NOT")).await;
        for text in [
            "'", "\"", "\"\"\"", "it's", "'quoted'", "\\", "a:b", "& | !", "(((", ")", "*", "a*", "^a", "NEAR(a b)",
            "a AND", "OR", "NOT NOT", "{head}: a", "-", "--", "-(", "<->", "a <-> b", ":*", "\0", "a\0b", "%", "_",
            "'; DROP TABLE post; --", "\u{E000}link", "from:\"", "in:' has:link", "🎈", "\u{202e}", "ﷺ", "a\u{300}",
        ] {
            let found = search(&world.services, Some(&ada), HERE, text, SOME).await;
            assert!(matches!(&found, Ok(_) | Err(SearchError::Query(_))), "{text:?}: {found:?}");
        }
        for text in ["it's", "'quoted'", "near", "or not", "a:b", "here"] {
            assert_eq!(posts(&world, None, text).await.len(), 1, "{text}");
        }
        assert!(find(&world, None, "a").await.is_empty(), "one letter is too short");
        assert!(find(&world, None, "").await.is_empty());
    }

    async fn a_search_is_short_and_says_why_it_was_refused(world: World) {
        let long = search(&world.services, None, HERE, &"x".repeat(10_000), SOME).await.unwrap_err();
        assert!(matches!(long, SearchError::Query(QueryFault::TooLong)), "{long:?}");
        let problem = Problem::from(long);
        assert_eq!(problem.code.status(), 400);
        assert!(problem.fields.contains_key("q"), "{problem:?}");
    }

    async fn s_12_searching_is_slowed_down_signed_out_too(world: World) {
        let world = world.with(Settings { searches_per_minute: 2, ..quick_settings() }).await;
        let ada = world.person("ada").await;
        for viewer in [None, Some(&ada)] {
            for _ in 0..2 {
                find(&world, viewer, "needle").await;
            }
            let refused = search(&world.services, viewer, HERE, "needle", SOME).await.unwrap_err();
            let problem = Problem::from(refused);
            assert_eq!(problem.code, ErrorCode::RateLimited);
            assert!(problem.retry_after_ms.is_some());
        }
    }

    async fn nothing_of_an_account_that_is_gone_is_found(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        world.say(&ada, "needle").await;
        publish(&world, &ada, &form("Needle", "words")).await;
        index_all(&world.services).await.unwrap();
        give_up_account(&world.services, &ada, PASSWORD).await.unwrap();
        world.execute("UPDATE account SET delete_at = 1 WHERE delete_at IS NOT NULL").await;
        world.execute("UPDATE job SET run_at = 0 WHERE kind = 'remove_account'").await;
        while domain::jobs::work_once(&world.services).await.unwrap() {}
        index_all(&world.services).await.unwrap();
        assert!(find(&world, Some(&bob), "needle").await.is_empty());
        for (table, left) in [("message", 0), ("post", 0), ("account", 1)] {
            let sql = format!("SELECT count(*) FROM {table}_search");
            assert_eq!(count(&world, &sql).await, left, "{table}");
        }
    }
}
