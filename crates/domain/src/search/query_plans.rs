//! A search reads its index first, whatever it is for, and costs a fixed number of statements.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};
use test_support::{Backend, Database, SECRET, sign_up_form};
use uuid::Uuid;

use super::find::{Asked, communities_query, people_query, posts_query};
use super::follow::{index_all, step_query};
use super::messages::messages_query;
use super::query::Query;
use super::searched::{Reach, Searched};
use super::{Scope, search};
use crate::accounts::{Origin, sign_up};
use crate::communities::create;
use crate::posts::{Intent, PostForm, write_post};
use crate::{Caller, Keys, Services, Settings, Store};

const ROWS: i64 = 10_000;

/// Every row says "common", one in a thousand "rare", and all of them much else.
const WORDS: &str = "CASE WHEN row_number() OVER () % 1000 = 0 THEN 'rare common' ELSE 'common' END \
    || ' ' || replace('abcdefghijklmnopqrstuvwxyz', 'm', CAST(row_number() OVER () AS TEXT)) \
    || ' one two three four five six seven eight nine ten eleven twelve thirteen fourteen'";

/// Enough that reading all of it would be the wrong plan, and statistics that say so.
async fn fill(rows: &DatabaseConnection, backend: Backend) {
    let (id, series) = match backend {
        Backend::Sqlite => (
            "randomblob(16)",
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)",
        ),
        Backend::Postgres => {
            ("gen_random_uuid()", "WITH numbers AS (SELECT n FROM generate_series(1, $1) AS n)")
        }
    };
    let room = "(SELECT id FROM conversation WHERE kind = 'global')";
    let mut steps = vec![
        format!(
            "INSERT INTO account (id, username, username_key, password_hash, created_at) \
             {series} SELECT {id}, 'person ' || n, 'person ' || n, '', 0 FROM numbers"
        ),
        format!(
            "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, \
             created_at, saved_at, published_at) SELECT {id}, a.id, 't', a.username, '', '', '', \
             'published', 1, 1, 1 FROM account a WHERE $1 > 0"
        ),
        format!(
            "INSERT INTO community (id, name, name_key, slug, created_at) \
             SELECT {id}, a.username, a.username, a.username, 0 FROM account a WHERE $1 > 0"
        ),
        format!(
            "INSERT INTO message (id, conversation_id, seq, sender_id, client_id, content, created_at) \
             {series} SELECT {id}, {room}, n, (SELECT MIN(CAST(id AS TEXT)) FROM account), \
             'c ' || n, 'x', 0 FROM numbers"
        ),
    ];
    if backend == Backend::Postgres {
        steps[3] = steps[3].replace(
            "(SELECT MIN(CAST(id AS TEXT)) FROM account)",
            "(SELECT id FROM account LIMIT 1)",
        );
    } else {
        steps[3] = steps[3].replace("MIN(CAST(id AS TEXT))", "MIN(id)");
    }
    for table in Searched::ALL.map(Searched::table) {
        steps.push(match backend {
            Backend::Sqlite => format!(
                "INSERT INTO {table}_search (subject_id, head, body) SELECT id, '', {WORDS} FROM {table} WHERE $1 > 0"
            ),
            Backend::Postgres => format!(
                "INSERT INTO {table}_search (subject_id, words) \
                 SELECT id, array_to_tsvector(string_to_array({WORDS}, ' ')) FROM {table} WHERE $1 > 0"
            ),
        });
    }
    for sql in steps {
        let values = [Value::from(ROWS)];
        let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
        rows.execute_raw(statement).await.unwrap();
    }
    // Postgres' index keeps what is new in a list of its own until it is told to.
    let learn = if backend == Backend::Sqlite { "ANALYZE" } else { "VACUUM ANALYZE" };
    rows.execute_unprepared(learn).await.unwrap();
}

