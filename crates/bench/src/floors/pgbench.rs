//! F5: `pgbench` with the server's own insert, one row for each commit. Every client writes into a
//! conversation of its own, so that none waits for another's row.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::postgres::{ask, program, run};

/// As long as the server's bodies, and ids in the order of time as the server's are.
const INSERT: &str = "\\set n :client_id + 1
INSERT INTO message (id, conversation_id, seq, sender_id, client_id, kind, content, created_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(:n::text, 32, '0')::uuid, n, lpad(:n::text, 32, '0')::uuid,
       lpad(to_hex(n), 32, '0'), 'text', rpad(n::text, 128, '.'), n
FROM nextval('floor_number') AS n;
";
const TABLES: &str = "CREATE SEQUENCE floor_number;
INSERT INTO conversation (id, kind, last_seq, created_at, updated_at)
SELECT lpad(n::text, 32, '0')::uuid, 'group', 0, 0, 0 FROM generate_series(1, 64) n;
INSERT INTO account (id, username, username_key, password_hash, created_at)
SELECT lpad(n::text, 32, '0')::uuid, 'floor' || n, 'floor' || n, '!', 0 FROM generate_series(1, 64) n;";

/// The floor's database, with people and conversations.
#[derive(Debug)]
pub(crate) struct Pgbench<'a> {
    pub(crate) url: String,
    folder: &'a Path,
}

impl<'a> Pgbench<'a> {
    /// `folder` takes its script and its logs.
    pub(crate) fn prepare(url: String, folder: &'a Path) -> Result<Self> {
        ask(&url, TABLES)?;
        std::fs::write(folder.join("insert.sql"), INSERT)?;
        Ok(Self { url, folder })
    }

    /// The seconds that each commit took, with `clients` at once (at most 64) for `time`.
    pub(crate) fn commits(&self, clients: usize, time: Duration) -> Result<Vec<f64>> {
        let before = self.stored()?;
        let mut pgbench = program("pgbench")?;
        pgbench.current_dir(self.folder).args(["--no-vacuum", "--protocol=prepared", "--log"]);
        pgbench.args(["--log-prefix=commits", "--file=insert.sql"]);
        pgbench.arg(format!("--client={clients}")).arg(format!("--time={}", time.as_secs().max(1)));
        run(pgbench.arg(&self.url))?;
        let commits = self.read_logs()?;
        ensure!(self.stored()? - before == commits.len(), "pgbench logged what is not stored");
        Ok(commits)
    }

    fn stored(&self) -> Result<usize> {
        Ok(ask(&self.url, "SELECT count(*) FROM message")?.trim().parse()?)
    }

    fn read_logs(&self) -> Result<Vec<f64>> {
        let mut commits = Vec::new();
        for entry in std::fs::read_dir(self.folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"commits"))
            {
                for line in std::fs::read_to_string(&path)?.lines() {
                    commits.push(seconds(line).with_context(|| format!("a log line {line}"))?);
                }
                std::fs::remove_file(path)?;
            }
        }
        Ok(commits)
    }
}

/// Of `client transaction microseconds …`.
fn seconds(line: &str) -> Option<f64> {
    Some(line.split(' ').nth(2)?.parse::<f64>().ok()? / 1e6)
}
