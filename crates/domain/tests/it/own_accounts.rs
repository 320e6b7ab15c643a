//! Changing one's own account, and tickets for one's own sockets.

use domain::accounts::{
    TokenFault, change_own_account, issue_ticket, own_account, redeem_ticket, sign_out,
};
use test_support::{PASSWORD, World, on_both};
use wire::accounts::{BIO_MAX, Field, FieldIssue, NAME_MAX, OwnChanges};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn address(email: &str) -> OwnChanges {
    OwnChanges { email: some(email), current_password: some(PASSWORD), ..OwnChanges::default() }
}

on_both! {
    async fn what_is_given_changes_and_the_rest_stays(world: World) {
        let ada = world.person("ada").await;
        let first = OwnChanges {
            email: some(" Ada@sphere.example "),
            current_password: some(PASSWORD),
            first_name: some("Ada"),
            bio: some("Line one\nLine two <b>"),
            ..OwnChanges::default()
        };
        change_own_account(&world.services, &ada, &first).await.unwrap();
        let second = OwnChanges { last_name: some("Lovelace"), ..OwnChanges::default() };
        let seen = change_own_account(&world.services, &ada, &second).await.unwrap();
        assert_eq!(seen, own_account(&world.services, &ada).await.unwrap());
        assert_eq!((seen.email.as_str(), seen.first_name.as_str()), ("Ada@sphere.example", "Ada"));
        assert_eq!((seen.last_name.as_str(), seen.bio.as_str()), ("Lovelace", "Line one\nLine two <b>"));
        let nothing = change_own_account(&world.services, &ada, &OwnChanges::default()).await;
        assert_eq!(nothing.unwrap(), seen);
        let none = address("");
        assert_eq!(change_own_account(&world.services, &ada, &none).await.unwrap().email, "");
    }

    async fn mistakes_stand_beside_their_fields_and_change_nothing(world: World) {
        let ada = world.person("ada").await;
        let bob = world.person("bob").await;
        change_own_account(&world.services, &bob, &address("one@sphere.example")).await.unwrap();
        let taken = address("ONE@sphere.example");
        let refused = change_own_account(&world.services, &ada, &taken).await.unwrap_err();
        assert_eq!(refused.issues(), [(Field::Email, FieldIssue::EmailTaken)]);
        let bad = OwnChanges {
            email: some("nope"),
            first_name: some(&"x".repeat(NAME_MAX + 1)),
            last_name: some("a\0b"),
            bio: some(&"🎈".repeat(BIO_MAX + 1)),
            current_password: None,
        };
        let refused = change_own_account(&world.services, &ada, &bad).await.unwrap_err();
        assert_eq!(refused.issues(), [
            (Field::Email, FieldIssue::EmailInvalid),
            (Field::FirstName, FieldIssue::NameTooLong),
            (Field::LastName, FieldIssue::TextCharacters),
            (Field::Bio, FieldIssue::BioTooLong),
        ]);
        assert_eq!(own_account(&world.services, &ada).await.unwrap().email, "");
        let longest = OwnChanges { bio: some(&"🎈".repeat(BIO_MAX)), ..OwnChanges::default() };
        change_own_account(&world.services, &ada, &longest).await.unwrap();
    }

    async fn another_address_takes_the_password(world: World) {
        let ada = world.person("ada").await;
        let change = |email: &str, password: Option<&str>| OwnChanges {
            email: some(email),
            current_password: password.map(str::to_owned),
            ..OwnChanges::default()
        };
        for (password, issue) in [
            (None, FieldIssue::Required),
            (Some(""), FieldIssue::Required),
            (Some("not this one"), FieldIssue::PasswordWrong),
        ] {
            let stolen = change("thief@sphere.example", password);
            let refused = change_own_account(&world.services, &ada, &stolen).await.unwrap_err();
            assert_eq!(refused.issues(), [(Field::CurrentPassword, issue)]);
        }
        assert_eq!(own_account(&world.services, &ada).await.unwrap().email, "");
        let own = change("ada@sphere.example", Some(PASSWORD));
        change_own_account(&world.services, &ada, &own).await.unwrap();
        // The same again changes nothing, and takes nothing.
        change_own_account(&world.services, &ada, &change("ada@sphere.example", None)).await.unwrap();
    }

    async fn a_ticket_opens_one_socket_in_time_for_its_own_device(world: World) {
        let ada = world.person("ada").await;
        let ticket = issue_ticket(&world.services, &ada).await.unwrap();
        assert_eq!(ticket.len(), 43, "256 bits");
        // On any node.
        let node = world.reopen().await;
        let (caller, ends) = redeem_ticket(&node, &ticket).await.unwrap();
        assert_eq!(caller, ada);
        assert!(ends.0 > domain::clock::now().0);
        for spent in [ticket.as_str(), "", "x", "\0"] {
            let refused = redeem_ticket(&world.services, spent).await;
            assert!(matches!(refused, Err(TokenFault::Invalid)), "{spent:?}");
        }
        let late = issue_ticket(&world.services, &ada).await.unwrap();
        world.execute("UPDATE one_time_token SET expires_at = expires_at - 30001").await;
        assert!(matches!(redeem_ticket(&world.services, &late).await, Err(TokenFault::Invalid)));
        let ended = issue_ticket(&world.services, &ada).await.unwrap();
        sign_out(&world.services, &ada).await.unwrap();
        assert!(matches!(redeem_ticket(&world.services, &ended).await, Err(TokenFault::Revoked)));
    }

    async fn of_two_who_bring_one_ticket_at_once_one_is_let_in(world: World) {
        let ada = world.person("ada").await;
        let ticket = issue_ticket(&world.services, &ada).await.unwrap();
        let (one, two) = tokio::join!(
            redeem_ticket(&world.services, &ticket),
            redeem_ticket(&world.services, &ticket),
        );
        assert!(one.is_ok() != two.is_ok());
    }
}
