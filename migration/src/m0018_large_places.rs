//! What a large place is asked without reading much of it: how many posts are by authors who are gone or going,
//! which of those one follows have published last, and which words begin with some letters.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 4] = [
    // Few are gone and have posts.
    "CREATE INDEX account_gone ON account (posts_count) \
     WHERE posts_count > 0 AND (NOT is_active OR delete_at IS NOT NULL)",
    // No earlier than their latest post, which may be gone since.
    "ALTER TABLE account ADD COLUMN last_published_at BIGINT",
    "UPDATE account SET last_published_at = (SELECT MAX(p.published_at) FROM post p \
     WHERE p.author_id = account.id AND p.state = 'published') WHERE posts_count > 0",
    "CREATE INDEX account_last_published ON account (id, last_published_at)",
];
/// Views of what FTS5 keeps anyway, in the order of the words; nothing is written to them.
const UP_ON_SQLITE: [&str; 2] = [
    "CREATE VIRTUAL TABLE post_spellings USING fts5vocab ('post_words', 'instance')",
    "CREATE VIRTUAL TABLE message_spellings USING fts5vocab ('message_words', 'instance')",
];

const DOWN_ON_SQLITE: [&str; 2] = ["DROP TABLE message_spellings", "DROP TABLE post_spellings"];
const DOWN: [&str; 3] = [
    "DROP INDEX account_last_published",
    "ALTER TABLE account DROP COLUMN last_published_at",
    "DROP INDEX account_gone",
];

fn is_sqlite(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Sqlite
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if is_sqlite(manager) {
            run(manager, &UP_ON_SQLITE).await?;
        }
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await?;
        if is_sqlite(manager) {
            run(manager, &DOWN_ON_SQLITE).await?;
        }
        Ok(())
    }
}
