//! The parts of uploads that are under way, and which pictures the texts of posts show: what nothing
//! shows is taken away, and each question about that has an index.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 10] = [
    // The file of a part is called by its id; two that begin at the same byte are never both kept.
    "CREATE TABLE upload_part (\
     id UUID NOT NULL PRIMARY KEY, \
     upload_id UUID NOT NULL REFERENCES upload (id) ON DELETE CASCADE, \
     position BIGINT NOT NULL CHECK (position >= 0), \
     length BIGINT NOT NULL CHECK (length >= 1), \
     UNIQUE (upload_id, position))",
    // Of a published post those of earlier versions, too. A picture is named without a reference: a text
    // may name one that is gone.
    "CREATE TABLE post_picture (\
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     media_id UUID NOT NULL, \
     PRIMARY KEY (post_id, media_id))",
    "CREATE INDEX post_picture_by_media ON post_picture (media_id)",
    "CREATE INDEX media_oldest ON media (created_at, id)",
    "CREATE INDEX post_by_cover ON post (cover_id) WHERE cover_id IS NOT NULL",
    "CREATE INDEX community_by_icon ON community (icon_id) WHERE icon_id IS NOT NULL",
    "CREATE INDEX community_by_cover ON community (cover_id) WHERE cover_id IS NOT NULL",
    "CREATE INDEX account_by_avatar ON account (avatar_id) WHERE avatar_id IS NOT NULL",
    "CREATE INDEX account_by_banner ON account (banner_id) WHERE banner_id IS NOT NULL",
    // Links of those who look after nothing any more.
    "DELETE FROM community_invite WHERE NOT EXISTS (SELECT 1 FROM community_member m \
     WHERE m.community_id = community_invite.community_id AND m.account_id = created_by \
     AND m.state = 'active' AND m.role <> 'member')",
];

const DOWN: [&str; 8] = [
    "DROP INDEX account_by_banner",
    "DROP INDEX account_by_avatar",
    "DROP INDEX community_by_cover",
    "DROP INDEX community_by_icon",
    "DROP INDEX post_by_cover",
    "DROP INDEX media_oldest",
    "DROP TABLE post_picture",
    "DROP TABLE upload_part",
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
