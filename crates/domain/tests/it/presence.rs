//! Who is online, and who is told.

use std::sync::Arc;
use std::time::Duration;

use domain::chat::{attend, everybody_online, room};
use domain::{Caller, Services, Settings};
use test_support::{Listener, World, on_both, quick_settings};
use wire::chat::Span;
use wire::live::{Presence, ServerFrame};
use wire::people::LastSeen;

fn told(who: &Caller, status: Presence) -> ServerFrame {
    ServerFrame::UserPresence {
        user_id: who.user_id,
        username: who.username.clone(),
        status,
        last_seen: (status == Presence::Offline).then_some(LastSeen::Recently),
    }
}

fn online(services: &Arc<Services>) -> Vec<String> {
    everybody_online(services).into_iter().map(|person| person.username).collect()
}

on_both! {
    async fn s_39_l_24_others_hear_of_the_first_device_and_of_the_last(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let mut others = Listener::in_room(&world.services, &bob);
        let own = Listener::in_room(&world.services, &ada);
        let phone = attend(&world.services, &ada).await.unwrap();
        let laptop = attend(&world.services, &ada).await.unwrap();
        assert_eq!(others.frame().await, told(&ada, Presence::Online));
        assert_eq!(others.unheard().await, 0, "the second device is no news");
        drop(phone);
        assert_eq!(online(&world.services), ["ada"]);
        drop(laptop);
        assert_eq!(others.frame().await, told(&ada, Presence::Offline));
        assert!(online(&world.services).is_empty());
        let _back = attend(&world.services, &ada).await.unwrap();
        assert_eq!(others.frame().await, told(&ada, Presence::Online));
        assert_eq!(own.unheard().await, 0, "nobody hears of themselves");
    }

    async fn a_reload_is_not_seen_by_anybody(world: World) {
        let people =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        let [ada, bob, eve] = &people;
        let page = attend(&world.services, ada).await.unwrap();
        let other = attend(&world.services, bob).await.unwrap();
        let mut others = Listener::in_room(&world.services, eve);
        drop(page);
        let _reloaded = attend(&world.services, ada).await.unwrap();
        drop(other);
        // Bob's grace began after Ada's: when he is told to be gone, hers is over too.
        assert_eq!(others.frame().await, told(bob, Presence::Offline));
        assert_eq!(others.unheard().await, 0);
        assert_eq!(online(&world.services), ["ada"]);
    }

    async fn whoever_is_here_when_the_node_stops_was_seen_until_then(world: World) {
        let patient = Settings { presence_grace: Duration::from_secs(3600), ..quick_settings() };
        let world = world.with(patient).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        world.person("eve").await;
        let _open = attend(&world.services, &ada).await.unwrap();
        drop(attend(&world.services, &bob).await.unwrap());
        world.services.shut_down().await;
        let seen = "SELECT count(*) FROM account WHERE last_seen IS NOT NULL AND username <> 'eve'";
        assert_eq!(crate::count(&world, seen).await, 2, "those in their grace, too");
        let seen = "SELECT count(*) FROM account WHERE last_seen IS NOT NULL";
        assert_eq!(crate::count(&world, seen).await, 2);
    }

    async fn a_room_shows_everybody_by_name(world: World) {
        let (zoe, ada) = (world.person("zoe").await, world.person("ada").await);
        let _devices = [
            attend(&world.services, &zoe).await.unwrap(),
            attend(&world.services, &ada).await.unwrap(),
            attend(&world.services, &zoe).await.unwrap(),
        ];
        let shown = room(&world.services, None, Span::Newest).await.unwrap().online;
        let names: Vec<_> = shown.into_iter().map(|person| person.username).collect();
        assert_eq!(names, ["ada", "zoe"]);
    }

    async fn a_socket_that_ends_outside_the_runtime_is_a_departure_like_any_other(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let attendance = attend(&world.services, &ada).await.unwrap();
        let mut others = Listener::in_room(&world.services, &bob);
        std::thread::spawn(move || drop(attendance)).join().expect("a departure without a panic");
        assert_eq!(others.frame().await, told(&ada, Presence::Offline));
    }
}
