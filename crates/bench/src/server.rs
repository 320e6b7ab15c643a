//! The release binary, started with a data directory of its own.

use std::env;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::accounts::PASSWORD;
use crate::process::{Process, free_port};

/// A program that does not answer for so long never will.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two tries while a program starts.
const TRY_EVERY: Duration = Duration::from_micros(250);
/// Limits that would measure themselves.
const LIFTED: [&str; 7] = [
    "MESSAGE_RATE_LIMIT",
    "LIMIT_SIGNUPS_PER_MINUTE",
    "LIMIT_LOGINS_PER_MINUTE",
    "LIMIT_ACTS_PER_MINUTE",
    "LIMIT_BEGINNINGS_PER_HOUR",
    "LIMIT_POSTS_PER_HOUR",
    "LIMIT_COMMENTS_PER_HOUR",
];

/// Sockets of a long run must not end with their tokens.
const ACCESS_MINUTES: &str = "1440";

/// Where a server keeps its data; gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Home {
    folder: TempDir,
    /// Another database than the SQLite file in the folder.
    database: Option<String>,
    settings: Vec<(&'static str, String)>,
}

/// The program under test.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Home {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("spherespace-bench-").tempdir()?;
        Ok(Self { folder, database: postgres_url(), settings: Vec::new() })
    }

    /// The same with another database.
    pub(crate) fn on(database: &str) -> Result<Self> {
        Ok(Self { database: Some(database.to_owned()), ..Self::new()? })
    }

    /// A variable that servers of this home are started with.
    pub(crate) fn with(mut self, variable: &'static str, value: impl ToString) -> Self {
        self.settings.push((variable, value.to_string()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The SQLite file, whether or not it exists yet.
    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("spherespace.db")
    }
}

impl Server {
    /// Runs the program and returns at once.
    pub(crate) fn spawn(home: &Home) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let log = File::create(home.path().join("server.log"))?;
        let mut command = program(home)?;
        command
            .arg("serve")
            .env("BIND_ADDR", address.to_string())
            .env("PUBLIC_URL", format!("http://{address}"))
            .env("ACCESS_TOKEN_MINUTES", ACCESS_MINUTES)
            .envs(LIFTED.map(|limit| (limit, "0")))
            .envs(home.settings.iter().map(|(name, value)| (name, value)))
            .stdout(log.try_clone()?)
            .stderr(log);
        Ok(Self { process: Process::spawn(&mut command)?, address })
    }

    /// Runs the program and waits until it says that it is ready.
    pub(crate) async fn start(home: &Home) -> Result<Self> {
        let mut server = Self::spawn(home)?;
        let ready = server.ready().await;
        ready.with_context(|| log_of(home))?;
        Ok(server)
    }

    async fn ready(&mut self) -> Result<()> {
        let url = self.url("/readyz");
        answers(&mut self.process, &url).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// The program under test, in its home and on its database.
fn program(home: &Home) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.current_dir(home.path());
    command.env("DATABASE_URL", database_url(home)).env("DATA_DIR", home.path());
    Ok(command)
}

/// Plants `users` people and `messages` messages of theirs in the global room.
pub(crate) fn plant(home: &Home, users: usize, messages: usize) -> Result<()> {
    plant_with(home, &[("users", users), ("messages", messages)])
}

/// Plants as much of each as the options of `spherespace seed` say; everybody's password is [`PASSWORD`].
pub(crate) fn plant_with(home: &Home, much: &[(&str, usize)]) -> Result<()> {
    let mut seed = program(home)?;
    seed.args(["seed", "--password", PASSWORD]);
    for (what, count) in much {
        seed.args([format!("--{what}"), count.to_string()]);
    }
    let output = seed.output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "seeding: {errors}");
    Ok(())
}

/// The Postgres database that is to be used instead of SQLite, if any.
pub(crate) fn postgres_url() -> Option<String> {
    env::var("BENCH_POSTGRES_URL").ok()
}

/// Asks until `url` answers 200, and reads that answer to its end.
pub(crate) async fn answers(process: &mut Process, url: &str) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Ok(answer) = client.get(url).send().await
            && answer.status() == reqwest::StatusCode::OK
        {
            answer.bytes().await?;
            return Ok(());
        }
        if process.has_ended()? {
            bail!("the program ended before {url} answered");
        }
        tokio::time::sleep(TRY_EVERY).await;
    }
    bail!("{url} did not answer 200 within {PATIENCE:?}")
}

/// Waits until somebody listens at `address`.
pub(crate) async fn answers_at(address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while tokio::net::TcpStream::connect(address).await.is_err() {
        if Instant::now() > deadline {
            bail!("nobody listens at {address}");
        }
        tokio::time::sleep(TRY_EVERY).await;
    }
    Ok(())
}

/// Where the server keeps its messages.
pub(crate) fn database_url(home: &Home) -> String {
    let file = || format!("sqlite://{}", home.database().display());
    home.database.clone().unwrap_or_else(file)
}

fn binary() -> Result<PathBuf> {
    let target = || env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let path = env::var_os("SPHERESPACE_BIN")
        .map_or_else(|| target().join("release/spherespace"), PathBuf::from);
    path.canonicalize().with_context(|| format!("no program at {}", path.display()))
}

fn log_of(home: &Home) -> String {
    let log = std::fs::read_to_string(home.path().join("server.log")).unwrap_or_default();
    let last: Vec<&str> = log.lines().rev().take(5).collect();
    format!("the server's last words: {}", last.join(" ← "))
}
