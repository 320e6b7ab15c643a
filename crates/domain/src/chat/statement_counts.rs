//! How many statements a verb costs does not depend on how much it is about.

use std::time::Instant;

use test_support::Backend;
use tokio::task::JoinSet;
use wire::conversations::Target;
use wire::live::Cursors;
use wire::{ClientId, ConversationId, ConversationKey};

use super::write_batch::{Post, write_batch};
use super::{
    GLOBAL_ROOM, Missed, accept_request, catch_up, conversations, counts, create_group, history,
    react, start_direct,
};
use crate::accounts::{is_live, is_still_live, sign_out};
use crate::measured::Counted;
use crate::{Caller, Services};

async fn batch(counted: &Counted, posts: Vec<Post>) -> usize {
    let Services { store, hub, .. } = &*counted.services;
    let written = async {
        let outcomes = write_batch(store, hub, &posts).await.unwrap();
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    };
    counted.cost_of(written).await
}

async fn befriend(counted: &Counted, one: &Caller, other: &Caller) -> ConversationId {
    let (services, target) = (&counted.services, Target::Id(other.user_id));
    let id = start_direct(services, one, &target).await.unwrap().into_conversation().id;
    batch(counted, vec![post(id, one)]).await;
    accept_request(services, other, id).await.unwrap();
    id
}

fn post(conversation: ConversationId, sender: &Caller) -> Post {
    Post {
        conversation,
        client_id: ClientId::new(),
        sender: sender.author(),
        content: "text".into(),
        reply_to: None,
    }
}

/// May write, numbers, insert and read, which on Postgres are one.
fn statements_of_a_batch(backend: Backend) -> usize {
    match backend {
        Backend::Sqlite => 4,
        Backend::Postgres => 1,
    }
}

async fn a_batch_costs_the_same_however_much_is_in_it(backend: Backend) {
    let counted = Counted::on(backend).await;
    let ada = counted.person("ada").await;
    let mut friends = Vec::new();
    for n in 0..8 {
        let friend = counted.person(&format!("friend{n}")).await;
        friends.push(befriend(&counted, &ada, &friend).await);
    }
    let room = |count: usize| (0..count).map(|_| post(GLOBAL_ROOM, &ada)).collect();
    let one = batch(&counted, room(1)).await;
    assert_eq!(one, statements_of_a_batch(backend));
    assert_eq!(batch(&counted, room(64)).await, one);
    let one = batch(&counted, vec![post(friends[0], &ada)]).await;
    let many = friends.iter().cycle().take(64).map(|id| post(*id, &ada)).collect();
    assert_eq!(batch(&counted, many).await, one);
}

/// A list and a page of history, with reactions and answers in it.
async fn l_32_s_63_s_65_pages_cost_the_same_however_long_they_are(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let ada = counted.person("ada").await;
    let bob = counted.person("bob").await;
    let direct = befriend(&counted, &ada, &bob).await;
    let members = [Target::Id(bob.user_id)];
    let mut costs = Vec::new();
    for round in 0..2 {
        for _ in 0..=5 * round {
            let group = create_group(services, &ada, "Band", &members).await.unwrap().id;
            batch(&counted, vec![post(group, &ada)]).await;
            answered_and_liked(services, &ada, direct).await;
        }
        let list = counted.cost(conversations(services, &ada, None, 50)).await;
        let waiting = counted.cost(counts(services, &ada)).await;
        let key = ConversationKey::Id(direct);
        let span = wire::chat::Span::Newest;
        let page = counted.cost(history(services, Some(&bob), key, span, 50));
        costs.push((list, waiting, page.await));
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].1, 1, "one statement counts everything");
}

