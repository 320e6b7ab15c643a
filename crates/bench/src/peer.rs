//! Django Channels on Daphne, with a Redis of its own: the house that a server like this is usually
//! built in. Its packages come from PyPI into `daphne-venv` in the target folder, or are those of the
//! Python that `BENCH_PYTHON` names.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use test_support::Redis;

use crate::process::{Process, free_port};
use crate::server::answers_at;

const APP: &str = include_str!("../daphne/app.py");
const REQUIREMENTS: &str = include_str!("../daphne/requirements.txt");

#[derive(Debug)]
pub(crate) struct Daphne {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    home: TempDir,
    _redis: Redis,
}

impl Daphne {
    /// # Errors
    /// What this machine lacks.
    pub(crate) async fn start() -> Result<Self> {
        let home = tempfile::tempdir()?;
        let python = python(home.path())?;
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        ensure!(found.is_ok_and(|status| status.success()), "redis-server is not installed");
        let redis = Redis::start();
        std::fs::write(home.path().join("app.py"), APP)?;
        let log = std::fs::File::create(home.path().join("daphne.log"))?;
        let port = free_port()?;
        let mut daphne = Command::new(python);
        daphne.args(["-m", "daphne", "--verbosity", "0", "--bind", "127.0.0.1", "--port"]);
        daphne.arg(port.to_string()).arg("app:application").current_dir(home.path());
        daphne.env("REDIS_URL", redis.url()).env("DATABASE", home.path().join("room.db"));
        daphne.stdout(log.try_clone()?).stderr(log);
        let process = Process::spawn(&mut daphne)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let daphne = Self { process, address, home, _redis: redis };
        answers_at(address).await.with_context(|| daphne.last_words())?;
        Ok(daphne)
    }

    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.home.path().join("daphne.log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(3).collect();
        format!("Daphne's last words: {}", last.join(" ← "))
    }

    /// The messages that it has stored.
    pub(crate) fn stored(&self) -> Result<i64> {
        let database = rusqlite::Connection::open(self.home.path().join("room.db"))?;
        Ok(database.query_row("SELECT count(*) FROM room_message", [], |row| row.get(0))?)
    }
}

/// A Python that has what the app needs.
fn python(folder: &Path) -> Result<PathBuf> {
    if let Some(python) = env::var_os("BENCH_PYTHON") {
        return Ok(python.into());
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let environment = std::path::absolute(target)?.join("daphne-venv");
    let python = environment.join("bin/python");
    if !imports(&python) {
        let requirements = folder.join("requirements.txt");
        std::fs::write(&requirements, REQUIREMENTS)?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        run(pip.arg(requirements))?;
    }
    Ok(python)
}

fn imports(python: &Path) -> bool {
    let mut asked = Command::new(python);
    asked.args(["-c", "import channels, channels_redis, daphne, django"]).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

fn run(command: &mut Command) -> Result<()> {
    let name = format!("{command:?}");
    let output = command.output().with_context(|| name.clone())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {errors}");
    Ok(())
}
