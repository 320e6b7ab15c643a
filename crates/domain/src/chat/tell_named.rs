//! `@name` in a message: whoever is named hears of it among their alerts, also where they have muted the
//! conversation. Between two nobody has to be called.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::accounts::username_key;
use wire::chat::Message;
use wire::mentions::{mentioned, next_mention};
use wire::notifications::NewsKind;

use super::talks::{Talk, placeholders};
use super::{ChatError, GLOBAL_ROOM, conversation_of};
use crate::notifications::{Event, tell};
use crate::tx::Tx;

/// Names of one message in the global room whose owners are told: more is a crowd that is called together.
const CALLED: usize = 5;

/// Whether somebody may have to be told.
pub(super) fn names_somebody(content: &str) -> bool {
    next_mention(content).is_some()
}

/// Tells those whom a message names, whom it did not name `before`, and who may read it: members of the group,
/// or anybody whom the global room (no `talk`) does not keep out.
pub(super) async fn tell_named(
    tx: &mut Tx<'_>,
    talk: Option<&Talk>,
    message: &Message,
    before: &str,
) -> Result<(), ChatError> {
    if !names_somebody(&message.content) || talk.is_some_and(Talk::is_direct) {
        return Ok(());
    }
    let (mut names, before) = (mentioned(&message.content), mentioned(before));
    names.retain(|name| !before.contains(name));
    let people = match talk {
        Some(talk) => members_called(talk, &names),
        None => people_called(tx, names).await?,
    };
    let (by, topic) = (message.sender.id, conversation_of(message.conversation_id).0);
    for to in people {
        let event = Event { to, kind: NewsKind::Mention, by, topic, subject: message.id.0 };
        tell(tx, event).await?;
    }
    Ok(())
}

fn members_called(talk: &Talk, names: &[String]) -> Vec<UserId> {
    let is_called = |username: &str| names.contains(&username_key(username));
    let called = talk.active().filter(|place| is_called(&place.username));
    called.map(|place| UserId(place.account)).collect()
}

async fn people_called(tx: &Tx<'_>, mut names: Vec<String>) -> Result<Vec<UserId>, ChatError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    names.truncate(CALLED);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT a.id FROM account a WHERE a.username_key IN ({}) AND a.is_active \
         AND a.delete_at IS NULL AND NOT EXISTS (SELECT 1 FROM membership m \
         WHERE m.conversation_id = $1 AND m.account_id = a.id AND m.state <> 'active') ORDER BY a.id",
        placeholders(2, names.len())
    );
    let values =
        std::iter::once(Value::from(GLOBAL_ROOM.0)).chain(names.into_iter().map(Value::from));
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).all(tx.rows()).await?;
    Ok(found.into_iter().map(|row| UserId(row.id)).collect())
}
