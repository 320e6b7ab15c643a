//! Beginnings of words, spelled out.
//!
//! SQLite's index keeps what a word stands in by itself, and can read that from the newest on until there is
//! enough. For the beginning of a word it has that of two and of three letters only; for a longer one it would put
//! together all that any of its words stands in before it finds the first. So those words are asked for instead.

use std::collections::BTreeMap;

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};

use super::SearchError;
use super::expression::Expression;
use super::find::Asked;
use super::searched::Searched;

/// Letters of the longest beginning that has an index (`m0013_search`).
const INDEXED: usize = 3;
/// Most words that a beginning is spelled out as. Where it has more, it is asked for as it is.
pub(super) const SPELLINGS: usize = 32;

/// What asks for the same, with words instead of the beginnings of a few.
pub(super) async fn spelled_out(
    asked: &Asked<'_>,
    searched: Searched,
    wanted: Expression,
) -> Result<Expression, SearchError> {
    if asked.backend() != DbBackend::Sqlite {
        return Ok(wanted);
    }
    let mut all = BTreeMap::new();
    for beginning in wanted.beginnings().filter(|beginning| beginning.chars().count() > INDEXED) {
        let spellings = spellings(asked, searched, beginning).await?;
        if (1..=SPELLINGS).contains(&spellings.len()) {
            all.insert(beginning.to_owned(), spellings);
        }
    }
    Ok(wanted.spelled(&all))
}

async fn spellings(
    asked: &Asked<'_>,
    searched: Searched,
    beginning: &str,
) -> Result<Vec<String>, SearchError> {
    #[derive(FromQueryResult)]
    struct Row {
        word: String,
    }
    let found = Row::find_by_statement(spellings_query(searched, beginning));
    let found = found.all(&asked.services.store.read).await?;
    Ok(found.into_iter().map(|row| row.word).collect())
}

/// One look for each word: the first that is the beginning or longer, and from each the one behind it. The list
/// has a row for each document of a word; no letter is less than the first of all signs, which leads past them.
pub(super) fn spellings_query(searched: Searched, beginning: &str) -> Statement {
    let table = searched.table();
    let next = |than: &str| {
        format!("(SELECT v.term FROM {table}_spellings v WHERE v.term >= {than} LIMIT 1)")
    };
    let sql = format!(
        "WITH RECURSIVE spelling (word) AS (SELECT {} UNION ALL SELECT {} FROM spelling s \
         WHERE s.word < $2 LIMIT $3) SELECT word FROM spelling WHERE word < $2",
        next("$1"),
        next("s.word || char(1)")
    );
    let end = format!("{beginning}{}", char::MAX);
    let values: [Value; 3] = [beginning.into(), end.into(), (SPELLINGS as i64 + 1).into()];
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}
