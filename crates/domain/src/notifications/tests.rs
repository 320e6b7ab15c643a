//! Who is told of what, how often, and how it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use realtime::Topic;
use sea_orm::{ConnectionTrait, Statement};
use test_support::{Backend, Database, Listener, SECRET, sign_up_form};
use uuid::Uuid;
use wire::UserId;
use wire::conversations::Target;
use wire::live::ServerFrame;
use wire::notifications::{About, NewsChoice, NewsKind};

use super::list::news_query;
use super::unread::count_query;
use super::{Event, choices, choose, mark_all_read, mark_topic_read, news, tell, unread};
use crate::accounts::{Origin, sign_up};
use crate::measured::plan;
use crate::people::{block, mute};
use crate::posts::{delete_post, restore_post};
use crate::{Caller, Keys, Services, Settings, Store, tx::Tx};

struct World {
    services: Arc<Services>,
    database: Database,
    backend: Backend,
}

impl World {
    async fn on(backend: Backend) -> Self {
        let database = Database::migrated(backend).await;
        let store = Store::connect(&database.url).await.unwrap();
        let settings =
            Settings { sign_ups_per_minute: 0, acts_per_minute: 0, ..Settings::default() };
        let services = Services::start(store, Keys::derive(SECRET), settings);
        Self { services, database, backend }
    }

    async fn person(&self, name: &str) -> Caller {
        let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
        sign_up(&self.services, &sign_up_form(name), &origin, &[]).await.unwrap().caller
    }

    async fn tell(&self, to: &Caller, kind: NewsKind, by: &Caller, subject: Uuid) {
        self.tell_about(to, kind, by, (subject, subject)).await;
    }

    async fn tell_about(
        &self,
        to: &Caller,
        kind: NewsKind,
        by: &Caller,
        (topic, subject): (Uuid, Uuid),
    ) {
        let mut tx = Tx::begin(&self.services.store, &self.services.hub).await.unwrap();
        let event = Event { to: to.user_id, kind, by: by.user_id, topic, subject };
        tell(&mut tx, event).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn post(&self, author: &Caller, title: &str, visibility: &str) -> Uuid {
        let rows = self.database.connect().await;
        let id = Uuid::now_v7();
        let sql = "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, \
             visibility, state, created_at, saved_at, published_at) \
             VALUES ($1, $2, $3, $4, '', '', '', $5, 'published', 0, 0, 0)";
        let values = [
            id.into(),
            author.user_id.0.into(),
            title.into(),
            title.to_lowercase().into(),
            visibility.into(),
        ];
        let dialect = rows.get_database_backend();
        rows.execute_raw(Statement::from_sql_and_values(dialect, sql, values)).await.unwrap();
        id
    }

    async fn unread(&self, who: &Caller) -> i64 {
        unread(&self.services, who).await.unwrap()
    }

    /// Each entry in short: its kind, those who are named, and how many others.
    async fn told(&self, who: &Caller) -> Vec<(NewsKind, String, usize)> {
        let step = news(&self.services, who, None).await.unwrap();
        let short = |one: wire::notifications::News| {
            let names: Vec<_> = one.people.into_iter().map(|person| person.username).collect();
            (one.kind, names.join(" "), one.others)
        };
        step.news.into_iter().map(short).collect()
    }
}

macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(super::World::on(super::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(super::World::on(super::Backend::Postgres).await).await;
            }
        }
    )*};
}

on_both! {
    an_event_is_told_once_and_its_devices_hear_how_much_waits
    nobody_hears_of_themselves_or_of_those_whom_they_keep_away
    what_is_hidden_is_not_counted
    what_is_gone_is_not_counted
    what_is_not_wanted_is_not_told
    events_of_one_topic_are_told_together
    what_is_out_of_sight_is_not_told
    what_was_marked_as_read_waits_no_longer
    steps_go_on_where_the_one_before_ended
    what_every_page_asks_uses_an_index
}

async fn an_event_is_told_once_and_its_devices_hear_how_much_waits(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let post = world.post(&ada, "Tea", "public").await;
    let owner = ada.user_id.0.as_u128();
    let mut ear = Listener::at(&world.services.hub, Topic::Person(owner), owner);
    for _ in 0..3 {
        world.tell(&ada, NewsKind::PostLike, &bob, post).await;
    }
    world.tell(&ada, NewsKind::Follow, &bob, ada.user_id.0).await;
    let waiting = ear.unheard().await;
    let heard = ear.frames(waiting).await;
    assert_eq!(heard, [1, 2].map(|unread| ServerFrame::Notification { unread }));
    assert_eq!((world.unread(&ada).await, world.unread(&bob).await), (2, 0));
    // Without the commit of what happened nothing was told.
    let mut tx = Tx::begin(&world.services.store, &world.services.hub).await.unwrap();
    let kind = NewsKind::CommentLike;
    let event = Event { to: ada.user_id, kind, by: bob.user_id, topic: post, subject: post };
    tell(&mut tx, event).await.unwrap();
    drop(tx);
    assert_eq!((world.unread(&ada).await, ear.unheard().await), (2, 0));
}

