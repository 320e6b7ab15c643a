//! Pictures that nothing shows go, a day after they came; with them uploads that were not finished.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::remove::forget_all;
use crate::chat::among;
use crate::uploads::sweep_uploads;
use crate::{Services, StoreError, clock, jobs, tx::Tx};

pub(crate) const SWEEP_MEDIA: &str = "sweep_media";

/// How long a picture may wait to be shown, in milliseconds.
const WAITS_MS: i64 = 24 * 3_600_000;
/// Pictures that are looked at in one step.
const STEP: i64 = 500;
const NEXT_STEP_MS: i64 = 1_000;
const NEXT_ROUND_MS: i64 = 3_600_000;

/// In SQL, whether nothing shows the picture `v`.
const UNSHOWN: &str = "NOT EXISTS (SELECT 1 FROM post_picture s WHERE s.media_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM post p WHERE p.cover_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM community c WHERE c.icon_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM community c WHERE c.cover_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM account a WHERE a.avatar_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM account a WHERE a.banner_id = v.id)";

/// Where the round is: after the picture of this time and id.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    at: i64,
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    created_at: i64,
}

/// The job: one step through all pictures that are old enough, and the next step's plan.
pub(crate) async fn sweep_media(
    services: &Services,
    job: Uuid,
    payload: &str,
) -> Result<(), StoreError> {
    while sweep_uploads(services).await? {}
    let after = serde_json::from_str(payload).unwrap_or(Place { at: i64::MIN, id: Uuid::nil() });
    let now = clock::now().0;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let step = next(&tx, after, now - WAITS_MS).await?;
    let ids: Vec<_> = step.iter().map(|row| row.id).collect();
    let unshown = unshown(&tx, ids).await?;
    forget_all(&tx, unshown).await?;
    jobs::finished(&tx, job).await?;
    let edge = |row: &Row| Place { at: row.created_at, id: row.id };
    let rest = step.last().filter(|_| step.len() as i64 == STEP).map(edge);
    let (wait, payload) = match rest {
        Some(place) => (NEXT_STEP_MS, serde_json::to_string(&place).unwrap_or_default()),
        None => (NEXT_ROUND_MS, "{}".to_owned()),
    };
    jobs::enqueue_named_with(&tx, SWEEP_MEDIA, payload, now + wait).await?;
    tx.commit().await?;
    services.due.notify_one();
    Ok(())
}

async fn next(tx: &Tx<'_>, after: Place, until: i64) -> Result<Vec<Row>, StoreError> {
    let query = next_query(tx.rows().get_database_backend(), after, until);
    Ok(Row::find_by_statement(query).all(tx.rows()).await?)
}

