//! A server of the test's own, and the clients that ask it.

use std::net::SocketAddr;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use server::boot::{self, Running};
use server::config::Config;
use test_support::{Backend, Database, PASSWORD, PATIENCE, quick_settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use web_push::Reach;

/// How browsers reach the server of a test; nothing has to resolve it.
pub(crate) const OWN_ORIGIN: &str = "http://sphere.example";

pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) database: Database,
    client: Client,
    running: Running,
}

/// Somebody who is signed in as a program: no cookies.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Site {
    pub(crate) async fn sqlite() -> Self {
        Self::on(Backend::Sqlite).await
    }

    pub(crate) async fn on(backend: Backend) -> Self {
        Self::with(backend, |_| {}).await
    }

    /// On SQLite, with another configuration.
    pub(crate) async fn but(change: impl FnOnce(&mut Config)) -> Self {
        Self::with(Backend::Sqlite, change).await
    }

    pub(crate) async fn with(backend: Backend, change: impl FnOnce(&mut Config)) -> Self {
        Self::start(Database::migrated(backend).await, change).await
    }

    /// The next start on what an earlier server has left.
    pub(crate) async fn again(database: Database) -> Self {
        Self::start(database, |_| {}).await
    }

    /// One more node on the same database.
    pub(crate) async fn beside(&self, change: impl FnOnce(&mut Config)) -> Self {
        Self::start(self.database.shared(), change).await
    }

    pub(crate) async fn start(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&database);
        change(&mut config);
        let running = boot::start(config).await.expect("the server starts");
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
        let client = client.build().expect("a client");
        Self { address: running.address, database, client, running }
    }

    /// Until search has caught up with this many messages. The server follows them by itself; this looks at
    /// once, and again where the server was at it.
    pub(crate) async fn index_messages(&self, n: usize) {
        let services = boot::services(&config(&self.database)).await.expect("services");
        let mut indexed = 0;
        let until = async {
            while indexed < n {
                domain::search::index_all(&services).await.expect("indexed");
                let scope = domain::search::Scope { kind: None, page: 1, limit: 50 };
                let here = std::net::Ipv4Addr::LOCALHOST.into();
                let found = domain::search::search(&services, None, here, "in:global", scope).await;
                indexed = found.expect("found").messages.hits.len();
            }
        };
        timeout(PATIENCE, until).await.expect("in time");
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(self) {
        let stopped = timeout(PATIENCE, self.running.stop()).await;
        stopped.expect("the server ends").expect("without a fault");
    }

    /// Asks it to stop in the background, so that the test can watch.
    pub(crate) fn begin_stop(self) -> (tokio::task::JoinHandle<()>, Database) {
        let Self { database, running, .. } = self;
        let stopping = tokio::spawn(async move {
            running.stop().await.expect("without a fault");
        });
        (stopping, database)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// A POST with a JSON body and no credentials.
    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Somebody new.
    pub(crate) async fn member(&self, username: &str) -> Member {
        let body = json!({"username": username, "password": PASSWORD});
        let answer = self.post_json("/api/auth/signup/", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        Member::of(&answer.json())
    }

    /// Another device of somebody who is there already.
    pub(crate) async fn sign_in(&self, username: &str) -> Member {
        let body = json!({"username": username, "password": PASSWORD});
        let answer = self.post_json("/api/auth/login/", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Member::of(&answer.json())
    }

    /// Another device of somebody who may not be there yet.
    pub(crate) async fn sign_in_or_up(&self, username: &str) -> Member {
        let body = json!({"username": username, "password": PASSWORD});
        let answer = self.post_json("/api/auth/login/", &body).await;
        if answer.status == 200 { Member::of(&answer.json()) } else { self.member(username).await }
    }

    /// A new message of the member's in the global room.
    pub(crate) async fn say(&self, member: &Member, content: &str) -> Value {
        let answer = self.send(member, &json!({"content": content})).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn send(&self, member: &Member, body: &Value) -> Answer {
        let request = self.request(Method::POST, MESSAGES).bearer_auth(&member.access);
        answer(request.json(body)).await
    }

    /// What the room holds, as texts in order.
    pub(crate) async fn said(&self) -> Vec<String> {
        let history = self.get(&format!("{MESSAGES}?limit=200")).await.json();
        let rows = history.as_array().expect("a bare array").iter();
        rows.map(|row| row["content"].as_str().unwrap().to_owned()).collect()
    }

    /// Bytes as they are, and everything that comes back until the server closes.
    pub(crate) async fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that has heard enough may close before the last byte.
        let _enough = stream.write_all(request).await;
        let mut bytes = Vec::new();
        let reading = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        // What was read before a reset still counts.
        let _reset = reading.expect("an answer");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `GET` of a request target that no client library would send.
    pub(crate) async fn raw_get(&self, target: &[u8]) -> String {
        let lines =
            [b"GET ", target, b" HTTP/1.1\r\nHost: sphere.example\r\nConnection: close\r\n\r\n"];
        self.raw(&lines.concat()).await
    }
}

/// The global room over REST.
pub(crate) const MESSAGES: &str = "/api/chat/global/messages/";

pub(crate) fn config(database: &Database) -> Config {
    let variables = [
        ("BIND_ADDR", "127.0.0.1:0"),
        ("PUBLIC_URL", OWN_ORIGIN),
        ("DATABASE_URL", &database.url),
        ("SECRET_KEY", "a secret of the tests, forty bytes long."),
    ];
    let lookup = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let mut config = Config::from_lookup(&lookup).expect("a configuration");
    config.rules = quick_settings();
    config.push_reach = Reach::Anywhere;
    config
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.expect("an answer")).await
}

impl Member {
    pub(crate) fn of(body: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            id: text(&body["user"]["id"]),
            access: text(&body["access"]),
            refresh: text(&body["refresh"]),
        }
    }
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("a whole answer");
        Self { status, headers, body }
    }

    /// Empty where there is none.
    pub(crate) fn header(&self, name: impl AsRef<str>) -> &str {
        let name: HeaderName = name.as_ref().parse().unwrap();
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap()).collect()
    }

    /// The line that sets a cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        let start = format!("{name}=");
        self.set_cookies().into_iter().find(|line| line.starts_with(&start))
    }

    /// What stands between two texts, for the first time.
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) =
            self.body.split_once(before).unwrap_or_else(|| panic!("{before}: {}", self.body));
        rest.split_once(after).expect(after).0
    }
}
