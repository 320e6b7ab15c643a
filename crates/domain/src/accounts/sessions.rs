//! The list of signed-in devices, and ending them.

use entity::session;
use realtime::{Cast, Topic};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use wire::accounts::SessionView;
use wire::live::close;
use wire::{SessionId, UnixMillis, UserId};

use super::{AccountError, Caller};
use crate::notifications::forget_device_of;
use crate::{Services, StoreError, clock, tx::Tx};

/// The caller's devices that have not been ended, the current one first, then the latest seen.
///
/// # Errors
/// Where the database does not answer.
pub async fn list_sessions(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<SessionView>, AccountError> {
    let since = clock::now().0 - lifetime(services);
    let rows = session::Entity::find()
        .filter(session::Column::AccountId.eq(caller.user_id.0))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::LastSeen.gt(since))
        .order_by_desc(session::Column::LastSeen)
        .all(&services.store.read)
        .await?;
    let mut views: Vec<_> = rows.into_iter().map(|row| view(row, caller)).collect();
    views.sort_by_key(|view| !view.is_current);
    Ok(views)
}

/// Ends one of the caller's devices; its sockets close within a moment.
///
/// # Errors
/// [`AccountError::NotFound`] for a device that is not the caller's.
pub async fn revoke_session(
    services: &Services,
    caller: &Caller,
    id: SessionId,
) -> Result<(), AccountError> {
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let row = session::Entity::find_by_id(id.0)
        .filter(session::Column::AccountId.eq(caller.user_id.0))
        .filter(session::Column::RevokedAt.is_null())
        .one(tx.rows())
        .await?;
    row.ok_or(AccountError::NotFound)?;
    end(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// Ends every device of the caller but this one.
///
/// # Errors
/// Where the database does not answer.
pub async fn revoke_other_sessions(
    services: &Services,
    caller: &Caller,
) -> Result<(), AccountError> {
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    end_all_but(&mut tx, caller.user_id, Some(caller.session_id)).await?;
    Ok(tx.commit().await?)
}

/// Ends every device of an account but, where one is named, that one.
pub(crate) async fn end_all_but(
    tx: &mut Tx<'_>,
    user: UserId,
    kept: Option<SessionId>,
) -> Result<(), StoreError> {
    let rows = session::Entity::find()
        .filter(session::Column::AccountId.eq(user.0))
        .filter(session::Column::RevokedAt.is_null())
        .all(tx.rows())
        .await?;
    for row in rows.into_iter().filter(|row| Some(SessionId(row.id)) != kept) {
        end(tx, SessionId(row.id)).await?;
    }
    Ok(())
}

/// Ends the caller's own device.
///
/// # Errors
/// Where the database does not answer.
pub async fn sign_out(services: &Services, caller: &Caller) -> Result<(), AccountError> {
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    end(&mut tx, caller.session_id).await?;
    Ok(tx.commit().await?)
}

/// Ends a session with its whole family of tokens, and tells its sockets after the commit. Its browser is pushed
/// to no more.
pub(crate) async fn end(tx: &mut Tx<'_>, id: SessionId) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(clock::now().0))
        .filter(session::Column::Id.eq(id.0))
        .exec(tx.rows())
        .await?;
    forget_device_of(tx, id).await?;
    tx.tell(Topic::Device(id.0.as_u128()), Cast::Close(close::SIGNED_OUT));
    Ok(())
}

fn view(row: session::Model, caller: &Caller) -> SessionView {
    let id = SessionId(row.id);
    SessionView {
        id,
        created_at: UnixMillis(row.created_at),
        last_seen: UnixMillis(row.last_seen),
        user_agent: row.user_agent,
        is_current: id == caller.session_id,
    }
}

/// A device that has not been seen for this long has no token left.
fn lifetime(services: &Services) -> i64 {
    i64::try_from(services.settings.refresh_token_lifetime.as_millis()).unwrap_or(i64::MAX)
}