fn next_query(backend: DbBackend, after: Place, until: i64) -> Statement {
    let sql = "SELECT v.id, v.created_at FROM media v WHERE v.created_at >= $1 AND v.created_at <= $2 \
        AND (v.created_at > $1 OR v.id > $3) ORDER BY v.created_at, v.id LIMIT $4";
    let values: [Value; 4] = [after.at.into(), until.into(), after.id.into(), STEP.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

fn unshown_query(backend: DbBackend, ids: Vec<Uuid>, lock: &str) -> Statement {
    let (these, values) = among(backend, 1, ids);
    let sql =
        format!("SELECT v.id, v.created_at FROM media v WHERE v.id {these} AND {UNSHOWN} {lock}");
    Statement::from_sql_and_values(backend, sql, values)
}

/// Those of them that nothing shows. Whoever is about to show one holds it meanwhile, or waits: it is held
/// first and asked about afterwards.
async fn unshown(tx: &Tx<'_>, ids: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let backend = tx.rows().get_database_backend();
    let ask = async |ids: Vec<Uuid>, lock: &str| {
        let query = unshown_query(backend, ids, lock);
        let found = Row::find_by_statement(query).all(tx.rows()).await?;
        Ok::<_, StoreError>(found.into_iter().map(|row| row.id).collect::<Vec<_>>())
    };
    if tx.is_sqlite() {
        return ask(ids, "").await;
    }
    let held = ask(ids, "FOR UPDATE OF v SKIP LOCKED").await?;
    if held.is_empty() { Ok(held) } else { ask(held, "").await }
}

#[cfg(test)]
mod tests {
    use sea_orm::DatabaseConnection;
    use test_support::{Backend, Database};

    use super::*;
    use crate::measured::{plan, series};

    const PICTURES: i64 = 50_000;
    /// As few beside those as a step is beside a million: to look for more of them one by one is the wrong plan.
    const LOOKED_FOR: i64 = PICTURES * STEP / 1_000_000;

    /// Enough of everything that shows pictures that reading all of it would be the wrong plan.
    async fn fill(rows: &DatabaseConnection, backend: Backend) {
        let (id, series) = series(backend);
        let of = |table: &str, columns: &str, values: &str| {
            format!(
                "INSERT INTO {table} (id, {columns}) {series} SELECT {id}, {values} FROM numbers"
            )
        };
        let people = of(
            "account",
            "username, username_key, password_hash, created_at, avatar_id, banner_id",
            &format!("'p ' || n, 'p ' || n, '', 0, {id}, {id}"),
        );
        let media = "INSERT INTO media (id, owner_id, kind, width, height, bytes, created_at) \
             SELECT avatar_id, id, 'picture', 1, 1, 1, 0 FROM account WHERE $1 > 0";
        let posts = format!(
            "INSERT INTO post (id, author_id, title, slug, content, content_html, excerpt, state, created_at, \
             saved_at, published_at, cover_id) SELECT {id}, id, 't', username, '', '', '', 'published', 0, 0, 0, \
             banner_id FROM account WHERE $1 > 0"
        );
        let texts = "INSERT INTO post_picture (post_id, media_id) SELECT id, cover_id FROM post WHERE $1 > 0";
        let communities = of(
            "community",
            "name, name_key, slug, created_at, icon_id, cover_id",
            &format!("'c ' || n, 'c ' || n, 'c ' || n, 0, {id}, {id}"),
        );
        for sql in [people.as_str(), media, &posts, texts, &communities] {
            let values = [Value::from(PICTURES)];
            let fill = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
            rows.execute_raw(fill).await.unwrap();
        }
        rows.execute_unprepared("ANALYZE").await.unwrap();
    }

    /// Whether a table is read from its beginning to its end.
    fn walks(plan: &str) -> bool {
        let whole = |line: &str| {
            line.contains("Seq Scan on")
                || (line.starts_with("SCAN ")
                    && !line.contains("USING INDEX")
                    && !line.contains("json_each"))
        };
        plan.lines().map(str::trim).any(whole)
    }

    async fn s_71_unshown_pictures_are_found_by_indexes(backend: Backend) {
        let database = Database::migrated(backend).await;
        let rows = database.connect().await;
        fill(&rows, backend).await;
        let dialect = rows.get_database_backend();
        let after = Place { at: i64::MIN, id: Uuid::nil() };
        let step = plan(&rows, backend, next_query(dialect, after, 1)).await;
        assert!(!walks(&step), "{step}");
        let ids = (0..LOOKED_FOR).map(|_| Uuid::now_v7()).collect();
        let unshown = plan(&rows, backend, unshown_query(dialect, ids, "")).await;
        assert!(!walks(&unshown), "{unshown}");
        let every = Statement::from_string(dialect, "SELECT * FROM media v WHERE v.bytes = 2");
        let every = plan(&rows, backend, every).await;
        assert!(walks(&every), "the test would see it: {every}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn s_71_unshown_pictures_on_sqlite() {
        s_71_unshown_pictures_are_found_by_indexes(Backend::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn s_71_unshown_pictures_on_postgres() {
        s_71_unshown_pictures_are_found_by_indexes(Backend::Postgres).await;
    }
}
