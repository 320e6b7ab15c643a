//! What somebody wants to hear of, and where.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use wire::notifications::{NewsChoice, NewsChoices, NewsKind};

use super::NewsError;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Of each kind, where it is to be heard of. What was never chosen is heard of everywhere.
///
/// # Errors
/// Where the database does not answer.
pub async fn choices(services: &Services, caller: &Caller) -> Result<NewsChoices, NewsError> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        on_site: bool,
        by_push: bool,
        by_mail: bool,
    }
    let sql =
        "SELECT kind, on_site, by_push, by_mail FROM notification_choice WHERE account_id = $1";
    let values = [caller.user_id.0.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let chosen = rows.into_iter().filter_map(|row| {
        let Row { kind, on_site, by_push, by_mail } = row;
        Some((NewsKind::from_word(&kind)?, NewsChoice { on_site, by_push, by_mail }))
    });
    let every = NewsKind::ALL.into_iter().map(|kind| (kind, NewsChoice::default()));
    Ok(every.chain(chosen).map(|(kind, choice)| (kind, choice.of(kind))).collect())
}

/// From now on these kinds are heard of there; kinds that are not named stay as they are. What is not shown
/// on the site is not kept, so it is not sent either.
///
/// # Errors
/// Too many at once, or a database that does not answer.
pub async fn choose(
    services: &Services,
    caller: &Caller,
    wanted: &NewsChoices,
) -> Result<(), NewsError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    for (kind, choice) in wanted {
        let sql = "INSERT INTO notification_choice (account_id, kind, on_site, by_push, by_mail) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, kind) DO UPDATE SET \
             on_site = excluded.on_site, by_push = excluded.by_push, by_mail = excluded.by_mail";
        let NewsChoice { on_site, by_push, by_mail } = choice.of(*kind);
        let values: [Value; 5] = [
            caller.user_id.0.into(),
            kind.as_str().into(),
            on_site.into(),
            (on_site && by_push).into(),
            (on_site && by_mail).into(),
        ];
        let upsert = Statement::from_sql_and_values(services.store.backend(), sql, values);
        tx.rows().execute_raw(upsert).await?;
    }
    Ok(tx.commit().await?)
}
