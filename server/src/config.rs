//! Configuration: environment variables (and `.env`), read once, each with a default that works on
//! a small machine. A bad value stops the start with a sentence that names its variable.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use blob_store::BlobStore;
use domain::{SECRET_MIN_BYTES, Settings};
use mailer::{Folder, Mailer, Smtp};
use web_push::{Reach, VapidKey};

/// A variable that cannot be used as it is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {why}")]
pub struct ConfigError {
    pub variable: &'static str,
    pub why: String,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Everything an operator can decide.
#[derive(Debug, Clone)]
pub struct Config {
    /// `BIND_ADDR`: where to listen. Default `127.0.0.1:8000`.
    pub bind: SocketAddr,
    /// `PUBLIC_URL`: how browsers reach this server, without a trailing slash. `https://` turns on
    /// Secure cookies and HSTS. Default `http://localhost:8000`.
    pub public_url: String,
    /// `ALLOWED_ORIGINS`: further origins whose pages may use sockets and forms, separated by
    /// commas. `PUBLIC_URL` and, where that is a loopback name, its twins are always in.
    pub allowed_origins: Vec<String>,
    /// `TRUSTED_PROXIES`: addresses whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<IpAddr>,
    /// `DATABASE_URL`, or `DB_NAME DB_USER DB_PASSWORD DB_HOST DB_PORT` for Postgres.
    /// Default `sqlite://data/spherespace.db`.
    pub database_url: String,
    /// `DATA_DIR`: where files live. Default `data`.
    /// `REDIS_URL`, or `REDIS_HOST` and `REDIS_PORT` (6379): the bus between several nodes. Needs
    /// Postgres and `SECRET_KEY`. Default none: one node.
    pub redis_url: Option<String>,
    pub data_dir: PathBuf,
    /// `SECRET_KEY` (`DJANGO_SECRET_KEY`): at least 32 bytes. Required with an https `PUBLIC_URL`;
    /// otherwise made once and kept in the data folder.
    pub secret_key: Option<String>,
    /// `VAPID_PRIVATE_KEY`: what pushes are signed with, 32 bytes in base64url. Default: made of the secret.
    pub vapid_key: Option<VapidKey>,
    /// Where pushes may go. No variable: only a test has a push service of its own.
    pub push_reach: Reach,
    /// `DEBUG` (`DJANGO_DEBUG`): more in the log, nothing else. Default false.
    pub debug: bool,
    /// `LOG_FORMAT`: `text` or `json`. Default `text`.
    pub log_format: LogFormat,
    /// `PRESENCE_HEARTBEAT`: seconds between the pings of a socket. Default 30.
    pub heartbeat: Duration,
    /// `PRESENCE_EXPIRY`: seconds of silence after which a socket counts as gone. Default 60.
    pub expiry: Duration,
    /// `WS_QUERY_TOKEN`: whether sockets take `?token=`. Default on.
    pub ws_query_token: bool,
    /// `HEADER_TIMEOUT`: seconds that a connection may take for the head of a request, between
    /// two parts of its body, or idle before the next one. Default 75: a proxy closes its idle ones after 60, so it comes first.
    pub header_timeout: Duration,
    /// `MESSAGE_MAX_LENGTH` 2000, `MESSAGE_RATE_LIMIT` 1, `ACCESS_TOKEN_MINUTES` 15,
    /// `REFRESH_TOKEN_DAYS` 7, `LIMIT_SIGNUPS_PER_MINUTE` 20, `LIMIT_LOGINS_PER_MINUTE` 10,
    /// `LIMIT_SEARCHES_PER_MINUTE` 60, `LIMIT_OFFERS_PER_MINUTE` 240, `LIMIT_RESETS_PER_HOUR` 5,
    /// `LIMIT_ACTS_PER_MINUTE` 120, `LIMIT_BEGINNINGS_PER_HOUR` 60, `LIMIT_POSTS_PER_HOUR` 30,
    /// `LIMIT_COMMENTS_PER_HOUR` 60; 0 lifts a limit.
    /// `MEDIA_URL`: where pictures are kept, `file://` and a folder. Default `media` in the data folder.
    /// `SMTP_URL`, `MAIL_FROM`: who carries mail away; without it mail goes to `mail` in the data
    /// folder.
    pub rules: Settings,
}

/// Where a variable's value comes from; an empty value counts as absent.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads the process environment, after `.env` of the working folder.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        read_dotenv()?;
        Self::from_lookup(&|name| std::env::var(name).ok())
    }

    /// Reads from anywhere.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let vars = Vars(lookup);
        let public_url = public_url(&vars)?;
        let heartbeat = vars.seconds("PRESENCE_HEARTBEAT", 30)?;
        let expiry = vars.seconds("PRESENCE_EXPIRY", 60)?;
        if expiry <= heartbeat {
            return refuse("PRESENCE_EXPIRY", "must be longer than PRESENCE_HEARTBEAT");
        }
        let database_url = database_url(&vars)?;
        let secret_key = secret_key(&vars, &public_url)?;
        Ok(Self {
            redis_url: redis_url(&vars, &database_url, secret_key.as_deref())?,
            bind: vars.parse(
                "BIND_ADDR",
                "127.0.0.1:8000",
                "an address with a port, like 127.0.0.1:8000",
            )?,
            allowed_origins: origins(&vars, &public_url)?,
            trusted_proxies: vars.list("TRUSTED_PROXIES", "addresses separated by commas")?,
            database_url,
            data_dir: vars.text("DATA_DIR").unwrap_or_else(|| "data".into()).into(),
            vapid_key: vapid_key(&vars)?,
            push_reach: Reach::default(),
            secret_key,
            debug: vars.flag("DEBUG", "DJANGO_DEBUG")?,
            log_format: log_format(&vars)?,
            ws_query_token: on_off(&vars, "WS_QUERY_TOKEN")?,
            header_timeout: vars.seconds("HEADER_TIMEOUT", 75)?,
            rules: rules(&vars, &public_url)?,
            heartbeat,
            expiry,
            public_url,
        })
    }

    /// Whether browsers reach this server over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn read_dotenv() -> Result<(), ConfigError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(error) => refuse(".env", &error.to_string()),
    }
}

