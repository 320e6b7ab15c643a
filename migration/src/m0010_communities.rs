//! Communities: who belongs to them and as what, how one is invited, and what was done in them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 9] = [
    // `name_key` is the name as it is compared; `rules` and `description` are Markdown.
    "CREATE TABLE community (\
     id UUID NOT NULL PRIMARY KEY, \
     name VARCHAR(100) NOT NULL CHECK (length(name) >= 1), \
     name_key VARCHAR(400) NOT NULL UNIQUE, \
     slug VARCHAR(140) NOT NULL UNIQUE, \
     description TEXT NOT NULL DEFAULT '', \
     rules TEXT NOT NULL DEFAULT '', \
     icon_id UUID NULL, \
     cover_id UUID NULL, \
     created_by UUID NULL REFERENCES account (id) ON DELETE SET NULL, \
     is_private BOOLEAN NOT NULL DEFAULT FALSE, \
     slow_mode_seconds INTEGER NOT NULL DEFAULT 0 CHECK (slow_mode_seconds BETWEEN 0 AND 86400), \
     conversation_id UUID NULL REFERENCES conversation (id) ON DELETE SET NULL, \
     pinned_post_id UUID NULL, \
     members_count BIGINT NOT NULL DEFAULT 0, \
     posts_count BIGINT NOT NULL DEFAULT 0, \
     created_at BIGINT NOT NULL)",
    "CREATE INDEX community_largest ON community (members_count, id)",
    "CREATE INDEX community_newest ON community (created_at, id)",
    "CREATE TABLE community_member (\
     community_id UUID NOT NULL REFERENCES community (id) ON DELETE CASCADE, \
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     role VARCHAR(10) NOT NULL DEFAULT 'member' \
     CHECK (role IN ('owner', 'admin', 'moderator', 'member')), \
     state VARCHAR(10) NOT NULL CHECK (state IN ('active', 'requested', 'banned')), \
     joined_at BIGINT NOT NULL, \
     last_post_at BIGINT NULL, \
     PRIMARY KEY (community_id, account_id), \
     CHECK (state = 'active' OR role = 'member'))",
    "CREATE INDEX community_member_by_account ON community_member (account_id, state, community_id)",
    "CREATE INDEX community_member_by_state ON community_member (community_id, state, joined_at)",
    // One owner at most.
    "CREATE UNIQUE INDEX community_owner ON community_member (community_id) WHERE role = 'owner'",
    // Only the link's SHA-256 is kept, in hex.
    "CREATE TABLE community_invite (\
     digest VARCHAR(64) NOT NULL PRIMARY KEY, \
     id UUID NOT NULL UNIQUE, \
     community_id UUID NOT NULL REFERENCES community (id) ON DELETE CASCADE, \
     created_by UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     created_at BIGINT NOT NULL, \
     expires_at BIGINT NOT NULL, \
     uses_left INTEGER NOT NULL CHECK (uses_left >= 0))",
    // What is named may be gone: it is kept without a reference.
    "CREATE TABLE community_act (\
     id UUID NOT NULL PRIMARY KEY, \
     community_id UUID NOT NULL REFERENCES community (id) ON DELETE CASCADE, \
     actor_id UUID NULL REFERENCES account (id) ON DELETE SET NULL, \
     act VARCHAR(24) NOT NULL, \
     target_id UUID NULL, \
     note VARCHAR(500) NOT NULL DEFAULT '', \
     created_at BIGINT NOT NULL)",
];

const MORE: [&str; 3] = [
    "CREATE INDEX community_invite_by_community ON community_invite (community_id, created_at)",
    "CREATE INDEX community_act_newest ON community_act (community_id, created_at)",
    // Whether a conversation is the room of a community.
    "CREATE INDEX community_by_room ON community (conversation_id)",
];

const DOWN: [&str; 4] = [
    "DROP TABLE community_act",
    "DROP TABLE community_invite",
    "DROP TABLE community_member",
    "DROP TABLE community",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await?;
        run(manager, &MORE).await?;
        // By code points: a search for the beginning of a name is a range, whatever the server's language.
        let collation = match manager.get_database_backend() {
            DbBackend::Sqlite => "BINARY",
            _ => "\"C\"",
        };
        let by_name =
            format!("CREATE INDEX community_by_name ON community (name_key COLLATE {collation})");
        run(manager, &[&by_name]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}
