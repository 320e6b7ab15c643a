//! What goes on in communities, by day; which devices were in use of late; when a link was looked at.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 8] = [
    // `day` counts days of UTC since 1970. A community is named without a reference: whoever comments would
    // have to wait for whoever holds its row, and they for the post that is being commented on.
    "CREATE TABLE community_day (\
     community_id UUID NOT NULL, \
     day INTEGER NOT NULL, \
     posts BIGINT NOT NULL DEFAULT 0, \
     comments BIGINT NOT NULL DEFAULT 0, \
     PRIMARY KEY (community_id, day))",
    "CREATE INDEX community_day_oldest ON community_day (day)",
    // Who posted or commented there on a day.
    "CREATE TABLE community_active (\
     community_id UUID NOT NULL, \
     day INTEGER NOT NULL, \
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     PRIMARY KEY (community_id, day, account_id))",
    "CREATE INDEX community_active_oldest ON community_active (day)",
    "CREATE INDEX community_active_by_account ON community_active (account_id)",
    "CREATE INDEX session_last_seen ON session (last_seen)",
    "ALTER TABLE profile_link ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX profile_link_stalest ON profile_link (checked_at)",
];

const DOWN: [&str; 5] = [
    "DROP INDEX profile_link_stalest",
    "ALTER TABLE profile_link DROP COLUMN checked_at",
    "DROP INDEX session_last_seen",
    "DROP TABLE community_active",
    "DROP TABLE community_day",
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
