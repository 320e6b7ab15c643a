//! What an operator types, and what it says.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::program::{Ended, Program, mode};

/// It ends with a failure and one sentence that holds these words.
fn assert_refuses(ended: &Ended, words: &[&str]) {
    assert!(!ended.status.success(), "{ended:?}");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let sentence = ended.err.lines().last().unwrap_or_default();
    for word in words {
        assert!(sentence.contains(word), "{word}: {}", ended.err);
    }
    assert!(!ended.err.contains("panicked") && !ended.err.contains("\u{1b}["), "{}", ended.err);
}

#[test]
fn it_says_which_version_it_is_and_what_it_can_do() {
    let program = Program::new();
    assert_eq!(
        program.run_well(&["--version"]),
        format!("spherespace {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = program.run_well(&["--help"]);
    for command in ["serve", "migrate", "createsuperuser", "seed", "check", "openapi"] {
        assert!(help.contains(command), "{help}");
    }
    assert_eq!(program.run(&["fly"]).status.code(), Some(2));
}

#[test]
fn a_bad_variable_is_named_in_one_sentence() {
    for (name, value) in [
        ("BIND_ADDR", "nowhere"),
        ("PUBLIC_URL", "example.org"),
        ("ALLOWED_ORIGINS", "*"),
        ("TRUSTED_PROXIES", "my-proxy"),
        ("DATABASE_URL", "mysql://root:hunter2@localhost/x"),
        ("SECRET_KEY", "hunter2"),
        ("DEBUG", "maybe"),
        ("LOG_FORMAT", "xml"),
        ("MESSAGE_MAX_LENGTH", "0"),
        ("MESSAGE_RATE_LIMIT", "fast"),
        ("PRESENCE_EXPIRY", "1"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("REFRESH_TOKEN_DAYS", "-1"),
        ("LIMIT_LOGINS_PER_MINUTE", "x"),
        ("LIMIT_SEARCHES_PER_MINUTE", "x"),
        ("WS_QUERY_TOKEN", "maybe"),
        ("REDIS_URL", "redis://localhost"),
    ] {
        let ended = Program::new().set(name, value).run(&["serve"]);
        assert_refuses(&ended, &["spherespace: ", name]);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    }
    let https = Program::new().set("PUBLIC_URL", "https://sphere.example").run(&["serve"]);
    assert_refuses(&https, &["SECRET_KEY", "required"]);
}

#[test]
fn a_port_in_use_is_said_before_anything_is_touched() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let program = Program::new().set("BIND_ADDR", &address);
    assert_refuses(&program.run(&["serve"]), &["BIND_ADDR", &address, "in use"]);
    assert!(!program.path("data").exists());
}

#[test]
fn a_database_that_cannot_be_used_is_told_by_its_variable() {
    let program = Program::new();
    std::fs::write(program.path("file"), "not a folder").unwrap();
    std::fs::create_dir(program.path("folder")).unwrap();
    let below_a_file = format!("sqlite://{}", program.path("file/x.db").display());
    let a_folder = format!("sqlite://{}", program.path("folder").display());
    let no_database = format!("sqlite://{}", program.path("file").display());
    std::fs::write(
        program.path("file"),
        "this is no database, whatever its name says.\n".repeat(100),
    )
    .unwrap();
    for url in [
        below_a_file.as_str(),
        &a_folder,
        &no_database,
        "postgres://ada:hunter2@127.0.0.1:1/nothing",
        "postgres://ada:hunter2@nowhere.invalid/nothing",
        "postgres://",
        "sqlite://",
        "redis://127.0.0.1",
        "nonsense",
    ] {
        let program = Program::new().set("DATABASE_URL", url);
        for command in ["serve", "check", "migrate", "seed"] {
            let ended = program.run(&[command]);
            assert_refuses(&ended, &["DATABASE_URL"]);
            assert!(!ended.err.contains("hunter2"), "{}", ended.err);
        }
    }
}

#[test]
fn a_data_folder_that_cannot_be_one_is_told_by_its_variable() {
    let program = Program::new();
    std::fs::write(program.path("file"), "").unwrap();
    let below = program.path("file").join("data").display().to_string();
    let program = program.set("DATA_DIR", below).set("DATABASE_URL", "sqlite://other.db");
    assert_refuses(&program.run(&["serve"]), &["DATA_DIR"]);
}

#[tokio::test]
async fn a_database_from_a_newer_version_is_left_alone() {
    let program = Program::new();
    program.run_well(&["migrate"]);
    let rows = sea_orm::Database::connect(format!("sqlite://{}", program.database().display()))
        .await
        .unwrap();
    let step = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_from_tomorrow', 0)";
    sea_orm::ConnectionTrait::execute_unprepared(&rows, step).await.unwrap();
    rows.close().await.unwrap();
    for command in ["serve", "check", "migrate", "seed", "createsuperuser"] {
        let arguments: &[&str] = match command {
            "createsuperuser" => &["createsuperuser", "--username", "root-user"],
            _ => &[command],
        };
        let ended = program.run_with(arguments, "zebra-lamp-91\n");
        assert_refuses(
            &ended,
            &["DATABASE_URL", "newer version", "m99991231_000001_from_tomorrow"],
        );
    }
}

#[test]
fn the_schema_moves_down_and_up_again() {
    let program = Program::new();
    let steps = |out: String| out.lines().map(|line| line.starts_with("[x]")).collect::<Vec<_>>();
    let before = steps(program.run_well(&["migrate", "status"]));
    assert!(!before.is_empty() && before.iter().all(|applied| !applied));
    let up = steps(program.run_well(&["migrate", "up"]));
    assert!(up.iter().all(|applied| *applied));
    let down = steps(program.run_well(&["migrate", "down"]));
    assert_eq!(down.iter().filter(|applied| !**applied).count(), 1);
    assert_eq!(steps(program.run_well(&["migrate"])), up);
    assert_eq!(program.run(&["migrate", "sideways"]).status.code(), Some(2));
}

#[test]
fn an_administrator_has_a_password_or_is_none() {
    let program = Program::new();
    let name = ["createsuperuser", "--username", "captain"];
    assert_refuses(&program.run(&name), &["Password", "SUPERUSER_PASSWORD"]);
    assert_refuses(&program.run_with(&name, "\n"), &["Password"]);
    assert_refuses(&program.run_with(&name, "password\n"), &["password", "first that are guessed"]);
    assert_refuses(&program.run_with(&name, "short\n"), &["password", "at least 8"]);
    assert_refuses(&program.run_with(&["createsuperuser"], "\n"), &["Username"]);
    assert_refuses(
        &program.run_with(&["createsuperuser", "--username", "admin"], "zebra-lamp-91\n"),
        &["username", "reserved"],
    );
    let empty = Program::new().set("SUPERUSER_PASSWORD", "");
    assert_refuses(&empty.run(&name), &["Password"]);
    let made = program.run_with(&name, "zebra-lamp-91\n");
    assert!(made.status.success() && made.out.contains("captain"), "{made:?}");
    assert!(!made.out.contains("zebra") && !made.err.contains("zebra"));
    assert_refuses(&program.run_with(&name, "zebra-lamp-91\n"), &["username", "taken"]);
    let mail = ["createsuperuser", "--username", "second", "--email", "second@sphere.example"];
    let program = program.set("SUPERUSER_PASSWORD", "zebra-lamp-91");
    program.run_well(&mail);
}

#[test]
fn a_seeded_room_is_there_at_once() {
    let program = Program::new();
    let started = Instant::now();
    let planted = program.run_well(&["seed", "--users", "50", "--messages", "500"]);
    assert_eq!(planted, "50 people and 500 messages\n");
    // Generous: a debug build on a busy machine.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let more = program.run_well(&["seed", "--users", "1", "--messages", "1"]);
    assert_eq!(more, "1 people and 1 messages\n");
    let refused = program.run(&["seed", "--users", "0", "--messages", "1"]);
    assert_refuses(&refused, &["--messages", "user"]);
}

#[test]
fn a_demonstration_fills_an_empty_database_and_says_how_to_sign_in() {
    let program = Program::new();
    let played = program.run_well(&["seed", "--demo", "--no-pictures"]);
    assert!(played.starts_with("25 people, 5 communities, "), "{played}");
    let (_, password) = played.trim_end().split_once("as demo with the password ").unwrap();
    assert_eq!(password.len(), 16, "{played}");
    let again = program.run(&["seed", "--demo"]);
    assert_refuses(&again, &["people in this database already", "empty one"]);
}

#[test]
fn check_finds_what_is_broken() {
    let program = Program::new();
    program.run_well(&["seed", "--users", "5", "--messages", "500"]);
    let well = program.run_well(&["check"]);
    for word in
        ["configuration  ok", "database       ok, SQLite", "schema         ok", "integrity      ok"]
    {
        assert!(well.contains(word), "{well}");
    }
    let mut bytes = std::fs::read(program.database()).unwrap();
    let (middle, end) = (bytes.len() / 4, bytes.len() / 4 * 3);
    bytes[middle..end].fill(0xA5);
    std::fs::write(program.database(), bytes).unwrap();
    let broken = program.run(&["check"]);
    assert!(!broken.status.success(), "{broken:?}");
    assert!(
        !broken.out.contains("integrity      ok") && !broken.err.contains("panicked"),
        "{broken:?}"
    );
    assert!(broken.err.contains("DATABASE_URL") || broken.err.contains("integrity"), "{broken:?}");
}

#[test]
fn check_on_a_new_machine_says_what_is_missing() {
    let program = Program::new();
    let out = program.run_well(&["check"]);
    assert!(out.contains("missing"), "{out}");
    let status = program.run_well(&["migrate", "status"]);
    assert!(status.lines().count() > 3 && !status.contains("[x]"), "{status}");
    assert!(!program.path("data").exists(), "to look makes nothing");
}

/// The asker and what it has put onto the terminal, once it asks for the password.
fn asked_on_a_terminal(program: &Program, typed: &str) -> (String, Ended) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::{Read, Write};
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&own).unwrap();
    unlockpt(&own).unwrap();
    let name = ptsname(&own, Vec::new()).unwrap().into_string().unwrap();
    let theirs = std::fs::File::options().read(true).write(true).open(name).unwrap();
    let mut own = std::fs::File::from(own);
    let answer = own.try_clone().unwrap();
    let words = ["createsuperuser", "--username", "captain"];
    let ended = program.run_asked(&words, theirs.into(), "Password: ", |prompted| {
        assert!(prompted, "it asks");
        (&answer).write_all(typed.as_bytes()).unwrap();
    });
    let mut shown = Vec::new();
    // The terminal ends with an error once nobody holds its other side.
    let _ended = own.read_to_end(&mut shown);
    (String::from_utf8(shown).unwrap(), ended)
}

