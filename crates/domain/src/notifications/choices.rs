//! What somebody wants to hear of.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use wire::notifications::NewsKind;

use super::NewsError;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Of each kind, whether it is shown on this site. What was never chosen is.
///
/// # Errors
/// Where the database does not answer.
pub async fn choices(
    services: &Services,
    caller: &Caller,
) -> Result<BTreeMap<NewsKind, bool>, NewsError> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        on_site: bool,
    }
    let sql = "SELECT kind, on_site FROM notification_choice WHERE account_id = $1";
    let values = [caller.user_id.0.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let chosen =
        rows.into_iter().filter_map(|row| Some((NewsKind::from_word(&row.kind)?, row.on_site)));
    let mut choices: BTreeMap<_, _> = NewsKind::ALL.into_iter().map(|kind| (kind, true)).collect();
    choices.extend(chosen);
    Ok(choices)
}

/// Shows these kinds on this site from now on, and no others.
///
/// # Errors
/// Too many at once, or a database that does not answer.
pub async fn choose(
    services: &Services,
    caller: &Caller,
    wanted: &BTreeSet<NewsKind>,
) -> Result<(), NewsError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    for kind in NewsKind::ALL {
        let sql = "INSERT INTO notification_choice (account_id, kind, on_site, by_push, by_mail) \
             VALUES ($1, $2, $3, FALSE, FALSE) ON CONFLICT (account_id, kind) \
             DO UPDATE SET on_site = excluded.on_site";
        let values: [Value; 3] =
            [caller.user_id.0.into(), kind.as_str().into(), wanted.contains(&kind).into()];
        let upsert = Statement::from_sql_and_values(services.store.backend(), sql, values);
        tx.rows().execute_raw(upsert).await?;
    }
    Ok(tx.commit().await?)
}
