//! A search reads its index first, whatever it is for, and costs a fixed number of statements.

use std::net::Ipv4Addr;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use test_support::{Backend, Database, SECRET};
use uuid::Uuid;

use super::expression::Expression;
use super::find::{Asked, communities_query, people_query, posts_query};
use super::follow::{index_all, step_query};
use super::messages::messages_query;
use super::query::Query;
use super::searched::{Reach, Searched};
use super::spellings::{SPELLINGS, spelled_out, spellings_query};
use super::{Scope, search};
use crate::communities::create;
use crate::measured::{Counted, plan, series};
use crate::posts::{Intent, PostForm, write_post};
use crate::{Caller, Keys, Services, Settings, Store};

const ROWS: i64 = 10_000;

/// Every row says "common", one in a thousand "rare", and all of them much else.
const WORDS: &str = "CASE WHEN row_number() OVER () % 1000 = 0 THEN 'rare common' ELSE 'common' END \
    || ' ' || replace('abcdefghijklmnopqrstuvwxyz', 'm', CAST(row_number() OVER () AS TEXT)) \
    || ' one two three four five six seven eight nine ten eleven twelve thirteen fourteen'";

/// Enough that reading all of it would be the wrong plan, and statistics that say so.
async fn fill(rows: &DatabaseConnection, backend: Backend) {
    let (id, series) = series(backend);
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
             {series} SELECT {id}, {room}, n, (SELECT id FROM account LIMIT 1), \
             'c ' || n, 'x', 0 FROM numbers"
        ),
    ];
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
        let asked = asked(&services, &query);
        let wanted = Expression::of_words(&query);
        for (searched, reach, query) in [
            (Searched::Posts, Reach::All, posts_query(&asked, &wanted, Reach::All)),
            (Searched::Posts, Reach::Newest, posts_query(&asked, &wanted, Reach::Newest)),
            (Searched::Messages, Reach::All, messages_query(&asked, &wanted, Reach::All)),
            (Searched::Messages, Reach::Newest, messages_query(&asked, &wanted, Reach::Newest)),
            (Searched::People, Reach::All, people_query(&asked)),
            (Searched::Communities, Reach::All, communities_query(&asked)),
        ] {
            // How much of a table is read of what stands everywhere is no question of its index.
            if text == "common" && reach == Reach::All && backend == Backend::Postgres {
                continue;
            }
            let plan = plan(&rows, backend, query.unwrap()).await;
            assert!(asks_the_index(&plan, searched, reach), "{text} {searched:?}:\n{plan}");
        }
    }
    let dialect = rows.get_database_backend();
    let step = plan(&rows, backend, step_query(dialect, Searched::Messages, Uuid::max())).await;
    assert!(
        !step.contains("Seq Scan on message x")
            && !step.lines().any(|line| line.trim() == "SCAN x"),
        "{step}"
    );
    let all = Statement::from_string(dialect, "SELECT * FROM post p WHERE p.words = 7");
    let plan = plan(&rows, backend, all).await;
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

/// A beginning that is longer than those that have an index is asked for as the words that begin so, while they
/// are few: what is asked for as a beginning is found as a whole before any of it is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_66_on_sqlite_a_beginning_is_spelled_out() {
    let counted = Counted::on(Backend::Sqlite).await;
    let services = &counted.services;
    let ada = counted.person("ada").await;
    for n in 0..SPELLINGS {
        one_of_each(&counted, &ada, n).await;
    }
    let asked = async |text: &str, searched| {
        index_all(services).await.unwrap();
        let query = Query::read(text).unwrap();
        let asked = asked(services, &query);
        let wanted = Expression::of_words(&query);
        spelled_out(&asked, searched, wanted).await.unwrap().text(services.store.backend())
    };
    assert_eq!(
        asked("x needle3", Searched::Posts).await,
        format!("(\"x\") AND ({})", {
            let some = ["needle3", "needle30", "needle31"].map(|word| format!("\"{word}\""));
            some.join(" OR ")
        })
    );
    for searched in [Searched::Posts, Searched::Messages] {
        let all = asked("needle", searched).await;
        assert_eq!(
            (all.matches(" OR ").count(), all.contains('*')),
            (SPELLINGS - 1, false),
            "{all}"
        );
    }
    assert_eq!(asked("nee", Searched::Posts).await, "(\"nee\" *)", "which has an index");
    one_of_each(&counted, &ada, SPELLINGS).await;
    assert_eq!(asked("needle", Searched::Posts).await, "(\"needle\" *)", "which has too many");
    assert_eq!(asked("noodle", Searched::Posts).await, "(\"noodle\" *)", "which has none");
    let rows = &services.store.read;
    let plan = plan(rows, Backend::Sqlite, spellings_query(Searched::Posts, "need")).await;
    // 0 would be all of it; the sign of a term that it begins with is 256.
    let looks: Vec<_> = plan.lines().filter(|line| line.contains("SCAN v")).collect();
    assert!(looks.len() == 2 && looks.iter().all(|line| line.contains("INDEX 513:")), "{plan}");
}

fn asked<'a>(services: &'a Services, query: &'a Query) -> Asked<'a> {
    let (from, communities) = (Vec::new(), Vec::new());
    Asked { services, viewer: None, query, from, communities, offset: 0, limit: 20 }
}

async fn one_of_each(counted: &Counted, ada: &Caller, n: usize) {
    let services = &counted.services;
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
    counted.person(&name).await;
}

async fn s_65_a_search_costs_the_same_however_much_it_finds(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let ada = counted.person("ada").await;
    let mut costs = Vec::new();
    for n in 0..4 {
        one_of_each(&counted, &ada, n).await;
        index_all(services).await.unwrap();
        let scope = Scope { kind: None, page: 1, limit: 20 };
        let here = Ipv4Addr::LOCALHOST.into();
        let mut found = None;
        let asked =
            async { found = search(services, Some(&ada), here, "needle", scope).await.ok() };
        costs.push(counted.cost_of(asked).await);
        let found = found.unwrap();
        let sizes = [
            found.people.hits.len(),
            found.posts.hits.len(),
            found.communities.hits.len(),
            found.messages.hits.len(),
        ];
        assert_eq!(sizes, [n + 1; 4]);
    }
    // Where little was found, Postgres looks a second time for posts and for messages; SQLite asks first which
    // words of either begin so.
    assert_eq!(
        costs,
        [9 + 2; 4],
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