async fn plan(rows: &DatabaseConnection, mut query: Statement) -> String {
    let (explain, column) = match rows.get_database_backend() {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        _ => ("EXPLAIN", "QUERY PLAN"),
    };
    query.sql = format!("{explain} {}", query.sql);
    let lines = rows.query_all_raw(query).await.unwrap();
    let lines = lines.iter().map(|line| line.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether it begins with the index of words, and looks through none of them from end to end.
fn asks_the_index(plan: &str, searched: Searched, reach: Reach) -> bool {
    let table = searched.table();
    let walks = plan.lines().map(str::trim).any(|line| {
        ["p", "a", "c", "m", "s", "x"].iter().any(|name| line == format!("SCAN {name}"))
            || line.contains("_search s") && line.contains("Seq Scan")
    });
    let by_number = reach == Reach::Newest && plan.contains(&format!("{table}_search_pkey"));
    let by_words =
        plan.contains("VIRTUAL TABLE INDEX") || plan.contains(&format!("{table}_search_words"));
    (by_words || by_number) && !walks
}

async fn s_66_every_search_asks_its_index(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    let store = Store::connect(&database.url).await.unwrap();
    let services = Services::start(store, Keys::derive(SECRET), Settings::default());
    for text in ["rare", "common"] {
        let query = Query::read(text).unwrap();
        let asked = Asked {
            services: &services,
            viewer: None,
            query: &query,
            from: Vec::new(),
            communities: Vec::new(),
            offset: 0,
            limit: 20,
        };
        for (searched, reach, query) in [
            (Searched::Posts, Reach::All, posts_query(&asked, Reach::All)),
            (Searched::Posts, Reach::Newest, posts_query(&asked, Reach::Newest)),
            (Searched::Messages, Reach::All, messages_query(&asked, &[], Reach::All)),
            (Searched::Messages, Reach::Newest, messages_query(&asked, &[], Reach::Newest)),
            (Searched::People, Reach::All, people_query(&asked)),
            (Searched::Communities, Reach::All, communities_query(&asked)),
        ] {
            // How much of a table is read of what stands everywhere is no question of its index.
            if text == "common" && reach == Reach::All && backend == Backend::Postgres {
                continue;
            }
            let plan = plan(&rows, query.unwrap()).await;
            assert!(asks_the_index(&plan, searched, reach), "{text} {searched:?}:\n{plan}");
        }
    }
    let dialect = rows.get_database_backend();
    let step = plan(&rows, step_query(dialect, Searched::Messages, Uuid::max())).await;
    assert!(
        !step.contains("Seq Scan on message x")
            && !step.lines().any(|line| line.trim() == "SCAN x"),
        "{step}"
    );
    let all = Statement::from_string(dialect, "SELECT * FROM post p WHERE p.words = 7");
    let plan = plan(&rows, all).await;
    assert!(!asks_the_index(&plan, Searched::Posts, Reach::All), "the test would see it:\n{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_66_on_sqlite() {
    s_66_every_search_asks_its_index(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_66_on_postgres() {
    s_66_every_search_asks_its_index(Backend::Postgres).await;
}

/// Services whose statements are counted.
async fn counted(database: &Database) -> (Arc<Services>, Arc<AtomicUsize>) {
    let mut store = Store::connect(&database.url).await.unwrap();
    let statements = Arc::new(AtomicUsize::new(0));
    for connection in [&mut store.read, &mut store.write] {
        let counter = statements.clone();
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
    }
    let settings = Settings {
        sign_ups_per_minute: 0,
        acts_per_minute: 0,
        posts_per_hour: 0,
        beginnings_per_hour: 0,
        searches_per_minute: 0,
        ..Settings::default()
    };
    (Services::start(store, Keys::derive(SECRET), settings), statements)
}

async fn one_of_each(services: &Services, ada: &Caller, n: usize) {
    let name = format!("needle{n}");
    let form = PostForm {
        title: name.clone(),
        content: "x #tag".into(),
        intent: Intent::Publish,
        ..PostForm::default()
    };
    write_post(services, ada, None, &form).await.unwrap();
    let form = wire::communities::CommunityForm { name: name.clone(), ..Default::default() };
    create(services, ada, &form).await.unwrap();
    let draft = wire::chat::Draft {
        conversation: wire::ConversationKey::Global,
        client_id: wire::ClientId::new(),
        content: name.clone(),
        reply_to: None,
    };
    crate::chat::post_message(services, ada, draft).await.unwrap();
    let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    sign_up(services, &sign_up_form(&name), &origin, &[]).await.unwrap();
}

async fn s_65_a_search_costs_the_same_however_much_it_finds(backend: Backend) {
    let database = Database::migrated(backend).await;
    let (services, statements) = counted(&database).await;
    let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    let ada = sign_up(&services, &sign_up_form("ada"), &origin, &[]).await.unwrap().caller;
    let mut costs = Vec::new();
    for n in 0..4 {
        one_of_each(&services, &ada, n).await;
        index_all(&services).await.unwrap();
        let begun = statements.load(Ordering::Relaxed);
        let scope = Scope { kind: None, page: 1, limit: 20 };
        let here = Ipv4Addr::LOCALHOST.into();
        let found = search(&services, Some(&ada), here, "needle", scope).await.unwrap();
        costs.push(statements.load(Ordering::Relaxed) - begun);
        let sizes = [
            found.people.hits.len(),
            found.posts.hits.len(),
            found.communities.hits.len(),
            found.messages.hits.len(),
        ];
        assert_eq!(sizes, [n + 1; 4]);
    }
    // Where little was found, Postgres looks a second time for posts and for messages.
    let twice = if backend == Backend::Postgres { 2 } else { 0 };
    assert_eq!(
        costs,
        [9 + twice; 4],
        "people 2, posts 4 with tags and writers, communities 2, messages 1"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_on_sqlite() {
    s_65_a_search_costs_the_same_however_much_it_finds(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_65_on_postgres() {
    s_65_a_search_costs_the_same_however_much_it_finds(Backend::Postgres).await;
}
