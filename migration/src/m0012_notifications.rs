//! Notifications: one row for each event and person, what each wants to hear of, and where they are
//! pushed to.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 8] = [
    // `topic` is what is said together: all likes of one post. The same event by the same person is
    // one row, however often it is done and undone. What is named may be gone, so it is no reference.
    "CREATE TABLE notification (\
     id UUID NOT NULL PRIMARY KEY, \
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     kind VARCHAR(24) NOT NULL, \
     actor_id UUID NULL REFERENCES account (id) ON DELETE CASCADE, \
     topic UUID NOT NULL, \
     subject_id UUID NOT NULL, \
     created_at BIGINT NOT NULL, \
     read_at BIGINT NULL)",
    "CREATE UNIQUE INDEX notification_once ON notification (account_id, kind, subject_id, actor_id)",
    "CREATE INDEX notification_newest ON notification (account_id, created_at, id)",
    "CREATE INDEX notification_unread ON notification (account_id, kind, topic) WHERE read_at IS NULL",
    // Without a row the kind's own default counts.
    "CREATE TABLE notification_choice (\
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     kind VARCHAR(24) NOT NULL, \
     on_site BOOLEAN NOT NULL, \
     by_push BOOLEAN NOT NULL, \
     by_mail BOOLEAN NOT NULL, \
     PRIMARY KEY (account_id, kind))",
    "CREATE TABLE push_device (\
     id UUID NOT NULL PRIMARY KEY, \
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     session_id UUID NULL REFERENCES session (id) ON DELETE CASCADE, \
     endpoint VARCHAR(1000) NOT NULL UNIQUE, \
     public_key VARCHAR(120) NOT NULL, \
     auth_secret VARCHAR(40) NOT NULL, \
     user_agent VARCHAR(256) NOT NULL, \
     created_at BIGINT NOT NULL, \
     pushed_at BIGINT NULL)",
    "CREATE INDEX push_device_by_account ON push_device (account_id)",
    "CREATE TABLE digest (\
     account_id UUID NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE, \
     sent_at BIGINT NOT NULL)",
];

const DOWN: [&str; 4] = [
    "DROP TABLE digest",
    "DROP TABLE push_device",
    "DROP TABLE notification_choice",
    "DROP TABLE notification",
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
