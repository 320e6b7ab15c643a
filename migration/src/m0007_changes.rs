//! Changes of messages (edited, taken back, reacted to) are counted in their conversation, so that
//! whoever keeps a copy of it sees whether it is still true. Those who may not read a room are few
//! among all who have a place in it, so an index holds those alone.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 2] = [
    "ALTER TABLE conversation ADD COLUMN change_seq BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX membership_not_active ON membership (conversation_id, account_id) \
     WHERE state <> 'active'",
];
const DOWN: [&str; 2] =
    ["DROP INDEX membership_not_active", "ALTER TABLE conversation DROP COLUMN change_seq"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

async fn run(manager: &SchemaManager<'_>, steps: [&str; 2]) -> Result<(), DbErr> {
    for step in steps {
        manager.get_connection().execute_unprepared(step).await?;
    }
    Ok(())
}
