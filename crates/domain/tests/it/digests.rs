//! What waits, by mail; and what is old, gone.

use std::sync::Arc;

use domain::accounts::give_up_account;
use domain::jobs::work_once;
use domain::notifications::{
    NewsError, choose, choose_digest, digest, is_unsubscribe_token, mark_all_read, unsubscribe,
};
use domain::people::mute;
use domain::profiles::follow;
use domain::{Caller, Settings};
use entity::job;
use mailer::{Mail, Memory};
use sea_orm::{ActiveModelTrait, Set};
use test_support::{Backend, PASSWORD, World, on_both, quick_settings};
use uuid::Uuid;
use wire::conversations::Target;
use wire::notifications::{Digest, NewsChoice, NewsKind};

use crate::{begin, count, say_in};

const DAY_MS: i64 = 86_400_000;

struct Post {
    world: World,
    mail: Arc<Memory>,
}

impl Post {
    async fn on(world: World) -> Self {
        let mail = Arc::new(Memory::default());
        let settings = Settings { mailer: mail.clone(), ..quick_settings() };
        let world = world.with(settings).await;
        add_job(&world, "plan_digests").await;
        Self { world, mail }
    }

    /// Somebody with an address who wants a letter.
    async fn reader(&self, name: &str, every: Digest) -> Caller {
        let caller = self.world.person(name).await;
        let address = format!("{name}@sphere.example");
        let sql = format!(
            "UPDATE account SET email = '{address}', email_key = '{address}' WHERE username = '{name}'"
        );
        self.world.execute(&sql).await;
        choose_digest(&self.world.services, &caller, every, "fr").await.unwrap();
        caller
    }

    async fn fan(&self, name: &str, of: &str) -> Caller {
        let fan = self.world.person(name).await;
        follow(&self.world.services, &fan, of).await.unwrap();
        fan
    }

    /// So much later: the letters that are due then.
    async fn after(&self, passed: i64) -> Vec<Mail> {
        for sql in [
            format!("UPDATE digest SET sent_at = sent_at - {passed}"),
            format!("UPDATE notification SET created_at = created_at - {passed}"),
            "UPDATE job SET run_at = 0 WHERE kind = 'plan_digests'".to_owned(),
        ] {
            self.world.execute(&sql).await;
        }
        while work_once(&self.world.services).await.unwrap() {}
        let mut mails = Vec::new();
        while let Some(mail) = self.mail.sent().await {
            mails.push(mail);
        }
        mails
    }
}

async fn add_job(world: &World, kind: &str) {
    let row = job::ActiveModel {
        id: Set(Uuid::now_v7()),
        kind: Set(kind.into()),
        name: Set(Some(kind.into())),
        payload: Set("{}".into()),
        state: Set("queued".into()),
        attempts: Set(0),
        run_at: Set(0),
        leased_until: Set(None),
        last_error: Set(None),
        created_at: Set(0),
    };
    row.insert(&world.rows).await.unwrap();
}

async fn told(world: &World) -> i64 {
    count(world, "SELECT count(*) FROM notification").await
}

