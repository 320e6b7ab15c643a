//! However often, in whatever order and on whichever node a message is sent again, it is one
//! message with one number, and everybody who is let in hears of it once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::chat::{ChatError, GLOBAL_ROOM, Posted, messages_after, post_message};
use domain::{Caller, Services};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use test_support::{Backend, Listener, World, cases, quick_settings};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use wire::chat::Message;
use wire::live::ServerFrame;

use crate::draft_as;

const NODES: usize = 2;
const SENDERS: usize = 2;

/// One try: who, under which of their client ids, with which text, on which node.
#[derive(Debug, Clone, Copy)]
struct Try {
    sender: usize,
    client_id: u8,
    text: u8,
    node: usize,
}

/// Waves of tries; those of one wave are under way at the same time.
type Plan = Vec<Vec<Try>>;

fn plan() -> impl Strategy<Value = Plan> {
    let text = prop_oneof![9 => Just(0_u8), 1 => Just(1_u8)];
    let one = (0..SENDERS, 0..4_u8, text, 0..NODES)
        .prop_map(|(sender, client_id, text, node)| Try { sender, client_id, text, node });
    prop::collection::vec(prop::collection::vec(one, 1..12), 1..5)
}

struct Stage {
    world: World,
    nodes: [Arc<Services>; NODES],
    people: [Caller; SENDERS],
}

impl Stage {
    async fn set(backend: Backend) -> Self {
        let world = World::new(backend, quick_settings()).await;
        let nodes = [world.services.clone(), world.reopen().await];
        let people = [world.person("ada").await, world.person("bob").await];
        Self { world, nodes, people }
    }

    async fn last_seq(&self) -> i64 {
        crate::count(&self.world, "SELECT last_seq FROM conversation WHERE kind = 'global'").await
    }
}

type Answers = Vec<(Try, Result<Posted, ChatError>)>;

/// `case` sets the client ids of one run apart from those of the runs before.
async fn perform(stage: &Stage, plan: &Plan, case: i64) -> Answers {
    let mut answers = Vec::new();
    for wave in plan {
        let mut sends = JoinSet::new();
        for one in wave.iter().copied() {
            let services = stage.nodes[one.node].clone();
            let caller = stage.people[one.sender].clone();
            let client_id = format!("{case}-{}", one.client_id).parse().unwrap();
            let draft = draft_as(&client_id, &format!("text {}", one.text));
            sends.spawn(async move { (one, post_message(&services, &caller, draft).await) });
        }
        answers.extend(sends.join_all().await);
    }
    answers
}

/// The message behind each sender's client id, once every answer has been found to agree on it.
fn agreed(answers: &Answers) -> BTreeMap<(usize, u8), Message> {
    let mut messages = BTreeMap::<(usize, u8), Message>::new();
    let mut new = BTreeSet::new();
    for (one, answer) in answers {
        let Ok(posted) = answer else { continue };
        let key = (one.sender, one.client_id);
        if matches!(posted, Posted::New(_)) {
            assert!(new.insert(key), "{one:?} was new twice");
        }
        let message = posted.clone().into_message();
        let first = messages.entry(key).or_insert_with(|| message.clone());
        assert_eq!(*first, message, "{one:?} got another answer");
    }
    assert_eq!(new.len(), messages.len(), "each was new once");
    messages
}

fn check_refusals(answers: &Answers, messages: &BTreeMap<(usize, u8), Message>) {
    for (one, answer) in answers {
        let winner = &messages[&(one.sender, one.client_id)];
        let same = winner.content == format!("text {}", one.text);
        match answer {
            Ok(_) => assert!(same, "{one:?} was answered with another text"),
            Err(refused) => assert!(
                !same && matches!(refused, ChatError::ClientIdConflict),
                "{one:?}: {refused:?}"
            ),
        }
    }
}

async fn check(stage: &Stage, plan: &Plan) {
    let before = stage.last_seq().await;
    let mut listeners =
        stage.nodes.each_ref().map(|node| Listener::in_room(node, &stage.people[0]));
    let answers = perform(stage, plan, before).await;
    let messages = agreed(&answers);
    check_refusals(&answers, &messages);
    let mut expected: Vec<_> = messages.into_values().collect();
    expected.sort_by_key(|message| message.seq);
    let seqs: Vec<_> = expected.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (before + 1..=before + seqs.len() as i64).collect::<Vec<_>>());
    let stored = messages_after(&stage.nodes[0], GLOBAL_ROOM, before, 1000).await.unwrap();
    assert_eq!(stored, expected, "the table holds what was answered");
    let mut heard = Vec::new();
    for listener in &mut listeners {
        let waiting = drain(listener).await;
        assert!(waiting.is_sorted_by_key(|message| message.seq), "each node speaks in order");
        heard.extend(waiting);
    }
    heard.sort_by_key(|message| message.seq);
    assert_eq!(heard, expected, "each was told once, on one node");
}

async fn drain(listener: &mut Listener) -> Vec<Message> {
    let mut heard = Vec::new();
    while listener.unheard().await > 0 {
        match listener.frame().await {
            ServerFrame::MessageSent { message } | ServerFrame::NewMessage { message } => {
                heard.push(message)
            }
            other => panic!("{other:?}"),
        }
    }
    heard
}

fn run(backend: Backend, short: u32) {
    let cases = cases(short);
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let stage = runtime.block_on(Stage::set(backend));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&plan(), |plan| {
        runtime.block_on(check(&stage, &plan));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn sqlite() {
    run(Backend::Sqlite, 300);
}

#[test]
fn postgres() {
    run(Backend::Postgres, 100);
}