fn refuse<T>(variable: &'static str, why: &str) -> Result<T, ConfigError> {
    Err(ConfigError { variable, why: why.to_owned() })
}

struct Vars<'a>(Lookup<'a>);

impl Vars<'_> {
    fn text(&self, name: &'static str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn parse<T: FromStr>(
        &self,
        name: &'static str,
        default: &str,
        wanted: &str,
    ) -> Result<T, ConfigError> {
        let value = self.text(name).unwrap_or_else(|| default.to_owned());
        value.parse().or_else(|_| refuse(name, &format!("must be {wanted}, not {value:?}")))
    }

    fn seconds(&self, name: &'static str, default: u64) -> Result<Duration, ConfigError> {
        let seconds: u64 = self.parse(name, &default.to_string(), "a number of seconds")?;
        if seconds == 0 {
            return refuse(name, "must be at least 1");
        }
        Ok(Duration::from_secs(seconds))
    }

    fn list<T: FromStr>(&self, name: &'static str, wanted: &str) -> Result<Vec<T>, ConfigError> {
        let value = self.text(name).unwrap_or_default();
        let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
        let parsed = items.map(|item| {
            item.parse().or_else(|_| refuse(name, &format!("must be {wanted}, not {item:?}")))
        });
        parsed.collect()
    }

    fn flag(&self, name: &'static str, alias: &'static str) -> Result<bool, ConfigError> {
        let value = self.text(name).or_else(|| self.text(alias)).unwrap_or_default();
        match value.to_lowercase().as_str() {
            "true" | "1" | "yes" => Ok(true),
            "" | "false" | "0" | "no" => Ok(false),
            _ => refuse(name, &format!("must be true, false, 1, 0, yes or no, not {value:?}")),
        }
    }
}

