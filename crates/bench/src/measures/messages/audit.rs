//! Whether what was confirmed is in the database, read there without the server.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags, Row};
use uuid::Uuid;

use super::Confirmed;
use crate::postgres;
use crate::socket::body_of;

/// A row of the database.
pub(in crate::measures) struct Stored {
    seq: i64,
    client_id: String,
    content: String,
}

/// Every message by its id.
pub(in crate::measures) type Rows = HashMap<Uuid, Stored>;

/// Compares every confirmation with its row, and the numbers of the room with 1, 2, 3 …
pub(in crate::measures) fn every(confirmed: &[Confirmed], stored: &Rows) -> Result<()> {
    for one in confirmed {
        let row = stored.get(&one.id).with_context(|| format!("{one:?} is not stored"))?;
        let same = row.seq == one.seq
            && row.client_id == one.client_id.as_str()
            && row.content == body_of(&one.client_id);
        ensure!(same, "{one:?} is stored as another message");
    }
    let mut numbers: Vec<i64> = stored.values().map(|row| row.seq).collect();
    numbers.sort_unstable();
    ensure!(numbers.iter().copied().eq(1..=numbers.len() as i64), "the numbers have a hole");
    Ok(())
}

pub(in crate::measures) fn read_sqlite(database: &Path) -> Result<Rows> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = connection.prepare("SELECT id, seq, client_id, content FROM message")?;
    let rows = select.query_map([], |row| Ok((id_of(row)?, stored_of(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(in crate::measures) fn read_postgres(url: &str) -> Result<Rows> {
    let rows = postgres::ask(url, "SELECT id, seq, client_id, content FROM message")?;
    rows.lines().map(|row| parsed(row).with_context(|| format!("a row {row}"))).collect()
}

/// The columns stand between bars, and nothing the benchmark writes has one.
fn parsed(row: &str) -> Option<(Uuid, Stored)> {
    let mut columns = row.split('|').map(str::to_owned);
    let id = columns.next()?.parse().ok()?;
    let seq = columns.next()?.parse().ok()?;
    Some((id, Stored { seq, client_id: columns.next()?, content: columns.next()? }))
}

fn id_of(row: &Row<'_>) -> rusqlite::Result<Uuid> {
    row.get(0).map(Uuid::from_bytes)
}

fn stored_of(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored { seq: row.get(1)?, client_id: row.get(2)?, content: row.get(3)? })
}
