//! What a large place is asked without reading much of it: how many posts are by authors who are gone or going.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Few are gone and have posts.
const UP: [&str; 1] = ["CREATE INDEX account_gone ON account (posts_count) \
     WHERE posts_count > 0 AND (NOT is_active OR delete_at IS NOT NULL)"];

const DOWN: [&str; 1] = ["DROP INDEX account_gone"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}
