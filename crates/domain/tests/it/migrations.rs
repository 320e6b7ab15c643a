//! The schema's history, forwards and backwards.

use domain::{Store, StoreError};
use test_support::{Backend, Database, World, on_both};

use crate::count;

const OUR_TABLES: [&str; 12] = [
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
];

async fn tables(world: &World) -> i64 {
    let names = OUR_TABLES.map(|name| format!("'{name}'")).join(", ");
    let sql = match world.backend {
        Backend::Sqlite => format!("SELECT count(*) FROM sqlite_master WHERE name IN ({names})"),
        Backend::Postgres => format!("SELECT count(*) FROM pg_tables WHERE tablename IN ({names})"),
    };
    count(world, &sql).await
}

async fn applied(store: &Store) -> Vec<bool> {
    store.migration_status().await.unwrap().into_iter().map(|(_, applied)| applied).collect()
}

on_both! {
    async fn up_down_step_by_step_and_up_again_with_rows_in_the_tables(world: World) {
        let ada = world.person("ada").await;
        world.say(&ada, "hello").await;
        let store = Store::connect(world.url()).await.unwrap();
        assert_eq!(applied(&store).await, [true; 4]);
        for undone in 1..=4 {
            store.migrate_down().await.unwrap();
            let expected: Vec<_> = (0..4).map(|step| step < 4 - undone).collect();
            assert_eq!(applied(&store).await, expected);
        }
        assert_eq!(tables(&world).await, 0);
        store.migrate_up().await.unwrap();
        assert_eq!(applied(&store).await, [true; 4]);
        assert_eq!(tables(&world).await, OUR_TABLES.len() as i64);
        let ada = world.person("ada").await;
        assert_eq!(world.say(&ada, "hello again").await.seq, 1);
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
    assert_eq!(applied(&one).await, [true; 4]);
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
