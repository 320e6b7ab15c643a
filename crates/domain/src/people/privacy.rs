//! What somebody shows of themselves.

use entity::account;
use sea_orm::{ActiveModelTrait, ActiveValue, ConnectionTrait, EntityTrait, Value};
use wire::chat::Person;
use wire::people::{Privacy, PrivacyChange, WhoCanMessage};

use super::PeopleError;
use crate::chat::presence;
use crate::limits::Limit;
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
    if change == PrivacyChange::default() {
        return privacy(services, caller).await;
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    changed(caller, &change).update(tx.rows()).await?;
    let after = read(tx.rows(), caller).await?;
    tx.commit().await?;
    if let Some(shown) = change.show_presence {
        let person = Person { id: caller.user_id, username: caller.username.clone() };
        presence::show(services, &person, shown);
        services.hub.note(Note::Shown { person, shown }.encode());
    }
    Ok(after)
}

/// Only what is named: another tab may be changing the rest.
fn changed(caller: &Caller, change: &PrivacyChange) -> account::ActiveModel {
    fn set<T: Into<Value>>(value: Option<T>) -> ActiveValue<T> {
        value.map_or(ActiveValue::NotSet, ActiveValue::Set)
    }
    account::ActiveModel {
        id: ActiveValue::Set(caller.user_id.0),
        show_presence: set(change.show_presence),
        show_read_receipts: set(change.show_read_receipts),
        who_can_message: set(change.who_can_message.map(|who| who.as_str().to_owned())),
        ..Default::default()
    }
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
