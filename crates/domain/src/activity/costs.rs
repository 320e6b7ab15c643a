//! What days, achievements and pulses cost: never a walk over everything, and always the same.

use sea_orm::{ConnectionTrait, Statement, Value};
use test_support::{Backend, Database};
use wire::UserId;

use super::pulse::pulse_query;
use super::streak::runs_query;
use super::{community_pulse, note_visit, pulse, record, visits_settled};
use crate::measured::{Counted, plan, series};

const POSTS: i64 = 20_000;

async fn fill(rows: &impl ConnectionTrait, backend: Backend) {
    let (id, series) = series(backend);
    let people = format!(
        "INSERT INTO account (id, username, username_key, password_hash, created_at) \
         {series} SELECT {id}, 'p' || n, 'p' || n, '', n FROM numbers"
    );
    let sessions = format!(
        "INSERT INTO session (id, account_id, user_agent, created_at, last_seen) \
         {series} SELECT {id}, a.id, '', n, n FROM numbers JOIN account a ON a.username_key = 'p' || n"
    );
    let posts = format!(
        "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, created_at, \
         saved_at, published_at) {series} SELECT {id}, a.id, 't', 'post ' || n, '', '', '', 'published', \
         n, n, n FROM numbers JOIN account a ON a.username_key = 'p' || n"
    );
    let answers = format!(
        "INSERT INTO comment (id, post_id, author_id, content, created_at) \
         SELECT {id}, id, author_id, 'x', created_at FROM post WHERE $1 > 0"
    );
    let visits = "INSERT INTO visit (account_id, day) SELECT id, 1 FROM account WHERE $1 > 0";
    for sql in [&*people, &sessions, &posts, &answers, visits] {
        let values = [Value::from(POSTS)];
        let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
        rows.execute_raw(statement).await.unwrap();
    }
    rows.execute_unprepared("ANALYZE").await.unwrap();
}

async fn s_65_s_71_nothing_is_counted_by_walking_everything(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    let dialect = rows.get_database_backend();
    // The last of them, as one hour is of many.
    let now = plan(&rows, backend, pulse_query(dialect, POSTS + 3_600_000 - 50)).await;
    for index in ["post_newest", "comment_newest"] {
        assert!(now.contains(index), "{index}:\n{now}");
    }
    // The five minutes are younger than any of these.
    assert!(now.contains("session_last_seen"), "{now}");
    assert!(!now.contains("Seq Scan on post") && !now.contains("Seq Scan on comment"), "{now}");
    let runs = plan(&rows, backend, runs_query(dialect, UserId::new(), 7, true)).await;
    assert!(!runs.contains("Seq Scan on visit") && !runs.contains("SCAN visit"), "{runs}");
    let all = Statement::from_string(dialect, "SELECT * FROM visit");
    let all = plan(&rows, backend, all).await;
    assert!(all.contains("SCAN visit") || all.contains("Seq Scan on visit"), "{all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_s_71_plans_on_sqlite() {
    s_65_s_71_nothing_is_counted_by_walking_everything(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_s_71_plans_on_postgres() {
    s_65_s_71_nothing_is_counted_by_walking_everything(Backend::Postgres).await;
}

async fn s_65_a_visit_costs_once_a_day_and_a_record_always_the_same(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let ada = counted.person("ada").await;
    let id = ada.user_id;
    let come = |times: usize| async move {
        for _ in 0..times {
            note_visit(services, id);
        }
        visits_settled(services).await;
    };
    assert!(counted.cost_of(come(1)).await > 0);
    assert_eq!(counted.cost_of(come(1_000)).await, 0, "it is written down already");
    assert_eq!(counted.cost(record(services, Some(&ada), id)).await, 4);
    assert_eq!(counted.cost(pulse(services)).await, 1);
    assert_eq!(counted.cost(pulse(services)).await, 0, "ten seconds old at most");
    assert_eq!(counted.cost(community_pulse(services, uuid::Uuid::now_v7())).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_costs_on_sqlite() {
    s_65_a_visit_costs_once_a_day_and_a_record_always_the_same(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_costs_on_postgres() {
    s_65_a_visit_costs_once_a_day_and_a_record_always_the_same(Backend::Postgres).await;
}
