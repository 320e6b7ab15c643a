//! Posts with their history and tags, comments, and what readers do with them.
//!
//! A post's counts and its score stand in its own row, so that a feed is one walk on an index. What it
//! looks like is kept as well: Markdown is rendered when it is written, not when it is read.

use sea_orm_migration::prelude::*;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POSTS: [&str; 12] = [
    // What was never published is called by its id: a name is taken when there is a title that stays.
    "CREATE TABLE post (\
     id UUID NOT NULL PRIMARY KEY, \
     author_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     community_id UUID NULL REFERENCES community (id) ON DELETE SET NULL, \
     title VARCHAR(140) NOT NULL, \
     slug VARCHAR(180) NOT NULL UNIQUE, \
     content TEXT NOT NULL, \
     content_html TEXT NOT NULL, \
     excerpt VARCHAR(400) NOT NULL, \
     words INTEGER NOT NULL DEFAULT 0, \
     cover_id UUID NULL, \
     visibility VARCHAR(10) NOT NULL DEFAULT 'public' \
     CHECK (visibility IN ('public', 'followers', 'community')), \
     state VARCHAR(10) NOT NULL \
     CHECK (state IN ('draft', 'scheduled', 'published', 'deleted')), \
     created_at BIGINT NOT NULL, \
     saved_at BIGINT NOT NULL, \
     publish_at BIGINT NULL, \
     published_at BIGINT NULL, \
     edited_at BIGINT NULL, \
     deleted_at BIGINT NULL, \
     likes_count BIGINT NOT NULL DEFAULT 0 CHECK (likes_count >= 0), \
     dislikes_count BIGINT NOT NULL DEFAULT 0 CHECK (dislikes_count >= 0), \
     comments_count BIGINT NOT NULL DEFAULT 0 CHECK (comments_count >= 0), \
     bookmarks_count BIGINT NOT NULL DEFAULT 0 CHECK (bookmarks_count >= 0), \
     views_count BIGINT NOT NULL DEFAULT 0 CHECK (views_count >= 0), \
     score DOUBLE PRECISION NOT NULL DEFAULT 0, \
     scored_at BIGINT NOT NULL DEFAULT 0, \
     CHECK ((state = 'scheduled') = (publish_at IS NOT NULL)), \
     CHECK (state <> 'published' OR published_at IS NOT NULL), \
     CHECK ((state = 'deleted') = (deleted_at IS NOT NULL)), \
     CHECK (visibility <> 'community' OR community_id IS NOT NULL OR state = 'deleted'))",
    "CREATE INDEX post_newest ON post (published_at, id) WHERE state = 'published'",
    "CREATE INDEX post_by_author ON post (author_id, published_at, id) WHERE state = 'published'",
    "CREATE INDEX post_by_community ON post (community_id, published_at, id) \
     WHERE state = 'published'",
    "CREATE INDEX post_by_score ON post (score, id) WHERE state = 'published'",
    "CREATE INDEX post_unpublished ON post (author_id, saved_at) \
     WHERE state IN ('draft', 'scheduled')",
    "CREATE INDEX post_due ON post (publish_at) WHERE state = 'scheduled'",
    "CREATE INDEX post_stale ON post (scored_at) WHERE state = 'published'",
    "CREATE INDEX post_deleted ON post (deleted_at) WHERE state = 'deleted'",
    "CREATE TABLE post_version (\
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     version INTEGER NOT NULL CHECK (version >= 1), \
     title VARCHAR(140) NOT NULL, \
     content TEXT NOT NULL, \
     written_at BIGINT NOT NULL, \
     PRIMARY KEY (post_id, version))",
    // `tag` is as it is compared; when the post was published stands here too, for walks by tag.
    "CREATE TABLE post_tag (\
     tag VARCHAR(64) NOT NULL, \
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     published_at BIGINT NULL, \
     PRIMARY KEY (post_id, tag))",
    "CREATE INDEX post_tag_newest ON post_tag (tag, published_at, post_id)",
];

