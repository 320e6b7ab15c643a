//! Somebody in a list of people, with what is between them and the reader, in the list's own query.

use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;
use wire::chat::Author;
use wire::profiles::{Listed, Mutuals, Standing};
use wire::{MediaId, UserId};

use super::{reader, reader_value, seen_by, standing_columns};
use crate::chat::among;
use crate::people::PeopleError;
use crate::{Caller, Services};

/// What a [`Row`] is read from; `a` is the account, parameter `n` the reader's id.
pub(super) fn columns(n: usize) -> String {
    let standing = standing_columns(n);
    format!(
        "a.id, a.username, a.first_name, a.last_name, a.bio, a.avatar_id, a.followers_count, {standing}"
    )
}

#[derive(Debug, FromQueryResult)]
pub(super) struct Row {
    pub(super) id: Uuid,
    username: String,
    first_name: String,
    last_name: String,
    bio: String,
    avatar_id: Option<Uuid>,
    followers_count: i64,
    is_following: bool,
    follows_reader: bool,
    is_muted: bool,
}

impl Row {
    pub(super) fn listed(self, reader: Uuid) -> Listed {
        let standing = Standing {
            is_self: self.id == reader,
            is_following: self.is_following,
            follows_reader: self.follows_reader,
            is_muted: self.is_muted,
        };
        let user = Author::new(UserId(self.id), self.username);
        Listed {
            user: user.with_avatar(self.avatar_id.map(MediaId)),
            first_name: self.first_name,
            last_name: self.last_name,
            bio: self.bio,
            followers_count: self.followers_count,
            standing,
            mutuals: Mutuals::default(),
        }
    }
}

/// These people in this order, as far as `viewer` may see them.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn listed_by_id(
    services: &Services,
    viewer: Option<&Caller>,
    ids: Vec<Uuid>,
) -> Result<Vec<Listed>, PeopleError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let backend = services.store.backend();
    let (these, values) = among(backend, 2, ids.iter().copied());
    let (columns, seen) = (columns(1), seen_by(1));
    let sql = format!("SELECT {columns} FROM account a WHERE a.id {these} AND {seen}");
    let values = std::iter::once(reader_value(viewer)).chain(values);
    let query = Statement::from_sql_and_values(backend, sql, values);
    let mut rows = Row::find_by_statement(query).all(&services.store.read).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows.into_iter().map(|row| row.listed(reader(viewer))).collect())
}
