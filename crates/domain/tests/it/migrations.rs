//! The schema's history, forwards and backwards.

use domain::chat::{GLOBAL_ROOM, keep_draft, messages_after, post_message, react, unsend_message};
use domain::communities::join;
use domain::people::{block, mute, report};
use domain::posts::{Intent, PostForm, write_comment, write_post};
use domain::{Caller, Store, StoreError};
use test_support::{Backend, Database, World, on_both};

use wire::ConversationKey;
use wire::activity::Achievement;
use wire::conversations::Target;
use wire::people::{Report, ReportKind, ReportReason};

use crate::activity::earned;
use crate::communities::open;
use crate::{count, draft_in, friends, say_in};

const OUR_TABLES: [&str; 44] = [
    "upload_part",
    "post_picture",
    "account",
    "session",
    "refresh_token",
    "conversation",
    "membership",
    "message",
    "job",
    "follow",
    "block",
    "mute",
    "reaction",
    "report",
    "one_time_token",
    "media",
    "upload",
    "profile_link",
    "visit",
    "achievement",
    "community",
    "community_member",
    "community_invite",
    "community_act",
    "post",
    "post_version",
    "post_tag",
    "comment",
    "post_reaction",
    "comment_reaction",
    "bookmark",
    "post_view",
    "post_day",
    "notification",
    "notification_choice",
    "push_device",
    "digest",
    "post_search",
    "account_search",
    "community_search",
    "message_search",
    "search_progress",
    "community_day",
    "community_active",
];

async fn tables(world: &World) -> i64 {
    let names = OUR_TABLES.map(|name| format!("'{name}'")).join(", ");
    let sql = match world.backend {
        Backend::Sqlite => format!("SELECT count(*) FROM sqlite_master WHERE name IN ({names})"),
        Backend::Postgres => format!("SELECT count(*) FROM pg_tables WHERE tablename IN ({names})"),
    };
    count(world, &sql).await
}

/// Undoes this step and what came after it.
async fn undo(store: &Store, step: &str) {
    let is_there =
        async || store.migration_status().await.unwrap().contains(&(step.to_owned(), true));
    while is_there().await {
        store.migrate_down().await.unwrap();
    }
}

async fn applied(store: &Store) -> Vec<bool> {
    store.migration_status().await.unwrap().into_iter().map(|(_, applied)| applied).collect()
}

/// Something in each table and column of the newest step.
async fn use_everything(world: &World, ada: &Caller) {
    let bob = world.person("bob").await;
    let id = friends(world, ada, &bob).await;
    let sent = say_in(world, ada, id, "hello").await.unwrap();
    let answer = draft_in(id, "hi", Some(sent.id));
    post_message(&world.services, &bob, answer).await.unwrap();
    react(&world.services, &bob, sent.id, "👍", true).await.unwrap();
    keep_draft(&world.services, ada, ConversationKey::Id(id), "later").await.unwrap();
    unsend_message(&world.services, ada, sent.id).await.unwrap();
    let him = Target::Id(bob.user_id);
    mute(&world.services, ada, &him).await.unwrap();
    block(&world.services, ada, &him).await.unwrap();
    world
        .execute(
            "INSERT INTO follow (follower_id, followee_id, created_at) \
             SELECT a.id, b.id, 0 FROM account a JOIN account b ON b.id <> a.id",
        )
        .await;
    let reason = ReportReason::Spam;
    let about = Report { kind: ReportKind::User, id: bob.user_id.0, reason, note: None };
    report(&world.services, ada, &about).await.unwrap();
}