async fn nobody_hears_of_themselves_or_of_those_whom_they_keep_away(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let (eve, mel) = (world.person("eve").await, world.person("mel").await);
    let me = ada.user_id.0;
    block(&world.services, &eve, &Target::Id(ada.user_id)).await.unwrap();
    mute(&world.services, &ada, &Target::Id(mel.user_id)).await.unwrap();
    for by in [&ada, &eve, &mel] {
        world.tell(&ada, NewsKind::Follow, by, me).await;
    }
    assert_eq!(world.unread(&ada).await, 0);
    world.tell(&ada, NewsKind::Follow, &bob, me).await;
    assert_eq!(world.told(&ada).await, [(NewsKind::Follow, "bob".into(), 0)]);
    block(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
    assert_eq!(world.told(&ada).await, [], "a block hides what was told before it");
}

async fn what_is_hidden_is_not_counted(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let dan = world.person("dan").await;
    for by in [&bob, &dan] {
        world.tell(&ada, NewsKind::Follow, by, by.user_id.0).await;
    }
    assert_eq!(world.unread(&ada).await, 2);
    block(&world.services, &ada, &Target::Id(bob.user_id)).await.unwrap();
    assert_eq!(world.unread(&ada).await, 1);
    mute(&world.services, &ada, &Target::Id(dan.user_id)).await.unwrap();
    assert_eq!(world.unread(&ada).await, 0);
}

async fn what_is_gone_is_not_counted(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let post = world.post(&ada, "Tea", "public").await;
    world.tell(&ada, NewsKind::PostLike, &bob, post).await;
    world.tell(&ada, NewsKind::Follow, &bob, ada.user_id.0).await;
    let owner = ada.user_id.0.as_u128();
    let mut ear = Listener::at(&world.services.hub, Topic::Person(owner), owner);
    delete_post(&world.services, &ada, &post.to_string()).await.unwrap();
    assert_eq!(world.unread(&ada).await, 1);
    restore_post(&world.services, &ada, &post.to_string()).await.unwrap();
    assert_eq!(world.unread(&ada).await, 2);
    let waiting = ear.unheard().await;
    let heard = ear.frames(waiting).await;
    assert_eq!(heard, [1, 2].map(|unread| ServerFrame::Notification { unread }));
}

async fn what_is_not_wanted_is_not_told(world: World) {
    let ada = world.person("ada").await;
    let me = ada.user_id.0;
    let dan = world.person("dan").await;
    let off = NewsChoice { on_site: false, ..NewsChoice::default() };
    let only = BTreeMap::from([(NewsKind::Mention, off)]);
    choose(&world.services, &ada, &only).await.unwrap();
    let chosen = choices(&world.services, &ada).await.unwrap();
    let nowhere = NewsChoice { on_site: false, by_push: false, by_mail: false };
    assert_eq!(
        (chosen[&NewsKind::Mention], chosen[&NewsKind::Follow]),
        (nowhere, NewsChoice::default())
    );
    world.tell(&ada, NewsKind::Mention, &dan, me).await;
    world.tell(&ada, NewsKind::Follow, &dan, me).await;
    assert_eq!(world.told(&ada).await, [(NewsKind::Follow, "dan".into(), 0)]);
}

async fn events_of_one_topic_are_told_together(world: World) {
    let ada = world.person("ada").await;
    let (tea, milk) =
        (world.post(&ada, "Tea", "public").await, world.post(&ada, "Milk", "public").await);
    for n in 0..5 {
        let fan = world.person(&format!("fan{n}")).await;
        world.tell(&ada, NewsKind::PostLike, &fan, tea).await;
        for _ in 0..2 {
            world.tell_about(&ada, NewsKind::Comment, &fan, (tea, Uuid::now_v7())).await;
        }
        if n == 1 {
            world.tell(&ada, NewsKind::PostLike, &fan, milk).await;
        }
    }
    assert_eq!(world.unread(&ada).await, 3);
    assert_eq!(
        world.told(&ada).await,
        [
            (NewsKind::Comment, "fan4 fan3".into(), 3),
            (NewsKind::PostLike, "fan4 fan3".into(), 3),
            (NewsKind::PostLike, "fan1".into(), 0),
        ]
    );
}

async fn what_is_out_of_sight_is_not_told(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let shown = world.post(&bob, "Shown", "public").await;
    let hidden = world.post(&bob, "Hidden", "followers").await;
    for post in [shown, hidden, Uuid::now_v7()] {
        world.tell(&ada, NewsKind::Mention, &bob, post).await;
    }
    let step = news(&world.services, &ada, None).await.unwrap();
    let about: Vec<_> = step.news.into_iter().map(|one| one.about).collect();
    assert_eq!(about, [About::Post { title: "Shown".into(), slug: "shown".into() }]);
}

/// Two posts of `to`, each liked and named by `by`.
async fn two_posts_with_news(world: &World, to: &Caller, by: &Caller) -> [Uuid; 2] {
    let posts = [world.post(to, "Tea", "public").await, world.post(to, "Milk", "public").await];
    for post in posts {
        world.tell(to, NewsKind::PostLike, by, post).await;
        world.tell(to, NewsKind::Mention, by, post).await;
    }
    posts
}

async fn what_was_marked_as_read_waits_no_longer(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let posts = two_posts_with_news(&world, &ada, &bob).await;
    let owner = ada.user_id.0.as_u128();
    let mut ear = Listener::at(&world.services.hub, Topic::Person(owner), owner);
    mark_all_read(&world.services, &bob).await.unwrap();
    for _ in 0..2 {
        mark_topic_read(&world.services, &ada, NewsKind::PostLike, posts[0]).await.unwrap();
    }
    let step = news(&world.services, &ada, None).await.unwrap();
    let unread = step.news.iter().filter(|one| one.is_unread).count();
    assert_eq!((world.unread(&ada).await, unread, step.news.len()), (3, 3, 4));
    mark_all_read(&world.services, &ada).await.unwrap();
    assert_eq!((world.unread(&ada).await, world.told(&ada).await.len()), (0, 4));
    let waiting = ear.unheard().await;
    let heard = ear.frames(waiting).await;
    assert_eq!(heard, [3, 0].map(|unread| ServerFrame::Notification { unread }));
}

async fn steps_go_on_where_the_one_before_ended(world: World) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    fill(&world, &ada, &bob, 230).await;
    let mut seen = Vec::new();
    let mut before = None;
    for expected in [100, 100, 30] {
        let step = news(&world.services, &ada, before).await.unwrap();
        assert_eq!(step.news.len(), expected);
        seen.extend(step.news.into_iter().map(|one| one.topic));
        before = step.next;
    }
    assert_eq!((before, seen.iter().collect::<BTreeSet<_>>().len()), (None, 230));
}

