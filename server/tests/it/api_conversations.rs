//! `/api/conversations/…` as Spherespace's clients see it, with what is ours.

use reqwest::Method;
use serde_json::{Value, json};

use crate::conversing::{
    NOTHING, ROOM, ask, begin, friends, get, got, group, keys, messages_of, plainly, post, tell,
    texts, write,
};
use crate::site::{Site, answer};
use crate::{Browser, on_both};

const CONVERSATION: [&str; 17] = [
    "created_at",
    "draft",
    "id",
    "is_blocked",
    "is_request",
    "kind",
    "last_message",
    "last_read_seq",
    "last_seq",
    "members_count",
    "muted_until",
    "participants",
    "request_status",
    "role",
    "title",
    "unread_count",
    "updated_at",
];

const PARTICIPANT: [&str; 9] = [
    "badge",
    "first_name",
    "id",
    "is_online",
    "is_verified",
    "last_name",
    "last_seen",
    "profile_image",
    "username",
];

const MESSAGE: [&str; 16] = [
    "attachment_url",
    "client_id",
    "content",
    "conversation",
    "created_at",
    "edited_at",
    "id",
    "is_encrypted",
    "is_unsent",
    "message_type",
    "reactions",
    "read_at",
    "reply_to",
    "sender",
    "seq",
    "shared_post_id",
];

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

