//! A crowd for demonstrations and tests.

use domain::chat::{GLOBAL_ROOM, messages_after};
use domain::seed::{Bulk, Planted, Seed, plant, plant_with};
use test_support::{PASSWORD, World, on_both};

use crate::count;

on_both! {
    async fn people_are_planted_with_their_messages_and_may_be_planted_again(world: World) {
        let seed = Seed { users: 30, messages: 1200, password: Some(PASSWORD.into()) };
        for round in 1..=2 {
            let planted = plant(&world.services, &seed).await.unwrap();
            assert_eq!(planted, Planted { users: 30, messages: 1200 });
            assert_eq!(count(&world, "SELECT count(*) FROM membership").await, 30 * round);
        }
        let messages = messages_after(&world.services, GLOBAL_ROOM, 0, 10_000).await.unwrap();
        assert!(messages.iter().map(|message| message.seq).eq(1..=2400));
        world.sign_in(&messages[0].sender.username, &[]).await;
    }

    async fn many_posts_and_follows_are_planted_at_once_with_true_counts(world: World) {
        let seed = Seed { users: 7, messages: 0, password: None };
        let asked = Bulk { posts: 4_500, follows: 20 };
        for _ in 0..2 {
            let (_, planted) = plant_with(&world.services, &seed, asked).await.unwrap();
            assert_eq!(planted, asked);
        }
        assert_eq!(count(&world, "SELECT count(*) FROM post").await, 9_000);
        assert_eq!(count(&world, "SELECT count(*) FROM follow").await, 40);
        for (table, wrong) in crate::demo::RECOUNTS {
            let sql = format!("SELECT count(*) FROM {table} WHERE {wrong}");
            assert_eq!(count(&world, &sql).await, 0, "{wrong}");
        }
        let all = Bulk { posts: 0, follows: 1_000 };
        let (_, planted) = plant_with(&world.services, &seed, all).await.unwrap();
        assert_eq!(planted.follows, 42, "each of seven follows the six others");
    }

    async fn nobody_speaks_where_nobody_is(world: World) {
        let seed = Seed { users: 0, messages: 10, password: None };
        let planted = plant(&world.services, &seed).await.unwrap();
        assert_eq!(planted, Planted { users: 0, messages: 0 });
    }

    async fn without_a_password_nobody_can_be_them(world: World) {
        let seed = Seed { users: 1, messages: 1, password: None };
        plant(&world.services, &seed).await.unwrap();
        let name = messages_after(&world.services, GLOBAL_ROOM, 0, 1).await.unwrap()[0]
            .sender
            .username
            .clone();
        for password in ["", "!", PASSWORD] {
            let form = test_support::sign_in_form(&name, password);
            let tried = domain::accounts::sign_in(
                &world.services,
                &form,
                &test_support::origin(),
                None,
                &[],
            )
            .await;
            assert!(tried.is_err(), "{password:?}");
        }
    }
}
