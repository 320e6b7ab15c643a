//! Connections that break, fall silent or are not read.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use test_support::{Conduct, FaultProxy, Way};

use crate::site::{Member, Site};
use crate::socket::Heard;
use crate::{Socket, on_both};

/// Of the places at which connections are cut.
const SEED: u64 = 6455;
const CUTS: usize = 30;

async fn through(proxy: &FaultProxy, member: &Member) -> Socket {
    let bearer = format!("Bearer {}", member.access);
    let headers = [("authorization", bearer.as_str())];
    let mut socket = Socket::at(proxy.address(), "/ws/chat/", &headers).await;
    // What was on its way already may come first.
    socket.next_of("connection_established").await;
    socket
}

/// When the connection of somebody who sends is cut.
#[derive(Debug, Clone, Copy)]
enum Moment {
    BeforeTheFrame,
    /// So many bytes of it have left.
    WithinTheFrame(usize),
    /// The message is stored, and nobody has told its sender.
    BeforeTheAnswer,
    /// So many bytes of what the server says have come.
    WithinTheAnswer(usize),
}

fn post(client_id: &str) -> Value {
    json!({
        "type": "chat_message", "conversation_id": "global", "client_id": client_id,
        "content": format!("content of {client_id}"),
    })
}

/// With a header of two bytes and a mask of four.
fn wire_length(frame: &Value) -> usize {
    let length = frame.to_string().len();
    assert!(length < 126, "a short frame");
    length + 6
}

fn moments() -> Vec<Moment> {
    let mut random = StdRng::seed_from_u64(SEED);
    let whole = wire_length(&post("id 10"));
    let mut moments = vec![
        Moment::BeforeTheFrame,
        Moment::WithinTheFrame(1),
        Moment::WithinTheFrame(whole - 1),
        Moment::WithinTheFrame(whole),
        Moment::BeforeTheAnswer,
        Moment::WithinTheAnswer(1),
    ];
    moments.extend((0..CUTS).map(|_| match random.random_range(0..8) {
        0 => Moment::BeforeTheFrame,
        1 => Moment::BeforeTheAnswer,
        2..5 => Moment::WithinTheFrame(random.random_range(1..=whole)),
        _ => Moment::WithinTheAnswer(random.random_range(1..200)),
    }));
    moments
}

/// Somebody who sends over a connection that is cut, and somebody who listens over one that is not.
struct Pair<'a> {
    proxy: &'a FaultProxy,
    sender: Socket,
    witness: Socket,
}

impl Pair<'_> {
    /// Sends, and stays until the cut.
    async fn send(&mut self, frame: &Value, moment: Moment) {
        match moment {
            Moment::BeforeTheFrame => self.proxy.cut(),
            Moment::WithinTheFrame(bytes) => self.proxy.cut_after(Way::ToServer, bytes),
            Moment::BeforeTheAnswer => self.proxy.set(Way::ToClient, Conduct::Hold),
            Moment::WithinTheAnswer(bytes) => self.proxy.cut_after(Way::ToClient, bytes),
        }
        self.sender.say(frame).await;
        if matches!(moment, Moment::BeforeTheAnswer) {
            self.witnessed(frame).await;
            self.proxy.cut();
            self.proxy.set(Way::ToClient, Conduct::Pass);
        }
        while !matches!(self.sender.hear().await, Heard::Gone) {}
    }

    async fn witnessed(&mut self, frame: &Value) {
        let told = self.witness.next_of("new_message").await;
        assert_eq!(told["message"]["client_id"], frame["client_id"], "once, and in order");
    }

    /// The number that the server has given to it.
    async fn acknowledged(&mut self, frame: &Value) -> Value {
        loop {
            let told = self.sender.next_of("message_sent").await;
            if told["message"]["client_id"] == frame["client_id"] {
                return told["message"]["seq"].clone();
            }
        }
    }
}

on_both! {
    async fn what_is_sent_again_after_a_cut_is_stored_once(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let proxy = FaultProxy::before(site.address).await;
        let (sender, witness) = (through(&proxy, &ada).await, Socket::of(&site, &bob).await);
        let mut pair = Pair { proxy: &proxy, sender, witness };
        let mut expected = Vec::new();
        for (n, moment) in moments().into_iter().enumerate() {
            let frame = post(&format!("id {}", n + 10));
            pair.send(&frame, moment).await;
            pair.sender = through(&proxy, &ada).await;
            pair.sender.say(&frame).await;
            assert_eq!(pair.acknowledged(&frame).await, n + 1, "{moment:?}");
            if !matches!(moment, Moment::BeforeTheAnswer) {
                pair.witnessed(&frame).await;
            }
            expected.push(frame["content"].clone());
        }
        assert_eq!(site.said().await, expected);
    }
}

const HEARTBEAT: Duration = Duration::from_secs(1);
const EXPIRY: Duration = Duration::from_secs(2);
/// So that the last word falls between two heartbeats.
const LATE: Duration = Duration::from_millis(100);