const COMMENTS: [&str; 4] = [
    // An answer is under the same post as what it answers.
    "CREATE TABLE comment (\
     id UUID NOT NULL PRIMARY KEY, \
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     author_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     parent_id UUID NULL, \
     depth INTEGER NOT NULL DEFAULT 0 CHECK (depth >= 0), \
     content VARCHAR(1000) NOT NULL, \
     created_at BIGINT NOT NULL, \
     edited_at BIGINT NULL, \
     deleted_at BIGINT NULL CHECK (deleted_at IS NULL OR content = ''), \
     likes_count BIGINT NOT NULL DEFAULT 0 CHECK (likes_count >= 0), \
     dislikes_count BIGINT NOT NULL DEFAULT 0 CHECK (dislikes_count >= 0), \
     replies_count BIGINT NOT NULL DEFAULT 0 CHECK (replies_count >= 0), \
     UNIQUE (id, post_id), \
     FOREIGN KEY (parent_id, post_id) REFERENCES comment (id, post_id) ON DELETE CASCADE, \
     CHECK ((parent_id IS NULL) = (depth = 0)))",
    "CREATE INDEX comment_by_parent ON comment (post_id, parent_id, created_at, id)",
    "CREATE INDEX comment_by_author ON comment (author_id, created_at, id)",
    "CREATE INDEX comment_newest ON comment (created_at)",
];

/// What readers do. A like is 1, a dislike -1: one row for each reader, so they never stand together.
const READERS: [&str; 9] = [
    "CREATE TABLE post_reaction (\
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     value INTEGER NOT NULL CHECK (value IN (-1, 1)), \
     created_at BIGINT NOT NULL, \
     PRIMARY KEY (post_id, account_id))",
    "CREATE INDEX post_reaction_by_account ON post_reaction (account_id, value, created_at, post_id)",
    "CREATE TABLE comment_reaction (\
     comment_id UUID NOT NULL REFERENCES comment (id) ON DELETE CASCADE, \
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     value INTEGER NOT NULL CHECK (value IN (-1, 1)), \
     created_at BIGINT NOT NULL, \
     PRIMARY KEY (comment_id, account_id))",
    "CREATE TABLE bookmark (\
     account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE, \
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     created_at BIGINT NOT NULL, \
     PRIMARY KEY (account_id, post_id))",
    "CREATE INDEX bookmark_newest ON bookmark (account_id, created_at, post_id)",
    // `reader` is a keyed hash that names nobody; rows go when their window has passed.
    "CREATE TABLE post_view (\
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     reader VARCHAR(32) NOT NULL, \
     seen_at BIGINT NOT NULL, \
     PRIMARY KEY (post_id, reader))",
    "CREATE INDEX post_view_oldest ON post_view (seen_at)",
    // What happened to a post on each day of UTC; `day` counts them since 1970.
    "CREATE TABLE post_day (\
     post_id UUID NOT NULL REFERENCES post (id) ON DELETE CASCADE, \
     day INTEGER NOT NULL, \
     views BIGINT NOT NULL DEFAULT 0, \
     likes BIGINT NOT NULL DEFAULT 0, \
     comments BIGINT NOT NULL DEFAULT 0, \
     PRIMARY KEY (post_id, day))",
    "CREATE INDEX bookmark_by_post ON bookmark (post_id)",
];

const DOWN: [&str; 9] = [
    "DROP TABLE post_day",
    "DROP TABLE post_view",
    "DROP TABLE bookmark",
    "DROP TABLE comment_reaction",
    "DROP TABLE post_reaction",
    "DROP TABLE comment",
    "DROP TABLE post_tag",
    "DROP TABLE post_version",
    "DROP TABLE post",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &POSTS).await?;
        run(manager, &COMMENTS).await?;
        run(manager, &READERS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}
