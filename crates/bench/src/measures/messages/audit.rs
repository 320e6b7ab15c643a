//! Whether what was confirmed is in the database file.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags, Row};
use uuid::Uuid;

use super::Confirmed;
use crate::socket::body_of;

struct Stored {
    seq: i64,
    client_id: String,
    content: String,
}

/// Compares every confirmation with its row, and the numbers of the room with 1, 2, 3 …
pub(super) fn every(confirmed: &[Confirmed], database: &Path) -> Result<()> {
    let stored = read_all(database)?;
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

fn read_all(database: &Path) -> Result<HashMap<Uuid, Stored>> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = connection.prepare("SELECT id, seq, client_id, content FROM message")?;
    let rows = select.query_map([], |row| Ok((id_of(row)?, stored_of(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn id_of(row: &Row<'_>) -> rusqlite::Result<Uuid> {
    row.get(0).map(Uuid::from_bytes)
}

fn stored_of(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored { seq: row.get(1)?, client_id: row.get(2)?, content: row.get(3)? })
}
