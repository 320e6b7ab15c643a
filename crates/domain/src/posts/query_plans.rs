//! Lists of posts and comments walk an index, and cost a fixed number of statements.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use test_support::{Backend, Database, SECRET, sign_up_form};
use uuid::Uuid;
use wire::posts::CommentOrder;

use super::comment_tree::{below_query, level_query};
use super::feed::{Feed, best_unseen, feed, followed, fresh};
use super::lists::{Newest, best, kept, under};
use super::rows::Wanted;
use super::tags::trending_query;
use super::{
    CommentsWanted, Intent, PostForm, comments, page_of_posts, post, trending, write_comment,
    write_post,
};
use crate::accounts::{Origin, sign_up};
use crate::{Caller, Keys, Services, Settings, Store};

const POSTS: i64 = 20_000;

/// Enough posts that reading all of them would be the wrong plan, and statistics that say so.
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
    let people = format!(
        "INSERT INTO account (id, username, username_key, password_hash, created_at) \
         {series} SELECT {id}, 'person ' || n, 'person ' || n, '', 0 FROM numbers WHERE n <= 500"
    );
    let posts = format!(
        "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, created_at, \
         saved_at, published_at, score) {series} SELECT {id}, a.id, 't', 'post ' || n, '', '', '', \
         'published', n, n, n, n FROM numbers JOIN account a ON a.username = 'person ' || (n % 500 + 1)"
    );
    let marks = "INSERT INTO bookmark (account_id, post_id, created_at) \
         SELECT author_id, id, created_at FROM post WHERE $1 > 0";
    let tags = "INSERT INTO post_tag (tag, post_id, published_at) \
         SELECT 'tag ' || (published_at % 100), id, published_at FROM post WHERE $1 > 0";
    let answers = format!(
        "INSERT INTO comment (id, post_id, author_id, content, created_at) \
         SELECT {id}, id, author_id, 'x', created_at FROM post WHERE $1 > 0"
    );
    for sql in [&*people, &posts, marks, tags, &answers] {
        let values = [Value::from(POSTS)];
        let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
        rows.execute_raw(statement).await.unwrap();
    }
    rows.execute_unprepared("ANALYZE").await.unwrap();
}

