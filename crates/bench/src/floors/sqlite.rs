//! F4: the server's own schema, written by one thread with prepared statements and no socket, no
//! JSON and no queue. Per group of 64: `BEGIN IMMEDIATE`, look for each client id, take 64 numbers,
//! insert each row, commit and flush.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;
use wire::ClientId;

use crate::socket::body_of;

/// Messages in one transaction, as the server's writer takes them.
const GROUP: i64 = 64;
const GLOBAL_ROOM: &str = "kind = 'global'";

/// A copy of the server's database, to be written to directly.
#[derive(Debug)]
pub(crate) struct PlainSqlite {
    connection: Connection,
    room: Vec<u8>,
    senders: Vec<Vec<u8>>,
}

impl PlainSqlite {
    /// Copies `database` as it is now: the same tables, indexes and checks, and the same people.
    pub(crate) fn copy_of(database: &Path) -> Result<Self> {
        let copy = beside(database);
        let original = Connection::open(database)?;
        let path = copy.to_str().context("a path that is not UTF-8")?;
        original.execute("VACUUM INTO ?1", [path])?;
        let connection = Connection::open(&copy)?;
        as_the_server_does(&connection)?;
        let one = format!("SELECT id FROM conversation WHERE {GLOBAL_ROOM}");
        let room = connection.query_row(&one, [], |row| row.get(0))?;
        let senders = connection
            .prepare("SELECT id FROM account")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Self { connection, room, senders })
    }

    /// Messages a second, over `time`.
    pub(crate) fn messages_per_second(&mut self, time: Duration) -> Result<f64> {
        let (started, mut written) = (Instant::now(), 0);
        while started.elapsed() < time {
            let group =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            write_group(&group, &self.room, &self.senders)?;
            group.commit()?;
            written += GROUP;
        }
        Ok(written as f64 / started.elapsed().as_secs_f64())
    }
}

fn beside(database: &Path) -> PathBuf {
    database.with_file_name("sqlite-floor.db")
}

/// The settings of `domain::store`.
fn as_the_server_does(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "cell_size_check", "ON")?;
    connection.pragma_update(None, "cache_size", -8000)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

fn write_group(group: &Transaction<'_>, room: &[u8], senders: &[Vec<u8>]) -> Result<()> {
    let mut find =
        group.prepare_cached("SELECT id FROM message WHERE sender_id = ?1 AND client_id = ?2")?;
    let mut insert = group.prepare_cached(
        "INSERT INTO message (id, conversation_id, seq, sender_id, client_id, kind, content, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'text', ?6, ?7)",
    )?;
    let first = take_numbers(group, room)?;
    for (seq, sender) in (first..first + GROUP).zip(senders.iter().cycle()) {
        let client_id = ClientId::new();
        let twin: Option<Vec<u8>> =
            find.query_row(params![sender, client_id.as_str()], |row| row.get(0)).optional()?;
        anyhow::ensure!(twin.is_none(), "a new client id is already there");
        let id = Uuid::now_v7().into_bytes();
        insert.execute(params![
            id,
            room,
            seq,
            sender,
            client_id.as_str(),
            body_of(&client_id),
            seq
        ])?;
    }
    Ok(())
}

/// The first of the numbers that this group now owns.
fn take_numbers(group: &Transaction<'_>, room: &[u8]) -> Result<i64> {
    let sql = "UPDATE conversation SET last_seq = last_seq + ?1, updated_at = ?1
               WHERE id = ?2 RETURNING last_seq";
    let last: i64 = group.prepare_cached(sql)?.query_row(params![GROUP, room], |row| row.get(0))?;
    Ok(last - GROUP + 1)
}