on_both! {
    async fn the_release_before_writes_and_reads_on_the_tables_of_today(world: World) {
        let ada = world.person("ada").await;
        // As it named the columns.
        world
            .execute(
                "INSERT INTO account (id, username, username_key, email, email_key, password_hash, \
                 is_active, is_staff, is_superuser, created_at, last_seen) \
                 SELECT c.id, 'old', 'old', NULL, NULL, '!', TRUE, FALSE, FALSE, 0, NULL \
                 FROM conversation c",
            )
            .await;
        world
            .execute(
                "INSERT INTO membership (conversation_id, account_id, state, role, last_read_seq, \
                 last_delivered_seq, muted_until, joined_at) \
                 SELECT c.id, c.id, 'active', 'member', 0, 0, NULL, 0 FROM conversation c",
            )
            .await;
        world
            .execute(
                "INSERT INTO message (id, conversation_id, seq, sender_id, client_id, kind, content, \
                 created_at) SELECT c.id, c.id, 1, c.id, 'old', 'text', 'from before', 0 \
                 FROM conversation c",
            )
            .await;
        world.execute("UPDATE conversation SET last_seq = last_seq + 1, updated_at = 5").await;
        assert_eq!(world.say(&ada, "from today").await.seq, 2);
        let read = messages_after(&world.services, GLOBAL_ROOM, 0, 10).await.unwrap();
        let texts: Vec<_> = read.into_iter().map(|message| message.content).collect();
        assert_eq!(texts, ["from before", "from today"]);
    }

    async fn up_down_step_by_step_and_up_again_with_rows_in_the_tables(world: World) {
        let ada = world.person("ada").await;
        world.say(&ada, "hello").await;
        use_everything(&world, &ada).await;
        let store = Store::connect(world.url()).await.unwrap();
        let steps = applied(&store).await.len();
        assert_eq!(applied(&store).await, vec![true; steps]);
        for undone in 1..=steps {
            store.migrate_down().await.unwrap();
            let expected: Vec<_> = (0..steps).map(|step| step < steps - undone).collect();
            assert_eq!(applied(&store).await, expected);
        }
        assert_eq!(tables(&world).await, 0);
        store.migrate_up().await.unwrap();
        assert_eq!(applied(&store).await, vec![true; steps]);
        assert_eq!(tables(&world).await, OUR_TABLES.len() as i64);
        let ada = world.person("ada").await;
        assert_eq!(world.say(&ada, "hello again").await.seq, 1);
    }

    async fn what_went_on_before_it_was_counted_is_counted(world: World) {
        let services = &world.services;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let tea = open(&world, &ada, "Tea").await;
        join(services, &bob, &tea.slug).await.unwrap();
        for title in ["One", "Two"] {
            let (title, content) = (title.into(), "words".into());
            let (community, intent) = (Some(tea.slug.clone()), Intent::Publish);
            let form = PostForm { title, content, community, intent, ..PostForm::default() };
            write_post(services, &ada, None, &form).await.unwrap();
        }
        write_comment(services, &bob, "one", None, "well").await.unwrap();
        world.say(&bob, "hello").await;
        let day = 86_400_000;
        let sql = format!("UPDATE post SET published_at = published_at - {day} WHERE slug = 'two'");
        world.execute(&sql).await;
        world.execute(&format!("UPDATE session SET created_at = created_at - {}", 9 * day)).await;
        // Bob was here each day of a week that is over.
        let comments = "SELECT count(*) FROM comment";
        for days in 20..27 {
            let said = write_comment(services, &bob, "two", None, "again").await.unwrap().id.0.simple();
            let id = if world.backend == Backend::Sqlite { format!("X'{said}'") } else { format!("'{said}'") };
            world.execute(&format!("UPDATE comment SET created_at = created_at - {} WHERE id = {id}", days * day)).await;
        }
        assert_eq!(count(&world, comments).await, 8);
        for table in ["community_day", "community_active", "visit", "achievement"] {
            world.execute(&format!("DELETE FROM {table}")).await;
        }
        let store = Store::connect(world.url()).await.unwrap();
        for _ in 0..2 {
            undo(&store, "m0017_what_was_before").await;
            store.migrate_up().await.unwrap();
            assert_eq!(count(&world, "SELECT count(*) FROM community_day").await, 9);
            let today = format!("day = {}", domain::clock::now().0 / day);
            let of_today = format!("SELECT posts * 100 + comments FROM community_day WHERE {today}");
            assert_eq!(count(&world, &of_today).await, 101);
            assert_eq!(count(&world, &format!("SELECT count(*) FROM community_active WHERE {today}")).await, 2);
            let visits = "SELECT count(*) FROM visit v JOIN account a ON a.id = v.account_id WHERE a.username =";
            assert_eq!(count(&world, &format!("{visits} 'ada'")).await, 2, "she came nine days ago");
            assert_eq!(count(&world, &format!("{visits} 'bob'")).await, 9);
            assert_eq!(earned(&world, &ada).await, [Achievement::FirstPost]);
            assert_eq!(earned(&world, &bob).await, [Achievement::WeekWarrior]);
        }
    }

    async fn migrating_a_database_of_today_changes_nothing(world: World) {
        let ada = world.person("ada").await;
        world.say(&ada, "hello").await;
        Store::connect(world.url()).await.unwrap().migrate_up().await.unwrap();
        assert_eq!(count(&world, "SELECT count(*) FROM message").await, 1);
    }

    async fn a_database_from_a_newer_version_is_refused_by_name(world: World) {
        world
            .execute(
                "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_tomorrow', 0)",
            )
            .await;
        let store = Store::connect(world.url()).await.unwrap();
        let refusals = [
            store.migrate_up().await.unwrap_err(),
            store.migrate_down().await.unwrap_err(),
            store.migration_status().await.unwrap_err(),
        ];
        for refusal in refusals {
            assert!(
                matches!(&refusal, StoreError::Newer(step) if step == "m9999_tomorrow"),
                "{refusal}"
            );
        }
        assert_eq!(tables(&world).await, OUR_TABLES.len() as i64);
    }
}

async fn two_nodes_start_on_an_empty_database(backend: Backend) {
    let database = Database::empty(backend).await;
    let one = Store::connect(&database.url).await.unwrap();
    let two = Store::connect(&database.url).await.unwrap();
    let (first, second) = tokio::join!(one.migrate_up(), two.migrate_up());
    first.unwrap();
    second.unwrap();
    assert!(applied(&one).await.into_iter().all(|applied| applied));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_start_at_once_on_postgres() {
    two_nodes_start_on_an_empty_database(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_another_kind_or_a_folder_that_cannot_be_is_refused_in_words() {
    let refusal = Store::connect("mysql://localhost/x").await.unwrap_err().to_string();
    assert!(refusal.contains("sqlite://") && refusal.contains("postgres://"), "{refusal}");
    let refusal = Store::connect("sqlite:///dev/null/folder/x.db").await.unwrap_err();
    assert!(matches!(&refusal, StoreError::Unavailable(_)), "{refusal}");
    assert!(refusal.to_string().contains("/dev/null/folder"), "{refusal}");
}
