//! Becoming somebody.

use domain::accounts::{AccountError, Origin, create_superuser, sign_in, sign_up};
use domain::{Services, Settings};
use test_support::{PASSWORD, World, on_both, origin, quick_settings, sign_in_form, sign_up_form};
use tokio::task::JoinSet;
use wire::accounts::{Field, FieldIssue, Issues, SignUpForm};
use wire::{ErrorCode, Problem};

use crate::{count, read_mark};

async fn refusal(services: &Services, form: &SignUpForm) -> Issues {
    match sign_up(services, form, &origin(), &[]).await {
        Err(AccountError::Invalid(issues)) => issues,
        other => panic!("{:?} signs up: {:?}", form.username, other.map(|signed| signed.caller)),
    }
}

fn with_email(username: &str, email: &str) -> SignUpForm {
    SignUpForm { email: email.into(), ..sign_up_form(username) }
}

fn with_password(username: &str, password: &str) -> SignUpForm {
    SignUpForm { password: password.into(), ..sign_up_form(username) }
}

async fn accounts(world: &World) -> i64 {
    count(world, "SELECT count(*) FROM account").await
}

on_both! {
    async fn a_form_with_mistakes_makes_no_account(world: World) {
        let cases = [
            (sign_up_form(""), Field::Username, FieldIssue::Required),
            (sign_up_form("x"), Field::Username, FieldIssue::UsernameTooShort),
            (sign_up_form(&"x".repeat(65)), Field::Username, FieldIssue::UsernameTooLong),
            (sign_up_form("a\0b"), Field::Username, FieldIssue::UsernameCharacters),
            (sign_up_form("<script>"), Field::Username, FieldIssue::UsernameCharacters),
            (sign_up_form("Admin"), Field::Username, FieldIssue::UsernameReserved),
            (sign_up_form("a@b.co"), Field::Username, FieldIssue::UsernameLikeEmail),
            (with_email("ada", "nowhere"), Field::Email, FieldIssue::EmailInvalid),
            (with_email("ada", "a\0@b.co"), Field::Email, FieldIssue::EmailInvalid),
            (with_password("ada", ""), Field::Password, FieldIssue::Required),
            (with_password("ada", "short"), Field::Password, FieldIssue::PasswordTooShort),
            (
                with_password("ada", &"long".repeat(100)),
                Field::Password,
                FieldIssue::PasswordTooLong,
            ),
            (with_password("ada", "password1"), Field::Password, FieldIssue::PasswordTooCommon),
            (
                with_password("adalovelace", "AdaLovelace"),
                Field::Password,
                FieldIssue::PasswordLikeUsername,
            ),
        ];
        for (form, field, issue) in cases {
            assert_eq!(
                refusal(&world.services, &form).await,
                [(field, issue)],
                "{:?}",
                form.username
            );
        }
        let differs = SignUpForm { password_confirm: Some("other".into()), ..sign_up_form("ada") };
        let expected = [(Field::PasswordConfirm, FieldIssue::PasswordsDiffer)];
        assert_eq!(refusal(&world.services, &differs).await, expected);
        assert_eq!(accounts(&world).await, 0);
    }

    async fn a_name_is_taken_in_any_case_and_by_its_look_alikes(world: World) {
        world.person("paypal").await;
        for twin in ["paypal", "PayPal", "pаypal", "paypa1", "ｐａｙｐａｌ"] {
            let issues = refusal(&world.services, &sign_up_form(twin)).await;
            assert_eq!(issues, [(Field::Username, FieldIssue::UsernameTaken)], "{twin}");
        }
        assert_eq!(accounts(&world).await, 1);
    }

    async fn an_address_is_taken_in_any_case(world: World) {
        let first = with_email("ada", " Ada@Example.org ");
        sign_up(&world.services, &first, &origin(), &[]).await.unwrap();
        let issues = refusal(&world.services, &with_email("bob", "aDA@example.ORG")).await;
        assert_eq!(issues, [(Field::Email, FieldIssue::EmailTaken)]);
        let both = refusal(&world.services, &with_email("ADA", "ada@example.org")).await;
        let fields: Vec<_> = both.into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, [Field::Username, Field::Email]);
    }

    async fn of_two_who_want_one_name_at_once_one_gets_it(world: World) {
        let mut race = JoinSet::new();
        for spelling in ["grace", "Grace", "GRACE", "gracе"] {
            let services = world.services.clone();
            race.spawn(
                async move { sign_up(&services, &sign_up_form(spelling), &origin(), &[]).await },
            );
        }
        let (won, lost): (Vec<_>, Vec<_>) =
            race.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for error in lost.into_iter().filter_map(Result::err) {
            assert_eq!(error.issues(), [(Field::Username, FieldIssue::UsernameTaken)], "{error:?}");
        }
        assert_eq!(accounts(&world).await, 1);
        assert_eq!(count(&world, "SELECT count(*) FROM membership").await, 1);
        assert_eq!(count(&world, "SELECT count(*) FROM session").await, 1);
    }

    async fn of_two_who_want_one_address_at_once_one_gets_it(world: World) {
        let mut race = JoinSet::new();
        for name in ["ada", "bob", "eve"] {
            let services = world.services.clone();
            race.spawn(async move {
                sign_up(&services, &with_email(name, "x@example.org"), &origin(), &[]).await
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) =
            race.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for error in lost.into_iter().filter_map(Result::err) {
            assert_eq!(error.issues(), [(Field::Email, FieldIssue::EmailTaken)], "{error:?}");
        }
    }

    async fn a_newcomer_is_in_the_global_room_with_nothing_unread(world: World) {
        let ada = world.person("ada").await;
        world.say(&ada, "one").await;
        world.say(&ada, "two").await;
        let bob = world.person("bob").await;
        assert_eq!(read_mark(&world.services, &bob).await, 2);
        let active = "SELECT count(*) FROM membership WHERE state = 'active'";
        assert_eq!(count(&world, active).await, 2);
    }

    async fn one_address_may_sign_up_only_so_often(world: World) {
        let settings = Settings { sign_ups_per_minute: 2, ..quick_settings() };
        let world = world.with(settings).await;
        world.person("ada").await;
        world.person("bob").await;
        let third = sign_up(&world.services, &sign_up_form("eve"), &origin(), &[]).await;
        let Err(refused @ AccountError::TooManyTries { .. }) = third else {
            panic!("a third at once")
        };
        let problem = Problem::from(refused);
        assert_eq!(problem.code, ErrorCode::RateLimited);
        assert!((1..=30_000).contains(&problem.retry_after_ms.unwrap()), "{problem:?}");
        let elsewhere = Origin { address: [203, 0, 113, 7].into(), ..origin() };
        sign_up(&world.services, &sign_up_form("eve"), &elsewhere, &[]).await.unwrap();
    }

    async fn a_superuser_passes_the_same_checks_and_may_administer(world: World) {
        for password in ["", "password1", "short"] {
            let error = create_superuser(&world.services, &with_password("boss", password)).await;
            assert!(matches!(error, Err(AccountError::Invalid(_))), "{password:?}");
        }
        create_superuser(&world.services, &sign_up_form("boss")).await.unwrap();
        let twice = create_superuser(&world.services, &sign_up_form("B0SS")).await.unwrap_err();
        assert_eq!(twice.issues(), [(Field::Username, FieldIssue::UsernameTaken)]);
        let form = sign_in_form("boss", PASSWORD);
        let boss = sign_in(&world.services, &form, &origin(), None, &[]).await.unwrap().caller;
        assert!(boss.is_staff && boss.viewer().is_staff);
        assert_eq!(world.say(&boss, "welcome").await.seq, 1);
        assert!(!world.person("ada").await.is_staff);
        assert_eq!(count(&world, "SELECT count(*) FROM account WHERE is_superuser").await, 1);
    }

    async fn a_password_is_stored_as_its_hash_alone(world: World) {
        world.person("ada").await;
        let hashed = "SELECT count(*) FROM account WHERE password_hash LIKE '$argon2id$%'";
        assert_eq!(count(&world, hashed).await, 1);
        let bare = format!("SELECT count(*) FROM account WHERE password_hash LIKE '%{PASSWORD}%'");
        assert_eq!(count(&world, &bare).await, 0);
    }
}
