//! From an access token to its holder: what is let in, and all that is not.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::accounts::{Chain, SignedIn, TokenFault, authenticate, sign_out};
use domain::{Caller, Services, Settings};
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Sha256;
use test_support::{SECRET, World, on_both, quick_settings};
use uuid::Uuid;

use crate::count;

/// How the program derives the key of each purpose; written again here on purpose.
fn derived(purpose: &[u8]) -> Vec<u8> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    hmac.update(purpose);
    hmac.finalize().into_bytes().to_vec()
}

fn now() -> i64 {
    domain::clock::now().0 / 1000
}

/// The claims of a token that is good in every respect.
fn claims(caller: &Caller) -> Value {
    json!({
        "user_id": caller.user_id, "session_id": caller.session_id, "token_type": "access",
        "jti": Uuid::now_v7(), "iat": now(), "exp": now() + 600,
    })
}

fn signed(algorithm: Algorithm, key: &[u8], claims: &Value) -> String {
    let key = EncodingKey::from_secret(key);
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn ours(claims: &Value) -> String {
    signed(Algorithm::HS256, &derived(b"access-token"), claims)
}

/// The claims with one of them changed, under our own signature.
fn changed(caller: &Caller, name: &str, value: Value) -> String {
    let mut claims = claims(caller);
    claims[name] = value;
    ours(&claims)
}

fn without(caller: &Caller, name: &str) -> String {
    let mut claims = claims(caller);
    claims.as_object_mut().unwrap().remove(name);
    ours(&claims)
}

/// A token under a header of the attacker's choice, with the signature of a good one.
fn headed(header: &Value, good: &str) -> String {
    let parts: Vec<_> = good.split('.').collect();
    let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
    format!("{header}.{}.{}", parts[1], parts[2])
}

fn unsigned(algorithm: &str, claims: &Value) -> String {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", encode(&json!({"alg": algorithm, "typ": "JWT"})), encode(claims))
}

/// Everything that must be taken for no token at all.
fn forgeries(ada: &SignedIn, bob: &SignedIn) -> Vec<(&'static str, String)> {
    let (good, caller) = (&ada.tokens[0].access, &ada.caller);
    let parts: Vec<_> = good.split('.').collect();
    let theirs = bob.tokens[0].access.split('.').nth(1).unwrap().to_owned();
    let flipped = if parts[2].starts_with('A') { "B" } else { "A" };
    let fine = claims(caller);
    vec![
        ("empty", String::new()),
        ("dots", "..".into()),
        ("letters", "a.b.c".into()),
        ("a NUL", "\0".into()),
        ("a long nothing", "a".repeat(100_000)),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("half a signature", good[..good.len() - 20].into()),
        ("another signature", format!("{}.{}.{flipped}{}", parts[0], parts[1], &parts[2][1..])),
        ("another's claims", format!("{}.{theirs}.{}", parts[0], parts[2])),
        ("more behind it", format!("{good}.x")),
        ("space before it", format!(" {good}")),
        ("its scheme before it", format!("Bearer {good}")),
        ("alg none", unsigned("none", &fine)),
        ("alg None", unsigned("None", &fine)),
        ("alg NONE", unsigned("NONE", &fine)),
        ("alg none, signed", headed(&json!({"alg": "none"}), good)),
        ("alg RS256, our signature", headed(&json!({"alg": "RS256"}), good)),
        (
            "a key of its own",
            headed(&json!({"alg": "HS256", "jwk": {"kty": "oct", "k": ""}}), good),
        ),
        ("HS384", signed(Algorithm::HS384, &derived(b"access-token"), &fine)),
        ("HS512", signed(Algorithm::HS512, &derived(b"access-token"), &fine)),
        ("the secret itself", signed(Algorithm::HS256, SECRET, &fine)),
        ("the key of refresh tokens", signed(Algorithm::HS256, &derived(b"refresh-token"), &fine)),
        ("no key", signed(Algorithm::HS256, b"", &fine)),
        ("a refresh token", ada.tokens[0].refresh.clone()),
        ("type refresh", changed(caller, "token_type", json!("refresh"))),
        ("type Access", changed(caller, "token_type", json!("Access"))),
        ("type null", changed(caller, "token_type", Value::Null)),
        ("no type", without(caller, "token_type")),
        ("no end", without(caller, "exp")),
        ("an end in words", changed(caller, "exp", json!("tomorrow"))),
        ("no session", without(caller, "session_id")),
        ("a session that is no id", changed(caller, "session_id", json!("1"))),
        ("a person that is no id", changed(caller, "user_id", json!(1))),
        ("another person", changed(caller, "user_id", json!(bob.caller.user_id))),
        ("another's session", changed(caller, "session_id", json!(bob.caller.session_id))),
    ]
}

async fn fault(services: &Services, token: &str) -> TokenFault {
    authenticate(services, token).await.expect_err("a token that lets nobody in")
}

async fn two_people(world: &World) -> (SignedIn, SignedIn) {
    let chains = [Chain::Bearer];
    (world.sign_up("ada", &chains).await, world.sign_up("bob", &chains).await)
}

on_both! {
    async fn a_good_token_names_its_holder_and_its_end(world: World) {
        let (ada, _) = two_people(&world).await;
        let (caller, ends) = authenticate(&world.services, &ada.tokens[0].access).await.unwrap();
        assert_eq!(caller, ada.caller);
        let left = ends.0 - domain::clock::now().0;
        assert!((14 * 60_000..=15 * 60_000).contains(&left), "{left}");
        authenticate(&world.services, &ours(&claims(&ada.caller)))
            .await
            .expect("the forgeries below are good but for one thing");
    }

    async fn forgeries_are_no_tokens(world: World) {
        let (ada, bob) = two_people(&world).await;
        for (what, token) in forgeries(&ada, &bob) {
            let fault = fault(&world.services, &token).await;
            assert!(matches!(fault, TokenFault::Invalid), "{what}: {fault:?}");
        }
    }

    async fn a_token_ends_with_its_lifetime_to_the_second(world: World) {
        let settings = Settings { access_token_lifetime: Duration::ZERO, ..quick_settings() };
        let world = world.with(settings).await;
        let (ada, _) = two_people(&world).await;
        let mut tokens = vec![ada.tokens[0].access.clone()];
        tokens.extend(
            [-1, -60, -1_000_000].map(|ago| changed(&ada.caller, "exp", json!(now() + ago))),
        );
        for token in tokens {
            let fault = fault(&world.services, &token).await;
            assert!(matches!(fault, TokenFault::Expired), "{fault:?}");
        }
    }

    async fn a_session_that_is_over_or_never_was_ends_its_tokens_at_once(world: World) {
        let (ada, bob) = two_people(&world).await;
        let node = world.reopen().await;
        authenticate(&node, &ada.tokens[0].access).await.unwrap();
        sign_out(&world.services, &ada.caller).await.unwrap();
        for services in [&world.services, &node] {
            let fault = fault(services, &ada.tokens[0].access).await;
            assert!(matches!(fault, TokenFault::Revoked), "{fault:?}");
        }
        let nowhere = changed(&bob.caller, "session_id", json!(Uuid::now_v7()));
        assert!(matches!(fault(&node, &nowhere).await, TokenFault::Revoked));
        world.execute("UPDATE account SET is_active = FALSE").await;
        assert!(matches!(fault(&node, &bob.tokens[0].access).await, TokenFault::Revoked));
    }

    async fn a_device_is_noted_as_seen_but_not_at_every_request(world: World) {
        let ada = world.sign_up("ada", &[Chain::Bearer]).await;
        let access = &ada.tokens[0].access;
        let lately = domain::clock::now().0 - 60_000;
        world.execute(&format!("UPDATE session SET last_seen = {lately}")).await;
        authenticate(&world.services, access).await.unwrap();
        assert_eq!(count(&world, "SELECT last_seen FROM session").await, lately);
        let long_ago = domain::clock::now().0 - 3_600_000;
        world.execute(&format!("UPDATE session SET last_seen = {long_ago}")).await;
        authenticate(&world.services, access).await.unwrap();
        assert!(count(&world, "SELECT last_seen FROM session").await > lately);
    }
}
