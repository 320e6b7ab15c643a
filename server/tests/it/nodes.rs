//! Several nodes on one Postgres and one Redis.

use serde_json::{Value, json};
use test_support::{Backend, Redis};

use crate::Socket;
use crate::conversing::{ask, friends};
use crate::site::{Member, Site};

/// Two nodes and what is between them.
struct Cluster {
    redis: Redis,
    one: Site,
    two: Site,
}

impl Cluster {
    async fn start() -> Self {
        let redis = Redis::start();
        let url = redis.url();
        let one =
            Site::with(Backend::Postgres, |config| config.redis_url = Some(url.clone())).await;
        let two = one.beside(|config| config.redis_url = Some(url.clone())).await;
        Self { redis, one, two }
    }

    /// Everybody has an account on both.
    async fn member(&self, name: &str) -> Member {
        self.one.member(name).await
    }
}

async fn hears(socket: &mut Socket, kind: &str, content: &str) -> i64 {
    let frame = socket.next_of(kind).await;
    assert_eq!(frame["message"]["content"], content);
    frame["message"]["seq"].as_i64().unwrap()
}

/// Messages that a socket hears from now on, up to and with `last`, as numbers and texts.
async fn heard_up_to(socket: &mut Socket, last: &str) -> Vec<(i64, String)> {
    let mut heard = Vec::new();
    loop {
        let frame = socket.next().await;
        if !matches!(frame["type"].as_str(), Some("new_message" | "message_sent")) {
            continue;
        }
        let message = &frame["message"];
        let content = message["content"].as_str().unwrap().to_owned();
        let is_last = content == last;
        heard.push((message["seq"].as_i64().unwrap(), content));
        if is_last {
            return heard;
        }
    }
}

fn in_order(heard: &[(i64, String)]) -> bool {
    heard.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0)
}

async fn presence_of(socket: &mut Socket, member: &Member) -> Value {
    loop {
        let frame = socket.next_of("user_presence").await;
        if frame["user_id"] == member.id.as_str() {
            return frame["status"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s30_l20_what_is_said_on_one_node_is_heard_on_the_other() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.member("ada").await, cluster.member("bob").await);
    let mut here = Socket::of(&cluster.one, &ada).await;
    let mut there = Socket::of(&cluster.two, &bob).await;
    let mut tablet = Socket::of(&cluster.two, &ada).await;
    here.post("1", "from one").await;
    assert_eq!(hears(&mut there, "new_message", "from one").await, 1);
    assert_eq!(hears(&mut tablet, "message_sent", "from one").await, 1);
    there.post("2", "from two").await;
    assert_eq!(hears(&mut here, "message_sent", "from one").await, 1);
    assert_eq!(hears(&mut here, "new_message", "from two").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_nodes_write_at_once_and_everybody_hears_one_order() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.member("ada").await, cluster.member("bob").await);
    let mut hers = Socket::of(&cluster.one, &ada).await;
    let mut his = Socket::of(&cluster.two, &bob).await;
    for n in 0..5 {
        hers.post(&format!("a{n}"), &format!("ada {n}")).await;
        his.post(&format!("b{n}"), &format!("bob {n}")).await;
    }
    let mut told = Vec::new();
    for socket in [&mut hers, &mut his] {
        let mut heard = Vec::new();
        while heard.len() < 10 {
            let frame = socket.next().await;
            if matches!(frame["type"].as_str(), Some("new_message" | "message_sent")) {
                let seq = frame["message"]["seq"].as_i64().unwrap();
                heard.push((seq, frame["message"]["content"].to_string()));
            }
        }
        assert!(in_order(&heard), "{heard:?}");
        told.push(heard);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_paused_or_emptied_loses_nothing() {
    let mut cluster = Cluster::start().await;
    let (ada, bob) = (cluster.member("ada").await, cluster.member("bob").await);
    let mut hers = Socket::of(&cluster.one, &ada).await;
    let mut his = Socket::of(&cluster.two, &bob).await;
    hers.post("0", "before").await;
    let mut all = heard_up_to(&mut his, "before").await;
    cluster.redis.kill();
    hers.post("1", "while it is dead").await;
    all.extend(heard_up_to(&mut his, "while it is dead").await);
    cluster.redis.again();
    cluster.redis.pause();
    hers.post("2", "while it is paused").await;
    all.extend(heard_up_to(&mut his, "while it is paused").await);
    cluster.redis.go_on();
    hers.post("3", "afterwards").await;
    all.extend(heard_up_to(&mut his, "afterwards").await);
    assert!(in_order(&all), "each once and in order: {all:?}");
    assert_eq!(all.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_online_while_any_node_has_them() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.member("ada").await, cluster.member("bob").await);
    let mut watcher = Socket::of(&cluster.two, &bob).await;
    let laptop = Socket::of(&cluster.one, &ada).await;
    assert_eq!(presence_of(&mut watcher, &ada).await, "online");
    let phone = Socket::of(&cluster.two, &ada).await;
    drop(laptop);
    drop(phone);
    assert_eq!(presence_of(&mut watcher, &ada).await, "offline");
    // A newcomer is shown who is on the other node.
    let _back = Socket::of(&cluster.one, &ada).await;
    assert_eq!(presence_of(&mut watcher, &ada).await, "online");
    let eve = cluster.member("eve").await;
    let mut newcomer = Socket::of(&cluster.two, &eve).await;
    assert_eq!(presence_of(&mut newcomer, &ada).await, "online");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_on_one_node_closes_the_sockets_on_the_other() {
    let mut cluster = Cluster::start().await;
    for redis_is_dead in [false, true] {
        let ada = cluster.one.sign_in_or_up("ada").await;
        let mut there = Socket::of(&cluster.two, &ada).await;
        if redis_is_dead {
            cluster.redis.kill();
        }
        let out = cluster.one.request(reqwest::Method::POST, "/api/auth/logout/");
        let answer = crate::site::answer(out.bearer_auth(&ada.access).json(&json!({}))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(there.closed().await.0, 4009);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acquaintance_made_or_ended_on_one_node_is_heard_of_on_the_other() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.member("ada").await, cluster.member("bob").await);
    let liquid = format!("/ws/chat/private/?token={}", ada.access);
    let mut hers = Socket::open(&cluster.two, &liquid, &[]).await;
    let mut watcher = Socket::of(&cluster.two, &ada).await;
    let _here = Socket::of(&cluster.one, &bob).await;
    assert_eq!(presence_of(&mut watcher, &bob).await, "online");
    friends(&cluster.one, &ada, (&bob, "bob")).await;
    assert_eq!(presence_of(&mut hers, &bob).await, "online");
    let path = "/api/users/bob/block/";
    let blocked = ask(&cluster.one, &ada, reqwest::Method::PUT, path).await;
    assert_eq!(blocked.status / 100, 2, "{}", blocked.body);
    // That he is here may be told once more: they have met, and he has written.
    while presence_of(&mut hers, &bob).await != "offline" {}
}
