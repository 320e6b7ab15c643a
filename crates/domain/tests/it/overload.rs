//! More than can be written: the newest are refused at once and told when to come again, nobody waits
//! for long, nothing is lost, and it is over as soon as the cause is.

use std::time::{Duration, Instant};

use domain::Caller;
use domain::chat::{ChatError, Posted, post_message, submit_message};
use test_support::{Backend, PATIENCE, World, on_both};
use tokio::task::JoinSet;
use wire::chat::Draft;
use wire::{ErrorCode, Problem};

use crate::{count, draft};

/// More than the queue holds.
const FLOOD: usize = 5_000;
/// How long anybody may wait for any answer, on a machine that is busy with other tests: a sender gives
/// up after two seconds.
const BOUND: Duration = Duration::from_secs(10);
/// Without waiting for a commit, which lasts until a sender gives up.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whoever writes in the global room waits from now on, until [`let_go`].
async fn hold_up(world: &World) {
    world
        .execute(match world.backend {
            Backend::Sqlite => "BEGIN IMMEDIATE",
            Backend::Postgres => {
                "BEGIN; SELECT id FROM conversation WHERE kind = 'global' FOR UPDATE"
            }
        })
        .await;
}

async fn let_go(world: &World) {
    world.execute("COMMIT").await;
}

fn is_busy(refused: ChatError) -> bool {
    let problem = Problem::from(refused);
    let wait = problem.retry_after_ms.expect("when to come again");
    problem.code == ErrorCode::Unavailable && (500..1_500).contains(&wait)
}

type Answers = JoinSet<(Draft, Result<Posted, ChatError>)>;

/// Everything at once; each of the messages in a task of its own.
fn flood(world: &World, ada: &Caller) -> Answers {
    let mut answers = JoinSet::new();
    for _ in 0..FLOOD {
        let draft = draft("x");
        let answer = submit_message(&world.services, ada, draft.clone());
        answers.spawn(async move { (draft, answer.await) });
    }
    answers
}

on_both! {
    async fn what_does_not_fit_is_refused_at_once_and_what_fits_is_answered_in_time(world: World) {
        let ada = world.person("ada").await;
        hold_up(&world).await;
        let begun = Instant::now();
        let mut answers = flood(&world, &ada);
        let mut refused = Vec::new();
        while let Some(answer) = answers.join_next().await {
            let (draft, answer) = answer.unwrap();
            assert!(is_busy(answer.expect_err("nothing can be stored")));
            refused.push(draft);
        }
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
        let_go(&world).await;
        // Those that were taken are being written now; their senders ask again, a few at a time.
        for draft in refused.into_iter().take(100) {
            while let Err(busy) = post_message(&world.services, &ada, draft.clone()).await {
                assert!(is_busy(busy) && begun.elapsed() < PATIENCE);
            }
        }
        world.services.shut_down().await;
        let stored = count(&world, "SELECT count(*) FROM message").await;
        let (last, distinct) = (
            count(&world, "SELECT max(seq) FROM message").await,
            count(&world, "SELECT count(DISTINCT client_id) FROM message").await,
        );
        assert_eq!((last, distinct), (stored, stored), "no hole, and none twice");
        assert!((100..=FLOOD as i64).contains(&stored), "{stored}");
    }

    async fn once_somebody_waits_too_long_the_next_are_refused_until_it_is_over(world: World) {
        let ada = world.person("ada").await;
        hold_up(&world).await;
        let first = draft("first");
        let late = post_message(&world.services, &ada, first.clone()).await;
        assert!(is_busy(late.expect_err("nothing can be stored")));
        let asked = Instant::now();
        let next = post_message(&world.services, &ada, draft("next")).await;
        assert!(is_busy(next.expect_err("there is room, but it would wait")));
        assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
        let_go(&world).await;
        let begun = Instant::now();
        while let Err(busy) = post_message(&world.services, &ada, draft("after")).await {
            assert!(is_busy(busy) && begun.elapsed() < BOUND, "it goes on");
        }
        let again = post_message(&world.services, &ada, first).await.unwrap();
        assert!(matches!(again, Posted::Repeated(_)), "it was taken, and is written: {again:?}");
    }
}
