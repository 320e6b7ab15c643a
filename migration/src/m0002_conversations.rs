//! Conversations, who belongs to them, and their messages.
//!
//! `message(conversation_id, seq)` is the order, the cursor and the gap detector in one;
//! `message(sender_id, client_id)` makes a send repeatable for ever.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::Statement;
use sea_orm_migration::sea_orm::prelude::Uuid;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The global room has the same id on every server.
const GLOBAL_ROOM: &str = "00000000-0000-7000-8000-000000000001";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_conversation(manager).await?;
        create_membership(manager).await?;
        create_message(manager).await?;
        open_global_room(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["message", "membership", "conversation"] {
            let drop = Table::drop().table(Alias::new(table)).to_owned();
            manager.drop_table(drop).await?;
        }
        Ok(())
    }
}

async fn create_conversation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("conversation")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("kind").string_len(8).not_null())
        .col(ColumnDef::new("title").string_len(100).null())
        // The ordered pair of a direct conversation: two simultaneous starts give one.
        .col(ColumnDef::new("direct_key").string_len(73).null().unique_key())
        .col(ColumnDef::new("last_seq").big_integer().not_null().default(0))
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .check(Expr::cust("kind IN ('global', 'direct', 'group')"))
        .check(Expr::cust("(kind = 'direct') = (direct_key IS NOT NULL)"))
        .check(Expr::cust("last_seq >= 0"))
        .to_owned();
    manager.create_table(table).await
}

async fn create_membership(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("membership")
        .col(ColumnDef::new("conversation_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(10).not_null().default("active"))
        .col(ColumnDef::new("role").string_len(10).not_null().default("member"))
        .col(ColumnDef::new("last_read_seq").big_integer().not_null().default(0))
        .col(ColumnDef::new("last_delivered_seq").big_integer().not_null().default(0))
        .col(ColumnDef::new("muted_until").big_integer().null())
        .col(ColumnDef::new("joined_at").big_integer().not_null())
        .primary_key(Index::create().col("conversation_id").col("account_id"))
        .foreign_key(&mut points_to("membership", "conversation_id", "conversation"))
        .foreign_key(&mut points_to("membership", "account_id", "account"))
        .check(Expr::cust("state IN ('active', 'requested', 'declined', 'left', 'banned')"))
        .check(Expr::cust("role IN ('owner', 'admin', 'member')"))
        .check(Expr::cust("last_read_seq >= 0"))
        .to_owned();
    manager.create_table(table).await?;
    let by_account = Index::create()
        .name("membership_by_account")
        .table("membership")
        .col("account_id")
        .col("state")
        .to_owned();
    manager.create_index(by_account).await
}

async fn create_message(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("message")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("conversation_id").uuid().not_null())
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("sender_id").uuid().not_null())
        .col(ColumnDef::new("client_id").string_len(64).not_null())
        .col(ColumnDef::new("kind").string_len(12).not_null().default("text"))
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut points_to("message", "conversation_id", "conversation"))
        .foreign_key(&mut points_to("message", "sender_id", "account"))
        .check(Expr::cust("seq >= 1"))
        .to_owned();
    manager.create_table(table).await?;
    for (name, columns) in [
        ("message_place", ["conversation_id", "seq"]),
        ("message_once", ["sender_id", "client_id"]),
    ] {
        let [first, second] = columns;
        let index =
            Index::create().name(name).table("message").col(first).col(second).unique().to_owned();
        manager.create_index(index).await?;
    }
    Ok(())
}

fn points_to(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(target, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

async fn open_global_room(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let id = Uuid::parse_str(GLOBAL_ROOM).map_err(|error| DbErr::Migration(error.to_string()))?;
    let insert = Query::insert()
        .into_table("conversation")
        .columns(["id", "kind", "last_seq", "created_at", "updated_at"])
        .values([id.into(), "global".into(), 0.into(), 0.into(), 0.into()])
        .map_err(|error| DbErr::Migration(error.to_string()))?
        .to_owned();
    let backend = manager.get_database_backend();
    let statement: Statement = backend.build(&insert);
    manager.get_connection().execute_raw(statement).await.map(drop)
}
