//! Pushes and digests: in whose language, how often, and what is old enough to go.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 7] = [
    // The language of the page on which it was asked for.
    "ALTER TABLE push_device ADD COLUMN language VARCHAR(8) NOT NULL DEFAULT 'en'",
    "ALTER TABLE digest ADD COLUMN language VARCHAR(8) NOT NULL DEFAULT 'en'",
    // `daily` or `weekly`; without a row there is none.
    "ALTER TABLE digest ADD COLUMN every VARCHAR(8) NOT NULL DEFAULT 'weekly'",
    "CREATE INDEX digest_due ON digest (every, sent_at)",
    // Two, each of a part: one of all of them would look good for a list that begins with the newest.
    "CREATE INDEX notification_read_age ON notification (created_at) WHERE read_at IS NOT NULL",
    "CREATE INDEX notification_unread_age ON notification (created_at) WHERE read_at IS NULL",
    // Until now nobody could choose these two: who kept a kind on the site gets its default.
    "UPDATE notification_choice SET by_push = on_site, by_mail = on_site",
];

const DOWN: [&str; 6] = [
    "DROP INDEX notification_unread_age",
    "DROP INDEX notification_read_age",
    "DROP INDEX digest_due",
    "ALTER TABLE digest DROP COLUMN every",
    "ALTER TABLE digest DROP COLUMN language",
    "ALTER TABLE push_device DROP COLUMN language",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}
