//! What direct conversations, groups and requests need; who follows, blocks and mutes whom; reports.
//!
//! Everything is added and nothing changed, so that the release before this one runs on these tables.
//! Columns are added one at a time, which is all that SQLite can.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Table, column and type with its check; dropped again in the opposite order. A reply names a number
/// of its own conversation, so it cannot point anywhere else.
const COLUMNS: [(&str, &str, &str); 11] = [
    ("account", "show_presence", "BOOLEAN NOT NULL DEFAULT TRUE"),
    ("account", "show_read_receipts", "BOOLEAN NOT NULL DEFAULT TRUE"),
    (
        "account",
        "who_can_message",
        "VARCHAR(10) NOT NULL DEFAULT 'everyone' \
         CHECK (who_can_message IN ('everyone', 'following', 'nobody'))",
    ),
    ("conversation", "created_by", "UUID NULL"),
    ("membership", "hidden_seq", "BIGINT NULL CHECK (hidden_seq >= 0)"),
    ("membership", "unread_from_seq", "BIGINT NULL CHECK (unread_from_seq >= 1)"),
    ("membership", "draft", "TEXT NULL"),
    ("membership", "draft_saved_at", "BIGINT NULL"),
    ("message", "reply_to_seq", "BIGINT NULL CHECK (reply_to_seq >= 1 AND reply_to_seq < seq)"),
    ("message", "edited_at", "BIGINT NULL"),
    ("message", "unsent_at", "BIGINT NULL CHECK (unsent_at IS NULL OR content = '')"),
];

/// Two people and since when. Nobody does it to themselves.
const PAIRS: [(&str, &str, &str); 3] = [
    ("follow", "follower_id", "followee_id"),
    ("block", "blocker_id", "blocked_id"),
    ("mute", "muter_id", "muted_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, kind) in COLUMNS {
            add_column(manager, table, column, kind).await?;
        }
        for (table, one, other) in PAIRS {
            create_pair(manager, table, one, other).await?;
        }
        create_reaction(manager).await?;
        create_report(manager).await?;
        index_names(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("account_by_name").table("account").to_owned();
        manager.drop_index(index).await?;
        for table in ["report", "reaction", "mute", "block", "follow"] {
            let drop = Table::drop().table(Alias::new(table)).to_owned();
            manager.drop_table(drop).await?;
        }
        for (table, column, _) in COLUMNS.into_iter().rev() {
            execute(manager, &format!("ALTER TABLE {table} DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}

async fn execute(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

/// SQLite's own name of the type of an id, as in the older tables.
async fn add_column(
    manager: &SchemaManager<'_>,
    table: &str,
    column: &str,
    kind: &str,
) -> Result<(), DbErr> {
    let kind = match manager.get_database_backend() {
        DbBackend::Sqlite => kind.replace("UUID", "uuid_text"),
        _ => kind.to_owned(),
    };
    execute(manager, &format!("ALTER TABLE {table} ADD COLUMN {column} {kind}")).await
}

async fn create_pair(
    manager: &SchemaManager<'_>,
    table: &'static str,
    one: &'static str,
    other: &'static str,
) -> Result<(), DbErr> {
    let create = Table::create()
        .table(table)
        .col(ColumnDef::new(one).uuid().not_null())
        .col(ColumnDef::new(other).uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col(one).col(other))
        .foreign_key(&mut points_to(table, one, "account"))
        .foreign_key(&mut points_to(table, other, "account"))
        .check(Expr::cust(format!("{one} <> {other}")))
        .to_owned();
    manager.create_table(create).await?;
    let backwards = Index::create()
        .name(format!("{table}_by_other"))
        .table(table)
        .col(other)
        .col(one)
        .to_owned();
    manager.create_index(backwards).await
}

async fn create_reaction(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = Table::create()
        .table("reaction")
        .col(ColumnDef::new("message_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("emoji").string_len(64).not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("message_id").col("emoji").col("account_id"))
        .foreign_key(&mut points_to("reaction", "message_id", "message"))
        .foreign_key(&mut points_to("reaction", "account_id", "account"))
        .check(Expr::cust("length(emoji) >= 1"))
        .to_owned();
    manager.create_table(create).await
}

/// What is reported may be deleted later: its id is kept without a reference.
async fn create_report(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = Table::create()
        .table("report")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("reporter_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(ColumnDef::new("target_id").uuid().not_null())
        .col(ColumnDef::new("reason").string_len(16).not_null())
        .col(ColumnDef::new("note").text().not_null())
        .col(ColumnDef::new("state").string_len(10).not_null().default("open"))
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(&mut points_to("report", "reporter_id", "account"))
        .check(Expr::cust("state IN ('open', 'resolved', 'dismissed')"))
        .to_owned();
    manager.create_table(create).await?;
    let open = Index::create()
        .name("report_by_state")
        .table("report")
        .col("state")
        .col("created_at")
        .to_owned();
    manager.create_index(open).await?;
    let once = Index::create()
        .name("report_once")
        .table("report")
        .col("reporter_id")
        .col("kind")
        .col("target_id")
        .unique()
        .to_owned();
    manager.create_index(once).await
}

/// By code points: a search for the beginning of a name is a range, whatever the server's language.
async fn index_names(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let collation = match manager.get_database_backend() {
        DbBackend::Sqlite => "BINARY",
        _ => "\"C\"",
    };
    let sql = format!("CREATE INDEX account_by_name ON account (username_key COLLATE {collation})");
    execute(manager, &sql).await
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