#[test]
fn a_password_that_is_typed_is_not_shown() {
    let program = Program::new();
    let (shown, ended) = asked_on_a_terminal(&program, "zebra-lamp-91\n");
    assert!(ended.status.success() && ended.out.contains("captain"), "{ended:?}");
    assert!(!shown.contains("zebra"), "{shown:?}");
    assert!(!ended.err.contains("zebra"), "{ended:?}");
}

#[test]
fn the_secret_is_made_once_and_for_its_owner_alone() {
    let program = Program::new();
    program.run_well(&["seed", "--users", "1", "--messages", "0"]);
    let path = program.path("data/secret_key");
    let secret = std::fs::read_to_string(&path).unwrap();
    assert!(secret.len() >= 48);
    assert_eq!(mode(&path), 0o600);
    program.run_well(&["seed", "--users", "1", "--messages", "0"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
    std::fs::write(&path, "short").unwrap();
    assert_refuses(&program.run(&["seed"]), &["DATA_DIR", "secret_key", "too short"]);
}

#[test]
fn a_file_of_variables_is_read_and_the_environment_comes_first() {
    let program = Program::new();
    std::fs::write(program.path(".env"), "DEBUG=maybe\n").unwrap();
    assert_refuses(&program.run(&["check"]), &["DEBUG"]);
    program.set("DEBUG", "no").run_well(&["check"]);
    let program = Program::new();
    std::fs::write(program.path(".env"), "this is no line of variables\n").unwrap();
    assert_refuses(&program.run(&["check"]), &[".env"]);
}
