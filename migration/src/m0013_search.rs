//! What search reads: the words of posts, people, communities and messages, as `domain::search` has made
//! them of their texts, and how far it has come with what was there before.
//!
//! SQLite keeps the words in a table and an index of FTS5 beside it, which triggers keep the same; its
//! tokeniser does no more than part them at spaces. Postgres keeps them as a `tsvector` that is made of them
//! word for word, so that no configuration of a server's has a say.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::sql::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What is searched; each has its table of words, `<name>_search`.
const SEARCHED: [&str; 4] = ["post", "account", "community", "message"];

/// Up to which of those that were there before the words are made; without a row from the beginning.
const PROGRESS: &str = "CREATE TABLE search_progress (\
     searched VARCHAR(12) NOT NULL PRIMARY KEY, \
     after UUID NOT NULL)";

/// `head` is what something is called, `body` the rest.
fn on_sqlite(name: &str) -> [String; 5] {
    let values = |row: &str| format!("{row}.number, {row}.head, {row}.body");
    let forget = format!(
        "INSERT INTO {name}_words ({name}_words, rowid, head, body) VALUES ('delete', {});",
        values("old")
    );
    let keep = format!("INSERT INTO {name}_words (rowid, head, body) VALUES ({});", values("new"));
    [
        format!(
            "CREATE TABLE {name}_search (number INTEGER PRIMARY KEY, \
             subject_id UUID NOT NULL UNIQUE REFERENCES {name} (id) ON DELETE CASCADE, \
             head TEXT NOT NULL, body TEXT NOT NULL)"
        ),
        format!(
            "CREATE VIRTUAL TABLE {name}_words USING fts5 (head, body, content = '{name}_search', \
             content_rowid = 'number', tokenize = 'ascii', prefix = '2 3')"
        ),
        format!("CREATE TRIGGER {name}_words_new AFTER INSERT ON {name}_search BEGIN {keep} END"),
        format!(
            "CREATE TRIGGER {name}_words_gone AFTER DELETE ON {name}_search BEGIN {forget} END"
        ),
        format!(
            "CREATE TRIGGER {name}_words_other AFTER UPDATE ON {name}_search BEGIN {forget} {keep} END"
        ),
    ]
}

/// Words of what something is called have the weight A.
fn on_postgres(name: &str) -> [String; 2] {
    [
        format!(
            "CREATE TABLE {name}_search (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
             subject_id UUID NOT NULL UNIQUE REFERENCES {name} (id) ON DELETE CASCADE, \
             words TSVECTOR NOT NULL)"
        ),
        format!("CREATE INDEX {name}_search_words ON {name}_search USING GIN (words)"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in SEARCHED {
            let steps = match manager.get_database_backend() {
                DbBackend::Sqlite => on_sqlite(name).to_vec(),
                _ => on_postgres(name).to_vec(),
            };
            run(manager, &steps.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        }
        run(manager, &[PROGRESS]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP TABLE search_progress"]).await?;
        for name in SEARCHED {
            if manager.get_database_backend() == DbBackend::Sqlite {
                run(manager, &[&format!("DROP TABLE {name}_words")]).await?;
            }
            run(manager, &[&format!("DROP TABLE {name}_search")]).await?;
        }
        Ok(())
    }
}
