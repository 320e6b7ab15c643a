//! Chains of refresh tokens: spent once, forgiving to two tabs, deadly to thieves.

use std::time::Duration;

use domain::accounts::{Chain, SignedIn, TokenFault, authenticate, refresh};
use domain::{Services, Settings};
use test_support::{Heard, Listener, World, on_both, quick_settings};
use tokio::task::JoinSet;
use wire::live::close;

use crate::count;

/// The next refresh token of the chain.
async fn next(services: &Services, token: &str) -> String {
    refresh(services, token).await.unwrap().tokens.remove(0).refresh
}

async fn fault(services: &Services, token: &str) -> TokenFault {
    match refresh(services, token).await {
        Err(fault) => fault,
        Ok(_) => panic!("a token that is worth nothing was taken"),
    }
}

async fn is_over(services: &Services, token: &str) -> bool {
    matches!(fault(services, token).await, TokenFault::Revoked)
}

/// Makes every spent token look as if it had been spent before the grace began.
async fn let_the_grace_pass(world: &World) {
    world.execute("UPDATE refresh_token SET used_at = used_at - 10001 WHERE used_at > 0").await;
}

async fn ada(world: &World) -> (SignedIn, String) {
    let ada = world.sign_up("ada", &[Chain::Cookie]).await;
    let token = ada.tokens[0].refresh.clone();
    (ada, token)
}

on_both! {
    async fn each_token_gives_the_next_one_and_a_way_in(world: World) {
        let (ada, mut token) = ada(&world).await;
        let mut seen = vec![token.clone()];
        for _ in 0..5 {
            let signed_in = refresh(&world.services, &token).await.unwrap();
            assert_eq!(signed_in.caller, ada.caller);
            let pair = &signed_in.tokens[0];
            assert_eq!(authenticate(&world.services, &pair.access).await.unwrap().0, ada.caller);
            assert!(!seen.contains(&pair.refresh));
            token.clone_from(&pair.refresh);
            seen.push(token.clone());
        }
        assert_eq!(count(&world, "SELECT count(*) FROM refresh_token").await, 6);
    }

    async fn a_second_use_ends_the_family_and_closes_its_sockets(world: World) {
        let (ada, first) = ada(&world).await;
        let other = world.sign_in("ada", &[Chain::Cookie]).await;
        let mut socket =
            Listener::of_device(&world.services, ada.caller.session_id, ada.caller.user_id);
        let other_socket =
            Listener::of_device(&world.services, other.caller.session_id, ada.caller.user_id);
        let second = next(&world.services, &first).await;
        let third = next(&world.services, &second).await;
        assert!(is_over(&world.services, &first).await, "its successor has been used");
        assert_eq!(socket.next().await, Heard::Closed(close::SIGNED_OUT));
        assert!(is_over(&world.services, &third).await);
        let entry = authenticate(&world.services, &ada.tokens[0].access).await;
        assert!(matches!(entry, Err(TokenFault::Revoked)));
        authenticate(&world.services, &other.tokens[0].access).await.expect("her other device");
        assert_eq!(other_socket.unheard().await, 0);
    }

    async fn within_the_grace_two_tabs_get_the_same_successor(world: World) {
        let (_, first) = ada(&world).await;
        let second = next(&world.services, &first).await;
        assert_eq!(next(&world.services, &first).await, second);
        assert_eq!(next(&world.services, &first).await, second);
        next(&world.services, &second).await;
        assert!(
            is_over(&world.services, &first).await,
            "the grace ends when the successor is used"
        );
    }

    async fn after_the_grace_a_second_use_is_theft(world: World) {
        let (_, first) = ada(&world).await;
        let second = next(&world.services, &first).await;
        let_the_grace_pass(&world).await;
        assert!(is_over(&world.services, &first).await);
        assert!(is_over(&world.services, &second).await);
    }

    async fn fifty_at_once_on_two_nodes_get_one_successor(world: World) {
        let (_, first) = ada(&world).await;
        let other_node = world.reopen().await;
        let mut tabs = JoinSet::new();
        for tab in 0..50 {
            let services = if tab % 2 == 0 { &world.services } else { &other_node };
            let (services, token) = (services.clone(), first.clone());
            tabs.spawn(async move {
                refresh(&services, &token).await.map(|mut new| new.tokens.remove(0).refresh)
            });
        }
        let mut successors: Vec<_> =
            tabs.join_all().await.into_iter().map(Result::unwrap).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1);
        assert_eq!(count(&world, "SELECT count(*) FROM refresh_token").await, 2);
        next(&world.services, &successors[0]).await;
    }

    async fn the_browsers_chain_and_the_clients_chain_do_not_spend_each_other(world: World) {
        let ada = world.sign_up("ada", &[Chain::Cookie, Chain::Bearer]).await;
        let [cookie, bearer] = &ada.tokens[..] else { panic!("one pair for each chain") };
        let cookie = next(&world.services, &cookie.refresh).await;
        next(&world.services, &cookie).await;
        let_the_grace_pass(&world).await;
        next(&world.services, &bearer.refresh).await;
        for chain in ["cookie", "bearer"] {
            let unspent = format!(
                "SELECT count(*) FROM refresh_token WHERE chain = '{chain}' AND used_at IS NULL"
            );
            assert_eq!(count(&world, &unspent).await, 1, "{chain}");
        }
    }

    async fn an_expired_token_gives_nothing_and_harms_nobody(world: World) {
        let settings = Settings { refresh_token_lifetime: Duration::ZERO, ..quick_settings() };
        let world = world.with(settings).await;
        let (ada, token) = ada(&world).await;
        assert!(matches!(fault(&world.services, &token).await, TokenFault::Expired));
        authenticate(&world.services, &ada.tokens[0].access).await.unwrap();
    }

    async fn what_we_did_not_issue_is_no_token(world: World) {
        let (ada, token) = ada(&world).await;
        let flipped = if token.ends_with("AAA") { "BBBB" } else { "AAAA" };
        let forged = [
            String::new(),
            "x".into(),
            "\0".into(),
            "A".repeat(22),
            "A".repeat(64),
            "A".repeat(100_000),
            token[..token.len() - 4].into(),
            format!("{}{flipped}", &token[..token.len() - 4]),
            format!("{token}AAAA"),
            format!(" {token}"),
            ada.tokens[0].access.clone(),
        ];
        for text in forged {
            let fault = fault(&world.services, &text).await;
            assert!(matches!(fault, TokenFault::Invalid), "{:?}: {fault:?}", text.get(..60));
        }
        world.execute("DELETE FROM refresh_token").await;
        assert!(is_over(&world.services, &token).await, "swept away meanwhile");
    }

    async fn a_disabled_account_or_an_ended_session_gets_no_more(world: World) {
        let (ada, token) = ada(&world).await;
        world.execute("UPDATE account SET is_active = FALSE").await;
        assert!(is_over(&world.services, &token).await);
        world.execute("UPDATE account SET is_active = TRUE").await;
        domain::accounts::sign_out(&world.services, &ada.caller).await.unwrap();
        assert!(is_over(&world.services, &token).await);
        assert_eq!(count(&world, "SELECT count(*) FROM refresh_token").await, 1);
    }

    async fn a_node_that_restarts_knows_its_tokens(world: World) {
        let (ada, token) = ada(&world).await;
        let restarted = world.reopen().await;
        authenticate(&restarted, &ada.tokens[0].access).await.unwrap();
        next(&restarted, &token).await;
    }
}