/// As many as come back at once after a cut, with messages that they have missed.
async fn p_14_coming_back_costs_the_database_nearly_nothing(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let (ada, bob) = (counted.person("ada").await, counted.person("bob").await);
    batch(&counted, (0..60).map(|_| post(GLOBAL_ROOM, &ada)).collect()).await;
    let come_back = |who: Caller, cursors: Cursors| async move {
        let answers = catch_up(services, &who, cursors).await.unwrap();
        for answer in answers.into_values() {
            let Missed::Frames(frames) = answer.unwrap().missed else { panic!("a gap") };
            assert!(!frames.is_empty());
        }
    };
    let clients = 1_000;
    let begun = Instant::now();
    let all = counted.cost_of(async {
        for n in 0..clients {
            come_back(bob.clone(), [(ConversationKey::Global, n % 60)].into()).await;
            if n % 100 == 0 {
                batch(&counted, vec![post(GLOBAL_ROOM, &ada)]).await;
            }
        }
    });
    // The room is looked at once a second, and read once.
    let reads = all.await - 10 * statements_of_a_batch(backend);
    let seconds = begun.elapsed().as_secs() as usize + 1;
    assert!(reads <= 4 + seconds && reads <= clients as usize / 20, "{reads}");
    let mut costs = Vec::new();
    for _ in 0..2 {
        let mut cursors = Cursors::new();
        for _ in 0..20 {
            let members = [Target::Id(bob.user_id)];
            let group = create_group(services, &ada, "Band", &members).await.unwrap().id;
            batch(&counted, vec![post(group, &ada), post(group, &ada)]).await;
            cursors.insert(ConversationKey::Id(group), 1);
            let first = counted.cost_of(come_back(bob.clone(), cursors.clone())).await;
            let next = counted.cost_of(come_back(ada.clone(), cursors.clone())).await;
            costs.push((first, next));
        }
    }
    let expected = (3, 1);
    assert!(costs.iter().all(|cost| *cost == expected), "places, messages, reactions: {costs:?}");
}

async fn answered_and_liked(services: &Services, ada: &Caller, id: ConversationId) {
    let first = write_batch(&services.store, &services.hub, &[post(id, ada)]).await.unwrap();
    let first = first.into_iter().next().unwrap().unwrap().into_message();
    let answer = Post { reply_to: Some(first.id), ..post(id, ada) };
    write_batch(&services.store, &services.hub, &[answer]).await.unwrap();
    react(services, ada, first.id, "👍", true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_on_sqlite() {
    a_batch_costs_the_same_however_much_is_in_it(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_on_postgres() {
    a_batch_costs_the_same_however_much_is_in_it(Backend::Postgres).await;
}

/// As after a restart: everybody's sockets and requests at once.
async fn p_14_many_at_once_are_recognised_in_few_queries(backend: Backend) {
    let counted = Counted::on(backend).await;
    let (ada, bob) = (counted.person("ada").await, counted.person("bob").await);
    let cost = counted.cost_of(async {
        let mut recognised = JoinSet::new();
        for n in 0..1_000 {
            let caller = if n % 2 == 0 { ada.clone() } else { bob.clone() };
            let services = counted.services.clone();
            recognised.spawn(async move { is_live(&services, &caller).await });
        }
        assert!(recognised.join_all().await.into_iter().all(|answer| answer.unwrap()));
    });
    let cost = cost.await;
    assert!(cost <= 1_000 / 20, "{cost}");
    let since = Instant::now();
    let still = async |who| is_still_live(&counted.services, who, since).await.unwrap();
    let cost = counted.cost_of(async { assert!(still(&ada).await && still(&bob).await) }).await;
    assert_eq!(cost, 0, "nobody has signed out since");
    sign_out(&counted.services, &bob).await.unwrap();
    assert!(still(&ada).await && !still(&bob).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_14_sessions_on_sqlite() {
    p_14_many_at_once_are_recognised_in_few_queries(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_14_sessions_on_postgres() {
    p_14_many_at_once_are_recognised_in_few_queries(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_14_on_sqlite() {
    p_14_coming_back_costs_the_database_nearly_nothing(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_14_on_postgres() {
    p_14_coming_back_costs_the_database_nearly_nothing(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_32_s_63_s_65_pages_on_sqlite() {
    l_32_s_63_s_65_pages_cost_the_same_however_long_they_are(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l_32_s_63_s_65_pages_on_postgres() {
    l_32_s_63_s_65_pages_cost_the_same_however_long_they_are(Backend::Postgres).await;
}
