//! The list of devices, and ending them.

use domain::Services;
use domain::accounts::{
    AccountError, Chain, TokenFault, authenticate, is_live, list_sessions, revoke_other_sessions,
    revoke_session, sign_out,
};
use test_support::{Heard, Listener, World, on_both};
use wire::SessionId;
use wire::live::close;

async fn is_open(services: &Services, access: &str) -> bool {
    match authenticate(services, access).await {
        Ok(_) => true,
        Err(TokenFault::Revoked) => false,
        Err(fault) => panic!("{fault:?}"),
    }
}

on_both! {
    async fn the_current_device_stands_first_then_the_latest_seen(world: World) {
        let old = world.sign_up("ada", &[]).await.caller;
        let current = world.sign_in("ada", &[]).await.caller;
        let newest = world.sign_in("ada", &[]).await.caller;
        let ended = world.sign_in("ada", &[]).await.caller;
        sign_out(&world.services, &ended).await.unwrap();
        world.person("bob").await;
        for (seconds, caller) in [(60, &old), (30, &current), (0, &newest)] {
            use sea_orm::{ActiveModelTrait, Set};
            let seen = entity::session::ActiveModel {
                id: Set(caller.session_id.0),
                last_seen: Set(domain::clock::now().0 - seconds * 1000),
                ..Default::default()
            };
            seen.update(&world.rows).await.unwrap();
        }
        let listed = list_sessions(&world.services, &current).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|session| session.id).collect();
        assert_eq!(ids, [current.session_id, newest.session_id, old.session_id]);
        let marks: Vec<_> = listed.iter().map(|session| session.is_current).collect();
        assert_eq!(marks, [true, false, false]);
    }

    async fn a_device_whose_tokens_ran_out_is_not_listed(world: World) {
        let ada = world.person("ada").await;
        let lifetime = world.services.settings.refresh_token_lifetime.as_millis();
        world.execute(&format!("UPDATE session SET last_seen = last_seen - {lifetime}")).await;
        assert!(list_sessions(&world.services, &ada).await.unwrap().is_empty());
    }

    async fn ending_one_ends_it_alone_and_closes_its_sockets(world: World) {
        let here = world.sign_up("ada", &[Chain::Cookie]).await;
        let there = world.sign_in("ada", &[Chain::Cookie]).await;
        let (ada, lost) = (here.caller.clone(), there.caller.session_id);
        let mut lost_socket = Listener::of_device(&world.services, lost, ada.user_id);
        let own_socket = Listener::of_device(&world.services, ada.session_id, ada.user_id);
        revoke_session(&world.services, &ada, lost).await.unwrap();
        assert_eq!(lost_socket.next().await, Heard::Closed(close::SIGNED_OUT));
        assert_eq!(own_socket.unheard().await, 0);
        assert!(!is_open(&world.services, &there.tokens[0].access).await);
        assert!(is_open(&world.services, &here.tokens[0].access).await);
        let again = revoke_session(&world.services, &ada, lost).await;
        assert!(matches!(again, Err(AccountError::NotFound)), "{again:?}");
    }

    async fn ending_the_others_keeps_this_one_and_other_people(world: World) {
        let here = world.sign_up("ada", &[Chain::Cookie]).await;
        let one = world.sign_in("ada", &[Chain::Cookie]).await;
        let two = world.sign_in("ada", &[Chain::Bearer]).await;
        let bob = world.sign_up("bob", &[Chain::Cookie]).await;
        revoke_other_sessions(&world.services, &here.caller).await.unwrap();
        let open = |signed: &domain::accounts::SignedIn| signed.tokens[0].access.clone();
        assert!(is_open(&world.services, &open(&here)).await);
        assert!(is_open(&world.services, &open(&bob)).await);
        assert!(!is_open(&world.services, &open(&one)).await);
        assert!(!is_open(&world.services, &open(&two)).await);
        assert_eq!(list_sessions(&world.services, &here.caller).await.unwrap().len(), 1);
    }

    async fn somebody_elses_device_cannot_be_seen_or_ended(world: World) {
        let ada = world.sign_up("ada", &[Chain::Cookie]).await;
        let eve = world.person("eve").await;
        let socket =
            Listener::of_device(&world.services, ada.caller.session_id, ada.caller.user_id);
        for id in [ada.caller.session_id, SessionId::new()] {
            let refused = revoke_session(&world.services, &eve, id).await;
            assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");
        }
        assert!(is_open(&world.services, &ada.tokens[0].access).await);
        assert_eq!(socket.unheard().await, 0);
        assert_eq!(list_sessions(&world.services, &eve).await.unwrap().len(), 1);
    }

    async fn signing_out_closes_ones_own_sockets(world: World) {
        let ada = world.sign_up("ada", &[Chain::Cookie]).await;
        let other = world.sign_in("ada", &[]).await.caller;
        let mut socket =
            Listener::of_device(&world.services, ada.caller.session_id, ada.caller.user_id);
        sign_out(&world.services, &ada.caller).await.unwrap();
        assert_eq!(socket.next().await, Heard::Closed(close::SIGNED_OUT));
        assert!(!is_open(&world.services, &ada.tokens[0].access).await);
        assert!(!is_live(&world.services, &ada.caller).await.unwrap());
        assert!(is_live(&world.services, &other).await.unwrap());
    }
}
