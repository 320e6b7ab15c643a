//! A Postgres of the benchmark's own, and the programs that come with it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use test_support::{Backend, Database};

/// A database with today's tables, on a server that ends with this process. Flushes are in earnest.
pub(crate) async fn database() -> String {
    Database::migrated(Backend::Postgres).await.url
}

/// What `psql` answers: a line for each row, its columns between bars.
pub(crate) fn ask(url: &str, sql: &str) -> Result<String> {
    let mut psql = program("psql")?;
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
    run(psql.args(["--set=ON_ERROR_STOP=1", "--command", sql, url]))
}

/// A program of the newest Postgres that is installed.
pub(crate) fn program(name: &str) -> Result<Command> {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = packaged.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.splice(0..0, std::env::split_paths(&path));
    let found = folders.into_iter().map(|folder| folder.join(name)).rfind(|file| file.is_file());
    Ok(Command::new(found.with_context(|| format!("{name} of Postgres is not installed"))?))
}

/// Runs it to its end, and gives what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| name.clone())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
