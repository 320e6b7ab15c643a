//! Every kind of frame against everybody who must not hear it, and the fields that each may have.

use std::collections::{BTreeMap, BTreeSet};

use domain::chat::{
    accept_request, add_members, change_role, edit_message, hide_conversation, keep_draft,
    leave_group, mark_read, mark_unread, mute_conversation, react, remove_member, rename_group,
    topic, typing, unsend_message,
};
use domain::people::block;
use domain::{Caller, Services};
use realtime::Topic;
use serde_json::Value;
use test_support::{Listener, World, on_both};
use wire::chat::Message;
use wire::conversations::{Role, Target, UpTo};
use wire::{ConversationId, ConversationKey, UnixMillis, UserId};

use crate::{band, begin, friends, say_in};

/// What somebody was told, as it went out.
struct Ear(Vec<Listener>);

impl Ear {
    fn at(services: &Services, topics: &[Topic], owner: UserId) -> Self {
        Self(topics.iter().map(|topic| Listener::new(services, *topic, owner)).collect())
    }

    async fn heard(&mut self) -> Vec<Value> {
        let mut heard = Vec::new();
        for listener in &mut self.0 {
            heard.extend(listener.texts().await);
        }
        heard.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }
}

/// Ada acts; everybody else listens. In the band she owns are Bob, who is a member, and Carl, who was
/// one. Dan has blocked her after they talked; Rita has asked her and waits; Eve knows nobody. Mona
/// moderates: she may administer, and belongs nowhere.
struct Stage {
    world: World,
    people: BTreeMap<&'static str, Caller>,
    ears: Vec<(&'static str, Ear)>,
    band: ConversationId,
    with_bob: ConversationId,
    with_dan: ConversationId,
    with_rita: ConversationId,
    /// In the band and with Bob.
    messages: Vec<Message>,
}

const NAMES: [&str; 7] = ["ada", "bob", "carl", "dan", "rita", "eve", "mona"];

const PROMOTION: &str =
    "UPDATE account SET is_staff = TRUE, is_superuser = TRUE WHERE username = 'mona'";

impl Stage {
    async fn set(world: World) -> Self {
        let mut people = BTreeMap::new();
        for name in NAMES {
            people.insert(name, world.person(name).await);
        }
        world.execute(PROMOTION).await;
        let ada = &people["ada"];
        let with_dan = friends(&world, ada, &people["dan"]).await;
        let with_bob = friends(&world, ada, &people["bob"]).await;
        let band = band(&world, ada, &[&people["bob"], &people["carl"]]).await;
        leave_group(&world.services, &people["carl"], band).await.unwrap();
        block(&world.services, &people["dan"], &Target::Id(ada.user_id)).await.unwrap();
        let with_rita = begin(&world, &people["rita"], ada).await;
        say_in(&world, &people["rita"], with_rita, "hello?").await.unwrap();
        say_in(&world, &people["bob"], with_bob, "unread").await.unwrap();
        let messages = vec![
            say_in(&world, ada, band, "to the band").await.unwrap(),
            say_in(&world, ada, with_bob, "to bob").await.unwrap(),
        ];
        let mut stage =
            Self { world, people, ears: Vec::new(), band, with_bob, with_dan, with_rita, messages };
        stage.listen();
        stage
    }

    fn listen(&mut self) {
        let services = &self.world.services;
        for (name, caller) in &self.people {
            let own = Topic::Person(caller.user_id.0.as_u128());
            self.ears.push((*name, Ear::at(services, &[own], caller.user_id)));
        }
        // Whatever somebody without an account could ever subscribe to, and more.
        let everywhere = [
            topic(domain::chat::GLOBAL_ROOM),
            topic(self.band),
            topic(self.with_bob),
            topic(self.with_dan),
            topic(self.with_rita),
        ];
        self.ears.push(("anonymous", Ear::at(services, &everywhere, UserId::new())));
    }

    fn caller(&self, name: &str) -> &Caller {
        &self.people[name]
    }

    async fn heard(&mut self) -> BTreeMap<&'static str, Vec<Value>> {
        let mut heard = BTreeMap::new();
        for (name, ear) in &mut self.ears {
            heard.insert(*name, ear.heard().await);
        }
        heard
    }

