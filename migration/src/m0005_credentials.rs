//! What people say about themselves, and tokens that work once: a reset of a password, a ticket
//! for a socket. Only a token's digest is kept, so the table lets nobody in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Each with the length that its column holds.
const ABOUT: [(&str, u32); 3] = [("first_name", 150), ("last_name", 150), ("bio", 1000)];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One at a time: SQLite adds no two columns in a statement.
        for (name, length) in ABOUT {
            let column = ColumnDef::new(name).string_len(length).not_null().default("").to_owned();
            let add = Table::alter().table("account").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        // Lists of people stand in this order.
        let by_name =
            Index::create().name("account_by_username").table("account").col("username").to_owned();
        manager.create_index(by_name).await?;
        create_one_time_token(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::drop().table(Alias::new("one_time_token")).to_owned();
        manager.drop_table(drop).await?;
        let by_name =
            Index::drop().name("account_by_username").table(Alias::new("account")).to_owned();
        manager.drop_index(by_name).await?;
        for (name, _) in ABOUT {
            let drop = Table::alter().table("account").drop_column(Alias::new(name)).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}

async fn create_one_time_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("one_time_token")
        // SHA-256, in hex.
        .col(ColumnDef::new("digest").string_len(64).not_null().primary_key())
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        // The device that asked, where there is one.
        .col(ColumnDef::new("session_id").uuid().null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(&mut points_to("account_id", "account"))
        .foreign_key(&mut points_to("session_id", "session"))
        .check(Expr::cust("kind IN ('password_reset', 'ws_ticket')"))
        .check(Expr::cust("(kind = 'ws_ticket') = (session_id IS NOT NULL)"))
        .to_owned();
    manager.create_table(table).await?;
    for (name, column) in
        [("one_time_token_by_account", "account_id"), ("one_time_token_by_end", "expires_at")]
    {
        let index = Index::create().name(name).table("one_time_token").col(column).to_owned();
        manager.create_index(index).await?;
    }
    Ok(())
}

fn points_to(column: &'static str, target: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from("one_time_token", column)
        .to(target, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