/// Until the watcher hears that somebody has come or gone.
async fn becomes(watcher: &mut Socket, member: &Member, status: &str) {
    loop {
        let told = watcher.next_of("user_presence").await;
        if told["user_id"] == member.id.as_str() && told["status"] == status {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s39_l24_who_falls_silent_is_gone_after_the_expiry() {
    let patient = |config: &mut server::config::Config| {
        (config.heartbeat, config.expiry) = (HEARTBEAT, EXPIRY);
    };
    let site = Site::but(patient).await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let mut watcher = Socket::of(&site, &bob).await;
    let proxy = FaultProxy::before(site.address).await;
    let mut silent = through(&proxy, &ada).await;
    becomes(&mut watcher, &ada, "online").await;
    proxy.set(Way::ToServer, Conduct::Late(LATE));
    let asked = Instant::now();
    silent.is_open().await;
    let answered = Instant::now();
    proxy.set(Way::ToServer, Conduct::Hold);
    proxy.set(Way::ToClient, Conduct::Hold);
    becomes(&mut watcher, &ada, "offline").await;
    assert!(asked.elapsed() >= LATE + EXPIRY, "not before: {:?}", asked.elapsed());
    let noticed = answered.elapsed();
    assert!(noticed < EXPIRY + HEARTBEAT * 3 / 4, "and not a heartbeat later: {noticed:?}");
    proxy.set(Way::ToServer, Conduct::Pass);
    proxy.set(Way::ToClient, Conduct::Pass);
    while !matches!(silent.hear().await, Heard::Gone) {}
    let _back = through(&proxy, &ada).await;
    becomes(&mut watcher, &ada, "online").await;
}

const SHORT_HEARTBEAT: Duration = Duration::from_millis(400);
const SHORT_EXPIRY: Duration = Duration::from_secs(1);
/// More than fit into an expiry.
const BEATS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn l24_who_only_listens_stays() {
    let patient = |config: &mut server::config::Config| {
        (config.heartbeat, config.expiry) = (SHORT_HEARTBEAT, SHORT_EXPIRY);
    };
    let site = Site::but(patient).await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let mut watcher = Socket::of(&site, &bob).await;
    let mut silent = Socket::of(&site, &ada).await;
    becomes(&mut watcher, &ada, "online").await;
    becomes(&mut silent, &bob, "online").await;
    for _ in 0..BEATS {
        // Both answer their pings, and say nothing else.
        tokio::join!(silent.pinged(), watcher.pinged());
    }
    drop(silent);
    let told = watcher.next_of("user_presence").await;
    assert_eq!(told["status"], "offline", "and not before the socket ended");
}

const DEAF: usize = 200;
/// Of the deaf, those whose frames are looked at one by one.
const SAMPLE: usize = 5;
const MESSAGES: i64 = 100;
/// What may wait for one socket in the kernels at both ends; our own queue is dropped with it.
const WAITING: usize = 512 * 1024;
/// Far below the time that the server gives a client to take something.
const AT_ONCE: Duration = Duration::from_secs(5);

/// How many messages came before the end, none of them skipped.
async fn read_out(mut socket: Socket) -> i64 {
    let mut last = 0;
    loop {
        match socket.hear().await {
            Heard::Frame(frame) if frame["type"] == "new_message" => {
                last += 1;
                assert_eq!(frame["message"]["seq"], last, "nothing is skipped");
            }
            Heard::Frame(_) => {}
            Heard::Closed(code, _) => {
                assert_eq!(code, 4008);
                return last;
            }
            // It is not waited for: who does not read cannot be told why.
            Heard::Gone => return last,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_are_not_read_cost_the_others_nothing() {
    let site = Site::but(|config| config.rules.message_max_length = 10_000).await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let mut deaf = join_all((0..DEAF).map(|_| Socket::narrow(&site, &bob))).await;
    let mut readers = join_all((0..3).map(|_| Socket::of(&site, &bob))).await;
    let mut sender = Socket::of(&site, &ada).await;
    let text = "🎈".repeat(10_000);
    for n in 1..=MESSAGES {
        let sent = Instant::now();
        sender.post(&n.to_string(), &text).await;
        assert_eq!(sender.next_of("message_sent").await["message"]["seq"], n);
        for reader in &mut readers {
            assert_eq!(reader.next_of("new_message").await["message"]["seq"], n);
        }
        assert!(sent.elapsed() < AT_ONCE, "{:?}", sent.elapsed());
    }
    let rest = deaf.split_off(SAMPLE);
    for last in join_all(deaf.into_iter().map(read_out)).await {
        assert!((1..MESSAGES).contains(&last), "what waits for a socket is bounded: {last}");
    }
    for bytes in join_all(rest.into_iter().map(Socket::drain)).await {
        assert!(bytes < WAITING, "for every one of them: {bytes}");
    }
    readers.remove(0).is_open().await;
}
