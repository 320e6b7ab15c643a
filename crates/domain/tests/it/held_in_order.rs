//! Whoever holds several rows holds them in the order in which everybody does, so that nobody waits in a
//! circle. On Postgres: SQLite has one writer.

use std::sync::Arc;

use domain::accounts::give_up_account;
use domain::jobs::work_once;
use domain::posts::{Change, Intent, PostForm, Reaction, react, write_post};
use domain::profiles::follow;
use domain::{Caller, Services, StoreError, clock};
use sea_orm::{ConnectionTrait, Database, DatabaseTransaction, TransactionTrait};
use test_support::{PASSWORD, World};

use crate::count;
use crate::posts::add_job;

const HOUR: i64 = 3_600_000;

#[allow(clippy::disallowed_methods, reason = "a third who is in the way, not a verb")]
async fn holding(world: &World, sql: &str) -> DatabaseTransaction {
    let rows = Database::connect(world.url()).await.unwrap();
    let tx = rows.begin().await.unwrap();
    tx.execute_unprepared(&format!("{sql} FOR UPDATE")).await.unwrap();
    tx
}

/// Until so many statements of this database wait for each other's rows.
async fn until_waiting(world: &World, wanted: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while count(world, waiting).await < wanted {
        tokio::task::yield_now().await;
    }
}

/// Whether nobody holds what `sql` names.
async fn is_free(tx: &DatabaseTransaction, sql: &str) -> bool {
    tx.execute_unprepared(&format!("{sql} FOR NO KEY UPDATE NOWAIT")).await.is_ok()
}

async fn publish(world: &World, author: &Caller, title: &str) {
    let (title, content) = (title.into(), "words".into());
    let form = PostForm { title, content, intent: Intent::Publish, ..PostForm::default() };
    write_post(&world.services, author, None, &form).await.unwrap();
}

async fn work(services: Arc<Services>) {
    while work_once(&services).await.unwrap() {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_are_scored_in_their_own_order() {
    let world = World::postgres().await;
    let ada = world.person("ada").await;
    for title in ["One", "Two"] {
        publish(&world, &ada, title).await;
    }
    // The younger post is the first to be looked at.
    let now = clock::now().0;
    for (slug, hours) in [("one", 1), ("two", 2)] {
        let at = now - hours * HOUR;
        world.execute(&format!("UPDATE post SET published_at = {at} WHERE slug = '{slug}'")).await;
    }
    add_job(&world, "score_posts").await;
    let in_the_way = holding(&world, "SELECT 1 FROM post WHERE slug = 'one'").await;
    let scoring = tokio::spawn(work(world.services.clone()));
    until_waiting(&world, 1).await;
    assert!(is_free(&in_the_way, "SELECT 1 FROM post WHERE slug = 'two'").await);
    in_the_way.rollback().await.unwrap();
    scoring.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_removed_without_holding_people_before_posts() {
    let world = World::postgres().await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    publish(&world, &bob, "Post").await;
    follow(&world.services, &ada, "bob").await.unwrap();
    react(&world.services, &ada, "post", Reaction::Like, Change::Put).await.unwrap();
    give_up_account(&world.services, &ada, PASSWORD).await.unwrap();
    world.execute("UPDATE account SET delete_at = 1 WHERE delete_at IS NOT NULL").await;
    world.execute("UPDATE job SET run_at = 1").await;
    let in_the_way = holding(&world, "SELECT 1 FROM post WHERE slug = 'post'").await;
    let removing = tokio::spawn(work(world.services.clone()));
    until_waiting(&world, 1).await;
    assert!(is_free(&in_the_way, "SELECT 1 FROM account WHERE username = 'bob'").await);
    in_the_way.rollback().await.unwrap();
    removing.await.unwrap();
    assert_eq!(
        count(&world, "SELECT karma + followers_count FROM account WHERE username = 'bob'").await,
        0
    );
}

/// It happens all the same where an operator is at work in the database, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waited_in_a_circle_is_told_to_try_again() {
    let world = World::postgres().await;
    for name in ["ada", "bob"] {
        world.person(name).await;
    }
    let one = holding(&world, "SELECT 1 FROM account WHERE username = 'ada'").await;
    let two = holding(&world, "SELECT 1 FROM account WHERE username = 'bob'").await;
    let wants = |tx: DatabaseTransaction, name: &str| {
        let sql = format!("SELECT 1 FROM account WHERE username = '{name}' FOR UPDATE");
        async move { tx.execute_unprepared(&sql).await.map(drop) }
    };
    let (first, second) = tokio::join!(wants(one, "bob"), wants(two, "ada"));
    let refused = first.and(second).unwrap_err();
    assert!(matches!(StoreError::from(refused), StoreError::Unavailable(_)));
}
