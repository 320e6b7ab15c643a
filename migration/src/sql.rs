//! Steps written as SQL that both databases understand.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs the steps one after the other. An id is `UUID`: SQLite's tables call that `uuid_text`.
pub(crate) async fn run(manager: &SchemaManager<'_>, steps: &[&str]) -> Result<(), DbErr> {
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    for step in steps {
        let step = if is_sqlite { step.replace("UUID", "uuid_text") } else { (*step).to_owned() };
        manager.get_connection().execute_unprepared(&step).await?;
    }
    Ok(())
}
