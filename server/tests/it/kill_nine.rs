//! The real program, killed while people write: whatever was acknowledged is there, once and in order.
//!
//! `KILLS` says how often. The bench's `kills` does the same to the release build, with more people.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use test_support::history::{faults, stored_at};
use test_support::{PASSWORD, Talker, Who};
use tokio::sync::watch;
use tokio::task::block_in_place;

use crate::program::{Program, Serving};
use crate::site::OWN_ORIGIN;

const KILLS: usize = 4;
const TALKERS: usize = 6;
/// Of how much is acknowledged before a kill.
const SEED: u64 = 9;

async fn access(serving: &Serving, name: &str) -> String {
    let body = json!({"username": name, "password": PASSWORD});
    let request = reqwest::Client::new().post(serving.url("/api/auth/signup/")).json(&body);
    let answer = request.header("origin", OWN_ORIGIN).send().await.unwrap();
    let account: Value = answer.json().await.unwrap();
    account["access"].as_str().expect("signed up").to_owned()
}

fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_was_acknowledged_before_a_kill_is_there_once_and_in_order() {
    let program = Program::new().set("MESSAGE_RATE_LIMIT", "0");
    let mut serving = block_in_place(|| program.serve());
    let (found, place) = watch::channel(Some(serving.address));
    let mut talkers = Vec::new();
    for n in 0..TALKERS {
        let name = format!("person{n}");
        // The last one only listens.
        let pace = (n + 1 < TALKERS).then_some(Duration::from_millis(2));
        let access = access(&serving, &name).await;
        talkers.push(Talker::start(Who { name, access, pace, since: 0 }, place.clone()));
    }
    let mut random = StdRng::seed_from_u64(SEED);
    for _ in 0..kills() {
        let more = random.random_range(1..40);
        let enough = talkers[0].state().acknowledged + more;
        talkers[0].until(|state| state.acknowledged >= enough).await;
        found.send_replace(None);
        serving.tell("KILL");
        serving = block_in_place(|| {
            serving.end();
            program.serve()
        });
        found.send_replace(Some(serving.address));
    }
    for talker in &talkers {
        talker.until(|state| state.resumed > 1).await;
        talker.be_quiet().await;
    }
    let url = format!("sqlite://{}", program.database().display());
    let stored = stored_at(&url).await.unwrap();
    let last = stored.iter().map(|entry| entry.seq).max().unwrap();
    let mut logs = Vec::new();
    for talker in talkers {
        logs.push(talker.hear_out(last).await);
    }
    assert_eq!(faults(&stored, &logs), []);
    assert!(logs.iter().map(|log| log.acknowledged.len()).sum::<usize>() > kills());
    program.run_well(&["check"]);
}
