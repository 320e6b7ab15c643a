//! Links that are proved: whose page leads back to the profile. They are looked at in the background and
//! apart from all other work, so that nothing waits for somebody else's server.

use std::sync::Arc;
use std::time::Duration;

use entity::profile_link;
use public_http::Fault;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement, Value};
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;
use wire::UserId;

use super::rel_me::leads_back;
use crate::limits::Limit;
use crate::{Services, StoreError, clock, tx::Tx};

/// When a link was last looked at that is to be looked at now.
pub(super) const DUE: i64 = 0;

const DAY_MS: i64 = 86_400_000;
/// How long a look is good.
const GOOD_MS: i64 = 7 * DAY_MS;
/// How long a proof outlasts a server that does not answer.
const PATIENCE_MS: i64 = 28 * DAY_MS;
/// Pages that are read at the same time.
const AT_ONCE: i64 = 8;
/// How often one looks for links that are due, unless one is woken.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Whether a link may be looked at now: once an hour, and not too many of one person's.
pub(super) async fn may_look(services: &Services, account: UserId, url: &str) -> bool {
    let this = services.limits.check(Limit::OneLink, format!("{} {url}", account.0)).await;
    this.is_ok() && services.limits.check(Limit::LinkChecks, account.0).await.is_ok()
}

/// Looks at links whenever some are due; it ends with the runtime.
pub(crate) fn start_checking(services: &Arc<Services>) {
    let services = services.clone();
    tokio::spawn(async move {
        while !services.has_ended() {
            match check_due_links(&services).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "looking at links"),
            }
            // Nobody woke it: time to look anyway.
            let _looks_anyway = timeout(LOOK_EVERY, services.links_due.notified()).await;
        }
    });
}

#[derive(FromQueryResult)]
struct Due {
    account_id: Uuid,
    url: String,
}

/// Looks at some links that are due, all at once; how many.
///
/// # Errors
/// Where the database does not answer.
pub async fn check_due_links(services: &Arc<Services>) -> Result<usize, StoreError> {
    let mut looks = JoinSet::new();
    for due in claim(services).await? {
        let services = services.clone();
        looks.spawn(async move { check(&services, due).await });
    }
    let looked = looks.len();
    for looked in looks.join_all().await {
        looked?;
    }
    Ok(looked)
}

/// Nobody else looks at these; whatever becomes of it, the next time is in a week.
async fn claim(services: &Services) -> Result<Vec<Due>, StoreError> {
    let now = clock::now().0;
    let skip = if services.store.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE profile_link SET checked_at = $1 WHERE (account_id, position) IN (\
         SELECT account_id, position FROM profile_link WHERE checked_at <= $2 \
         ORDER BY checked_at LIMIT $3 {skip}) RETURNING account_id, url"
    );
    let values: [Value; 3] = [now.into(), (now - GOOD_MS).into(), AT_ONCE.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    Ok(Due::find_by_statement(query).all(&services.store.write).await?)
}

#[derive(FromQueryResult)]
struct Whose {
    username: String,
    proved_at: Option<i64>,
}

/// A page that leads back proves the link, one that does not takes the proof away; where nobody answers, a
/// proof stays for four weeks.
async fn check(services: &Services, due: Due) -> Result<(), StoreError> {
    let Due { account_id, url } = due;
    let Some(Whose { username, proved_at }) = whose(services, account_id, &url).await? else {
        return Ok(());
    };
    let profile = format!("{}/u/{username}", services.settings.public_url);
    let now = clock::now().0;
    let proved_at = match services.settings.pages.read(&url).await {
        Ok(html) => leads_back(&html, &profile).then_some(now),
        Err(Fault::Unreachable(_)) => proved_at.filter(|at| now - at < PATIENCE_MS),
        Err(Fault::Forbidden | Fault::Refused(_)) => None,
    };
    note(services, account_id, &url, proved_at).await
}

async fn whose(services: &Services, account: Uuid, url: &str) -> Result<Option<Whose>, StoreError> {
    let sql = "SELECT a.username, l.proved_at FROM profile_link l JOIN account a ON a.id = l.account_id \
         WHERE l.account_id = $1 AND l.url = $2 AND a.is_active AND a.delete_at IS NULL";
    let values: [Value; 2] = [account.into(), url.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    Ok(Whose::find_by_statement(query).one(&services.store.read).await?)
}

/// The same address may stand on a profile twice.
async fn note(
    services: &Services,
    account: Uuid,
    url: &str,
    proved_at: Option<i64>,
) -> Result<(), StoreError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    profile_link::Entity::update_many()
        .col_expr(profile_link::Column::ProvedAt, Expr::value(proved_at))
        .filter(profile_link::Column::AccountId.eq(account))
        .filter(profile_link::Column::Url.eq(url))
        .exec(tx.rows())
        .await?;
    tx.commit().await
}
