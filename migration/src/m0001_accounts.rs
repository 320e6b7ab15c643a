//! People, their signed-in devices, and the chain of refresh tokens of each device.
//!
//! Times are unix milliseconds in `BIGINT`: text times sort wrongly in SQLite.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_account(manager).await?;
        create_session(manager).await?;
        create_refresh_token(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["refresh_token", "session", "account"] {
            let drop = Table::drop().table(Alias::new(table)).to_owned();
            manager.drop_table(drop).await?;
        }
        Ok(())
    }
}

/// `account` and not `user`, which Postgres reserves.
async fn create_account(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("account")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("username").string_len(64).not_null())
        .col(ColumnDef::new("username_key").string_len(256).not_null().unique_key())
        .col(ColumnDef::new("email").string_len(254).null())
        .col(ColumnDef::new("email_key").string_len(254).null().unique_key())
        .col(ColumnDef::new("password_hash").text().not_null())
        .col(ColumnDef::new("is_active").boolean().not_null().default(true))
        .col(ColumnDef::new("is_staff").boolean().not_null().default(false))
        .col(ColumnDef::new("is_superuser").boolean().not_null().default(false))
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_seen").big_integer().null())
        .check(Expr::cust("length(username) >= 2"))
        .to_owned();
    manager.create_table(table).await
}

async fn create_session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let owner = ForeignKey::create()
        .from("session", "account_id")
        .to("account", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned();
    let table = Table::create()
        .table("session")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("user_agent").string_len(256).not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_seen").big_integer().not_null())
        .col(ColumnDef::new("revoked_at").big_integer().null())
        .foreign_key(&mut owner.clone())
        .to_owned();
    manager.create_table(table).await?;
    let by_account = Index::create()
        .name("session_by_account")
        .table("session")
        .col("account_id")
        .col("last_seen")
        .to_owned();
    manager.create_index(by_account).await
}

async fn create_refresh_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let family = ForeignKey::create()
        .from("refresh_token", "session_id")
        .to("session", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned();
    let table = Table::create()
        .table("refresh_token")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("session_id").uuid().not_null())
        .col(ColumnDef::new("chain").string_len(8).not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer().null())
        .col(ColumnDef::new("successor_id").uuid().null().unique_key())
        .foreign_key(&mut family.clone())
        .check(Expr::cust("chain IN ('cookie', 'bearer')"))
        .check(Expr::cust("(used_at IS NULL) = (successor_id IS NULL)"))
        .to_owned();
    manager.create_table(table).await?;
    let by_session = Index::create()
        .name("refresh_token_by_session")
        .table("refresh_token")
        .col("session_id")
        .to_owned();
    manager.create_index(by_session).await
}