fn public_url(vars: &Vars<'_>) -> Result<String, ConfigError> {
    let value = vars.text("PUBLIC_URL").unwrap_or_else(|| "http://localhost:8000".into());
    let bare = value.trim_end_matches('/');
    match origin_of(bare).filter(|_| bare.matches('/').count() == 2) {
        Some(origin) => Ok(origin),
        None => refuse(
            "PUBLIC_URL",
            &format!("must be http(s)://host[:port] without a path, not {value:?}"),
        ),
    }
}

/// Scheme, host and port, lower case; `None` where it is no http(s) address.
fn origin_of(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    // Browsers leave the usual port out of `Origin`.
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.as_str().strip_suffix(usual).unwrap_or(authority.as_str());
    Some(format!("{scheme}://{authority}").to_lowercase())
}

fn origins(vars: &Vars<'_>, public_url: &str) -> Result<Vec<String>, ConfigError> {
    let mut origins = vec![public_url.to_owned()];
    origins.extend(loopback_twins(public_url));
    for item in vars.list::<String>("ALLOWED_ORIGINS", "origins separated by commas")? {
        match origin_of(&item) {
            Some(origin) if origin == item.to_lowercase() => origins.push(origin),
            _ => {
                return refuse(
                    "ALLOWED_ORIGINS",
                    &format!("must be origins like https://example.org, not {item:?}"),
                );
            }
        }
    }
    Ok(origins)
}

/// `localhost`, `127.0.0.1` and `[::1]` name the same machine, so on a developer's they count as one.
fn loopback_twins(public_url: &str) -> Vec<String> {
    const TWINS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let Some((scheme, authority)) = public_url.split_once("://") else { return Vec::new() };
    let Some(host) = TWINS.iter().find(|twin| {
        authority.strip_prefix(**twin).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }) else {
        return Vec::new();
    };
    let port = authority.strip_prefix(host).unwrap_or_default();
    TWINS.iter().map(|twin| format!("{scheme}://{twin}{port}")).collect()
}

