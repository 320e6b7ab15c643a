//! New passwords: for somebody who knows the old one, and for somebody who reads the mail.

use std::sync::Arc;

use domain::accounts::{
    AccountError, ResetWords, SignedIn, change_password, is_live, is_reset_token,
    request_password_reset, reset_password, sign_in, sign_up,
};
use domain::jobs::work_once;
use domain::{Caller, Settings};
use mailer::Memory;
use test_support::{PASSWORD, World, on_both, origin, quick_settings, sign_in_form, sign_up_form};
use wire::accounts::{Field, FieldIssue, SignUpForm};

const NEW: &str = "quiet-river-28";

async fn opens(world: &World, password: &str) -> bool {
    let form = sign_in_form("ada", password);
    let signed_in: Result<SignedIn, _> =
        sign_in(&world.services, &form, &origin(), None, &[]).await;
    match signed_in {
        Ok(_) => true,
        Err(AccountError::WrongCredentials) => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// Ada with an address, and the mail that leaves.
async fn ada_and_the_mail(world: World) -> (World, Caller, Arc<Memory>) {
    let post = Arc::new(Memory::default());
    let world = world.with(Settings { mailer: post.clone(), ..quick_settings() }).await;
    let form = SignUpForm { email: "Ada@sphere.example".into(), ..sign_up_form("ada") };
    let ada = sign_up(&world.services, &form, &origin(), &[]).await.unwrap().caller;
    (world, ada, post)
}

fn words() -> ResetWords {
    let text = "{username} at {site}:\n{link}\n".into();
    ResetWords { subject: "A new password".into(), text }
}

async fn ask(world: &World, email: &str) {
    request_password_reset(&world.services, email, words(), &origin()).await.unwrap();
    while work_once(&world.services).await.unwrap() {}
}

async fn token(post: &Memory) -> String {
    let mail = post.sent().await.expect("a mail");
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("Ada@sphere.example", "A new password"));
    assert!(mail.text.starts_with("ada at http://sphere.example:\n"), "{}", mail.text);
    let (_, rest) = mail.text.split_once("http://sphere.example/password/reset/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

fn issues(result: Result<(), AccountError>) -> Vec<(Field, FieldIssue)> {
    result.unwrap_err().issues()
}

on_both! {
    async fn a_change_ends_every_other_device_and_not_this_one(world: World) {
        let ada = world.person("ada").await;
        let other = world.sign_in("ada", &[]).await.caller;
        let bob = world.person("bob").await;
        change_password(&world.services, &ada, PASSWORD, NEW).await.unwrap();
        assert!(is_live(&world.services, &ada).await.unwrap());
        assert!(!is_live(&world.services, &other).await.unwrap());
        assert!(is_live(&world.services, &bob).await.unwrap());
        assert!(opens(&world, NEW).await && !opens(&world, PASSWORD).await);
    }

    async fn a_change_needs_the_old_password_and_a_good_new_one(world: World) {
        let ada = world.person("ada").await;
        let other = world.sign_in("ada", &[]).await.caller;
        let cases = [
            ("not it at all", NEW, vec![(Field::CurrentPassword, FieldIssue::PasswordWrong)]),
            ("", "", vec![
                (Field::CurrentPassword, FieldIssue::Required),
                (Field::NewPassword, FieldIssue::Required),
            ]),
            (PASSWORD, "short", vec![(Field::NewPassword, FieldIssue::PasswordTooShort)]),
            (PASSWORD, "iloveyou", vec![(Field::NewPassword, FieldIssue::PasswordTooCommon)]),
        ];
        for (current, new, expected) in cases {
            let refused = change_password(&world.services, &ada, current, new).await;
            assert_eq!(issues(refused), expected, "{current:?} {new:?}");
        }
        assert!(opens(&world, PASSWORD).await);
        assert!(is_live(&world.services, &other).await.unwrap());
    }

    async fn guessing_the_old_password_is_slowed_down(world: World) {
        let ada = world.person("ada").await;
        let world = world.with(Settings { sign_ins_per_minute: 100, ..quick_settings() }).await;
        for _ in 0..10 {
            let refused = change_password(&world.services, &ada, "a wrong guess", NEW).await;
            assert_eq!(issues(refused), [(Field::CurrentPassword, FieldIssue::PasswordWrong)]);
        }
        let refused = change_password(&world.services, &ada, PASSWORD, NEW).await;
        assert!(matches!(refused, Err(AccountError::TooManyTries { .. })), "{refused:?}");
        assert!(opens(&world, PASSWORD).await, "the door is counted apart");
    }

    async fn a_mailed_link_sets_a_password_once_and_signs_every_device_out(world: World) {
        let (world, ada, post) = ada_and_the_mail(world).await;
        ask(&world, " ADA@Sphere.Example ").await;
        let token = token(&post).await;
        assert!(is_reset_token(&world.services, &token).await.unwrap());
        let bad = reset_password(&world.services, &token, "short").await;
        assert_eq!(issues(bad), [(Field::NewPassword, FieldIssue::PasswordTooShort)]);
        reset_password(&world.services, &token, NEW).await.unwrap();
        assert!(opens(&world, NEW).await && !opens(&world, PASSWORD).await);
        assert!(!is_live(&world.services, &ada).await.unwrap());
        let again = reset_password(&world.services, &token, "another-river-28").await;
        assert_eq!(issues(again), [(Field::Token, FieldIssue::TokenSpent)]);
        assert!(!is_reset_token(&world.services, &token).await.unwrap());
    }

    async fn of_two_who_use_one_link_at_once_one_gets_through(world: World) {
        let (world, _, post) = ada_and_the_mail(world).await;
        ask(&world, "ada@sphere.example").await;
        let token = token(&post).await;
        let (one, two) = tokio::join!(
            reset_password(&world.services, &token, NEW),
            reset_password(&world.services, &token, NEW),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    }

    async fn a_link_dies_with_time_a_newer_one_a_change_or_a_new_address(world: World) {
        let (world, ada, post) = ada_and_the_mail(world).await;
        ask(&world, "ada@sphere.example").await;
        let old = token(&post).await;
        ask(&world, "ada@sphere.example").await;
        let newer = token(&post).await;
        assert!(!is_reset_token(&world.services, &old).await.unwrap(), "replaced");
        world.execute("UPDATE one_time_token SET expires_at = 1").await;
        assert!(!is_reset_token(&world.services, &newer).await.unwrap(), "expired");
        ask(&world, "ada@sphere.example").await;
        let third = token(&post).await;
        change_password(&world.services, &ada, PASSWORD, NEW).await.unwrap();
        assert!(!is_reset_token(&world.services, &third).await.unwrap(), "changed");
        ask(&world, "ada@sphere.example").await;
        let fourth = token(&post).await;
        let moved = wire::accounts::OwnChanges {
            email: Some("elsewhere@sphere.example".into()),
            current_password: Some(NEW.into()),
            ..Default::default()
        };
        domain::accounts::change_own_account(&world.services, &ada, &moved).await.unwrap();
        assert!(!is_reset_token(&world.services, &fourth).await.unwrap(), "moved");
        for forged in ["", "x", "\0", &fourth[1..]] {
            assert!(!is_reset_token(&world.services, forged).await.unwrap(), "{forged:?}");
        }
    }

    async fn nobody_learns_whose_address_it_is_and_no_row_holds_a_token(world: World) {
        let (world, _, post) = ada_and_the_mail(world).await;
        world.execute("UPDATE account SET is_active = FALSE").await;
        ask(&world, "ada@sphere.example").await;
        ask(&world, "nobody@sphere.example").await;
        assert!(post.sent().await.is_none(), "disabled and unknown");
        world.execute("UPDATE account SET is_active = TRUE").await;
        ask(&world, "ada@sphere.example").await;
        let token = token(&post).await;
        let stored = format!("SELECT count(*) FROM one_time_token WHERE digest = '{token}'");
        assert_eq!(crate::count(&world, &stored).await, 0);
        assert_eq!(crate::count(&world, "SELECT count(*) FROM one_time_token").await, 1);
        assert_eq!(crate::count(&world, "SELECT count(*) FROM job").await, 0);
    }

    async fn what_is_no_address_is_told_and_a_flood_of_mail_is_not_sent(world: World) {
        let (world, _, post) = ada_and_the_mail(world).await;
        for (email, issue) in [("", FieldIssue::Required), ("ada", FieldIssue::EmailInvalid)] {
            let refused = request_password_reset(&world.services, email, words(), &origin()).await;
            assert_eq!(issues(refused), [(Field::Email, issue)]);
        }
        let settings = Settings { resets_per_hour: 2, mailer: post.clone(), ..quick_settings() };
        let world = world.with(settings).await;
        for _ in 0..4 {
            ask(&world, "ada@sphere.example").await;
        }
        let mut sent = 0;
        while post.sent().await.is_some() {
            sent += 1;
        }
        assert_eq!(sent, 2);
    }

    async fn a_mail_server_that_is_down_is_tried_again(world: World) {
        let (world, _, _) = ada_and_the_mail(world).await;
        // Nobody listens on the port of a listener that is gone.
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let down = mailer::Smtp::new(&format!("smtp://{gone}"), "us@sphere.example").unwrap();
        let settings = Settings { mailer: Arc::new(down), ..quick_settings() };
        let world = world.with(settings).await;
        ask(&world, "ada@sphere.example").await;
        let waiting = "SELECT count(*) FROM job WHERE attempts = 1 AND state = 'queued'";
        assert_eq!(crate::count(&world, waiting).await, 1);
        let post = Arc::new(Memory::default());
        let settings = Settings { mailer: post.clone(), ..quick_settings() };
        let world = world.with(settings).await;
        world.execute("UPDATE job SET run_at = 0").await;
        assert!(work_once(&world.services).await.unwrap());
        reset_password(&world.services, &token(&post).await, NEW).await.unwrap();
    }
}