on_both! {
    async fn whoever_wants_it_is_written_to_once_of_what_they_have_not_seen(world: World) {
        let post = Post::on(world).await;
        let ada = post.reader("ada", Digest::Daily).await;
        post.reader("wendy", Digest::Weekly).await;
        for name in ["bob", "cyd", "dan"] {
            post.fan(name, "ada").await;
        }
        post.fan("eve", "wendy").await;
        assert_eq!(post.after(DAY_MS / 2).await, [], "too early");
        let letters = post.after(DAY_MS / 2).await;
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("ada@sphere.example", "fr daily for ada"));
        let way_out = letter.unsubscribe.clone().unwrap();
        assert_eq!(letter.text, format!("follow by dan cyd +1 http://sphere.example/u/dan\n{way_out}\n"));
        assert_eq!(post.after(DAY_MS).await, [], "nothing new");
        post.fan("fay", "ada").await;
        let letters = post.after(DAY_MS).await;
        assert!(letters[0].text.starts_with("follow by fay +0 "), "{}", letters[0].text);
        post.fan("gus", "ada").await;
        mark_all_read(&post.world.services, &ada).await.unwrap();
        let letters = post.after(5 * DAY_MS).await;
        assert_eq!(letters.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["wendy@sphere.example"]);
    }

    async fn nobody_is_written_to_who_does_not_want_it(world: World) {
        let post = Post::on(world).await;
        let ada = post.reader("ada", Digest::Daily).await;
        let services = &post.world.services;
        let bob = post.fan("bob", "ada").await;
        mute(services, &ada, &Target::Id(bob.user_id)).await.unwrap();
        let cyd = post.world.person("cyd").await;
        let asked = begin(&post.world, &cyd, &ada).await;
        say_in(&post.world, &cyd, asked, "hello?").await.unwrap();
        follow(services, &cyd, "ada").await.unwrap();
        assert_eq!(post.after(DAY_MS).await, [], "muted, and not accepted");
        let quiet = NewsChoice { by_mail: false, ..NewsChoice::default() };
        choose(services, &ada, &[(NewsKind::Follow, quiet)].into()).await.unwrap();
        post.fan("dan", "ada").await;
        assert_eq!(post.after(DAY_MS).await, [], "not this kind");
        choose(services, &ada, &[(NewsKind::Follow, NewsChoice::default())].into()).await.unwrap();
        post.world.execute("UPDATE account SET email = NULL, email_key = NULL").await;
        post.fan("eve", "ada").await;
        assert_eq!(post.after(DAY_MS).await, [], "no address");
        post.reader("liv", Digest::Daily).await;
        choose_digest(services, &ada, Digest::Off, "en").await.unwrap();
        let liv = post.reader("mia", Digest::Weekly).await;
        post.fan("fay", "mia").await;
        give_up_account(services, &liv, PASSWORD).await.unwrap();
        assert_eq!(post.after(8 * DAY_MS).await, [], "nothing waits for liv, ada is off, mia leaves");
    }

    async fn one_click_ends_it_and_only_with_a_link_of_ours(world: World) {
        let post = Post::on(world).await;
        let (ada, bob) = (post.reader("ada", Digest::Daily).await, post.reader("bob", Digest::Weekly).await);
        let services = &post.world.services;
        assert_eq!(digest(services, &ada).await.unwrap(), Digest::Daily);
        post.fan("cyd", "ada").await;
        let letters = post.after(DAY_MS).await;
        let address = letters[0].unsubscribe.clone().unwrap();
        let token = address.strip_prefix("http://sphere.example/unsubscribe/").unwrap();
        let other = format!("B{}", &token[1..]);
        for wrong in ["", "x", &token[..30], other.as_str()] {
            assert!(!is_unsubscribe_token(services, wrong), "{wrong}");
            assert!(matches!(unsubscribe(services, wrong).await, Err(NewsError::NotFound)), "{wrong}");
        }
        assert!(is_unsubscribe_token(services, token));
        for _ in 0..2 {
            unsubscribe(services, token).await.unwrap();
        }
        assert_eq!(digest(services, &ada).await.unwrap(), Digest::Off);
        assert_eq!(digest(services, &bob).await.unwrap(), Digest::Weekly);
    }

    async fn what_is_old_goes_in_steps(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (id, numbers) = match world.backend {
            Backend::Sqlite => (
                "randomblob(16)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)",
            ),
            Backend::Postgres => ("gen_random_uuid()", "WITH n AS (SELECT generate_series(1, 1300) AS i)"),
        };
        let days = |days: i64| domain::clock::now().0 - days * DAY_MS;
        let of = "SELECT id FROM account WHERE username";
        // By turns: old enough either way, old enough once it is read, and not old.
        let sql = format!(
            "INSERT INTO notification (id, account_id, kind, actor_id, topic, subject_id, created_at, read_at) \
             {numbers} SELECT {id}, ({of} = 'ada'), 'follow', ({of} = 'bob'), {id}, {id}, \
             CASE WHEN i <= 1100 THEN {} WHEN i <= 1200 THEN {} ELSE {} END, \
             CASE WHEN i <= 600 OR i % 2 = 0 THEN 1 ELSE NULL END FROM n",
            days(181), days(91), days(89),
        );
        world.execute(&sql).await;
        add_job(&world, "sweep_news").await;
        assert!(work_once(&world.services).await.unwrap());
        assert_eq!(told(&world).await, 300, "a step");
        assert!(work_once(&world.services).await.unwrap(), "the next at once");
        assert_eq!(told(&world).await, 150);
        assert!(!work_once(&world.services).await.unwrap(), "and then later");
        let _ = (ada, bob);
    }
}