on_both! {
    async fn a_request_is_written_seen_and_accepted(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        tell(&site, &bob, Method::PATCH, "/api/auth/user/", &json!({"first_name": "Bob"})).await;
        let started = post(&site, &ada, "/api/conversations/", &json!({"username": "BOB"})).await;
        assert_eq!(started.status, 201, "{}", started.body);
        let talk = started.json();
        assert_eq!(keys(&talk), CONVERSATION);
        assert_eq!((&talk["is_request"], &talk["request_status"]), (&json!(true), &json!("pending")));
        let people = talk["participants"].as_array().unwrap();
        assert_eq!(keys(&people[0]), PARTICIPANT);
        assert_eq!((people.len(), &people[0]["username"], &people[1]["first_name"]), (2, &json!("ada"), &json!("Bob")));
        assert_eq!((&people[1]["is_online"], &people[1]["last_seen"]), (&json!(false), &json!(null)), "not over a request");
        let id = talk["id"].as_str().unwrap();
        assert_eq!(post(&site, &ada, "/api/conversations/", &json!({"username": "bob"})).await.status, 200);
        assert_eq!(got(&site, &bob, "/api/message-requests/").await, json!([]), "nothing to read yet");

        let sent = write(&site, &ada, id, "  hello <b>  ").await;
        assert_eq!(keys(&sent), MESSAGE);
        assert_eq!(keys(&sent["sender"]), PARTICIPANT);
        assert_eq!((&sent["content"], &sent["conversation"], &sent["seq"]), (&json!("hello <b>"), &json!(id), &json!(1)));
        assert!(sent["read_at"].is_null() && sent["created_at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(got(&site, &bob, "/api/conversations/").await, json!([]));
        let requests = got(&site, &bob, "/api/message-requests/").await;
        assert_eq!((keys(&requests[0]), &requests[0]["last_message"]["id"]), (CONVERSATION.to_vec(), &sent["id"]));
        let counts = got(&site, &bob, "/api/unread-count/").await;
        assert_eq!(counts, json!({"unread_count": 0, "unread_conversations": 0, "requests_count": 1}));

        let action = format!("/api/conversations/{id}/action/");
        let accepted = post(&site, &bob, &action, &json!({"action": "accept"})).await;
        assert_eq!((accepted.status, accepted.json()), (200, json!({"detail": "Request accepted"})));
        let mine = got(&site, &bob, "/api/conversations/").await;
        assert_eq!((&mine[0]["is_request"], &mine[0]["request_status"]), (&json!(false), &json!("accepted")));
        assert_eq!(mine[0], got(&site, &bob, &format!("/api/conversations/{id}/")).await);
        assert!(mine[0]["participants"][1]["last_seen"].is_string(), "shown between friends");
        let counts = got(&site, &bob, "/api/unread-count/").await;
        assert_eq!(counts, json!({"unread_count": 1, "unread_conversations": 1, "requests_count": 0}));
    }

    async fn s08_only_the_one_it_waits_for_answers_a_request(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = begin(&site, &ada, "bob").await;
        write(&site, &ada, &id, "hello").await;
        let action = format!("/api/conversations/{id}/action/");
        for kind in ["accept", "decline", "block"] {
            let refused = post(&site, &ada, &action, &json!({"action": kind})).await;
            assert_eq!(plainly(&refused), (403, "forbidden".into()), "{kind}");
            let refused = post(&site, &eve, &action, &json!({"action": kind})).await;
            assert_eq!(plainly(&refused), (404, "not_found".into()), "{kind}");
        }
        let declined = post(&site, &bob, &action, &json!({"action": "decline"})).await;
        assert_eq!((declined.status, declined.json()), (200, json!({"detail": "Request declined"})));
        assert_eq!(got(&site, &bob, "/api/message-requests/").await, json!([]));
        assert_eq!(plainly(&get(&site, &bob, &messages_of(&id)).await).0, 404);
        let hers = got(&site, &ada, "/api/conversations/").await;
        assert_eq!(hers[0]["request_status"], "pending", "its sender is not told");
    }

    async fn s08_deleting_hides_for_oneself_until_somebody_writes(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let action = format!("/api/conversations/{id}/action/");
        let deleted = post(&site, &bob, &action, &json!({"action": "delete"})).await;
        assert_eq!((deleted.status, deleted.json()), (200, json!({"detail": "Conversation deleted"})));
        assert_eq!(got(&site, &bob, "/api/conversations/").await, json!([]));
        assert_eq!(ids(&got(&site, &ada, "/api/conversations/").await), [id.as_str()]);
        write(&site, &ada, &id, "again").await;
        assert_eq!(ids(&got(&site, &bob, "/api/conversations/").await), [id.as_str()]);
        assert_eq!(texts(&got(&site, &bob, &messages_of(&id)).await), ["hello", "again"]);
    }

    async fn s09_a_sender_leaves_three_messages_and_an_answer_accepts(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = begin(&site, &ada, "bob").await;
        for n in 1..=3 {
            write(&site, &ada, &id, &n.to_string()).await;
        }
        let refused = post(&site, &ada, &messages_of(&id), &json!({"content": "4"})).await;
        assert_eq!(plainly(&refused), (403, "request_limit".into()));
        write(&site, &bob, &id, "yes?").await;
        write(&site, &ada, &id, "4").await;
        assert_eq!(texts(&got(&site, &bob, &messages_of(&id)).await), ["1", "2", "3", "yes?", "4"]);
        assert_eq!(got(&site, &ada, &format!("/api/conversations/{id}/")).await["is_request"], false);
    }

    async fn s09_whoever_is_blocked_writes_no_more(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        assert_eq!(ask(&site, &bob, Method::PUT, "/api/users/ada/block/").await.status, 204);
        for who in [&ada, &bob] {
            let refused = post(&site, who, &messages_of(&id), &json!({"content": "x"})).await;
            assert_eq!(plainly(&refused), (403, "cannot_message".into()));
        }
        assert_eq!(got(&site, &bob, &format!("/api/conversations/{id}/")).await["is_blocked"], true);
        let hers = got(&site, &ada, &format!("/api/conversations/{id}/")).await;
        assert_eq!((&hers["is_blocked"], &hers["participants"][1]["last_seen"]), (&json!(false), &json!(null)));
        assert_eq!(ask(&site, &bob, Method::DELETE, "/api/users/ada/block/").await.status, 204);
        write(&site, &ada, &id, "friends again").await;
    }

    async fn a_request_is_blocked_and_reported_at_once(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = begin(&site, &ada, "bob").await;
        write(&site, &ada, &id, "buy this").await;
        let action = format!("/api/conversations/{id}/action/");
        let body = json!({"action": "block", "reason": "spam", "note": "again"});
        let blocked = post(&site, &bob, &action, &body).await;
        assert_eq!((blocked.status, blocked.json()), (200, json!({"detail": "Sender blocked"})));
        assert_eq!(got(&site, &bob, "/api/blocked/").await[0]["username"], "ada");
        assert_eq!(got(&site, &bob, "/api/message-requests/").await, json!([]));
        let refused = post(&site, &ada, "/api/conversations/", &json!({"username": "bob"})).await;
        assert_eq!(refused.status, 200, "it is there already: {}", refused.body);
        assert_eq!(plainly(&post(&site, &ada, &messages_of(&id), &json!({"content": "x"})).await).0, 403);
    }

    async fn s18_s40_reading_over_get_marks_nothing_and_read_does(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let second = write(&site, &ada, &id, "two").await;
        write(&site, &ada, &id, "three").await;
        for _ in 0..2 {
            let read = got(&site, &bob, &messages_of(&id)).await;
            assert!(read.as_array().unwrap().iter().all(|row| row["read_at"].is_null()), "{read}");
            assert_eq!(got(&site, &bob, "/api/unread-count/").await["unread_count"], 3);
        }
        let path = format!("/api/conversations/{id}/read/");
        let unread = async |body: Value, left: i64| {
            let marked = post(&site, &bob, &path, &body).await;
            assert_eq!((marked.status, marked.json()), (200, json!({"detail": "Messages marked as read."})), "{body}");
            assert_eq!(got(&site, &bob, "/api/unread-count/").await["unread_count"], left, "{body}");
        };
        unread(json!({"up_to": 1}), 2).await;
        unread(json!({"up_to": second["id"]}), 1).await;
        unread(json!({"up_to": 1}), 1).await;
        let seen = got(&site, &ada, &messages_of(&id)).await;
        let read: Vec<_> = seen.as_array().unwrap().iter().map(|row| row["read_at"].is_string()).collect();
        assert_eq!(read, [true, true, false]);
        assert_eq!(seen[1]["read_at"], seen[1]["created_at"]);
        let nobody = ask(&site, &bob, Method::POST, &path).await;
        assert_eq!(nobody.status, 200, "without a body everything is read: {}", nobody.body);
        assert_eq!(got(&site, &bob, "/api/unread-count/").await["unread_count"], 0);
        let receipts = got(&site, &ada, &format!("/api/conversations/{id}/receipts/")).await;
        assert_eq!((keys(&receipts[0]), &receipts[0]["user"]["username"], &receipts[0]["last_read_seq"]), (vec!["last_read_seq", "user"], &json!("bob"), &json!(3)));
        let readers = got(&site, &ada, &format!("/api/messages/{}/seen-by/", second["id"].as_str().unwrap())).await;
        assert_eq!(readers, receipts);
    }

    async fn l31_s64_a_history_is_read_in_stretches_by_number_or_message(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let mut tenth = Value::Null;
        for n in 2..=60 {
            let sent = write(&site, &ada, &id, &n.to_string()).await;
            if n == 10 {
                tenth = sent["id"].clone();
            }
        }
        let tenth = tenth.as_str().unwrap();
        for (query, expected) in [
            (String::new(), 11..=60),
            ("limit=3".into(), 58..=60),
            ("limit=500".into(), 1..=60),
            ("limit=3&before=10".into(), 7..=9),
            ("limit=3&after=10".into(), 11..=13),
            (format!("limit=3&before={tenth}"), 7..=9),
            (format!("limit=3&after={tenth}"), 11..=13),
        ] {
            let found = got(&site, &bob, &format!("{}?{query}", messages_of(&id))).await;
            let places: Vec<_> = found.as_array().unwrap().iter().map(|row| row["seq"].as_i64().unwrap()).collect();
            assert_eq!(places, expected.collect::<Vec<_>>(), "{query}");
        }
        for query in ["limit=-1", "limit=x", "before=abc", "after=1.5", "limit=1&limit=2", "after=%00"] {
            let refused = get(&site, &bob, &format!("{}?{query}", messages_of(&id))).await;
            assert_eq!(plainly(&refused), (400, "invalid_field".into()), "{query}");
        }
        let lost = get(&site, &bob, &format!("{}?after={NOTHING}", messages_of(&id))).await;
        assert_eq!(plainly(&lost), (404, "not_found".into()));
    }

    async fn s35_the_same_client_id_is_the_same_message(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let body = json!({"content": "once", "client_id": "one"});
        let first = post(&site, &ada, &messages_of(&id), &body).await;
        let again = post(&site, &ada, &messages_of(&id), &body).await;
        assert_eq!((first.status, again.status), (201, 200));
        assert_eq!(first.json(), again.json());
        assert_eq!(first.json()["client_id"], "one");
        let other = post(&site, &ada, &messages_of(&id), &json!({"content": "other", "client_id": "one"})).await;
        assert_eq!(plainly(&other), (409, "client_id_conflict".into()));
        let elsewhere = group(&site, &ada, &[]).await;
        let other = post(&site, &ada, &messages_of(&elsewhere), &body).await;
        assert_eq!(plainly(&other), (409, "client_id_conflict".into()), "another conversation");
        assert_eq!(texts(&got(&site, &bob, &messages_of(&id)).await), ["hello", "once"]);
    }

    async fn a_message_is_answered_changed_reacted_to_and_taken_back(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let first = write(&site, &ada, &id, "first").await;
        let body = json!({"content": "second", "reply_to": first["id"]});
        let reply = post(&site, &bob, &messages_of(&id), &body).await.json();
        assert_eq!(keys(&reply["reply_to"]), ["content", "id", "is_unsent", "sender", "seq"]);
        assert_eq!(reply["reply_to"]["content"], "first");
        let path = format!("/api/messages/{}", first["id"].as_str().unwrap());
        let thumb = format!("{path}/reactions/%F0%9F%91%8D/");
        for _ in 0..2 {
            let added = ask(&site, &bob, Method::PUT, &thumb).await;
            assert_eq!((added.status, added.json()), (200, json!({"reactions": [{"emoji": "👍", "count": 1, "mine": true}]})));
        }
        let edited = tell(&site, &ada, Method::PATCH, &path, &json!({"content": "1st"})).await;
        assert_eq!(edited.status, 200, "{}", edited.body);
        let edited = edited.json();
        assert_eq!((keys(&edited), &edited["content"]), (MESSAGE.to_vec(), &json!("1st")));
        assert!(edited["edited_at"].is_string());
        assert_eq!(edited["reactions"], json!([{"emoji": "👍", "count": 1, "mine": false}]));
        let gone = ask(&site, &bob, Method::DELETE, &thumb).await;
        assert_eq!((gone.status, gone.json()), (200, json!({"reactions": []})));
        let unsent = post(&site, &ada, &format!("{path}/action/"), &json!({"action": "unsend"})).await;
        assert_eq!((unsent.status, unsent.json()), (200, json!({"detail": "Message unsent"})));
        let seen = got(&site, &bob, &messages_of(&id)).await;
        assert_eq!((&seen[1]["content"], &seen[1]["is_unsent"]), (&json!(""), &json!(true)));
        assert_eq!(seen[2]["reply_to"]["content"], "");
        let late = tell(&site, &ada, Method::PATCH, &path, &json!({"content": "x"})).await;
        assert_eq!(plainly(&late), (409, "message_unsent".into()));
    }

    async fn a_message_is_its_authors_and_its_conversations(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let message = write(&site, &ada, &id, "mine").await;
        let path = format!("/api/messages/{}", message["id"].as_str().unwrap());
        for (who, status) in [(&bob, 403), (&eve, 404)] {
            let edit = tell(&site, who, Method::PATCH, &path, &json!({"content": "x"})).await;
            let unsend = post(&site, who, &format!("{path}/action/"), &json!({"action": "unsend"})).await;
            assert_eq!((plainly(&edit).0, plainly(&unsend).0), (status, status));
        }
        for (method, part) in [(Method::PUT, "/reactions/%F0%9F%91%8D"), (Method::DELETE, "/reactions/%F0%9F%91%8D"), (Method::GET, "/seen-by")] {
            let refused = ask(&site, &eve, method.clone(), &format!("{path}{part}")).await;
            assert_eq!(plainly(&refused), (404, "not_found".into()), "{method} {part}");
            let lost = ask(&site, &ada, method, &format!("/api/messages/{NOTHING}{part}")).await;
            assert_eq!(plainly(&lost).0, 404);
        }
        let word = ask(&site, &bob, Method::PUT, &format!("{path}/reactions/nice/")).await;
        assert_eq!((plainly(&word).0, word.json()["emoji"][0].is_string()), (400, true));
        assert_eq!(texts(&got(&site, &bob, &messages_of(&id)).await), ["hello", "mine"]);
    }

    async fn a_message_of_the_room_can_be_changed_and_reacted_to_as_well(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        site.say(&ada, "in the room").await;
        let missed = site.database.connect().await;
        let row = sea_orm::ConnectionTrait::query_one_raw(&missed, sea_orm::Statement::from_string(
            sea_orm::ConnectionTrait::get_database_backend(&missed), "SELECT id FROM message"));
        let id: uuid::Uuid = row.await.unwrap().unwrap().try_get("", "id").unwrap();
        let edited = tell(&site, &ada, Method::PATCH, &format!("/api/messages/{id}/"), &json!({"content": "changed"})).await;
        assert_eq!((edited.status, &edited.json()["conversation"]), (200, &json!("global")), "{}", edited.body);
        let added = ask(&site, &bob, Method::PUT, &format!("/api/messages/{id}/reactions/%F0%9F%91%8D/")).await;
        assert_eq!(added.status, 200, "{}", added.body);
        assert_eq!(site.said().await, ["changed"]);
        let readers = get(&site, &ada, &format!("/api/messages/{id}/seen-by/")).await;
        assert_eq!(plainly(&readers).0, 404, "the room does not tell who has read what");
    }

    async fn what_one_keeps_for_oneself(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let path = |part: &str| format!("/api/conversations/{id}/{part}");
        let mine = async || got(&site, &bob, &path("")).await;
        post(&site, &bob, &path("read/"), &json!({})).await;
        let marked = post(&site, &bob, &path("unread/"), &json!({})).await;
        assert_eq!((marked.status, marked.json()), (200, json!({"detail": "Messages marked as unread."})));
        assert_eq!(mine().await["unread_count"], 1);
        let muted = tell(&site, &bob, Method::PUT, &path("mute/"), &json!({"until": "2999-01-01T00:00:00Z"})).await;
        assert_eq!((muted.status, muted.body.as_str()), (204, ""));
        assert_eq!(mine().await["muted_until"], "2999-01-01T00:00:00.000Z");
        assert_eq!(got(&site, &bob, "/api/unread-count/").await["unread_count"], 0);
        assert_eq!(ask(&site, &bob, Method::PUT, &path("mute/")).await.status, 204);
        assert_eq!(mine().await["muted_until"], "9999-12-31T23:59:59.000Z");
        assert_eq!(ask(&site, &bob, Method::DELETE, &path("mute/")).await.status, 204);
        assert_eq!((&mine().await["muted_until"], &got(&site, &bob, "/api/unread-count/").await["unread_count"]), (&json!(null), &json!(1)));
        for (content, draft) in [("half a sen ", json!("half a sen ")), ("", json!(null))] {
            let kept = tell(&site, &bob, Method::PUT, &path("draft/"), &json!({"content": content})).await;
            assert_eq!((kept.status, &mine().await["draft"]), (204, &draft));
        }
        let long = tell(&site, &bob, Method::PUT, &path("draft/"), &json!({"content": "x".repeat(2001)})).await;
        assert_eq!(plainly(&long), (400, "message_too_long".into()));
        let when = tell(&site, &bob, Method::PUT, &path("mute/"), &json!({"until": "soon"})).await;
        assert_eq!((plainly(&when).0, when.json()["until"][0].is_string()), (400, true));
        assert!(got(&site, &ada, &path("")).await["draft"].is_null(), "nobody else's business");
    }

    async fn a_group_is_made_renamed_and_changes_its_people(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = group(&site, &ada, &["bob"]).await;
        let path = |part: &str| format!("/api/conversations/{id}/{part}");
        let seen = got(&site, &bob, &path("")).await;
        assert_eq!((keys(&seen), &seen["kind"], &seen["title"], &seen["members_count"]), (CONVERSATION.to_vec(), &json!("group"), &json!("Band"), &json!(2)));
        let renamed = tell(&site, &ada, Method::PATCH, &path(""), &json!({"title": " New "})).await;
        assert_eq!((renamed.status, &renamed.json()["title"]), (200, &json!("New")));
        let refused = tell(&site, &bob, Method::PATCH, &path(""), &json!({"title": "x"})).await;
        assert_eq!(plainly(&refused), (403, "forbidden".into()));
        let refused = post(&site, &bob, &path("members/"), &json!({"usernames": ["eve"]})).await;
        assert_eq!(plainly(&refused).0, 403);
        let nobody = post(&site, &ada, &path("members/"), &json!({"usernames": ["nobody"]})).await;
        assert_eq!((plainly(&nobody).0, &nobody.json()["detail"]), (404, &json!("User not found.")));
        let added = post(&site, &ada, &path("members/"), &json!({"usernames": ["eve"]})).await;
        assert_eq!(added.status, 200, "{}", added.body);
        let members = added.json();
        assert_eq!(keys(&members[0]), ["last_read_seq", "role", "user"]);
        assert_eq!(keys(&members[0]["user"]), PARTICIPANT);
        let names: Vec<_> = members.as_array().unwrap().iter().map(|row| (row["user"]["username"].as_str().unwrap(), row["role"].as_str().unwrap())).collect();
        assert_eq!(names, [("ada", "owner"), ("bob", "member"), ("eve", "member")]);
        let promoted = tell(&site, &ada, Method::PATCH, &path("members/BOB/"), &json!({"role": "admin"})).await;
        assert_eq!((promoted.status, &promoted.json()[1]["role"]), (200, &json!("admin")));
        let wrong = tell(&site, &ada, Method::PATCH, &path("members/bob/"), &json!({"role": "king"})).await;
        assert_eq!((plainly(&wrong).0, wrong.json()["role"][0].is_string()), (400, true));
        for (who, whom, status) in [(&eve, "bob", 403), (&bob, "ada", 403), (&bob, "eve", 204), (&bob, "eve", 404), (&eve, "bob", 404), (&bob, "bob", 204)] {
            let answer = ask(&site, who, Method::DELETE, &path(&format!("members/{whom}/"))).await;
            assert_eq!(answer.status, status, "{whom}: {}", answer.body);
        }
        assert_eq!(got(&site, &ada, &path("members/")).await.as_array().unwrap().len(), 1);
        assert_eq!(plainly(&get(&site, &bob, &messages_of(&id)).await), (404, "not_found".into()));
    }

    async fn l01_s07_strangers_are_told_that_nothing_is_there(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        for id in [id.as_str(), NOTHING, ROOM, "x", "global"] {
            for (method, part, body) in [
                (Method::GET, "", None),
                (Method::PATCH, "", Some(json!({"title": "x"}))),
                (Method::GET, "messages/", None),
                (Method::POST, "messages/", Some(json!({"content": "x"}))),
                (Method::POST, "read/", Some(json!({}))),
                (Method::POST, "unread/", Some(json!({}))),
                (Method::POST, "action/", Some(json!({"action": "delete"}))),
                (Method::PUT, "mute/", Some(json!({}))),
                (Method::DELETE, "mute/", None),
                (Method::PUT, "draft/", Some(json!({"content": "x"}))),
                (Method::GET, "receipts/", None),
                (Method::GET, "members/", None),
                (Method::POST, "members/", Some(json!({"usernames": ["eve"]}))),
                (Method::PATCH, "members/bob/", Some(json!({"role": "admin"}))),
                (Method::DELETE, "members/bob/", None),
            ] {
                let path = format!("/api/conversations/{id}/{part}");
                let request = site.request(method.clone(), &path).bearer_auth(&eve.access);
                let request = match body {
                    Some(body) => request.json(&body),
                    None => request,
                };
                let lost = answer(request).await;
                assert_eq!(plainly(&lost), (404, "not_found".into()), "{method} {path}");
            }
        }
        assert_eq!(texts(&got(&site, &ada, &messages_of(&id)).await), ["hello"]);
        assert_eq!(got(&site, &ada, &format!("/api/conversations/{id}/members/")).await.as_array().unwrap().len(), 2);
    }

    async fn s63_a_list_goes_on_below_its_last_one(site: Site) {
        let ada = site.member("ada").await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(group(&site, &ada, &[]).await);
        }
        made.reverse();
        let all = got(&site, &ada, "/api/conversations/").await;
        assert_eq!(ids(&all), made);
        let mut stepped = Vec::new();
        let mut query = "limit=2".to_owned();
        loop {
            let step = got(&site, &ada, &format!("/api/conversations/?{query}")).await;
            let Some(last) = ids(&step).last().map(|id| (*id).to_owned()) else { break };
            stepped.extend(ids(&step).into_iter().map(str::to_owned));
            query = format!("limit=2&after={last}");
        }
        assert_eq!(stepped, made);
        for (query, status) in [("limit=x", 400), ("after=x", 400)] {
            let refused = get(&site, &ada, &format!("/api/conversations/?{query}")).await;
            assert_eq!(plainly(&refused).0, status, "{query}");
        }
        let lost = get(&site, &ada, &format!("/api/conversations/?after={NOTHING}")).await;
        assert_eq!(plainly(&lost).0, 404);
    }

    async fn a_step_goes_on_where_the_last_one_ended_whatever_was_written_meanwhile(site: Site) {
        let ada = site.member("ada").await;
        let mut made = Vec::new();
        for _ in 0..4 {
            made.push(group(&site, &ada, &[]).await);
        }
        made.reverse();
        let step = got(&site, &ada, "/api/conversations/?limit=2").await;
        let (last, updated_at) = (&made[1], step[1]["updated_at"].as_str().unwrap());
        write(&site, &ada, last, "news").await;
        let query = format!("limit=2&after={last}&updated_at={updated_at}");
        let next = got(&site, &ada, &format!("/api/conversations/?{query}")).await;
        assert_eq!(ids(&next), &made[2..]);
        let bad = get(&site, &ada, &format!("/api/conversations/?after={last}&updated_at=x")).await;
        assert_eq!(plainly(&bad).0, 400);
    }

    async fn s41_two_who_start_at_once_get_the_same(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let starts = (0..12).map(|n| {
            let (who, whom) = if n % 2 == 0 { (&ada, "bob") } else { (&bob, "ada") };
            begin(&site, who, whom)
        });
        let mut ids = futures_util::future::join_all(starts).await;
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_begins_with_nobody_or_oneself_or_nothing() {
    let site = Site::sqlite().await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let choice = json!({"who_can_message": "nobody"});
    tell(&site, &bob, Method::PATCH, "/api/auth/user/", &choice).await;
    for (body, status, code, field) in [
        (json!({}), 400, "invalid_field", Some("username")),
        (json!({"username": null}), 400, "invalid_field", Some("username")),
        (json!({"username": 7}), 400, "invalid_field", Some("username")),
        (json!({"username": "ada"}), 400, "invalid_field", Some("username")),
        (json!({"username": "nobody"}), 404, "not_found", None),
        (json!({"username": "a\u{0}b"}), 404, "not_found", None),
        (json!({"username": ""}), 404, "not_found", None),
        (json!({"username": "bob"}), 403, "cannot_message", None),
        (json!({"usernames": []}), 400, "invalid_field", Some("title")),
        (json!({"title": ""}), 400, "invalid_field", Some("title")),
        (json!({"title": "x".repeat(101)}), 400, "invalid_field", Some("title")),
        (json!({"title": "x", "usernames": ["nobody"]}), 404, "not_found", None),
        (json!({"title": "x", "usernames": ["bob"]}), 403, "cannot_message", None),
        (json!({"title": "x", "usernames": "bob"}), 400, "invalid_field", Some("usernames")),
        (json!({"title": "x", "usernames": vec!["x"; 101]}), 409, "group_full", None),
        (json!([]), 400, "invalid_field", None),
    ] {
        let refused = post(&site, &ada, "/api/conversations/", &body).await;
        assert_eq!(plainly(&refused), (status, code.into()), "{body}");
        if let Some(field) = field {
            assert!(refused.json()[field][0].is_string(), "{body}: {}", refused.body);
        }
    }
    assert_eq!(got(&site, &ada, "/api/conversations/").await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_what_cannot_be_a_message_is_refused_with_its_code() {
    let site = Site::sqlite().await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let id = friends(&site, &ada, (&bob, "bob")).await;
    for (body, code) in [
        (json!({"content": ""}), "message_empty"),
        (json!({"content": "x".repeat(2001)}), "message_too_long"),
        (json!({"content": "a\u{0}b"}), "message_invalid_character"),
        (json!({"content": null}), "invalid_field"),
        (json!({"content": {"a": 1}}), "invalid_field"),
        (json!({"content": "x", "client_id": "x".repeat(65)}), "invalid_field"),
        (json!({"content": "x", "message_type": "image"}), "invalid_field"),
        (json!({"content": "x", "message_type": "<script>"}), "invalid_field"),
        (json!({"content": "x", "is_encrypted": true}), "invalid_field"),
        (json!({"content": "x", "reply_to": "x"}), "invalid_field"),
        (json!({}), "invalid_field"),
    ] {
        let refused = post(&site, &ada, &messages_of(&id), &body).await;
        assert_eq!(plainly(&refused), (400, code.into()), "{body}");
    }
    let body = json!({"content": "x", "reply_to": NOTHING});
    let refused = post(&site, &ada, &messages_of(&id), &body).await;
    assert!([400, 404].contains(&plainly(&refused).0), "{}", refused.body);
    let whole = json!({"content": "ok", "message_type": "text", "is_encrypted": false, "attachment_url": "javascript:alert(1)", "sender": {"id": 1}});
    let sent = post(&site, &ada, &messages_of(&id), &whole).await;
    assert_eq!((sent.status, &sent.json()["attachment_url"]), (201, &json!(null)));
    assert_eq!(texts(&got(&site, &bob, &messages_of(&id)).await), ["hello", "ok"]);
    for (path, body) in [("action", json!({"action": "explode"})), ("action", json!({}))] {
        let refused = post(&site, &ada, &format!("/api/conversations/{id}/{path}/"), &body).await;
        assert_eq!((plainly(&refused).0, refused.json()["action"][0].is_string()), (400, true));
    }
    let message = got(&site, &ada, &messages_of(&id)).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/messages/{message}/action/");
    let refused = post(&site, &ada, &path, &json!({"action": "edit"})).await;
    assert_eq!((plainly(&refused).0, refused.json()["action"][0].is_string()), (400, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_a_sender_over_the_limit_waits() {
    let site = Site::but(|config| config.rules.message_rate_limit = 1).await;
    let ada = site.member("ada").await;
    let id = group(&site, &ada, &[]).await;
    for n in 1..=5 {
        write(&site, &ada, &id, &n.to_string()).await;
    }
    for path in [messages_of(&id), format!("/api/chat/conversations/{id}/messages/")] {
        let refused = post(&site, &ada, &path, &json!({"content": "six"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"), "{path}");
        assert_eq!(refused.header("retry-after"), "1");
        assert!((1..=1001).contains(&refused.json()["retry_after_ms"].as_u64().unwrap()));
    }
    assert_eq!(got(&site, &ada, &messages_of(&id)).await.as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_error_is_said_by_everybody_who_refuses() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let stranger = site.get("/api/conversations/").await;
    assert_eq!(plainly(&stranger), (401, "not_authenticated".into()));
    assert_eq!(stranger.header("www-authenticate"), "Bearer");
    let forged = site.request(Method::GET, "/api/message-requests/").bearer_auth("forged");
    assert_eq!(plainly(&answer(forged).await), (401, "token_not_valid".into()));
    let method = ask(&site, &ada, Method::DELETE, "/api/conversations/").await;
    assert_eq!(plainly(&method), (405, "method_not_allowed".into()));
    assert!(method.header("allow").contains("POST"));
    let lost = get(&site, &ada, "/api/messages/x/y/z/").await;
    assert_eq!(plainly(&lost), (404, "not_found".into()));
    let request = site.request(Method::POST, "/api/conversations/").bearer_auth(&ada.access);
    let kind = answer(request.header("content-type", "text/plain").body("{}")).await;
    assert_eq!(plainly(&kind), (415, "unsupported_media_type".into()));
    let request = site.request(Method::POST, "/api/conversations/").bearer_auth(&ada.access);
    let large =
        request.header("content-type", "application/json").body(vec![b' '; 1024 * 1024 + 1]);
    assert_eq!(plainly(&answer(large).await), (413, "too_large".into()));
    let browser = Browser::member(&site, "bob").await;
    let request = browser.with_cookies(site.request(Method::POST, "/api/conversations/"));
    let request =
        request.header("origin", "https://evil.example").json(&json!({"username": "ada"}));
    assert_eq!(plainly(&answer(request).await), (403, "csrf_failed".into()));
    let request = browser.with_cookies(site.request(Method::POST, "/api/conversations/"));
    let request = request.header("sec-fetch-site", "same-origin").json(&json!({"username": "ada"}));
    assert_eq!(answer(request).await.status, 201);
    for path in ["/api/unread-count/", "/api/conversationsx/"] {
        assert!(site.get(path).await.json()["error"].is_object(), "{path}");
    }
}