    /// Does what is named, wherever Ada may do it. What is refused is told to nobody either.
    async fn act(&self, event: &str) {
        let services = &self.world.services;
        let ada = self.caller("ada");
        let everywhere = [self.band, self.with_bob, self.with_dan, self.with_rita];
        match event {
            "message" => {
                for id in [self.band, self.with_bob, self.with_dan] {
                    let _refused = say_in(&self.world, ada, id, "news").await;
                }
            }
            "typing" | "read" | "unread" | "mute" | "draft" => {
                for id in everywhere {
                    self.act_in(event, ConversationKey::Id(id)).await;
                }
            }
            "edit" | "react" | "unsend" => {
                for message in &self.messages {
                    self.act_on(event, message).await;
                }
            }
            "rename" => rename_group(services, ada, self.band, "Trio").await.unwrap(),
            "add" => {
                let eve = [Target::Id(self.caller("eve").user_id)];
                add_members(services, ada, self.band, &eve).await.unwrap();
            }
            "role" => {
                let eve = self.caller("eve").user_id;
                change_role(services, ada, self.band, eve, Role::Admin).await.unwrap();
            }
            "remove" => {
                let eve = self.caller("eve").user_id;
                remove_member(services, ada, self.band, eve).await.unwrap();
            }
            "hide" => hide_conversation(services, ada, self.with_bob).await.unwrap(),
            "ask" => {
                let eve = self.caller("eve");
                let id = begin(&self.world, ada, eve).await;
                say_in(&self.world, ada, id, "hello?").await.unwrap();
            }
            "accept" => accept_request(services, ada, self.with_rita).await.unwrap(),
            "leave" => leave_group(services, ada, self.band).await.unwrap(),
            other => panic!("{other}"),
        }
    }

    async fn act_in(&self, event: &str, key: ConversationKey) {
        let (services, ada) = (&self.world.services, self.caller("ada"));
        let done = match event {
            "typing" => typing(services, ada, key, true).await,
            "read" => mark_read(services, ada, key, None).await,
            "unread" => mark_unread(services, ada, key, UpTo::Seq(1)).await,
            "mute" => mute_conversation(services, ada, key, Some(UnixMillis(i64::MAX))).await,
            _ => keep_draft(services, ada, key, "later").await,
        };
        done.unwrap();
    }

    async fn act_on(&self, event: &str, message: &Message) {
        let (services, ada) = (&self.world.services, self.caller("ada"));
        match event {
            "edit" => drop(edit_message(services, ada, message.id, "other words").await.unwrap()),
            "react" => drop(react(services, ada, message.id, "👍", true).await.unwrap()),
            _ => unsend_message(services, ada, message.id).await.unwrap(),
        }
    }
}

