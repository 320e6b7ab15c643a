//! The hot queries find their rows by an index, on both databases, however long the table grows.

use realtime::Place;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryTrait, Statement, Value};
use test_support::{Backend, Database};
use uuid::Uuid;
use wire::chat::{Author, Span};
use wire::{ClientId, ConversationId, UserId};

use super::GLOBAL_ROOM;
use super::catch_up::{places_query, stretches_query};
use super::conversations::{counts_query, list_query};
use super::history::stretch_of;
use super::offers::names_query;
use super::room_tail::state_query;
use super::store_posts::{ALL_OR_NOTHING, OUTCOME, counted_from_one, store_query};
use super::talks::talks_query;
use super::write_batch::{Post, same_client_ids};
use super::write_rules::{Rules, states_query};
use crate::clock;
use crate::measured::{plan, series};
use crate::nodes::{ended_since, older_than, spoken_since};
use crate::people::{page_query, people_query, search_query};

const PEOPLE: i64 = 50;
const MESSAGES: i64 = 20_000;

/// Enough rows that reading the whole table would be the wrong plan, and statistics that say so.
async fn fill(rows: &impl ConnectionTrait, backend: Backend) {
    let (id, series) = series(backend);
    let people = format!(
        "INSERT INTO account (id, username, username_key, password_hash, created_at) \
         {series} SELECT {id}, 'person ' || n, 'person ' || n, '', 0 FROM numbers"
    );
    let messages = format!(
        "INSERT INTO message (id, conversation_id, seq, sender_id, client_id, content, created_at) \
         {series} SELECT {id}, c.id, n, a.id, 'client ' || n, 'text', 0 FROM numbers \
         JOIN conversation c ON c.kind = 'global' \
         JOIN account a ON a.username = 'person ' || (n % {PEOPLE} + 1)"
    );
    // Everybody in many groups, and nobody in all of them.
    let groups = format!(
        "INSERT INTO conversation (id, kind, title, last_seq, created_at, updated_at) \
         {series} SELECT {id}, 'group', 'Band', 0, 0, n FROM numbers"
    );
    let places = format!(
        "INSERT INTO membership (conversation_id, account_id, joined_at) \
         {series} SELECT c.id, a.id, n FROM numbers JOIN conversation c ON c.updated_at = n \
         JOIN account a ON a.username = 'person ' || (n % {PEOPLE} + 1) WHERE c.kind = 'group'"
    );
    let crowd = people.replace("'person '", "'crowd '");
    let filled = [
        (people, PEOPLE),
        (crowd, MESSAGES),
        (messages, MESSAGES),
        (groups, MESSAGES),
        (places, MESSAGES),
    ];
    for (sql, count) in filled {
        let count = Value::from(count);
        let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, [count]);
        rows.execute_raw(statement).await.unwrap();
    }
    rows.execute_unprepared("ANALYZE").await.unwrap();
}

fn walks_the_table(plan: &str) -> bool {
    let mut lines = plan.lines().map(str::trim);
    lines.any(|line| {
        let of_messages = line.contains("message") || line.starts_with("SCAN m");
        (line.contains("SCAN") || line.contains("Seq Scan")) && of_messages
            || line.contains("TEMP B-TREE")
            || line.starts_with("Sort")
    })
}

/// A list is sorted by activity, but only what is one's own is read.
fn walks_the_memberships(plan: &str) -> bool {
    let mut lines = plan.lines().map(str::trim);
    lines.any(|line| {
        let all = line.starts_with("SCAN") || line.contains("Seq Scan");
        let small = line.contains("Seq Scan on conversation");
        all && !small && !line.contains("USING INDEX")
    })
}

async fn somebody(rows: &impl ConnectionTrait) -> UserId {
    let account = entity::account::Entity::find().one(rows).await.unwrap().unwrap();
    UserId(account.id)
}

async fn posts(rows: &impl ConnectionTrait) -> Vec<Post> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let some = "SELECT id FROM account LIMIT 64";
    let people = Row::find_by_statement(Statement::from_string(rows.get_database_backend(), some));
    let people = people.all(rows).await.unwrap();
    let post = |row: Row| Post {
        conversation: GLOBAL_ROOM,
        client_id: ClientId::new(),
        sender: Author::new(UserId(row.id), "somebody".into()),
        content: "text".into(),
        reply_to: None,
    };
    people.into_iter().map(post).collect()
}

