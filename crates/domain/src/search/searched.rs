//! What can be searched, and where its words stand.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::documents::{Document, Indexed, by, has, plain, within};
use super::query::Thing;
use crate::StoreError;
use crate::chat::among;

/// One kind of what can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Searched {
    Posts,
    People,
    Communities,
    Messages,
}

impl Searched {
    pub(super) const ALL: [Self; 4] =
        [Self::Posts, Self::People, Self::Communities, Self::Messages];

    /// Its own table; the words of it are in `<table>_search`.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Posts => "post",
            Self::People => "account",
            Self::Communities => "community",
            Self::Messages => "message",
        }
    }

    /// Whether `x` is there to be found, in SQL.
    pub(super) fn is_there(self) -> &'static str {
        match self {
            Self::Posts => "x.state = 'published'",
            Self::People => "x.is_active",
            Self::Communities => "TRUE",
            Self::Messages => "x.unsent_at IS NULL",
        }
    }

    fn columns(self) -> &'static str {
        match self {
            Self::Posts => {
                "x.title AS head, x.content_html AS body, x.author_id AS writer, \
                 x.community_id AS place, x.cover_id AS cover, COALESCE((SELECT \
                 GROUPED(t.tag, ' ') FROM post_tag t WHERE t.post_id = x.id), '') AS more"
            }
            Self::People => {
                "x.username AS head, x.bio AS body, NULL AS writer, NULL AS place, NULL AS cover, \
                 x.first_name || ' ' || x.last_name AS more"
            }
            Self::Communities => {
                "x.name AS head, x.description AS body, NULL AS writer, NULL AS place, \
                 NULL AS cover, x.slug AS more"
            }
            Self::Messages => {
                "'' AS head, x.content AS body, x.sender_id AS writer, x.conversation_id AS place, \
                 NULL AS cover, '' AS more"
            }
        }
    }

    /// Those of `ids` that are there, as documents.
    pub(super) async fn documents(
        self,
        rows: &impl ConnectionTrait,
        ids: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, Document)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let backend = rows.get_database_backend();
        let (these, values) = among(backend, 1, ids);
        let is_sqlite = backend == DbBackend::Sqlite;
        let columns = match is_sqlite {
            true => self.columns().replace("GROUPED", "group_concat"),
            false => self
                .columns()
                .replace("GROUPED", "string_agg")
                .replace("NULL AS", "CAST(NULL AS UUID) AS"),
        };
        let (table, there) = (self.table(), self.is_there());
        let sql = format!(
            "SELECT x.id, {columns} FROM {table} x WHERE x.id {these} AND {there} ORDER BY x.id"
        );
        let query = Statement::from_sql_and_values(backend, sql, values);
        let found = Row::find_by_statement(query).all(rows).await?;
        Ok(found.into_iter().map(|row| (row.id, row.document(self))).collect())
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    head: String,
    body: String,
    writer: Option<Uuid>,
    place: Option<Uuid>,
    cover: Option<Uuid>,
    more: String,
}

impl Row {
    fn document(self, searched: Searched) -> Document {
        let marks = self.marks(searched);
        let Self { head, body, more, .. } = self;
        match searched {
            Searched::Posts => Document { head, body: format!("{} {more}", plain(&body)), marks },
            // A name is what somebody is called, too, and a slug where it leads to.
            Searched::People | Searched::Communities => {
                Document { head: format!("{head} {more}"), body, marks }
            }
            Searched::Messages => Document { head, body, marks },
        }
    }

    fn marks(&self, searched: Searched) -> Vec<String> {
        let mut marks: Vec<_> = self.writer.map(by).into_iter().collect();
        marks.extend(self.place.map(within));
        let text = self.body.as_str();
        let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let things = match searched {
            Searched::Posts => [
                (Thing::Link, holds(&["href=\"http"])),
                (Thing::Image, self.cover.is_some() || holds(&["<img "])),
                (Thing::Code, holds(&["<code"])),
            ],
            Searched::Messages => [
                (Thing::Link, holds(&["http://", "https://"])),
                (Thing::Image, false),
                (Thing::Code, holds(&["`"])),
            ],
            Searched::People | Searched::Communities => return marks,
        };
        marks.extend(things.into_iter().filter(|(_, holds)| *holds).map(|(thing, _)| has(thing)));
        marks
    }
}