/// What each act is to be heard as, by Ada's own devices and by anybody else. Whoever is not named
/// hears nothing.
type Row = (&'static str, &'static [(&'static str, &'static [&'static str])]);

const ROWS: [Row; 17] = [
    ("typing", &[("bob", &["typing", "typing"])]),
    (
        "read",
        &[
            // In the band and with Bob there is nothing she has not read; Dan wrote nothing after.
            ("ada", &["messages_read"]),
        ],
    ),
    ("unread", &[("ada", &["conversation_state"; 4])]),
    ("mute", &[("ada", &["conversation_state"; 4])]),
    ("draft", &[("ada", &["conversation_state"; 4])]),
    ("message", &[("ada", &["message_sent"; 2]), ("bob", &["new_message"; 2])]),
    ("edit", &[("ada", &["message_edited"; 2]), ("bob", &["message_edited"; 2])]),
    ("react", &[("ada", &["reaction"; 2]), ("bob", &["reaction"; 2])]),
    ("unsend", &[("ada", &["message_unsent"; 2]), ("bob", &["message_unsent"; 2])]),
    ("rename", &[("ada", &["conversation_renamed"]), ("bob", &["conversation_renamed"])]),
    (
        "add",
        &[
            ("ada", &["member_changed"]),
            ("bob", &["member_changed"]),
            ("eve", &["conversation_added", "member_changed"]),
        ],
    ),
    (
        "role",
        &[("ada", &["member_changed"]), ("bob", &["member_changed"]), ("eve", &["member_changed"])],
    ),
    (
        "remove",
        &[
            ("ada", &["member_changed"]),
            ("bob", &["member_changed"]),
            ("eve", &["conversation_removed"]),
        ],
    ),
    ("hide", &[("ada", &["conversation_removed"])]),
    ("ask", &[("ada", &["message_sent"]), ("eve", &["message_request"])]),
    ("accept", &[("ada", &["conversation_added"]), ("rita", &["request_accepted"])]),
    (
        "leave",
        &[("ada", &["conversation_removed"]), ("bob", &["member_changed", "member_changed"])],
    ),
];

const MESSAGE: [&str; 12] = [
    "id",
    "conversation_id",
    "seq",
    "client_id",
    "sender",
    "content",
    "message_type",
    "created_at",
    "is_unsent",
    "edited_at",
    "reply_to",
    "reactions",
];
const AUTHOR: [&str; 5] = ["id", "username", "profile_image", "is_verified", "badge"];
const CONVERSATION: [&str; 16] = [
    "id",
    "kind",
    "title",
    "people",
    "members_count",
    "role",
    "request",
    "is_blocked",
    "last_seq",
    "last_read_seq",
    "unread_count",
    "last_message",
    "created_at",
    "updated_at",
    "muted_until",
    "draft",
];
const MEMBER: [&str; 7] =
    ["user", "role", "created_at", "shows_presence", "is_online", "last_seen", "last_read_seq"];

/// The fields that an object may have, by where it stands.
fn allowed(kind: &str, place: &str) -> Vec<&'static str> {
    let own: &[&str] = match (place, kind) {
        ("message" | "last_message", _) => &MESSAGE,
        ("sender" | "user", _) => &AUTHOR,
        ("conversation", _) => &CONVERSATION,
        ("people", _) => &MEMBER,
        ("state", _) => &["last_read_seq", "unread_count", "muted_until", "draft"],
        (_, "new_message" | "message_sent" | "message_edited") => &["type", "message"],
        (_, "typing") => &["type", "conversation_id", "user_id", "username", "is_typing"],
        (_, "messages_read") => &["type", "conversation_id", "reader_id", "up_to", "count"],
        (_, "message_unsent") => &["type", "conversation_id", "message_id", "seq"],
        (_, "reaction") => &[
            "type",
            "conversation_id",
            "message_id",
            "seq",
            "user_id",
            "username",
            "emoji",
            "is_added",
            "count",
        ],
        (_, "message_request" | "conversation_added") => &["type", "conversation"],
        (_, "request_accepted") => &["type", "conversation_id", "user_id"],
        (_, "conversation_renamed") => &["type", "conversation_id", "title", "user_id"],
        (_, "conversation_removed") => &["type", "conversation_id"],
        (_, "conversation_state") => &["type", "conversation_id", "state"],
        (_, "member_changed") => &[
            "type",
            "conversation_id",
            "change",
            "user_id",
            "username",
            "role",
            "by",
            "members_count",
        ],
        other => panic!("no list for {other:?}"),
    };
    own.to_vec()
}

fn check_fields(kind: &str, place: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            let allowed = allowed(kind, place);
            for (name, inner) in fields {
                assert!(allowed.contains(&name.as_str()), "{kind}: {place}.{name}");
                check_fields(kind, name, inner);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| check_fields(kind, place, item)),
        _ => {}
    }
}

fn kind(frame: &Value) -> &str {
    frame["type"].as_str().unwrap()
}

on_both! {
    async fn each_frame_reaches_whom_it_may_and_carries_what_it_may(world: World) {
        let mut stage = Stage::set(world).await;
        let mut kinds = BTreeSet::new();
        for (event, expected) in ROWS {
            stage.act(event).await;
            for (name, frames) in stage.heard().await {
                let types: Vec<_> = frames.iter().map(kind).collect();
                let wanted = expected.iter().find(|(who, _)| *who == name);
                let wanted = wanted.map_or(&[] as &[&str], |(_, types)| types);
                assert_eq!(types, wanted, "{event}, heard by {name}");
                for frame in &frames {
                    check_fields(kind(frame), "", frame);
                    kinds.insert(kind(frame).to_owned());
                }
            }
        }
        assert_eq!(kinds.len(), 14, "{kinds:?}");
    }
}
