//! A page of everybody is read in the order of the names as they are written, by code points.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let collation = match manager.get_database_backend() {
            DbBackend::Sqlite => "BINARY",
            _ => "\"C\"",
        };
        let sql =
            format!("CREATE INDEX account_in_order ON account (username COLLATE {collation})");
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX account_in_order").await.map(drop)
    }
}
