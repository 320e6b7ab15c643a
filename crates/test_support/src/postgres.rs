//! One Postgres for each test process, started by it and gone with it.
//!
//! The server hangs on a shell whose standard input is a pipe from this process. However the
//! process ends, the pipe closes; the shell then stops the server and removes its folder.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::DatabaseConnection;
use tokio::sync::OnceCell;

use crate::database::{execute, migrate};

/// `$1` is the folder of the binaries. Only a unix socket: no port can be taken or in the way.
/// `fsync` stays on: a commit here costs what it costs in earnest.
const SCRIPT: &str = r#"
set -eu
home=$(mktemp -d /tmp/spherespace-postgres.XXXXXX)
cd "$home"
trap 'rm -rf "$home"' EXIT
trap '' INT HUP TERM
{
    "$1/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C data
    cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$home'
max_connections = 200
shared_buffers = 16MB
END
    "$1/pg_ctl" --pgdata=data --log=log --wait --timeout=60 start
} >starting 2>&1 || { cat starting log >&2; exit 1; }
echo "$home"
read -r _ || true
"$1/pg_ctl" --pgdata=data --mode=immediate stop >/dev/null 2>&1
"#;

struct Server {
    socket: String,
    /// Dropping the child's standard input stops the server; a static is never dropped.
    _shell: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let mut shell = shell_of_a_mortal()
        .args(["-c", SCRIPT, "postgres"])
        .arg(binaries())
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell to start Postgres in");
    let mut socket = String::new();
    let answer = shell.stdout.take().expect("a piped output");
    BufReader::new(answer).read_line(&mut socket).expect("the shell's answer");
    if socket.is_empty() {
        let mut cause = String::new();
        let errors = shell.stderr.take().expect("a piped output");
        BufReader::new(errors).read_to_string(&mut cause).expect("the shell's reason");
        panic!("Postgres did not start:\n{cause}");
    }
    Server { socket: socket.trim().to_owned(), _shell: shell }
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
    format!("postgres://postgres@localhost/{database}?host={}", server.socket)
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
