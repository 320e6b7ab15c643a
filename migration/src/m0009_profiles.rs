//! Pictures and their uploads; what a profile shows: counts, links, a banner; days on which somebody
//! was here, and what they achieved.
//!
//! Counts are kept beside what they count, in the same transactions: a profile of a million followers
//! costs what one of ten costs. Pictures are named without a reference, because SQLite cannot take a
//! column with one away again; whoever deletes a picture clears its name first.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Added to `account`, and dropped in the opposite order.
const COLUMNS: [(&str, &str); 7] = [
    ("avatar_id", "UUID NULL"),
    ("banner_id", "UUID NULL"),
    ("followers_count", "BIGINT NOT NULL DEFAULT 0"),
    ("following_count", "BIGINT NOT NULL DEFAULT 0"),
    ("posts_count", "BIGINT NOT NULL DEFAULT 0"),
    ("karma", "BIGINT NOT NULL DEFAULT 0"),
    // When an account that its owner has given up is taken away; before that it can be had back.
    ("delete_at", "BIGINT NULL"),
];

const UP: [&str; 13] = [
    "CREATE TABLE media (\
     id UUID NOT NULL PRIMARY KEY, \
     owner_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     kind VARCHAR(8) NOT NULL CHECK (kind IN ('avatar', 'banner', 'icon', 'cover', 'picture')), \
     width INTEGER NOT NULL CHECK (width >= 1), \
     height INTEGER NOT NULL CHECK (height >= 1), \
     bytes BIGINT NOT NULL CHECK (bytes >= 0), \
     alt VARCHAR(1500) NOT NULL DEFAULT '', \
     created_at BIGINT NOT NULL)",
    "CREATE INDEX media_by_owner ON media (owner_id, created_at)",
    "CREATE TABLE upload (\
     id UUID NOT NULL PRIMARY KEY, \
     owner_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     kind VARCHAR(8) NOT NULL, \
     name VARCHAR(255) NOT NULL, \
     length BIGINT NOT NULL CHECK (length >= 1), \
     received BIGINT NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND length), \
     media_id UUID NULL, \
     created_at BIGINT NOT NULL, \
     expires_at BIGINT NOT NULL)",
    "CREATE INDEX upload_by_owner ON upload (owner_id)",
    "CREATE INDEX upload_by_end ON upload (expires_at)",
    "CREATE TABLE profile_link (\
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 9), \
     label VARCHAR(50) NOT NULL, \
     url VARCHAR(500) NOT NULL, \
     proved_at BIGINT NULL, \
     PRIMARY KEY (account_id, position))",
    // `day` counts days of UTC since 1970.
    "CREATE TABLE visit (\
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     day INTEGER NOT NULL, \
     PRIMARY KEY (account_id, day))",
    "CREATE TABLE achievement (\
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     name VARCHAR(32) NOT NULL, \
     earned_at BIGINT NOT NULL, \
     shown_at BIGINT NULL, \
     PRIMARY KEY (account_id, name))",
    // Lists of those who follow, the newest first.
    "CREATE INDEX follow_newest_followers ON follow (followee_id, created_at, follower_id)",
    "CREATE INDEX follow_newest_followed ON follow (follower_id, created_at, followee_id)",
    "CREATE INDEX account_most_followed ON account (followers_count, id)",
    "UPDATE account SET followers_count = \
     (SELECT COUNT(*) FROM follow f WHERE f.followee_id = account.id)",
    "UPDATE account SET following_count = \
     (SELECT COUNT(*) FROM follow f WHERE f.follower_id = account.id)",
];

const DOWN: [&str; 8] = [
    "DROP INDEX account_most_followed",
    "DROP INDEX follow_newest_followed",
    "DROP INDEX follow_newest_followers",
    "DROP TABLE achievement",
    "DROP TABLE visit",
    "DROP TABLE profile_link",
    "DROP TABLE upload",
    "DROP TABLE media",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, kind) in COLUMNS {
            run(manager, &[&format!("ALTER TABLE account ADD COLUMN {column} {kind}")]).await?;
        }
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await?;
        for (column, _) in COLUMNS.into_iter().rev() {
            run(manager, &[&format!("ALTER TABLE account DROP COLUMN {column}")]).await?;
        }
        Ok(())
    }
}