/// What becomes of words that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Replaced,
    Kept,
}

/// Puts documents into their index, in one statement.
pub(super) async fn write(
    rows: &impl ConnectionTrait,
    searched: Searched,
    documents: &[(Uuid, Indexed)],
    known: Known,
) -> Result<(), StoreError> {
    if documents.is_empty() {
        return Ok(());
    }
    let backend = rows.get_database_backend();
    let is_sqlite = backend == DbBackend::Sqlite;
    let (columns, row) = match is_sqlite {
        true => ("head, body", "head = excluded.head, body = excluded.body"),
        false => ("words", "words = excluded.words"),
    };
    let known = match known {
        Known::Replaced => format!("UPDATE SET {row}"),
        Known::Kept => "NOTHING".into(),
    };
    let mut values = Vec::<Value>::new();
    let mut places = Vec::with_capacity(documents.len());
    for (id, document) in documents {
        let n = values.len();
        values.push((*id).into());
        if is_sqlite {
            let (head, body) = document.columns();
            values.extend([head.into(), body.into()]);
            places.push(format!("(${}, ${}, ${})", n + 1, n + 2, n + 3));
        } else {
            values.push(document.vector().into());
            places.push(format!("(${}, CAST(${} AS TSVECTOR))", n + 1, n + 2));
        }
    }
    let sql = format!(
        "INSERT INTO {}_search (subject_id, {columns}) VALUES {} ON CONFLICT (subject_id) DO {known}",
        searched.table(),
        places.join(", ")
    );
    rows.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Where a document is found: the tables to read, with an alias of what it is of, and the condition that it
/// answers the question which `$2` is.
pub(super) struct Source {
    pub(super) tables: String,
    pub(super) condition: String,
    /// All that holds the words, without a look at what it is of.
    pub(super) words: String,
    /// The order in which they were indexed.
    pub(super) number: &'static str,
}

/// How far back is looked.
///
/// What has all the words is found in two ways: through the index of words, or by reading back from the newest
/// until there is enough. The one is slow for words that are everywhere, the other for words that are nowhere,
/// and Postgres cannot know which they are of the beginning of a word. So it reads back a little, and goes
/// through the index where that was not enough. SQLite's index is in the order of what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Newest,
    All,
}

/// Rows that are read back through.
const READ_BACK: i64 = 20_000;

impl Reach {
    /// One after the other, until there is enough.
    pub(super) fn steps(backend: DbBackend) -> &'static [Self] {
        match backend {
            DbBackend::Sqlite => &[Self::All],
            _ => &[Self::Newest, Self::All],
        }
    }
}

impl Searched {
    pub(super) fn source(self, backend: DbBackend, alias: &str, reach: Reach) -> Source {
        match backend {
            DbBackend::Sqlite => self.source_on_sqlite(alias),
            _ => self.source_on_postgres(alias, reach),
        }
    }

    /// What the index finds is read first.
    fn source_on_sqlite(self, alias: &str) -> Source {
        let table = self.table();
        Source {
            tables: format!(
                "{table}_words f CROSS JOIN {table}_search s CROSS JOIN {table} {alias}"
            ),
            condition: format!(
                "f.{table}_words MATCH $2 AND s.number = f.rowid AND {alias}.id = s.subject_id"
            ),
            words: format!("FROM {table}_words f WHERE f.{table}_words MATCH $2"),
            number: "f.rowid",
        }
    }

    /// What is worked out is in no index's order.
    fn source_on_postgres(self, alias: &str, reach: Reach) -> Source {
        let table = self.table();
        let recent = format!(
            " AND s.number > (SELECT COALESCE(MAX(n.number), 0) - {READ_BACK} FROM {table}_search n)"
        );
        let (recent, number) = match reach {
            Reach::Newest => (recent.as_str(), "s.number"),
            Reach::All => ("", "(s.number + 0)"),
        };
        let condition = format!("s.words @@ CAST($2 AS TSQUERY){recent}");
        Source {
            tables: format!("{table}_search s JOIN {table} {alias} ON {alias}.id = s.subject_id"),
            words: format!("FROM {table}_search s WHERE {condition}"),
            condition,
            number,
        }
    }
}
