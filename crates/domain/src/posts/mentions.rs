//! `@name` in posts and comments: who is told of it, and which names lead to somebody.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::mentions::mentioned;
use wire::notifications::NewsKind;
use wire::posts::Comment;

use super::{PostError, visible};
use crate::chat::placeholders;
use crate::notifications::{Event, tell};
use crate::{Services, StoreError, tx::Tx};

/// Usernames by their keys.
pub(super) type Named = BTreeMap<String, String>;

/// Those of some names that are somebody's.
pub(super) async fn called(
    rows: &impl ConnectionTrait,
    names: Vec<String>,
) -> Result<Named, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        username_key: String,
        username: String,
    }
    if names.is_empty() {
        return Ok(Named::new());
    }
    let sql = format!(
        "SELECT username_key, username FROM account WHERE username_key IN ({}) \
         AND is_active AND delete_at IS NULL",
        placeholders(1, names.len())
    );
    let values = names.into_iter().map(Value::from);
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).all(rows).await?;
    Ok(found.into_iter().map(|row| (row.username_key, row.username)).collect())
}

/// Tells those whom a published post names and who may read it; whoever was told of it before is not told
/// again.
pub(super) async fn tell_named_in_post(tx: &mut Tx<'_>, post: Uuid) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        author_id: Uuid,
        content: String,
    }
    let sql = "SELECT author_id, content FROM post WHERE id = $1 AND state = 'published'";
    let backend = tx.rows().get_database_backend();
    let query = Statement::from_sql_and_values(backend, sql, [post.into()]);
    let Some(row) = Row::find_by_statement(query).one(tx.rows()).await? else { return Ok(()) };
    let naming = Naming { by: UserId(row.author_id), post, subject: post, told: None };
    tell_named(tx, naming, &row.content, "").await
}

/// Who names somebody, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming {
    pub(super) by: UserId,
    pub(super) post: Uuid,
    /// The post or the comment under it.
    pub(super) subject: Uuid,
    /// Who hears of it anyway.
    pub(super) told: Option<UserId>,
}

/// Tells those whom a text names, whom it did not name `before`, and who may read the post that it is or
/// stands under.
pub(super) async fn tell_named(
    tx: &mut Tx<'_>,
    naming: Naming,
    text: &str,
    before: &str,
) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let Naming { by, post, subject, told } = naming;
    let (mut names, before) = (mentioned(text), mentioned(before));
    names.retain(|name| !before.contains(name));
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT a.id FROM account a JOIN post p ON p.id = $1 WHERE a.username_key IN ({}) \
         AND a.is_active AND a.delete_at IS NULL AND {} ORDER BY a.id",
        placeholders(2, names.len()),
        visible("a.id")
    );
    let values = std::iter::once(Value::from(post)).chain(names.into_iter().map(Value::from));
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).all(tx.rows()).await?;
    for to in found.into_iter().map(|row| UserId(row.id)).filter(|to| Some(*to) != told) {
        tell(tx, Event { to, kind: NewsKind::Mention, by, topic: post, subject }).await?;
    }
    Ok(())
}

/// Notes with comments, and with what was answered to them, which of their names lead to somebody: one
/// statement, and none where there is no name.
pub(super) async fn name_people(
    services: &Services,
    comments: &mut [Comment],
) -> Result<(), PostError> {
    let mut names = Vec::new();
    visit(comments, &mut |comment| names.extend(mentioned(&comment.content)));
    names.sort_unstable();
    names.dedup();
    // A page is full of comments, not of names.
    names.truncate(200);
    let named = called(&services.store.read, names).await?;
    visit(comments, &mut |comment| {
        let names = mentioned(&comment.content).into_iter();
        comment.people = names.filter_map(|key| named.get_key_value(&key)).map(owned).collect();
    });
    Ok(())
}

fn owned((key, name): (&String, &String)) -> (String, String) {
    (key.clone(), name.clone())
}

fn visit(comments: &mut [Comment], each: &mut impl FnMut(&mut Comment)) {
    for comment in comments {
        each(comment);
        visit(&mut comment.replies, each);
    }
}
