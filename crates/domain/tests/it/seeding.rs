//! A crowd for demonstrations and tests.

use domain::chat::{GLOBAL_ROOM, messages_after};
use domain::seed::{Planted, Seed, plant};
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
