//! Limits that hold over all nodes, and what becomes of them without Redis.

use std::time::{Duration, Instant};

use domain::Settings;
use realtime::{Ledger, Spending, redis};
use reqwest::Method;
use serde_json::json;
use test_support::{Backend, PASSWORD, PATIENCE, Redis};
use tokio::time::timeout;

use crate::Socket;
use crate::site::{Answer, MESSAGES, Member, Site, answer};

/// Nobody waits longer than this for a Redis that is silent.
const SOON: Duration = Duration::from_secs(5);

/// Two nodes with limits, and what they count in.
struct Cluster {
    redis: Redis,
    nodes: [Site; 2],
}

impl Cluster {
    async fn start() -> Self {
        Self::but(|_| {}).await
    }

    async fn but(change: fn(&mut Settings)) -> Self {
        let redis = Redis::start();
        let url = redis.url();
        let limited = |config: &mut server::config::Config| {
            config.redis_url = Some(url.clone());
            config.rules.message_rate_limit = 1;
            config.rules.sign_ins_per_minute = 4;
            config.rules.searches_per_minute = 3;
            change(&mut config.rules);
        };
        let one = Site::with(Backend::Postgres, limited).await;
        let two = one.beside(limited).await;
        Self { redis, nodes: [one, two] }
    }

    async fn sign_in(&self, node: usize, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        self.nodes[node].post_json("/api/auth/login/", &body).await
    }

    async fn search(&self, node: usize, member: &Member) -> Answer {
        let search = self.nodes[node].request(Method::GET, "/api/people/?search=ada");
        answer(search.bearer_auth(&member.access)).await
    }

    async fn say(&self, node: usize, member: &Member) -> Answer {
        let request = self.nodes[node].request(Method::POST, MESSAGES).bearer_auth(&member.access);
        answer(request.json(&json!({"content": "again"}))).await
    }
}

fn is_refused(answer: &Answer, longest: u64) {
    assert_eq!((answer.status, answer.code().as_str()), (429, "rate_limited"), "{}", answer.body);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=longest).contains(&wait), "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_from_node_to_node_gets_no_more_than_on_one() {
    let cluster = Cluster::start().await;
    let ada = cluster.nodes[0].member("ada").await;
    for n in 0..4 {
        assert_eq!(cluster.sign_in(n % 2, "ada", PASSWORD).await.status, 200);
    }
    for node in [0, 1] {
        is_refused(&cluster.sign_in(node, "ada", PASSWORD).await, 15);
    }
    let (begun, mut said) = (Instant::now(), 0);
    let refused = loop {
        let answer = cluster.say(said % 2, &ada).await;
        if answer.status != 201 {
            break answer;
        }
        said += 1;
    };
    is_refused(&refused, 1);
    let most = 5 + begun.elapsed().as_secs() as usize;
    assert!((5..=most).contains(&said), "{said} at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_told_how_long_to_wait_for_what_was_said_elsewhere() {
    let cluster = Cluster::start().await;
    let ada = cluster.nodes[0].member("ada").await;
    let mut there = Socket::of(&cluster.nodes[1], &ada).await;
    loop {
        while cluster.say(0, &ada).await.status == 201 {}
        there.post("mine", "from here").await;
        let frame = loop {
            let frame = there.next().await;
            if frame["type"] == "error" || frame["message"]["client_id"] == "mine" {
                break frame;
            }
        };
        // On a very slow machine a second may have passed meanwhile.
        if frame["type"] == "error" {
            assert_eq!(
                (&frame["code"], &frame["client_id"]),
                (&json!("rate_limited"), &json!("mine"))
            );
            assert!((1..=1000).contains(&frame["retry_after_ms"].as_u64().unwrap()), "{frame}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_to_sign_in_are_counted_over_all_nodes() {
    let cluster = Cluster::but(|rules| rules.sign_ins_per_minute = 1000).await;
    cluster.nodes[0].member("ada").await;
    cluster.nodes[0].member("bob").await;
    for n in 0..10 {
        assert_eq!(cluster.sign_in(n % 2, "ada", "not it").await.status, 401, "{n}");
    }
    for node in [0, 1] {
        is_refused(&cluster.sign_in(node, "ada", PASSWORD).await, 3600);
        assert_eq!(cluster.sign_in(node, "bob", PASSWORD).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_guesses_at_once_on_two_nodes_ten_are_judged() {
    let cluster = Cluster::but(|rules| rules.sign_ins_per_minute = 1000).await;
    cluster.nodes[0].member("ada").await;
    for _ in 0..12 {
        assert_eq!(
            cluster.sign_in(1, "ada", PASSWORD).await.status,
            200,
            "a success counts nothing"
        );
    }
    let guesses = (0..40).map(|n| cluster.sign_in(n % 2, "ada", "not it"));
    let answers = futures_util::future::join_all(guesses).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(401), count(429)), (10, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_node_limits_alone_and_nobody_waits_for_it() {
    let mut cluster = Cluster::start().await;
    let (ada, bob) = (cluster.nodes[0].member("ada").await, cluster.nodes[0].member("bob").await);
    for (member, is_killed) in [(&ada, false), (&bob, true)] {
        if is_killed {
            cluster.redis.go_on();
            cluster.redis.kill();
        } else {
            cluster.redis.pause();
        }
        for node in [0, 1] {
            let begun = Instant::now();
            for _ in 0..3 {
                assert_eq!(cluster.search(node, member).await.status, 200);
            }
            is_refused(&cluster.search(node, member).await, 20);
            assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        }
    }
    for node in [0, 1] {
        while cluster.say(node, &ada).await.status == 201 {}
        is_refused(&cluster.say(node, &ada).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_comes_back_empty_learns_its_scripts_again() {
    let mut redis = Redis::start();
    let ledger = redis::open_ledger(&redis.url()).unwrap();
    let interval = Duration::from_secs(60);
    let one = || vec![Spending { key: "somebody".into(), interval, burst: 1 }];
    assert!(ledger.spend(one()).await.unwrap()[0].wait.is_zero());
    let refused = ledger.spend(one()).await.unwrap()[0];
    assert!(
        (59..=60).contains(&refused.wait.as_secs()) && refused.wait == refused.debt,
        "{refused:?}"
    );
    redis.kill();
    assert!(ledger.spend(one()).await.is_err());
    redis.again();
    let back = async {
        loop {
            match ledger.spend(one()).await {
                Ok(balances) => return balances,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let balances = timeout(PATIENCE, back).await.expect("it comes back");
    assert!(balances[0].wait.is_zero(), "it has forgotten");
}
