//! A commit that fails: nothing stays, nobody is told, and the next one goes through.

use domain::accounts::{AccountError, list_sessions, revoke_session, sign_up};
use domain::chat::{ChatError, mark_read, post_message};
use test_support::{Backend, Listener, World, on_both, origin, sign_up_form};
use tokio::task::JoinSet;
use wire::{ConversationKey, ErrorCode, Problem};

use crate::{count, draft};

/// Makes the database accept `event` on `table` and then refuse the commit, where `case` holds for
/// the new row: deferred checks are the last thing that a commit does.
pub(crate) async fn refuse_commit(world: &World, table: &str, event: &str, case: &str) {
    let sql = match world.backend {
        Backend::Sqlite => format!(
            "CREATE TABLE promise (id INTEGER PRIMARY KEY, \
                 broken INTEGER REFERENCES promise (id) DEFERRABLE INITIALLY DEFERRED); \
             CREATE TRIGGER at_commit AFTER {event} ON {table} WHEN {case} \
                 BEGIN INSERT INTO promise (broken) VALUES (0); END"
        ),
        Backend::Postgres => format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql \
                 AS $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$; \
             CREATE CONSTRAINT TRIGGER at_commit AFTER {event} ON {table} \
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({case}) EXECUTE FUNCTION refuse()"
        ),
    };
    world.execute(&sql).await;
}

async fn accept_again(world: &World, table: &str) {
    match world.backend {
        Backend::Sqlite => world.execute("DROP TRIGGER at_commit").await,
        Backend::Postgres => world.execute(&format!("DROP TRIGGER at_commit ON {table}")).await,
    }
}

fn is_internal(refused: ChatError) -> bool {
    Problem::from(refused).code == ErrorCode::Internal
}

on_both! {
    async fn a_message_whose_commit_fails_is_told_to_nobody_and_takes_no_number(world: World) {
        let ada = world.person("ada").await;
        refuse_commit(&world, "message", "INSERT", "NEW.content = 'bad'").await;
        let room = Listener::in_room(&world.services, &ada);
        let refused = post_message(&world.services, &ada, draft("bad")).await.unwrap_err();
        assert!(is_internal(refused));
        assert_eq!((count(&world, "SELECT count(*) FROM message").await, room.unheard().await), (0, 0));
        assert_eq!(world.say(&ada, "good").await.seq, 1);
        assert_eq!(room.unheard().await, 1);
    }

    async fn one_bad_message_does_not_take_its_batch_with_it(world: World) {
        let ada = world.person("ada").await;
        refuse_commit(&world, "message", "INSERT", "NEW.content = 'bad'").await;
        let room = Listener::in_room(&world.services, &ada);
        let mut sends = JoinSet::new();
        for send in 0..30 {
            let (services, ada) = (world.services.clone(), ada.clone());
            let content = if send == 15 { "bad" } else { "good" };
            sends.spawn(
                async move { (content, post_message(&services, &ada, draft(content)).await) },
            );
        }
        let mut given = Vec::new();
        for (content, answer) in sends.join_all().await {
            match answer {
                Ok(posted) => given.push(posted.into_message().seq),
                Err(refused) => assert!(content == "bad" && is_internal(refused)),
            }
        }
        given.sort_unstable();
        assert_eq!(given, (1..=29).collect::<Vec<_>>());
        assert_eq!(room.unheard().await, 29);
    }

    async fn a_sign_up_that_fails_at_its_last_step_leaves_nothing_behind(world: World) {
        refuse_commit(&world, "session", "INSERT", "NEW.created_at > 0").await;
        let refused =
            sign_up(&world.services, &sign_up_form("ada"), &origin(), &[]).await.map(|_| ());
        assert!(matches!(refused, Err(AccountError::Store(_))), "{refused:?}");
        for table in ["account", "membership", "session", "refresh_token"] {
            assert_eq!(count(&world, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        accept_again(&world, "session").await;
        world.person("ada").await;
    }

    async fn a_device_that_could_not_be_ended_keeps_its_sockets(world: World) {
        let ada = world.person("ada").await;
        let other = world.sign_in("ada", &[]).await.caller;
        refuse_commit(&world, "session", "UPDATE", "NEW.revoked_at > 0").await;
        let socket = Listener::of_device(&world.services, other.session_id, ada.user_id);
        revoke_session(&world.services, &ada, other.session_id).await.unwrap_err();
        assert_eq!(socket.unheard().await, 0);
        assert_eq!(list_sessions(&world.services, &ada).await.unwrap().len(), 2);
    }

    async fn a_mark_that_could_not_be_stored_is_told_to_nobody(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        world.say(&ada, "hello").await;
        refuse_commit(&world, "membership", "UPDATE", "NEW.last_read_seq > 0").await;
        let own = Listener::of_person(&world.services, &bob);
        mark_read(&world.services, &bob, ConversationKey::Global, None).await.unwrap_err();
        assert_eq!(own.unheard().await, 0);
        accept_again(&world, "membership").await;
        mark_read(&world.services, &bob, ConversationKey::Global, None).await.unwrap();
        assert_eq!(own.unheard().await, 1);
    }
}
