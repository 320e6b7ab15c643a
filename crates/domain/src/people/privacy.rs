//! What somebody shows of themselves.

use entity::account;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use wire::chat::Person;
use wire::people::{Privacy, PrivacyChange, WhoCanMessage};

use super::PeopleError;
use crate::chat::presence;
use crate::nodes::Note;
use crate::{Caller, Services, tx::Tx};

/// The caller's settings.
///
/// # Errors
/// Where the database does not answer.
pub async fn privacy(services: &Services, caller: &Caller) -> Result<Privacy, PeopleError> {
    read(&services.store.read, caller).await
}

/// Changes what `change` names, and answers with all of it.
///
/// # Errors
/// Where the database does not answer.
pub async fn change_privacy(
    services: &Services,
    caller: &Caller,
    change: PrivacyChange,
) -> Result<Privacy, PeopleError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let before = read(tx.rows(), caller).await?;
    let after = Privacy {
        show_presence: change.show_presence.unwrap_or(before.show_presence),
        show_read_receipts: change.show_read_receipts.unwrap_or(before.show_read_receipts),
        who_can_message: change.who_can_message.unwrap_or(before.who_can_message),
    };
    account::Entity::update_many()
        .col_expr(account::Column::ShowPresence, Expr::value(after.show_presence))
        .col_expr(account::Column::ShowReadReceipts, Expr::value(after.show_read_receipts))
        .col_expr(account::Column::WhoCanMessage, Expr::value(after.who_can_message.as_str()))
        .filter(account::Column::Id.eq(caller.user_id.0))
        .exec(tx.rows())
        .await?;
    tx.commit().await?;
    let person = Person { id: caller.user_id, username: caller.username.clone() };
    presence::show(services, &person, after.show_presence);
    services.hub.note(Note::Shown { person, shown: after.show_presence }.encode());
    Ok(after)
}

async fn read(rows: &impl ConnectionTrait, caller: &Caller) -> Result<Privacy, PeopleError> {
    let row = account::Entity::find_by_id(caller.user_id.0).one(rows).await?;
    let row = row.ok_or(PeopleError::NotFound)?;
    Ok(Privacy {
        show_presence: row.show_presence,
        show_read_receipts: row.show_read_receipts,
        who_can_message: match row.who_can_message.as_str() {
            "following" => WhoCanMessage::Following,
            "nobody" => WhoCanMessage::Nobody,
            _ => WhoCanMessage::Everyone,
        },
    })
}