fn database_url(vars: &Vars<'_>) -> Result<String, ConfigError> {
    if let Some(url) = vars.text("DATABASE_URL") {
        let known = ["sqlite://", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| url.starts_with(scheme) && url.len() > scheme.len()) {
            return Ok(url);
        }
        // The address may hold a password: it is not repeated.
        return refuse("DATABASE_URL", "must begin with sqlite:// or postgres://");
    }
    let Some(name) = vars.text("DB_NAME") else {
        let folder = vars.text("DATA_DIR").unwrap_or_else(|| "data".into());
        return Ok(format!("sqlite://{folder}/spherespace.db"));
    };
    let user = vars.text("DB_USER").unwrap_or_else(|| "postgres".into());
    let password =
        vars.text("DB_PASSWORD").map_or_else(String::new, |word| format!(":{}", escaped(&word)));
    let host = vars.text("DB_HOST").unwrap_or_else(|| "localhost".into());
    let port: u16 = vars.parse("DB_PORT", "5432", "a port number")?;
    Ok(format!("postgres://{}{password}@{host}:{port}/{}", escaped(&user), escaped(&name)))
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn secret_key(vars: &Vars<'_>, public_url: &str) -> Result<Option<String>, ConfigError> {
    let key = vars.text("SECRET_KEY").or_else(|| vars.text("DJANGO_SECRET_KEY"));
    match &key {
        Some(key) if key.len() < SECRET_MIN_BYTES => {
            refuse("SECRET_KEY", &format!("must have at least {SECRET_MIN_BYTES} bytes"))
        }
        None if public_url.starts_with("https://") => refuse(
            "SECRET_KEY",
            "is required when PUBLIC_URL is https://; make one with: openssl rand -base64 48",
        ),
        _ => Ok(key),
    }
}

fn vapid_key(vars: &Vars<'_>) -> Result<Option<VapidKey>, ConfigError> {
    let Some(text) = vars.text("VAPID_PRIVATE_KEY") else { return Ok(None) };
    // It is a secret: it is not repeated.
    match VapidKey::from_base64(&text) {
        Some(key) => Ok(Some(key)),
        None => refuse("VAPID_PRIVATE_KEY", "must be a key on P-256: 32 bytes in base64url"),
    }
}

/// Redis means several nodes, which have to share everything else, too.
fn redis_url(
    vars: &Vars<'_>,
    database_url: &str,
    secret_key: Option<&str>,
) -> Result<Option<String>, ConfigError> {
    let (name, url) = match (vars.text("REDIS_URL"), vars.text("REDIS_HOST")) {
        (Some(url), _) => ("REDIS_URL", url),
        (None, Some(host)) => ("REDIS_HOST", redis_at(vars, &host)?),
        (None, None) => return Ok(None),
    };
    if database_url.starts_with("sqlite:") {
        return refuse(
            name,
            "several nodes need one Postgres (DATABASE_URL); with SQLite there is one node, and no Redis",
        );
    }
    if secret_key.is_none() {
        return refuse(name, "every node signs with the same SECRET_KEY: set it");
    }
    match realtime::redis::check(&url) {
        Ok(()) => Ok(Some(url)),
        Err(error) => refuse(name, &format!("must be like redis://host:6379: {error}")),
    }
}

fn redis_at(vars: &Vars<'_>, host: &str) -> Result<String, ConfigError> {
    let port: u16 = vars.parse("REDIS_PORT", "6379", "a port")?;
    Ok(format!("redis://{host}:{port}"))
}

fn log_format(vars: &Vars<'_>) -> Result<LogFormat, ConfigError> {
    match vars.text("LOG_FORMAT").as_deref() {
        None | Some("text") => Ok(LogFormat::Text),
        Some("json") => Ok(LogFormat::Json),
        Some(other) => refuse("LOG_FORMAT", &format!("must be text or json, not {other:?}")),
    }
}

fn on_off(vars: &Vars<'_>, name: &'static str) -> Result<bool, ConfigError> {
    match vars.text(name).as_deref() {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => refuse(name, &format!("must be on or off, not {other:?}")),
    }
}

fn rules(vars: &Vars<'_>, public_url: &str) -> Result<Settings, ConfigError> {
    let defaults = Settings::default();
    let message_max_length: usize =
        vars.parse("MESSAGE_MAX_LENGTH", "2000", "a number of characters")?;
    if !(1..=10_000).contains(&message_max_length) {
        return refuse("MESSAGE_MAX_LENGTH", "must be between 1 and 10000");
    }
    let minutes: u64 = vars.parse("ACCESS_TOKEN_MINUTES", "15", "a number of minutes")?;
    let days: u64 = vars.parse("REFRESH_TOKEN_DAYS", "7", "a number of days")?;
    if !(1..=1440).contains(&minutes) {
        return refuse("ACCESS_TOKEN_MINUTES", "must be between 1 and 1440");
    }
    if !(1..=365).contains(&days) {
        return refuse("REFRESH_TOKEN_DAYS", "must be between 1 and 365");
    }
    Ok(Settings {
        message_max_length,
        message_rate_limit: vars.parse(
            "MESSAGE_RATE_LIMIT",
            "1",
            "a number of messages a second",
        )?,
        access_token_lifetime: Duration::from_secs(minutes * 60),
        refresh_token_lifetime: Duration::from_secs(days * 86_400),
        sign_ups_per_minute: vars.parse("LIMIT_SIGNUPS_PER_MINUTE", "20", "a number")?,
        sign_ins_per_minute: vars.parse("LIMIT_LOGINS_PER_MINUTE", "10", "a number")?,
        searches_per_minute: vars.parse("LIMIT_SEARCHES_PER_MINUTE", "60", "a number")?,
        offers_per_minute: vars.parse("LIMIT_OFFERS_PER_MINUTE", "240", "a number")?,
        resets_per_hour: vars.parse("LIMIT_RESETS_PER_HOUR", "5", "a number")?,
        acts_per_minute: vars.parse("LIMIT_ACTS_PER_MINUTE", "120", "a number")?,
        beginnings_per_hour: vars.parse("LIMIT_BEGINNINGS_PER_HOUR", "60", "a number")?,
        posts_per_hour: vars.parse("LIMIT_POSTS_PER_HOUR", "30", "a number")?,
        comments_per_hour: vars.parse("LIMIT_COMMENTS_PER_HOUR", "60", "a number")?,
        mailer: mailer(vars, public_url)?,
        blobs: blobs(vars)?,
        public_url: public_url.to_owned(),
        ..defaults
    })
}

/// Whoever carries mail away.
fn mailer(vars: &Vars<'_>, public_url: &str) -> Result<Arc<dyn Mailer>, ConfigError> {
    let from = vars.text("MAIL_FROM").unwrap_or_else(|| sender(public_url));
    if !mailer::is_sender(&from) {
        return refuse("MAIL_FROM", "must be an address like Sphere <sphere@example.org>");
    }
    let Some(url) = vars.text("SMTP_URL") else {
        let folder = vars.text("DATA_DIR").unwrap_or_else(|| "data".into());
        return Ok(Arc::new(Folder::new(&PathBuf::from(folder).join("mail"), &from)));
    };
    // The address may hold a password: it is not repeated.
    match Smtp::new(&url, &from) {
        Ok(smtp) => Ok(Arc::new(smtp)),
        Err(_) => refuse("SMTP_URL", "must be like smtps://user:password@mail.example.org"),
    }
}

/// Where pictures are kept.
fn blobs(vars: &Vars<'_>) -> Result<Arc<dyn BlobStore>, ConfigError> {
    let Some(url) = vars.text("MEDIA_URL") else {
        let folder = vars.text("DATA_DIR").unwrap_or_else(|| "data".into());
        return Ok(Arc::new(blob_store::Folder::new(&PathBuf::from(folder).join("media"))));
    };
    match url.split_once("://") {
        Some(("file", path)) if !path.is_empty() => {
            Ok(Arc::new(blob_store::Folder::new(&PathBuf::from(path))))
        }
        Some(("s3", _)) => refuse(
            "MEDIA_URL",
            "s3:// is not possible in this version; use file:// and a folder that is backed up",
        ),
        // The address may hold a key: it is not repeated.
        _ => refuse("MEDIA_URL", "must be like file:///srv/spherespace/media"),
    }
}

/// `spherespace@` the host that browsers know; a number is no host of mail.
fn sender(public_url: &str) -> String {
    let host = public_url.split_once("://").map_or("", |(_, authority)| authority);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let named = host.starts_with(|c: char| c.is_ascii_alphabetic());
    format!("spherespace@{}", if named { host } else { "localhost" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(&|name| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_works_on_a_small_machine() {
        let config = read(&[]).unwrap();
        assert_eq!(config.bind.to_string(), "127.0.0.1:8000");
        assert_eq!(config.database_url, "sqlite://data/spherespace.db");
        assert_eq!(
            config.allowed_origins,
            [
                "http://localhost:8000",
                "http://localhost:8000",
                "http://127.0.0.1:8000",
                "http://[::1]:8000"
            ]
        );
        assert!(!config.is_https() && !config.debug && config.secret_key.is_none());
    }

    #[test]
    fn every_bad_value_names_its_variable() {
        for (name, value) in [
            ("BIND_ADDR", "8000"),
            ("PUBLIC_URL", "example.org"),
            ("PUBLIC_URL", "https://example.org/app"),
            ("PUBLIC_URL", "ftp://example.org"),
            ("ALLOWED_ORIGINS", "https://a.example, b.example"),
            ("ALLOWED_ORIGINS", "*"),
            ("TRUSTED_PROXIES", "my-proxy"),
            ("DATABASE_URL", "mysql://root@localhost/x"),
            ("DATABASE_URL", "sqlite://"),
            ("SECRET_KEY", "short"),
            ("DEBUG", "maybe"),
            ("LOG_FORMAT", "xml"),
            ("MESSAGE_MAX_LENGTH", "0"),
            ("MESSAGE_RATE_LIMIT", "-1"),
            ("PRESENCE_HEARTBEAT", "0"),
            ("PRESENCE_EXPIRY", "10"),
            ("ACCESS_TOKEN_MINUTES", "0"),
            ("REFRESH_TOKEN_DAYS", "0"),
            ("WS_QUERY_TOKEN", "yes"),
            ("SMTP_URL", "mail.example.org"),
            ("MAIL_FROM", "nobody"),
            ("LIMIT_SEARCHES_PER_MINUTE", "-1"),
            ("LIMIT_OFFERS_PER_MINUTE", "x"),
            ("LIMIT_RESETS_PER_HOUR", "x"),
            ("LIMIT_ACTS_PER_MINUTE", "x"),
            ("LIMIT_BEGINNINGS_PER_HOUR", "x"),
            ("LIMIT_POSTS_PER_HOUR", "x"),
            ("LIMIT_COMMENTS_PER_HOUR", "-1"),
            ("HEADER_TIMEOUT", "0"),
            ("REDIS_URL", "redis://localhost"),
            ("MEDIA_URL", "s3://bucket"),
            ("MEDIA_URL", "/srv/media"),
            ("MEDIA_URL", "file://"),
        ] {
            let error = read(&[(name, value)]).expect_err(value);
            assert_eq!(error.variable, name, "{value}");
        }
    }

    #[test]
    fn the_usual_port_is_no_part_of_an_origin() {
        let secret = "0123456789abcdef0123456789abcdef";
        let config =
            read(&[("PUBLIC_URL", "https://Example.org:443/"), ("SECRET_KEY", secret)]).unwrap();
        assert_eq!(config.public_url, "https://example.org");
        assert_eq!(
            read(&[("PUBLIC_URL", "http://localhost:80")]).unwrap().public_url,
            "http://localhost"
        );
        assert_eq!(
            read(&[("PUBLIC_URL", "http://localhost:8080")]).unwrap().public_url,
            "http://localhost:8080"
        );
    }

    #[test]
    fn a_database_password_is_never_repeated() {
        let error = read(&[("DATABASE_URL", "mysql://root:hunter2@localhost/x")]).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn https_wants_a_secret() {
        let error = read(&[("PUBLIC_URL", "https://example.org")]).unwrap_err();
        assert_eq!(error.variable, "SECRET_KEY");
        let secret = "0123456789abcdef0123456789abcdef";
        let config =
            read(&[("PUBLIC_URL", "https://example.org/"), ("DJANGO_SECRET_KEY", secret)]).unwrap();
        assert!(config.is_https());
        assert_eq!(config.allowed_origins, ["https://example.org"]);
    }

    #[test]
    fn debug_is_what_its_word_says() {
        for (word, on) in [
            ("true", true),
            ("1", true),
            ("YES", true),
            ("False", false),
            ("0", false),
            ("no", false),
        ] {
            assert_eq!(read(&[("DJANGO_DEBUG", word)]).unwrap().debug, on, "{word}");
        }
    }

    #[test]
    fn l_20_either_name_of_redis_connects_the_nodes() {
        let secret = ("SECRET_KEY", "0123456789abcdef0123456789abcdef");
        let postgres = ("DATABASE_URL", "postgres://localhost/chat");
        for (name, value, url) in [
            ("REDIS_URL", "redis://cache:6380", "redis://cache:6380"),
            ("REDIS_HOST", "cache", "redis://cache:6379"),
        ] {
            let config = read(&[secret, postgres, (name, value)]).unwrap();
            assert_eq!(config.redis_url.as_deref(), Some(url));
        }
        let error = read(&[secret, ("REDIS_HOST", "cache")]).unwrap_err();
        assert_eq!(
            error.variable, "REDIS_HOST",
            "nodes of a SQLite file of their own share nothing"
        );
    }

    #[test]
    fn l_21_the_old_names_of_a_postgres_database() {
        let config =
            read(&[("DB_NAME", "chat"), ("DB_PASSWORD", "a/b@c"), ("DB_HOST", "db")]).unwrap();
        assert_eq!(config.database_url, "postgres://postgres:a%2Fb%40c@db:5432/chat");
    }
}
