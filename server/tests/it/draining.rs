//! Stopping: sockets are asked to come back, what was begun is finished, nothing is lost.

use std::collections::BTreeSet;

use crate::site::Site;
use crate::socket::Heard;
use crate::{Backend, Socket, on_both};
use test_support::PATIENCE;
use tokio::net::TcpStream;

on_both! {
    async fn sockets_are_asked_to_come_back_and_nobody_new_is_let_in(site: Site) {
        let ada = site.member("ada").await;
        let (mut one, mut two) = (Socket::of(&site, &ada).await, Socket::of(&site, &ada).await);
        let address = site.address;
        let (stopping, _database) = site.begin_stop();
        for socket in [&mut one, &mut two] {
            let (code, reason) = socket.closed().await;
            assert_eq!(code, 1012);
            let wait: u64 = reason.strip_prefix("retry_after_ms=").unwrap().parse().unwrap();
            assert!((100..2_000).contains(&wait), "{wait}");
        }
        tokio::time::timeout(PATIENCE, stopping).await.expect("it ends").unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }

    async fn every_message_under_way_is_acknowledged_or_can_be_sent_again(site: Site) {
        let ada = site.member("ada").await;
        let mut socket = Socket::of(&site, &ada).await;
        for n in 0..200 {
            socket.post(&n.to_string(), &n.to_string()).await;
        }
        // Some are stored by now and some are not.
        socket.next_of("message_sent").await;
        let mut acknowledged = BTreeSet::from(["0".to_owned()]);
        let (stopping, database) = site.begin_stop();
        loop {
            match socket.hear().await {
                Heard::Frame(frame) if frame["type"] == "message_sent" => {
                    acknowledged.insert(frame["message"]["client_id"].as_str().unwrap().to_owned());
                }
                Heard::Frame(frame) => assert_eq!(frame["code"], "unavailable", "{frame}"),
                Heard::Closed(code, _) => {
                    assert_eq!(code, 1012);
                    break;
                }
                Heard::Gone => panic!("gone without a word"),
            }
        }
        tokio::time::timeout(PATIENCE, stopping).await.expect("it ends").unwrap();
        // The next start finds every acknowledged one, each once.
        let again = Site::again(database).await;
        let stored = again.said().await;
        let set: BTreeSet<_> = stored.iter().cloned().collect();
        assert_eq!(set.len(), stored.len(), "none twice");
        assert!(acknowledged.is_subset(&set), "{:?}", acknowledged.difference(&set));
        let mut back = Socket::of(&again, &ada).await;
        for n in 0..200 {
            back.post(&n.to_string(), &n.to_string()).await;
        }
        for _ in 0..200 {
            back.next_of("message_sent").await;
        }
        assert_eq!(again.said().await.len(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_does_not_hold_it_up_for_ever() {
    let site = Site::on(Backend::Sqlite).await;
    let ada = site.member("ada").await;
    let _silent = Socket::narrow(&site, &ada).await;
    // Connected, and saying nothing at all.
    let _mute = TcpStream::connect(site.address).await.unwrap();
    site.stop().await;
}
