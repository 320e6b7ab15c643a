//! Proving who one is.

use domain::accounts::{
    AccountError, Chain, Origin, SignedIn, authenticate, change_password, is_known_device,
    known_device_token, sign_in, sign_up,
};
use domain::{Services, Settings};
use test_support::{PASSWORD, World, on_both, origin, quick_settings, sign_in_form, sign_up_form};
use tokio::task::JoinSet;
use wire::accounts::{Field, FieldIssue, SignUpForm};
use wire::{ErrorCode, Problem, UserId};

async fn try_in(services: &Services, name: &str, password: &str) -> Result<SignedIn, AccountError> {
    sign_in(services, &sign_in_form(name, password), &origin(), None, &[Chain::Bearer]).await
}

fn guarded() -> Settings {
    Settings { sign_ins_per_minute: 1000, ..quick_settings() }
}

on_both! {
    async fn l_37_by_name_in_any_case_or_by_address(world: World) {
        let form = SignUpForm { email: "ada@example.org".into(), ..sign_up_form("Ada") };
        let ada = sign_up(&world.services, &form, &origin(), &[]).await.unwrap().caller;
        for name in ["Ada", "ada", "ADA", " ada ", "ada@example.org", "Ada@Example.ORG"] {
            let signed_in = try_in(&world.services, name, PASSWORD).await.unwrap();
            assert_eq!(signed_in.caller.user_id, ada.user_id, "{name:?}");
            assert_eq!(signed_in.caller.username, "Ada");
            assert_ne!(signed_in.caller.session_id, ada.session_id);
            let access = &signed_in.tokens[0].access;
            assert_eq!(authenticate(&world.services, access).await.unwrap().0, signed_in.caller);
        }
    }

    async fn unknown_wrong_and_disabled_get_one_answer(world: World) {
        world.person("ada").await;
        world.person("gone").await;
        world.execute("UPDATE account SET is_active = FALSE WHERE username = 'gone'").await;
        let tries = [
            ("nobody", PASSWORD),
            ("ada", "not-her-password"),
            ("ada", "ZEBRA-LAMP-91"),
            ("gone", PASSWORD),
            ("nobody@example.org", PASSWORD),
            ("a\0b", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
            ("%", PASSWORD),
        ];
        for (name, password) in tries {
            let refused = try_in(&world.services, name, password).await.map(|signed| signed.caller);
            let Err(refused) = refused else { panic!("{name:?} got in") };
            assert_eq!(
                refused.issues(),
                [(Field::Password, FieldIssue::CredentialsWrong)],
                "{name:?}"
            );
            let expected =
                Problem::new(ErrorCode::InvalidCredentials, "Wrong username or password.");
            assert_eq!(Problem::from(refused), expected);
        }
        assert_eq!(crate::count(&world, "SELECT count(*) FROM session").await, 2);
    }

    async fn empty_fields_are_named(world: World) {
        let Err(refused) = try_in(&world.services, "  ", "").await else { panic!() };
        let required = FieldIssue::Required;
        assert_eq!(refused.issues(), [(Field::Username, required), (Field::Password, required)]);
    }

    async fn one_address_may_try_only_so_often(world: World) {
        world.person("ada").await;
        let settings = Settings { sign_ins_per_minute: 3, ..quick_settings() };
        let world = world.with(settings).await;
        for _ in 0..3 {
            assert!(try_in(&world.services, "ada", PASSWORD).await.is_ok());
        }
        let Err(refused) = try_in(&world.services, "ada", PASSWORD).await else {
            panic!("a fourth")
        };
        let problem = Problem::from(refused);
        assert_eq!(problem.code, ErrorCode::RateLimited);
        assert!((1..=20_000).contains(&problem.retry_after_ms.unwrap()), "{problem:?}");
        let elsewhere = Origin { address: [203, 0, 113, 7].into(), ..origin() };
        let form = sign_in_form("ada", PASSWORD);
        sign_in(&world.services, &form, &elsewhere, None, &[]).await.unwrap();
    }

    async fn ten_failures_lock_strangers_out_but_not_a_known_device_nor_anybody_else(world: World) {
        let ada = world.person("ada").await;
        let bob = world.person("bob").await;
        let world = world.with(guarded()).await;
        let services = &world.services;
        for _ in 0..10 {
            let refused = try_in(services, "ada", "a wrong guess").await.map(|_| ());
            assert!(matches!(refused, Err(AccountError::WrongCredentials)), "{refused:?}");
        }
        for name in ["ada", "ADA"] {
            let locked = try_in(services, name, PASSWORD).await.map(|_| ());
            assert!(matches!(locked, Err(AccountError::TooManyTries { .. })), "{locked:?}");
        }
        let form = sign_in_form("ada", PASSWORD);
        let known = known_device_token(services, ada.user_id);
        sign_in(services, &form, &origin(), Some(&known), &[]).await.unwrap();
        for foreign in [known_device_token(services, bob.user_id), "forged".into(), String::new()] {
            let locked = sign_in(services, &form, &origin(), Some(&foreign), &[]).await.map(|_| ());
            assert!(matches!(locked, Err(AccountError::TooManyTries { .. })), "{locked:?}");
        }
        try_in(services, "bob", PASSWORD).await.unwrap();
    }

    async fn of_forty_guesses_at_once_ten_are_judged(world: World) {
        let ada = world.person("ada").await;
        let world = world.with(guarded()).await;
        let mut guesses = JoinSet::new();
        for n in 0..40 {
            let services = world.services.clone();
            guesses.spawn(async move { try_in(&services, "ada", &format!("guess {n}")).await });
        }
        let judged = guesses.join_all().await.into_iter().filter(|refused| {
            assert!(refused.is_err());
            matches!(refused, Err(AccountError::WrongCredentials))
        });
        assert_eq!(judged.count(), 10);
        let mut guesses = JoinSet::new();
        for n in 0..40 {
            let (services, ada) = (world.services.clone(), ada.clone());
            guesses.spawn(async move {
                change_password(&services, &ada, &format!("guess {n}"), "lamp-zebra-19").await
            });
        }
        let judged = guesses.join_all().await.into_iter().filter(|refused| {
            assert!(refused.is_err());
            matches!(refused, Err(AccountError::Invalid(_)))
        });
        assert_eq!(judged.count(), 10, "nor from inside");
    }

    async fn signing_in_often_is_no_failure(world: World) {
        world.person("ada").await;
        let world = world.with(guarded()).await;
        for _ in 0..12 {
            try_in(&world.services, "ada", PASSWORD).await.unwrap();
        }
    }

    async fn failures_for_a_name_that_does_not_exist_are_counted_the_same(world: World) {
        let world = world.with(guarded()).await;
        for _ in 0..10 {
            assert!(matches!(
                try_in(&world.services, "nobody", PASSWORD).await,
                Err(AccountError::WrongCredentials)
            ));
        }
        let locked = try_in(&world.services, "Nobody", PASSWORD).await.map(|_| ());
        assert!(matches!(locked, Err(AccountError::TooManyTries { .. })), "{locked:?}");
    }

    async fn a_known_device_is_known_for_its_own_account_and_after_a_restart(world: World) {
        let ada = world.person("ada").await;
        let token = known_device_token(&world.services, ada.user_id);
        let restarted = world.reopen().await;
        assert!(is_known_device(&restarted, ada.user_id, &token));
        assert!(!is_known_device(&restarted, UserId::new(), &token));
        for forged in ["", "x", "AAAA", &token[1..]] {
            assert!(!is_known_device(&restarted, ada.user_id, forged), "{forged:?}");
        }
    }

    async fn a_long_user_agent_is_cut_not_refused(world: World) {
        world.person("ada").await;
        let from = Origin { user_agent: "🎈".repeat(1000), ..origin() };
        let form = sign_in_form("ada", PASSWORD);
        let caller = sign_in(&world.services, &form, &from, None, &[]).await.unwrap().caller;
        let sessions = domain::accounts::list_sessions(&world.services, &caller).await.unwrap();
        assert_eq!(sessions[0].user_agent, "🎈".repeat(256));
    }
}
