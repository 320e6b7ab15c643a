//! What lists of communities and their people cost: the same however long they are, and never a walk
//! over everything.

use sea_orm::{ConnectionTrait, Statement};
use test_support::{Backend, Database};
use uuid::Uuid;
use wire::communities::{CommunityCursor, CommunityForm};
use wire::{CommunityId, UserId};

use super::lists::{discover_query, own_query, search_query};
use super::members::step_query;
use super::{acts, create, discover, join, members, own_communities};
use crate::Caller;
use crate::measured::{Counted, plan};

async fn found(counted: &Counted, name: &str, owner: &Caller) {
    let form = CommunityForm { name: name.into(), ..CommunityForm::default() };
    create(&counted.services, owner, &form).await.unwrap();
}

/// Statements of each list: all communities, one's own, members, and what was done.
async fn of_lists(counted: &Counted, ada: &Caller) -> [usize; 4] {
    let services = &counted.services;
    [
        counted.cost(discover(services, Some(ada), None)).await,
        counted.cost(own_communities(services, ada)).await,
        counted.cost(members(services, Some(ada), "tea", None)).await,
        counted.cost(acts(services, ada, "tea", None)).await,
    ]
}

async fn s_65_lists_of_communities_cost_the_same_however_long_they_are(backend: Backend) {
    let counted = Counted::on(backend).await;
    let ada = counted.person("ada").await;
    found(&counted, "Tea", &ada).await;
    let one = of_lists(&counted, &ada).await;
    assert_eq!(one, [1, 1, 2, 2]);
    for n in 0..12 {
        found(&counted, &format!("Place {n}"), &ada).await;
        let guest = counted.person(&format!("guest{n}")).await;
        join(&counted.services, &guest, "tea").await.unwrap();
    }
    assert_eq!(of_lists(&counted, &ada).await, one);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_costs_on_sqlite() {
    s_65_lists_of_communities_cost_the_same_however_long_they_are(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_costs_on_postgres() {
    s_65_lists_of_communities_cost_the_same_however_long_they_are(Backend::Postgres).await;
}

/// 2 000 communities, the first with 2 000 members.
async fn fill(rows: &impl ConnectionTrait, backend: Backend) {
    let numbers = match backend {
        Backend::Sqlite => {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        }
        Backend::Postgres => "WITH n AS (SELECT generate_series(1, 2000) AS i)",
    };
    let id = |kind: &str| match backend {
        Backend::Sqlite => format!("CAST(printf('{kind}%015d', i) AS BLOB)"),
        Backend::Postgres => format!("md5('{kind}' || i)::uuid"),
    };
    let accounts = format!(
        "INSERT INTO account (id, username, username_key, password_hash, created_at) {numbers} \
         SELECT {}, 'person' || i, 'person' || i, '', 0 FROM n",
        id("a")
    );
    let communities = format!(
        "INSERT INTO community (id, name, name_key, slug, members_count, created_at) {numbers} \
         SELECT {}, 'place ' || i, 'place ' || i, 'place-' || i, i % 7, i FROM n",
        id("c")
    );
    let places = format!(
        "INSERT INTO community_member (community_id, account_id, state, joined_at) {numbers} \
         SELECT c.id, {}, 'active', i FROM n CROSS JOIN community c WHERE c.slug = 'place-1' OR c.slug = 'place-' || i",
        id("a")
    );
    for sql in [&accounts, &communities, &places, "ANALYZE"] {
        rows.execute_unprepared(sql).await.unwrap();
    }
}

async fn s_71_lists_of_communities_use_an_index(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    let dialect = rows.get_database_backend();
    let ada = UserId::new();
    let after = CommunityCursor { members_count: 3, id: CommunityId::new() };
    let first = rows
        .query_one_raw(Statement::from_string(
            dialect,
            "SELECT id FROM community WHERE slug = 'place-1'",
        ))
        .await
        .unwrap()
        .unwrap();
    let first = CommunityId(first.try_get_by_index::<Uuid>(0).unwrap());
    for (query, index) in [
        (discover_query(dialect, ada.0.into(), None, 25), "community_largest"),
        (discover_query(dialect, ada.0.into(), Some(after), 25), "community_largest"),
        (search_query(dialect, ada.0.into(), "place 77"), "community_by_name"),
        (own_query(dialect, ada), "community_member"),
        (step_query(dialect, first, "active", ada.0.into(), None), "community_member_by_state"),
    ] {
        let sql = query.sql.clone();
        let plan = plan(&rows, backend, query).await;
        assert!(plan.contains(index), "{sql}\n{plan}");
        let walks = ["Seq Scan on community", "SCAN c\n", "SCAN m\n", "SCAN a\n"];
        let line = format!("{plan}\n");
        assert!(walks.iter().all(|walk| !line.contains(walk)), "{sql}\n{plan}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_71_communities_on_sqlite() {
    s_71_lists_of_communities_use_an_index(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_71_communities_on_postgres() {
    s_71_lists_of_communities_use_an_index(Backend::Postgres).await;
}
