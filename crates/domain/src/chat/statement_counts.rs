//! How many statements a verb costs does not depend on how much it is about.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use test_support::{Backend, Database, SECRET, sign_up_form};
use tokio::task::JoinSet;
use wire::conversations::Target;
use wire::live::Cursors;
use wire::{ClientId, ConversationId, ConversationKey};

use super::write_batch::{Post, write_batch};
use super::{
    GLOBAL_ROOM, Missed, accept_request, catch_up, conversations, counts, create_group, history,
    react, start_direct,
};
use crate::accounts::{Origin, is_live, is_still_live, sign_out, sign_up};
use crate::{Caller, Keys, Services, Settings, Store};

/// Services whose statements are counted.
struct Counted {
    services: Arc<Services>,
    statements: Arc<AtomicUsize>,
    _database: Database,
}

impl Counted {
    async fn on(backend: Backend) -> Self {
        let database = Database::migrated(backend).await;
        let mut store = Store::connect(&database.url).await.unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        for connection in [&mut store.read, &mut store.write] {
            let counter = statements.clone();
            connection.set_metric_callback(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
            });
        }
        let settings = Settings {
            message_rate_limit: 0,
            sign_ups_per_minute: 0,
            acts_per_minute: 0,
            beginnings_per_hour: 0,
            posts_per_hour: 0,
            comments_per_hour: 0,
            ..Settings::default()
        };
        let services = Services::start(store, Keys::derive(SECRET), settings);
        Self { services, statements, _database: database }
    }

    async fn person(&self, name: &str) -> Caller {
        let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
        sign_up(&self.services, &sign_up_form(name), &origin, &[]).await.unwrap().caller
    }

    async fn cost(&self, verb: impl Future) -> usize {
        // What is told in the background asks, too.
        self.services.watchers.settled().await;
        let before = self.statements.load(Ordering::Relaxed);
        verb.await;
        self.statements.load(Ordering::Relaxed) - before
    }

    async fn batch(&self, posts: Vec<Post>) -> usize {
        let Services { store, hub, .. } = &*self.services;
        self.cost(async {
            let outcomes = write_batch(store, hub, &posts).await.unwrap();
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        })
        .await
    }

    async fn friends(&self, one: &Caller, other: &Caller) -> ConversationId {
        let target = Target::Id(other.user_id);
        let id = start_direct(&self.services, one, &target).await.unwrap().into_conversation().id;
        self.batch(vec![post(id, one)]).await;
        accept_request(&self.services, other, id).await.unwrap();
        id
    }
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
        friends.push(counted.friends(&ada, &friend).await);
    }
    let room = |count: usize| (0..count).map(|_| post(GLOBAL_ROOM, &ada)).collect();
    let one = counted.batch(room(1)).await;
    assert_eq!(one, statements_of_a_batch(backend));
    assert_eq!(counted.batch(room(64)).await, one);
    let one = counted.batch(vec![post(friends[0], &ada)]).await;
    let many = friends.iter().cycle().take(64).map(|id| post(*id, &ada)).collect();
    assert_eq!(counted.batch(many).await, one);
}

/// A list and a page of history, with reactions and answers in it.
async fn l_32_s_63_s_65_pages_cost_the_same_however_long_they_are(backend: Backend) {
    let counted = Counted::on(backend).await;
    let services = &counted.services;
    let ada = counted.person("ada").await;
    let bob = counted.person("bob").await;
    let direct = counted.friends(&ada, &bob).await;
    let members = [Target::Id(bob.user_id)];
    let mut costs = Vec::new();
    for round in 0..2 {
        for _ in 0..=5 * round {
            let group = create_group(services, &ada, "Band", &members).await.unwrap().id;
            counted.batch(vec![post(group, &ada)]).await;
            answered_and_liked(services, &ada, direct).await;
        }
        let list = counted.cost(async { conversations(services, &ada, None, 50).await.unwrap() });
        let list = list.await;
        let waiting = counted.cost(async { counts(services, &ada).await.unwrap() }).await;
        let key = ConversationKey::Id(direct);
        let span = wire::chat::Span::Newest;
        let page =
            counted.cost(async { history(services, Some(&bob), key, span, 50).await.unwrap() });
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
    counted.batch((0..60).map(|_| post(GLOBAL_ROOM, &ada)).collect()).await;
    let come_back = |who: Caller, cursors: Cursors| async move {
        let answers = catch_up(services, &who, cursors).await.unwrap();
        for answer in answers.into_values() {
            let Missed::Frames(frames) = answer.unwrap().missed else { panic!("a gap") };
            assert!(!frames.is_empty());
        }
    };
    let clients = 1_000;
    let begun = Instant::now();
    let all = counted.cost(async {
        for n in 0..clients {
            come_back(bob.clone(), [(ConversationKey::Global, n % 60)].into()).await;
            if n % 100 == 0 {
                counted.batch(vec![post(GLOBAL_ROOM, &ada)]).await;
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
            counted.batch(vec![post(group, &ada), post(group, &ada)]).await;
            cursors.insert(ConversationKey::Id(group), 1);
            let first = counted.cost(come_back(bob.clone(), cursors.clone())).await;
            let next = counted.cost(come_back(ada.clone(), cursors.clone())).await;
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
    let cost = counted.cost(async {
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
    let cost = counted.cost(async { assert!(still(&ada).await && still(&bob).await) }).await;
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