async fn plan(rows: &DatabaseConnection, backend: Backend, mut query: Statement) -> String {
    let (explain, column) = match backend {
        Backend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Backend::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    query.sql = format!("{explain} {}", query.sql);
    let lines = rows.query_all_raw(query).await.unwrap();
    let lines = lines.iter().map(|line| line.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether every post or comment is looked at.
fn walks_everything(plan: &str) -> bool {
    plan.lines().map(str::trim).any(|line| {
        let on_sqlite = ["SCAN p", "SCAN c", "SCAN b", "SCAN t"]
            .iter()
            .any(|scan| line.strip_prefix(scan).is_some_and(|rest| rest.is_empty() || rest == " "));
        let tables = ["post p", "comment c", "bookmark b", "post_tag t"];
        let on_postgres = tables.iter().any(|table| line.contains(&format!("Seq Scan on {table}")));
        on_sqlite || on_postgres
    })
}

async fn s_60_s_71_lists_walk_an_index(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    let dialect = rows.get_database_backend();
    let who = entity_of_somebody(&rows).await;
    let after = (POSTS / 2, Uuid::max());
    let of_author = Newest::published("p.author_id = $4".into(), vec![who.into()]);
    let lists: [(&str, Wanted); 7] = [
        ("fresh", fresh().wanted(after, 21)),
        ("followed", followed().wanted(after, 21)),
        ("of an author", of_author.wanted(after, 21)),
        ("kept", kept(wire::UserId(who)).wanted(after, 21)),
        ("tagged", under("tag 7").wanted(after, 21)),
        ("trending", best(20)),
        ("for you", best_unseen(false, &[Uuid::now_v7(), Uuid::now_v7()])),
    ];
    for (name, wanted) in lists {
        let plan = plan(&rows, backend, wanted.statement(dialect, who)).await;
        assert!(!walks_everything(&plan), "{name}:\n{plan}");
    }
    let wanted = CommentsWanted { order: CommentOrder::Newest, ..CommentsWanted::default() };
    let level = level_query(Uuid::now_v7(), None, &wanted, 21);
    let below = below_query(dialect, Uuid::now_v7(), vec![Uuid::now_v7()], &wanted);
    for (sql, values) in [level, below] {
        let values = [Value::from(who)].into_iter().chain(values);
        let query = Statement::from_sql_and_values(dialect, sql, values);
        let plan = plan(&rows, backend, query).await;
        assert!(!walks_everything(&plan), "comments:\n{plan}");
    }
    let plan_of_tags = plan(&rows, backend, trending_query(dialect, who, 12)).await;
    assert!(!walks_everything(&plan_of_tags), "tags:\n{plan_of_tags}");
    let all = Statement::from_string(dialect, "SELECT * FROM post p WHERE p.words = 7");
    let plan = plan(&rows, backend, all).await;
    assert!(walks_everything(&plan), "the test would see it:\n{plan}");
}

async fn entity_of_somebody(rows: &DatabaseConnection) -> Uuid {
    let query = Statement::from_string(
        rows.get_database_backend(),
        "SELECT id FROM account WHERE username = 'person 7'",
    );
    rows.query_one_raw(query).await.unwrap().unwrap().try_get("", "id").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_60_s_71_on_sqlite() {
    s_60_s_71_lists_walk_an_index(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_60_s_71_on_postgres() {
    s_60_s_71_lists_walk_an_index(Backend::Postgres).await;
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
        comments_per_hour: 0,
        ..Settings::default()
    };
    (Services::start(store, Keys::derive(SECRET), settings), statements)
}

/// The feed, a page of posts, the best of late, and the comments of a post.
async fn costs(services: &Services, ada: &Caller, statements: &AtomicUsize) -> [usize; 4] {
    let card = post(services, None, "post").await.unwrap().card;
    let so_far = || statements.load(Ordering::Relaxed);
    let begun = so_far();
    feed(services, ada, Feed::Fresh, None).await.unwrap();
    let fed = so_far();
    page_of_posts(services, Some(ada), None, 0, 20).await.unwrap();
    let paged = so_far();
    trending(services, Some(ada), 20).await.unwrap();
    let best = so_far();
    comments(services, Some(ada), &card, &CommentsWanted::default()).await.unwrap();
    [fed - begun, paged - fed, best - paged, so_far() - best]
}

async fn s_61_s_62_pages_cost_the_same_however_much_is_on_them(backend: Backend) {
    let database = Database::migrated(backend).await;
    let (services, statements) = counted(&database).await;
    let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    let ada = sign_up(&services, &sign_up_form("ada"), &origin, &[]).await.unwrap().caller;
    let form = PostForm {
        title: "Post".into(),
        content: "x #tag".into(),
        intent: Intent::Publish,
        ..PostForm::default()
    };
    let mut all = Vec::new();
    for round in 0..2 {
        for _ in 0..=5 * round {
            write_post(&services, &ada, None, &form).await.unwrap();
            let mut parent = None;
            for _ in 0..3 {
                let said = write_comment(&services, &ada, "post", parent, "x").await.unwrap();
                parent = Some(said.id);
            }
        }
        all.push(costs(&services, &ada, &statements).await);
    }
    assert_eq!(all, [[2, 3, 2, 2]; 2], "rows and tags, and how many; a level and what is below it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_61_s_62_on_sqlite() {
    s_61_s_62_pages_cost_the_same_however_much_is_on_them(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_61_s_62_on_postgres() {
    s_61_s_62_pages_cost_the_same_however_much_is_on_them(Backend::Postgres).await;
}
