//! Work that must not be lost, done once.

use std::sync::Arc;

use domain::jobs::{start, work_once};
use entity::job;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use test_support::{PATIENCE, World, on_both};
use uuid::Uuid;

use crate::count;

const SWEEP: &str = "sweep_sessions";
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

fn job(kind: &str) -> job::ActiveModel {
    job::ActiveModel {
        id: Set(Uuid::now_v7()),
        kind: Set(kind.into()),
        name: Set(None),
        payload: Set("{}".into()),
        state: Set("queued".into()),
        attempts: Set(0),
        run_at: Set(0),
        leased_until: Set(None),
        last_error: Set(None),
        created_at: Set(0),
    }
}

async fn add(world: &World, job: job::ActiveModel) -> Uuid {
    job.insert(&world.rows).await.unwrap().id
}

async fn look(world: &World, id: Uuid) -> Option<job::Model> {
    job::Entity::find_by_id(id).one(&world.rows).await.unwrap()
}

fn now() -> i64 {
    domain::clock::now().0
}

on_both! {
    async fn workers_end_with_their_node(world: World) {
        let node = world.reopen().await;
        start(&node);
        node.shut_down().await;
        let left = Arc::downgrade(&node);
        drop(node);
        let gone = async {
            while left.strong_count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, gone).await.expect("nobody works on");
    }

    async fn nothing_due_is_nothing_done(world: World) {
        assert!(!work_once(&world.services).await.unwrap());
        add(&world, job::ActiveModel { run_at: Set(now() + 60_000), ..job(SWEEP) }).await;
        add(&world, job::ActiveModel { state: Set("dead".into()), ..job(SWEEP) }).await;
        assert!(!work_once(&world.services).await.unwrap());
    }

    async fn the_sweep_forgets_what_is_over_and_nothing_else(world: World) {
        use domain::accounts::{Chain, authenticate, sign_out};
        let kept = world.sign_up("kept", &[Chain::Cookie]).await;
        for (name, column) in [("ended", "revoked_at"), ("idle", "last_seen")] {
            world.sign_up(name, &[Chain::Cookie]).await;
            let long_ago = now() - WEEK_MS - 60_000;
            let of = format!("(SELECT id FROM account WHERE username = '{name}')");
            let age = format!("UPDATE session SET {column} = {long_ago} WHERE account_id = {of}");
            world.execute(&age).await;
        }
        let just_ended = world.sign_up("just", &[Chain::Cookie]).await.caller;
        sign_out(&world.services, &just_ended).await.unwrap();
        let due = add(&world, job(SWEEP)).await;
        assert!(work_once(&world.services).await.unwrap());
        assert_eq!(count(&world, "SELECT count(*) FROM session").await, 2);
        assert_eq!(count(&world, "SELECT count(*) FROM refresh_token").await, 2);
        assert_eq!(count(&world, "SELECT count(*) FROM account").await, 4);
        authenticate(&world.services, &kept.tokens[0].access).await.unwrap();
        assert!(look(&world, due).await.is_none(), "done is done");
        let next = count(&world, "SELECT run_at FROM job").await - now();
        assert!((3_500_000..=3_600_000).contains(&next), "the next sweep is planned: {next}");
    }

    async fn the_sweep_forgets_expired_tokens_of_living_sessions(world: World) {
        world
            .sign_up("ada", &[domain::accounts::Chain::Cookie, domain::accounts::Chain::Bearer])
            .await;
        world.execute("UPDATE refresh_token SET expires_at = 1 WHERE chain = 'cookie'").await;
        add(&world, job(SWEEP)).await;
        work_once(&world.services).await.unwrap();
        assert_eq!(
            count(&world, "SELECT count(*) FROM refresh_token WHERE chain = 'bearer'").await,
            1
        );
        assert_eq!(count(&world, "SELECT count(*) FROM refresh_token").await, 1);
        assert_eq!(count(&world, "SELECT count(*) FROM session").await, 1);
    }

    async fn a_sweep_that_is_planned_stays_as_it_was_planned(world: World) {
        let at = now() + 1_800_000;
        let planned = job::ActiveModel {
            name: Set(Some(SWEEP.into())),
            run_at: Set(at),
            attempts: Set(3),
            ..job(SWEEP)
        };
        let id = add(&world, planned).await;
        add(&world, job(SWEEP)).await;
        assert!(work_once(&world.services).await.unwrap());
        let row = look(&world, id).await.unwrap();
        assert_eq!((row.run_at, row.attempts), (at, 3));
        assert_eq!(count(&world, "SELECT count(*) FROM job").await, 1);
    }

    async fn two_nodes_do_each_job_once(world: World) {
        for _ in 0..20 {
            add(&world, job(SWEEP)).await;
        }
        let nodes = [world.services.clone(), world.reopen().await];
        let workers = [0, 1, 0, 1].map(|node| {
            let services = nodes[node].clone();
            tokio::spawn(async move {
                let mut done = 0;
                while work_once(&services).await.unwrap() {
                    done += 1;
                }
                done
            })
        });
        let mut done = 0;
        for worker in workers {
            done += worker.await.unwrap();
        }
        assert_eq!(done, 20);
        assert_eq!(count(&world, "SELECT count(*) FROM job").await, 1, "one next sweep");
    }

    async fn a_lease_keeps_others_away_until_it_runs_out(world: World) {
        let leased = job::ActiveModel {
            leased_until: Set(Some(now() + 60_000)),
            attempts: Set(1),
            ..job(SWEEP)
        };
        let id = add(&world, leased).await;
        assert!(!work_once(&world.services).await.unwrap());
        world.execute(&format!("UPDATE job SET leased_until = {}", now() - 1)).await;
        assert!(work_once(&world.services).await.unwrap(), "its worker died");
        assert!(look(&world, id).await.is_none());
    }

    async fn a_job_that_fails_is_tried_later_and_at_last_laid_aside(world: World) {
        let id = add(&world, job("unheard_of")).await;
        let mut wait = 0;
        for attempt in 1..=8 {
            assert!(work_once(&world.services).await.unwrap());
            let row = look(&world, id).await.unwrap();
            assert_eq!((row.attempts, row.leased_until), (attempt, None));
            assert!(row.last_error.unwrap().contains("unheard_of"));
            assert!(row.run_at - now() > wait, "longer each time");
            wait = row.run_at - now();
            assert_eq!(row.state, if attempt < 8 { "queued" } else { "dead" });
            assert!(!work_once(&world.services).await.unwrap(), "not before its time");
            world.execute("UPDATE job SET run_at = 0").await;
        }
        assert!(!work_once(&world.services).await.unwrap(), "dead jobs are for people");
    }

    async fn a_failing_job_does_not_hold_up_the_others(world: World) {
        add(&world, job("unheard_of")).await;
        let good = add(&world, job::ActiveModel { run_at: Set(1), ..job(SWEEP) }).await;
        while work_once(&world.services).await.unwrap() {}
        assert!(look(&world, good).await.is_none());
    }

    async fn a_node_that_starts_sweeps_even_where_the_last_sweep_had_been_given_up(world: World) {
        let given_up = job::ActiveModel {
            name: Set(Some(SWEEP.into())),
            state: Set("dead".into()),
            attempts: Set(8),
            ..job(SWEEP)
        };
        add(&world, given_up).await;
        start(&world.services);
        let planned = async {
            while count(
                &world,
                "SELECT count(*) FROM job WHERE kind = 'sweep_sessions' AND state = 'queued' \
                 AND run_at > 0 AND attempts = 0",
            )
            .await
                == 0
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, planned).await.expect("a sweep, and the next one planned");
        let sweeps = "SELECT count(*) FROM job WHERE kind = 'sweep_sessions'";
        assert_eq!(count(&world, sweeps).await, 1);
    }
}