/// As many events for `to`, each about a post of its own.
async fn fill(world: &World, to: &Caller, by: &Caller, count: usize) {
    let rows = world.database.connect().await;
    let dialect = rows.get_database_backend();
    for n in 0..count {
        let post = world.post(to, &format!("Post{n}"), "public").await;
        let sql = "INSERT INTO notification (id, account_id, kind, actor_id, topic, subject_id, created_at) \
             VALUES ($1, $2, 'post_like', $3, $4, $4, $5)";
        let at = i64::try_from(n / 3).unwrap();
        let values = [
            Uuid::now_v7().into(),
            to.user_id.0.into(),
            by.user_id.0.into(),
            post.into(),
            at.into(),
        ];
        rows.execute_raw(Statement::from_sql_and_values(dialect, sql, values)).await.unwrap();
    }
}

async fn what_every_page_asks_uses_an_index(world: World) {
    let rows = world.database.connect().await;
    let numbers = match world.backend {
        Backend::Sqlite => {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        }
        Backend::Postgres => "WITH n AS (SELECT generate_series(1, 20000) AS i)",
    };
    let id = |kind: &str, number: &str| match world.backend {
        Backend::Sqlite => format!("CAST(printf('{kind}%015d', {number}) AS BLOB)"),
        Backend::Postgres => format!("md5('{kind}' || {number})::uuid"),
    };
    let fills = [
        format!(
            "INSERT INTO account (id, username, username_key, password_hash, created_at) {numbers} \
             SELECT {}, 'p' || i, 'p' || i, '', 0 FROM n WHERE i <= 100",
            id("a", "i")
        ),
        format!(
            "INSERT INTO notification (id, account_id, kind, actor_id, topic, subject_id, created_at) \
             {numbers} SELECT {}, {}, 'follow', {}, {}, {}, i FROM n",
            id("n", "i"),
            id("a", "(i % 20 + 1)"),
            id("a", "(i % 100 + 1)"),
            id("t", "i"),
            id("t", "i")
        ),
        "ANALYZE".to_owned(),
    ];
    for sql in &fills {
        rows.execute_unprepared(sql).await.unwrap();
    }
    let dialect = rows.get_database_backend();
    let someone =
        rows.query_one_raw(Statement::from_string(dialect, "SELECT id FROM account LIMIT 1"));
    let someone = UserId(someone.await.unwrap().unwrap().try_get_by_index::<Uuid>(0).unwrap());
    for query in [count_query(dialect, someone), news_query(dialect, someone, None)] {
        let plan = plan(&rows, world.backend, query).await;
        assert!(
            plan.contains("notification_newest") || plan.contains("notification_unread"),
            "{plan}"
        );
        assert!(!plan.contains("Seq Scan on notification") && !plan.contains("SCAN n\n"), "{plan}");
    }
}