async fn lists_and_searches_use_an_index(rows: &impl ConnectionTrait, backend: Backend) {
    let dialect = rows.get_database_backend();
    let ada = somebody(rows).await;
    let lists = [
        list_query(dialect, ada, "active", None, 20),
        counts_query(dialect, ada, clock::now()),
        talks_query(dialect, &[Uuid::now_v7(), Uuid::now_v7()], Some(ada)),
        names_query(dialect, ConversationId::new(), ada, "person 7", 8),
    ];
    for query in lists {
        let sql = query.sql.clone();
        let plan = plan(rows, backend, query).await;
        assert!(!walks_the_memberships(&plan), "{sql}:\n{plan}");
    }
    let all = Statement::from_string(dialect, "SELECT * FROM membership");
    let all = plan(rows, backend, all).await;
    assert!(walks_the_memberships(&all), "the test would see it:\n{all}");
    let search = search_query(dialect, ada, "person 77");
    let plan_of_search = plan(rows, backend, search).await;
    assert!(plan_of_search.contains("account_by_name"), "{plan_of_search}");
    let pages = [(20, 0), (20, MESSAGES / 2)].map(|window| page_query(dialect, ada, window));
    for page in pages {
        let plan = plan(rows, backend, page).await;
        assert!(plan.contains("account_in_order"), "{plan}");
        assert!(!plan.contains("Seq Scan on account"), "{plan}");
    }
    let people = people_query(dialect, &[ada, UserId::new()].into());
    let plan_of_people = plan(rows, backend, people).await;
    assert!(!plan_of_people.contains("SCAN a"), "{plan_of_people}");
    // Nobody of the filled table has a session, and Postgres knows.
    let by_session = plan_of_people.contains("session_by_account") || backend == Backend::Postgres;
    assert!(by_session && !plan_of_people.contains("Seq Scan on account"), "{plan_of_people}");
}

/// Every node asks these every second. The ids of the filled table are random, so a late time stands
/// for the last few seconds.
async fn looks_at_other_nodes_use_an_index(rows: &impl ConnectionTrait, backend: Backend) {
    let dialect = rows.get_database_backend();
    let late = 0xFFF0_0000_0000;
    let spoken = plan(rows, backend, spoken_since(late).build(dialect)).await;
    assert!(spoken.contains("message_pkey") || spoken.contains("autoindex_message"), "{spoken}");
    let place = Place { series: GLOBAL_ROOM.0.as_u128(), number: MESSAGES };
    let older = plan(rows, backend, older_than(place, 1).build(dialect)).await;
    assert!(!walks_the_table(&older), "{older}");
    let ended = plan(rows, backend, ended_since(late).build(dialect)).await;
    assert!(ended.contains("session_by_end") || backend == Backend::Postgres, "{ended}");
}

async fn coming_back_uses_an_index(rows: &impl ConnectionTrait, backend: Backend) {
    let dialect = rows.get_database_backend();
    let ada = somebody(rows).await;
    let places = places_query(dialect, ada.0, &[Uuid::now_v7(), Uuid::now_v7()]);
    let places = plan(rows, backend, places).await;
    assert!(!walks_the_memberships(&places), "{places}");
    let room = plan(rows, backend, state_query(dialect)).await;
    assert!(room.contains("membership_not_active"), "{room}");
    let edges = [(GLOBAL_ROOM.0, MESSAGES - 50, MESSAGES), (Uuid::now_v7(), 0, 50)];
    for edges in [&edges[..1], &edges[..]] {
        let stretches = plan(rows, backend, stretches_query(dialect, edges)).await;
        // What was found is put in order; how much that is, is bounded.
        let walks = stretches
            .lines()
            .any(|line| line.trim().starts_with("SCAN") || line.contains("Seq Scan on message"));
        assert!(!walks, "{stretches}");
    }
}

async fn writing_uses_an_index(rows: &impl ConnectionTrait, backend: Backend, posts: &[Post]) {
    let senders = posts.iter().map(|post| post.sender.id.0).collect();
    let states = plan(rows, backend, states_query(rows.get_database_backend(), senders)).await;
    assert!(!walks_the_memberships(&states), "{states}");
    if backend == Backend::Postgres {
        let posts: Vec<_> = posts.iter().collect();
        let messages = counted_from_one(&posts, &Rules::default());
        for outcome in [OUTCOME, ALL_OR_NOTHING] {
            let store = plan(rows, backend, store_query(&messages, outcome)).await;
            assert!(!store.contains("Seq Scan on message"), "{store}");
            assert!(!walks_the_memberships(&store), "{store}");
        }
    }
}

async fn s_71_hot_queries_use_an_index(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    let dialect = rows.get_database_backend();
    for span in [Span::Newest, Span::Before(MESSAGES / 2), Span::After(MESSAGES / 2)] {
        let plan = plan(&rows, backend, stretch_of(dialect, GLOBAL_ROOM, span, 50)).await;
        assert!(!walks_the_table(&plan), "{span:?}:\n{plan}");
    }
    lists_and_searches_use_an_index(&rows, backend).await;
    looks_at_other_nodes_use_an_index(&rows, backend).await;
    coming_back_uses_an_index(&rows, backend).await;
    let posts = posts(&rows).await;
    for batch in [&posts[..1], &posts[..]] {
        let query = same_client_ids(batch).build(dialect);
        let plan = plan(&rows, backend, query).await;
        assert!(!walks_the_table(&plan), "{} posts:\n{plan}", batch.len());
    }
    writing_uses_an_index(&rows, backend, &posts).await;
    let unindexed = entity::message::Entity::find().build(dialect);
    let plan = plan(&rows, backend, unindexed).await;
    assert!(walks_the_table(&plan), "the test would see it:\n{plan}");
}

#[tokio::test]
async fn s_71_sqlite() {
    s_71_hot_queries_use_an_index(Backend::Sqlite).await;
}

#[tokio::test]
async fn s_71_postgres() {
    s_71_hot_queries_use_an_index(Backend::Postgres).await;
}
