//! Who is online, and who is told.

use std::sync::Arc;
use std::time::Duration;

use domain::chat::{
    Attendance, add_members, attend, leave_group, online_at_the_door, online_named, remove_member,
    room, watch,
};
use domain::people::{block, unblock};
use domain::{Caller, Services, Settings};
use test_support::{Listener, World, on_both, quick_settings};
use wire::chat::{ONLINE_SHOWN, Span};
use wire::conversations::Target;
use wire::live::{Presence, ServerFrame};
use wire::people::LastSeen;
use wire::{SessionId, UserId};

use crate::{band, begin, friends, say_in};

fn told(who: &Caller, status: Presence) -> ServerFrame {
    ServerFrame::UserPresence {
        user_id: who.user_id,
        username: who.username.clone(),
        status,
        last_seen: (status == Presence::Offline).then_some(LastSeen::Recently),
    }
}

fn online(services: &Arc<Services>) -> Vec<String> {
    let nobody = Caller {
        user_id: UserId::new(),
        username: String::new(),
        is_staff: false,
        session_id: SessionId::new(),
        avatar: None,
    };
    online_named(services, &nobody, "", usize::MAX)
}

/// What somebody hears of those whom they know. Who became known a moment before they came may be told
/// twice: that is no news.
struct Ear(Listener, Option<ServerFrame>);

impl Ear {
    fn of(services: &Services, who: &Caller) -> Self {
        Self(Listener::of_presence(services, who), None)
    }

    async fn news(&mut self) -> ServerFrame {
        loop {
            let frame = self.0.frame().await;
            if self.1.as_ref() != Some(&frame) {
                self.1 = Some(frame.clone());
                return frame;
            }
        }
    }
}

