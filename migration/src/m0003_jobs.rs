//! Work that must not be lost: written in the transaction that causes it, taken by workers with a
//! lease, given up after too many attempts.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("job")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("kind").string_len(40).not_null())
            // One job of a name at a time; null for work that may queue up.
            .col(ColumnDef::new("name").string_len(80).null().unique_key())
            .col(ColumnDef::new("payload").text().not_null())
            .col(ColumnDef::new("state").string_len(8).not_null().default("queued"))
            .col(ColumnDef::new("attempts").integer().not_null().default(0))
            .col(ColumnDef::new("run_at").big_integer().not_null())
            .col(ColumnDef::new("leased_until").big_integer().null())
            .col(ColumnDef::new("last_error").text().null())
            .col(ColumnDef::new("created_at").big_integer().not_null())
            .check(Expr::cust("state IN ('queued', 'dead')"))
            .to_owned();
        manager.create_table(table).await?;
        let due =
            Index::create().name("job_due").table("job").col("state").col("run_at").to_owned();
        manager.create_index(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::drop().table(Alias::new("job")).to_owned();
        manager.drop_table(drop).await
    }
}
