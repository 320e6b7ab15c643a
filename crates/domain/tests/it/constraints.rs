//! The invariants stand in the database too: a bug fails loudly instead of writing nonsense.

use domain::Caller;
use domain::accounts::Chain;
use entity::{conversation, job, report};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, RuntimeErr, Set};
use test_support::{World, on_both};
use uuid::Uuid;

use crate::group;

/// Two of everything, so that every `UNIQUE` has something to meet.
async fn furnish(world: &World) {
    for name in ["ada", "bob"] {
        let person = world.sign_up(name, &[Chain::Cookie, Chain::Bearer]).await.caller;
        world.say(&person, "one").await;
        world.say(&person, "two").await;
        group(world, &[&person]).await;
        job_named(name).insert(&world.rows).await.unwrap();
        direct(name).insert(&world.rows).await.unwrap();
        filed_by(&person).insert(&world.rows).await.unwrap();
    }
}

fn job_named(name: &str) -> job::ActiveModel {
    job::ActiveModel {
        id: Set(Uuid::now_v7()),
        kind: Set("sweep_sessions".into()),
        name: Set(Some(name.into())),
        payload: Set("{}".into()),
        state: Set("queued".into()),
        attempts: Set(0),
        run_at: Set(0),
        leased_until: Set(None),
        last_error: Set(None),
        created_at: Set(0),
    }
}

fn direct(key: &str) -> conversation::ActiveModel {
    conversation::ActiveModel {
        id: Set(Uuid::now_v7()),
        kind: Set("direct".into()),
        title: Set(None),
        direct_key: Set(Some(key.into())),
        last_seq: Set(0),
        created_at: Set(0),
        updated_at: Set(0),
        created_by: Set(None),
    }
}

fn filed_by(person: &Caller) -> report::ActiveModel {
    report::ActiveModel {
        id: Set(Uuid::now_v7()),
        reporter_id: Set(person.user_id.0),
        kind: Set("user".into()),
        target_id: Set(Uuid::now_v7()),
        reason: Set("spam".into()),
        note: Set(String::new()),
        state: Set("open".into()),
        created_at: Set(0),
    }
}

/// Refused because of a constraint, and not because the statement is wrong.
fn is_violation(error: &DbErr) -> bool {
    let DbErr::Exec(RuntimeErr::SqlxError(error)) = error else { return false };
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    let Some(code) = code else { return false };
    // Class 23 of Postgres; SQLITE_CONSTRAINT is 19, its kinds stand in the higher bits.
    code.len() == 5 && code.starts_with("23")
        || code.parse::<u32>().is_ok_and(|code| code & 0xFF == 19)
}

const NONSENSE: [&str; 52] = [
    "UPDATE account SET username_key = 'same'",
    "UPDATE account SET email_key = 'same'",
    "UPDATE account SET username = 'x'",
    "UPDATE account SET username = NULL",
    "UPDATE account SET password_hash = NULL",
    "UPDATE account SET id = (SELECT id FROM session LIMIT 1)",
    "UPDATE session SET account_id = id",
    "UPDATE session SET last_seen = NULL",
    "UPDATE refresh_token SET session_id = id",
    "UPDATE refresh_token SET chain = 'other'",
    "UPDATE refresh_token SET used_at = 1",
    "UPDATE refresh_token SET successor_id = id",
    "UPDATE refresh_token SET used_at = 1, successor_id = (SELECT id FROM session LIMIT 1)",
    "UPDATE refresh_token SET expires_at = NULL",
    "UPDATE conversation SET kind = 'party'",
    "UPDATE conversation SET kind = 'direct'",
    "UPDATE conversation SET direct_key = 'unique', kind = 'group' WHERE kind = 'global'",
    "UPDATE conversation SET direct_key = 'same' WHERE kind = 'direct'",
    "UPDATE conversation SET last_seq = -1",
    "UPDATE conversation SET last_seq = NULL",
    "UPDATE membership SET state = 'king'",
    "UPDATE membership SET role = 'king'",
    "UPDATE membership SET last_read_seq = -1",
    "UPDATE membership SET account_id = (SELECT id FROM account LIMIT 1)",
    "UPDATE membership SET account_id = conversation_id",
    "UPDATE membership SET conversation_id = account_id",
    "UPDATE message SET seq = 0",
    "UPDATE message SET seq = 9",
    "UPDATE message SET client_id = 'same'",
    "UPDATE message SET conversation_id = id",
    "UPDATE message SET sender_id = id",
    "UPDATE message SET content = NULL",
    "UPDATE message SET client_id = NULL",
    "UPDATE job SET state = 'running'",
    "UPDATE job SET name = 'same'",
    "UPDATE job SET payload = NULL",
    "UPDATE job SET run_at = NULL",
    "UPDATE account SET who_can_message = 'friends'",
    "UPDATE account SET show_presence = NULL",
    "UPDATE membership SET hidden_seq = -1",
    "UPDATE membership SET unread_from_seq = 0",
    "UPDATE message SET reply_to_seq = seq",
    "UPDATE message SET reply_to_seq = 0",
    "UPDATE message SET unsent_at = 1",
    "INSERT INTO follow SELECT id, id, 0 FROM account",
    "INSERT INTO block SELECT id, id, 0 FROM account",
    "INSERT INTO mute SELECT id, id, 0 FROM account",
    "INSERT INTO block SELECT id, conversation_id, 0 FROM message",
    "INSERT INTO reaction SELECT id, sender_id, '', 0 FROM message",
    "INSERT INTO reaction SELECT sender_id, sender_id, 'x', 0 FROM message",
    "UPDATE report SET state = 'forgotten'",
    "UPDATE report SET reporter_id = id",
];

on_both! {
    async fn nonsense_is_refused_by_the_database_itself(world: World) {
        furnish(&world).await;
        for sql in NONSENSE {
            match world.rows.execute_unprepared(sql).await {
                Ok(_) => panic!("allowed: {sql}"),
                Err(error) => assert!(is_violation(&error), "{sql}: {error}"),
            }
        }
    }

    async fn rows_go_with_what_they_belong_to(world: World) {
        furnish(&world).await;
        world.execute("DELETE FROM conversation").await;
        world.execute("DELETE FROM account").await;
        for table in ["message", "membership", "session", "refresh_token", "report"] {
            assert_eq!(
                crate::count(&world, &format!("SELECT count(*) FROM {table}")).await,
                0,
                "{table}"
            );
        }
    }
}
