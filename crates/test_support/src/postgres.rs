//! One Postgres for each test process, started by it and gone with it; and others for tests that stop
//! or pause theirs.
//!
//! A server hangs on a shell whose standard input is a pipe from this process. However the
//! process ends, the pipe closes; the shell then stops the server and removes its folder.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::DatabaseConnection;
use tokio::sync::OnceCell;

use crate::Database;
use crate::database::{execute, migrate};
use crate::redis::free_port;

/// `$1` is the folder of the binaries, `$2` where to listen besides the unix socket in its folder: the
/// one that all share does nowhere, so that no port can be taken or in the way. `$3` is the port.
/// `fsync` stays on: a commit here costs what it costs in earnest. Each line of the input is an order.
const SCRIPT: &str = r#"
set -eu
home=$(mktemp -d /tmp/spherespace-postgres.XXXXXX)
cd "$home"
bin=$1
trap 'rm -rf "$home"' EXIT
trap '' INT HUP TERM
start() { "$bin/pg_ctl" --pgdata=data --log=log --wait --timeout=60 start; }
stop() { "$bin/pg_ctl" --pgdata=data --mode=immediate stop; }
tell_all() {
    first=$(head -n 1 data/postmaster.pid)
    kill "-$1" "$first"
    # One that has ended meanwhile needs no telling.
    kill "-$1" $(pgrep -P "$first") 2>/dev/null || true
}
{
    "$bin/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C data
    cat >>data/postgresql.conf <<END
listen_addresses = '$2'
port = $3
unix_socket_directories = '$home'
max_connections = 200
shared_buffers = 16MB
END
    start
} >starting 2>&1 || { cat starting log >&2; exit 1; }
echo "$home"
while read -r order; do
    case $order in
        start) start ;;
        stop) stop ;;
        pause) tell_all STOP ;;
        go_on) tell_all CONT ;;
    esac >ordered 2>&1 && echo done || echo "failed: $(tr '\n' ' ' <ordered)"
done
tell_all CONT >/dev/null 2>&1 || true
stop >/dev/null 2>&1
"#;

/// A Postgres of a test's own, to be stopped and paused.
#[derive(Debug)]
pub struct Postgres {
    socket: String,
    port: u16,
    /// Dropping the child's standard input stops the server; a static is never dropped.
    shell: Child,
    answers: BufReader<ChildStdout>,
}

impl Postgres {
    /// # Panics
    /// Where Postgres is not installed.
    #[must_use]
    pub fn start() -> Self {
        start("127.0.0.1", free_port())
    }

    /// Where it takes connections that something may stand in the way of.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The same database for whoever reaches it at another address.
    #[must_use]
    pub fn through(&self, address: SocketAddr) -> Database {
        Database::at(format!("postgres://postgres@{address}/postgres"))
    }

    /// A database with today's tables.
    pub async fn migrated(&self) -> Database {
        let url = self.url("postgres");
        migrate(&url).await;
        Database::at(url)
    }

    /// As a crash does.
    pub fn stop(&mut self) {
        self.order("stop");
    }

    /// Starts it with what was there when it stopped.
    pub fn again(&mut self) {
        self.order("start");
    }

    /// It takes connections and answers nothing, nor do those that it has.
    pub fn pause(&mut self) {
        self.order("pause");
    }

    pub fn go_on(&mut self) {
        self.order("go_on");
    }

    fn order(&mut self, order: &str) {
        let shell = self.shell.stdin.as_mut().expect("a piped input");
        writeln!(shell, "{order}").expect("the shell takes orders");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the shell's answer");
        assert_eq!(answer.trim(), "done", "{order}");
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost:{}/{database}?host={}", self.port, self.socket)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Nothing is left to do about a shell that cannot be waited for.
        let _ended = self.shell.wait();
    }
}

fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| start("", 5432))
}

fn start(listen: &str, port: u16) -> Postgres {
    let mut shell = shell_of_a_mortal()
        .args(["-c", SCRIPT, "postgres"])
        .arg(binaries())
        .args([listen, &port.to_string()])
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell to start Postgres in");
    let mut socket = String::new();
    let mut answers = BufReader::new(shell.stdout.take().expect("a piped output"));
    answers.read_line(&mut socket).expect("the shell's answer");
    if socket.is_empty() {
        let mut cause = String::new();
        let errors = shell.stderr.take().expect("a piped output");
        BufReader::new(errors).read_to_string(&mut cause).expect("the shell's reason");
        panic!("Postgres did not start:\n{cause}");
    }
    Postgres { socket: socket.trim().to_owned(), port, shell, answers }
}

/// Postgres refuses to run as root, so root steps down to the account that its package made.
fn shell_of_a_mortal() -> Command {
    if !is_root() {
        return Command::new("sh");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
    command
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output().expect("id -u");
    answer.stdout.trim_ascii() == b"0"
}

fn binaries() -> PathBuf {
    let found = candidates().into_iter().rfind(|folder| folder.join("initdb").is_file());
    found.expect(
        "These tests need Postgres, and it was not found: install it \
         (Debian: apt-get install postgresql; macOS: brew install postgresql@17)",
    )
}

/// From the least to the most wanted: what `PATH` names, then packages, the newest version last.
fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut packaged = [
        versions("/usr/lib/postgresql", ""),
        versions("/opt/homebrew/opt", "postgresql"),
        versions("/usr/local/opt", "postgresql"),
    ]
    .concat();
    packaged.sort();
    folders.extend(packaged);
    folders
}

fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    named.map(|entry| Path::new(&entry.path()).join("bin")).collect()
}

async fn url_of(database: &str) -> String {
    let server = tokio::task::spawn_blocking(server).await.expect("Postgres");
    server.url(database)
}

/// A copy of `template` that is nobody else's.
pub(crate) async fn create_database(template: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    url_of(&name).await
}

/// The name of a database that has today's tables and no connection.
pub(crate) async fn migrated_template() -> &'static str {
    static TEMPLATE: OnceCell<()> = OnceCell::const_new();
    let name = "migrated_template";
    TEMPLATE
        .get_or_init(|| async {
            administer(&format!("CREATE DATABASE {name}")).await;
            migrate(&url_of(name).await).await;
        })
        .await;
    name
}

async fn administer(sql: &str) {
    let mut options = sea_orm::ConnectOptions::new(url_of("postgres").await);
    options.max_connections(1).sqlx_logging(false);
    let rows: DatabaseConnection =
        sea_orm::Database::connect(options).await.expect("the Postgres of the tests");
    execute(&rows, sql).await;
    rows.close().await.expect("a connection closes");
}
