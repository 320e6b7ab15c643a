//! Lists of posts and comments walk an index, and cost a fixed number of statements.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use test_support::{Backend, Database};
use uuid::Uuid;
use wire::posts::CommentOrder;

use super::comment_tree::{below_query, level_query};
use super::feed::{Feed, best_unseen, feed, fresh};
use super::following::{Among, Of, Source, sources_query};
use super::fresh_posts::new_query;
use super::lists::{Newest, best, count_query, kept, under};
use super::replies::replies_query;
use super::rows::Wanted;
use super::tags::trending_query;
use super::{
    CommentsWanted, Intent, PostForm, comments, page_of_posts, post, trending, visible,
    write_comment, write_post,
};
use crate::Caller;
use crate::measured::{Counted, plan, series};
use crate::profiles::follow;

const POSTS: i64 = 20_000;

/// Enough posts that reading all of them would be the wrong plan, and statistics that say so.
async fn fill(rows: &DatabaseConnection, backend: Backend) {
    let (id, series) = series(backend);
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

/// Whether every post or comment is looked at.
fn walks_everything(plan: &str) -> bool {
    plan.lines().map(str::trim).any(|line| {
        let on_sqlite = ["SCAN p", "SCAN x", "SCAN c", "SCAN b", "SCAN t"]
            .iter()
            .any(|scan| line.strip_prefix(scan).is_some_and(|rest| rest.is_empty() || rest == " "));
        let tables = ["post p", "post x", "comment c", "bookmark b", "post_tag t"];
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
        ("of an author", of_author.wanted(after, 21)),
        ("kept", kept(wire::UserId(who)).wanted(after, 21)),
        ("tagged", under("tag 7").wanted(after, 21)),
        ("trending", best(20)),
        ("for you", best_unseen(false, &[Uuid::now_v7(), Uuid::now_v7()])),
        ("for you, of those one follows", best_unseen(true, &[])),
    ];
    for (name, wanted) in lists {
        let plan = plan(&rows, backend, wanted.statement(dialect, who)).await;
        assert!(!walks_everything(&plan), "{name}:\n{plan}");
    }
    let count = count_query(dialect, who, (&visible("$1"), Vec::new()), true);
    let plan_of_count = plan(&rows, backend, count).await;
    let walks_all = ["Seq Scan on post q", "Seq Scan on account a "];
    assert!(
        plan_of_count.contains("post_newest")
            && plan_of_count.contains("account_gone")
            && !walks_all.iter().any(|walk| plan_of_count.contains(walk)),
        "count:\n{plan_of_count}"
    );
    let replies = replies_query(dialect, Uuid::now_v7(), wire::UserId(who), after, 21);
    let of_replies = plan(&rows, backend, replies).await;
    assert!(of_replies.contains("comment_by_author"), "{of_replies}");
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
    // Which tags a few hundred posts have may be asked in either way; those posts are never looked for.
    let posts = plan_of_tags.lines().map(str::trim);
    let walks = |line: &str| line.contains("Seq Scan on post p") || line == "SCAN p";
    assert!(!posts.into_iter().any(walks), "tags:\n{plan_of_tags}");
    let all = Statement::from_string(dialect, "SELECT * FROM post p WHERE p.words = 7");
    let plan = plan(&rows, backend, all).await;
    assert!(walks_everything(&plan), "the test would see it:\n{plan}");
}

/// What one follows is read by whose it is, never by walking what everybody wrote.
async fn s_67_s_71_following_walks_those_one_follows(backend: Backend) {
    let database = Database::migrated(backend).await;
    let rows = database.connect().await;
    fill(&rows, backend).await;
    follow_some(&rows).await;
    let dialect = rows.get_database_backend();
    let who = entity_of_somebody(&rows).await;
    let after = (POSTS / 2, Uuid::max());
    let sources = [Source::Author(who), Source::Community(Uuid::now_v7())];
    let among = Among { reader: who, after, since: POSTS / 2 - 100, wanted: 21 };
    for query in [
        sources_query(dialect, who, after, 42, Of::Anybody),
        sources_query(dialect, who, after, 42, Of::Reader),
        among.query(dialect, &sources),
        new_query(dialect, who, Feed::Following, POSTS - 100).unwrap(),
    ] {
        let sql = query.sql.clone();
        let plan = plan(&rows, backend, query).await;
        assert!(plan.contains("post_by_author") && !plan.contains("post_newest"), "{sql}\n{plan}");
        assert!(!walks_everything(&plan), "{sql}\n{plan}");
    }
    let begun = plan(&rows, backend, sources_query(dialect, who, after, 42, Of::Account)).await;
    assert!(!begun.contains("post_by_author") && !begun.contains("post_newest"), "{begun}");
    assert!(
        backend == Backend::Postgres || begun.contains("COVERING INDEX account_last"),
        "{begun}"
    );
    let fresh = new_query(dialect, who, Feed::Fresh, POSTS - 100).unwrap();
    let plan = plan(&rows, backend, fresh).await;
    assert!(plan.contains("post_newest"), "{plan}");
}

/// Each of a hundred people follows a hundred.
async fn follow_some(rows: &DatabaseConnection) {
    let sql = "INSERT INTO follow (follower_id, followee_id, created_at) SELECT a.id, b.id, 0 \
         FROM account a JOIN account b ON b.id <> a.id WHERE a.username LIKE 'person _' \
         AND b.username LIKE 'person __'";
    for sql in [sql, "ANALYZE"] {
        rows.execute_unprepared(sql).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_67_s_71_following_on_sqlite() {
    s_67_s_71_following_walks_those_one_follows(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_67_s_71_following_on_postgres() {
    s_67_s_71_following_walks_those_one_follows(Backend::Postgres).await;
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

/// The two feeds by time, a page of posts, the best of late, and the comments of a post.
async fn costs(counted: &Counted, ada: &Caller) -> [usize; 5] {
    let services = &counted.services;
    let card = post(services, None, "post").await.unwrap().card;
    [
        counted.cost(feed(services, ada, Feed::Fresh, None)).await,
        counted.cost(feed(services, ada, Feed::Following, None)).await,
        counted.cost(page_of_posts(services, Some(ada), None, 0, 20)).await,
        counted.cost(trending(services, Some(ada), 20)).await,
        counted.cost(comments(services, Some(ada), &card, &CommentsWanted::default())).await,
    ]
}

async fn s_61_s_62_pages_cost_the_same_however_much_is_on_them(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let ada = counted.person("ada").await;
    let bob = counted.person("bob").await;
    follow(services, &ada, "bob").await.unwrap();
    let form = PostForm {
        title: "Post".into(),
        content: "x #tag".into(),
        intent: Intent::Publish,
        ..PostForm::default()
    };
    let mut all = Vec::new();
    for round in 0..2 {
        for _ in 0..=5 * round {
            write_post(services, &bob, None, &form).await.unwrap();
            let mut parent = None;
            for _ in 0..3 {
                let said = write_comment(services, &ada, "post", parent, "x").await.unwrap();
                parent = Some(said.id);
            }
        }
        all.push(costs(&counted, &ada).await);
    }
    assert_eq!(
        all,
        [[2, 4, 3, 2, 2]; 2],
        "rows and tags; whose and which; how many; what is below a level"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_61_s_62_on_sqlite() {
    s_61_s_62_pages_cost_the_same_however_much_is_on_them(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_61_s_62_on_postgres() {
    s_61_s_62_pages_cost_the_same_however_much_is_on_them(Backend::Postgres).await;
}