/// So many connections of people who are nowhere else, under names in order.
async fn crowd(world: &World, like: &Caller, size: usize) -> Vec<Attendance> {
    let mut crowd = Vec::new();
    for n in 0..size {
        let somebody =
            Caller { user_id: UserId::new(), username: format!("p{n:03}"), ..like.clone() };
        crowd.push(attend(&world.services, &somebody).await.unwrap());
    }
    crowd
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
        let bob = world.person("bob").await;
        let shown = room(&world.services, Some(&bob), Span::Newest).await.unwrap();
        let names: Vec<_> = shown.online.into_iter().map(|person| person.username).collect();
        assert_eq!((names, shown.online_count), (vec!["ada".into(), "zoe".into()], 2));
        let own = room(&world.services, Some(&ada), Span::Newest).await.unwrap();
        assert_eq!((own.online.len(), own.online_count), (1, 1), "nobody is told of themselves");
    }

    async fn a_crowd_is_counted_and_a_part_of_it_named_those_one_knows_first(world: World) {
        let (ada, zoe) = (world.person("ada").await, world.person("zoe").await);
        friends(&world, &ada, &zoe).await;
        let _crowd = crowd(&world, &ada, ONLINE_SHOWN + 20).await;
        let _friend = attend(&world.services, &zoe).await.unwrap();
        let seen = room(&world.services, Some(&ada), Span::Newest).await.unwrap();
        assert_eq!((seen.online.len(), seen.online_count), (ONLINE_SHOWN, ONLINE_SHOWN + 21));
        let names: Vec<_> = seen.online.iter().take(3).map(|person| &*person.username).collect();
        assert_eq!(names, ["zoe", "p000", "p001"]);
        assert_eq!(online_named(&world.services, &ada, "P00", 2), ["p000", "p001"]);
        let signed_out = room(&world.services, None, Span::Newest).await.unwrap();
        assert_eq!((signed_out.online.len(), signed_out.online_count), (0, ONLINE_SHOWN + 21));
    }

    async fn in_a_crowd_those_who_know_somebody_hear_of_them_and_the_room_does_not(world: World) {
        let (ada, zoe) = (world.person("ada").await, world.person("zoe").await);
        let bob = world.person("bob").await;
        friends(&world, &ada, &zoe).await;
        let mut room = Listener::in_room(&world.services, &bob);
        let _few = crowd(&world, &bob, 500).await;
        for _ in 0..500 {
            room.frame().await;
        }
        let (shown, count) = online_at_the_door(&world.services, &bob);
        assert_eq!((shown.len(), count), (ONLINE_SHOWN, 499), "one of them may be who asks");
        let mut friend = Listener::of_person(&world.services, &ada);
        let _zoe = attend(&world.services, &zoe).await.unwrap();
        assert_eq!(friend.frame().await, told(&zoe, Presence::Online));
        assert_eq!(room.unheard().await, 0);
    }

    async fn a_socket_that_ends_outside_the_runtime_is_a_departure_like_any_other(world: World) {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let attendance = attend(&world.services, &ada).await.unwrap();
        let mut others = Listener::in_room(&world.services, &bob);
        std::thread::spawn(move || drop(attendance)).join().expect("a departure without a panic");
        assert_eq!(others.frame().await, told(&ada, Presence::Offline));
    }

    async fn whom_one_hears_of_changes_with_each_acquaintance(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        friends(&world, &ada, &eve).await;
        let _watching = watch(services);
        let (mut hers, mut his) =
            (Ear::of(services, &ada), Ear::of(services, &bob));
        let here = attend(services, &bob).await.unwrap();
        let request = begin(&world, &bob, &ada).await;
        say_in(&world, &bob, request, "may I?").await.unwrap();
        let friend = attend(services, &eve).await.unwrap();
        assert_eq!(hers.news().await, told(&eve, Presence::Online), "nothing over a request");
        // An answer accepts.
        say_in(&world, &ada, request, "of course").await.unwrap();
        assert_eq!(hers.news().await, told(&bob, Presence::Online));
        let target = |who: &Caller| Target::Id(who.user_id);
        let and_back = attend(services, &ada).await.unwrap();
        assert_eq!(his.news().await, told(&ada, Presence::Online));
        block(services, &ada, &target(&bob)).await.unwrap();
        assert_eq!(hers.news().await, told(&bob, Presence::Offline));
        assert_eq!(his.news().await, told(&ada, Presence::Offline));
        let mut room = Listener::in_room(services, &world.person("zoe").await);
        drop((here, and_back));
        for _ in 0..2 {
            room.frame().await;
        }
        // Whoever goes after them is told of after them.
        drop(friend);
        room.frame().await;
        assert_eq!(hers.news().await, told(&eve, Presence::Offline), "nothing across a block");
        unblock(services, &ada, &target(&bob)).await.unwrap();
        let _again = attend(services, &bob).await.unwrap();
        assert_eq!(hers.news().await, told(&bob, Presence::Online));
        assert_eq!(his.0.unheard().await, 0, "she has gone meanwhile");
    }

    async fn a_group_makes_acquainted_until_one_leaves_it(world: World) {
        let services = &world.services;
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        let _here = [attend(services, &bob).await.unwrap(), attend(services, &eve).await.unwrap()];
        let _watching = watch(services);
        let mut hers = Ear::of(services, &ada);
        let id = band(&world, &ada, &[&bob]).await;
        assert_eq!(hers.news().await, told(&bob, Presence::Online));
        add_members(services, &ada, id, &[Target::Id(eve.user_id)]).await.unwrap();
        assert_eq!(hers.news().await, told(&eve, Presence::Online));
        leave_group(services, &bob, id).await.unwrap();
        assert_eq!(hers.news().await, told(&bob, Presence::Offline));
        remove_member(services, &ada, id, eve.user_id).await.unwrap();
        assert_eq!(hers.news().await, told(&eve, Presence::Offline));
    }

    async fn a_block_counts_on_a_node_that_has_not_heard_of_it(world: World) {
        let [ada, bob, eve] =
            [world.person("ada").await, world.person("bob").await, world.person("eve").await];
        friends(&world, &ada, &bob).await;
        friends(&world, &ada, &eve).await;
        let elsewhere = world.reopen().await;
        let _watching = watch(&elsewhere);
        let mut hers = Ear::of(&elsewhere, &ada);
        block(&world.services, &bob, &Target::Id(ada.user_id)).await.unwrap();
        let _here =
            [attend(&elsewhere, &bob).await.unwrap(), attend(&elsewhere, &eve).await.unwrap()];
        assert_eq!(hers.news().await, told(&eve, Presence::Online));
    }
}
