//! What pages of people cost: as many statements however many stand on them, each answered by an index.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use test_support::{Backend, Database};
use uuid::Uuid;
use wire::UserId;

use super::follows::follows_query;
use super::suggestions::{known_query, popular_query};
use super::{Direction, all_followed, explore, follow, follows, mutuals, profile, suggestions};
use crate::measured::{Counted, plan};

async fn s_65_a_page_of_people_is_one_question_however_many_stand_on_it(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let (ada, bob) = (counted.person("ada").await, counted.person("bob").await);
    follow(services, &ada, "bob").await.unwrap();
    let viewer = Some(&ada);
    let mut costs = Vec::new();
    for round in 0..2 {
        for n in 0..12 * round {
            let fan = counted.person(&format!("fan{n}")).await;
            follow(services, &fan, "bob").await.unwrap();
            follow(services, &ada, &fan.username).await.unwrap();
            follow(services, &bob, &fan.username).await.unwrap();
        }
        let list = |direction| follows(services, viewer, bob.user_id, direction, None);
        costs.push([
            counted.cost(profile(services, viewer, "bob")).await,
            counted.cost(list(Direction::Followers)).await,
            counted.cost(list(Direction::Following)).await,
            counted.cost(mutuals(services, &ada, bob.user_id)).await,
            counted.cost(all_followed(services, &ada)).await,
            counted.cost(suggestions(services, viewer)).await,
            counted.cost(explore(services, viewer)).await,
        ]);
    }
    assert_eq!(costs[1], [2, 1, 1, 1, 1, 2, 1]);
    assert_eq!(costs[0], costs[1]);
}

const MANY: usize = 4_000;

async fn fill(rows: &impl ConnectionTrait, backend: Backend) {
    let (id, series) = match backend {
        Backend::Sqlite => (
            "randomblob(16)",
            format!(
                "WITH RECURSIVE numbers(n) AS \
                 (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})"
            ),
        ),
        Backend::Postgres => (
            "gen_random_uuid()",
            format!("WITH numbers AS (SELECT n FROM generate_series(1, {MANY}) AS n)"),
        ),
    };
    let people = format!(
        "INSERT INTO account (id, username, username_key, password_hash, created_at, followers_count) \
         {series} SELECT {id}, 'p' || n, 'p' || n, '', n, n % 97 FROM numbers"
    );
    // Everybody follows the eight after them.
    let all = "INSERT INTO follow (follower_id, followee_id, created_at) \
         SELECT a.id, b.id, a.created_at FROM account a JOIN account b \
         ON b.created_at BETWEEN a.created_at + 1 AND a.created_at + 8";
    let by_time = "CREATE INDEX of_this_test ON account (created_at)";
    // Everybody follows one of them, who follows everybody.
    let star = "INSERT INTO follow (follower_id, followee_id, created_at) \
         SELECT a.id, b.id, a.created_at + b.created_at FROM account a JOIN account b \
         ON (a.username = 'p77') <> (b.username = 'p77') \
         WHERE b.created_at NOT BETWEEN a.created_at + 1 AND a.created_at + 8";
    for sql in [people.as_str(), by_time, all, star, "DROP INDEX of_this_test", "ANALYZE"] {
        rows.execute_unprepared(sql).await.unwrap();
    }
}

/// Whether every follow or every account is looked at. Nobody has blocked anybody here.
fn walks_everything(plan: &str) -> bool {
    let all = ["SCAN f", "SCAN a", "Seq Scan on follow", "Seq Scan on account"];
    let walks = |line: &str| all.iter().any(|words| line.contains(words));
    plan.lines().any(|line| walks(line) && !line.contains("USING INDEX"))
}

async fn called(rows: &impl ConnectionTrait, name: &str) -> Uuid {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let sql = "SELECT id FROM account WHERE username = $1";
    let backend = rows.get_database_backend();
    let query = Statement::from_sql_and_values(backend, sql, [name.into()]);
    Row::find_by_statement(query).one(rows).await.unwrap().unwrap().id
}

async fn s_71_lists_of_people_use_an_index(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    let dialect = rows.get_database_backend();
    let (star, reader) = (called(&rows, "p77").await, called(&rows, "p500").await);
    for direction in [Direction::Followers, Direction::Following] {
        let plan = plan(&rows, backend, follows_query(dialect, UserId(star), direction)).await;
        assert!(!walks_everything(&plan), "{direction:?}:\n{plan}");
        assert!(plan.contains("follow_newest_"), "{direction:?}:\n{plan}");
    }
    let popular = plan(&rows, backend, popular_query(dialect, reader, 20, true)).await;
    assert!(popular.contains("account_most_followed"), "{popular}");
    let known = plan(&rows, backend, known_query(dialect, reader)).await;
    assert!(!known.contains("Seq Scan on follow"), "{known}");
    let all = Statement::from_string(dialect, "SELECT * FROM follow");
    assert!(walks_everything(&plan(&rows, backend, all).await), "the test would see it");
}

#[tokio::test]
async fn s_65_sqlite() {
    s_65_a_page_of_people_is_one_question_however_many_stand_on_it(Backend::Sqlite).await;
}

#[tokio::test]
async fn s_65_postgres() {
    s_65_a_page_of_people_is_one_question_however_many_stand_on_it(Backend::Postgres).await;
}

#[tokio::test]
async fn s_71_sqlite() {
    s_71_lists_of_people_use_an_index(Backend::Sqlite).await;
}

#[tokio::test]
async fn s_71_postgres() {
    s_71_lists_of_people_use_an_index(Backend::Postgres).await;
}
