//! Links whose pages lead back to the profile, looked at over a real connection.

use std::sync::Arc;

use domain::profiles::{change_links, check_due_links, own_links};
use domain::{Caller, Services, Settings};
use public_http::{Pages, Reach};
use test_support::{World, on_both, quick_settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use wire::profiles::ProfileLink;

/// A server that answers every request with the page that it has at the time.
async fn serve() -> (String, watch::Sender<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/me", listener.local_addr().unwrap());
    let (page, now) = watch::channel(String::new());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let _read = stream.read(&mut head).await;
            let body = now.borrow().clone();
            let answer = match body.as_str() {
                "" => "HTTP/1.1 503 Down\r\ncontent-length: 0\r\n\r\n".to_owned(),
                body => format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n{body}"),
            };
            let _sent = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, page)
}

/// The loopback is reached only where a test says so.
fn reaching(reach: Reach) -> Settings {
    let pages = Arc::new(Pages::new(reach, "a test").unwrap());
    Settings { pages, ..quick_settings() }
}

fn link(url: &str) -> ProfileLink {
    ProfileLink { label: "Mine".into(), url: url.into(), ..ProfileLink::default() }
}

async fn proved(services: &Services, who: &Caller) -> Vec<bool> {
    let links = own_links(services, who).await.unwrap();
    links.into_iter().map(|link| link.proved_at.is_some()).collect()
}

async fn check_all(services: &Arc<Services>) -> usize {
    let mut looked = 0;
    loop {
        match check_due_links(services).await.unwrap() {
            0 => return looked,
            some => looked += some,
        }
    }
}

const BACK: &str = r#"<a rel="me" href="http://sphere.example/u/ada">me</a>"#;
const A_WEEK_LATER: &str = "UPDATE profile_link SET checked_at = checked_at - 605000000";

on_both! {
    async fn a_link_is_proved_by_a_page_that_leads_back(world: World) {
        let world = world.with(reaching(Reach::Anywhere)).await;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let services = &world.services;
        let (address, page) = serve().await;
        page.send(BACK.into()).unwrap();
        for who in [&ada, &bob] {
            change_links(services, who, &[link(&address), link("https://nowhere.invalid")]).await.unwrap();
        }
        assert_eq!(proved(services, &ada).await, [false, false], "nobody waits for it");
        assert_eq!(check_all(services).await, 4);
        assert_eq!(proved(services, &ada).await, [true, false]);
        assert_eq!(proved(services, &bob).await, [false, false], "it leads to somebody else");
        change_links(services, &ada, &[link("https://nowhere.invalid"), link(&address)]).await.unwrap();
        assert_eq!(proved(services, &ada).await, [false, true], "the same link has its proof elsewhere");
        change_links(services, &ada, &[link(&format!("{address}?other"))]).await.unwrap();
        assert_eq!(proved(services, &ada).await, [false], "another link has none");
    }

    async fn a_proof_is_looked_at_again_each_week(world: World) {
        let world = world.with(reaching(Reach::Anywhere)).await;
        let ada = world.person("ada").await;
        let services = &world.services;
        let (address, page) = serve().await;
        page.send(BACK.into()).unwrap();
        change_links(services, &ada, &[link(&address)]).await.unwrap();
        assert_eq!((check_all(services).await, check_all(services).await), (1, 0));
        for (now, is_proved) in [("", true), (BACK, true), ("<p>nothing</p>", false), (BACK, true)] {
            page.send(now.into()).unwrap();
            world.execute(A_WEEK_LATER).await;
            assert_eq!(check_all(services).await, 1);
            assert_eq!(proved(services, &ada).await, [is_proved], "{now:?}");
        }
        world.execute("UPDATE profile_link SET proved_at = 1").await;
        world.execute(A_WEEK_LATER).await;
        page.send(String::new()).unwrap();
        check_all(services).await;
        assert_eq!(proved(services, &ada).await, [false], "nobody has answered for weeks");
    }

    async fn a_link_is_looked_at_once_an_hour_however_often_it_is_saved(world: World) {
        let world = world.with(reaching(Reach::Anywhere)).await;
        let ada = world.person("ada").await;
        let services = &world.services;
        let (address, page) = serve().await;
        page.send("<p>nothing</p>".into()).unwrap();
        let mut looked = Vec::new();
        for _ in 0..3 {
            change_links(services, &ada, &[link(&address)]).await.unwrap();
            looked.push(check_all(services).await);
            change_links(services, &ada, &[]).await.unwrap();
        }
        assert_eq!(looked, [1, 0, 0]);
        let mut others = 0;
        for n in 0..20 {
            change_links(services, &ada, &[link(&format!("{address}?{n}"))]).await.unwrap();
            others += check_all(services).await;
        }
        assert_eq!(others, 9, "ten pages an hour for one person");
    }

    async fn two_who_change_the_links_at_once_leave_those_of_one(world: World) {
        let ada = world.person("ada").await;
        let services = &world.services;
        let save = |n: usize| {
            let ada = &ada;
            async move {
                let links = [link(&format!("https://a{n}.example")), link(&format!("https://b{n}.example"))];
                change_links(services, ada, &links).await
            }
        };
        let (one, two, three, four) = tokio::join!(save(1), save(2), save(3), save(4));
        for saved in [one, two, three, four] {
            saved.unwrap();
        }
        let left: Vec<_> = own_links(services, &ada).await.unwrap().into_iter().map(|link| link.url).collect();
        assert_eq!(left.len(), 2);
        assert_eq!(left[0].replace("//a", "//b"), left[1]);
    }

    async fn the_own_network_is_never_asked(world: World) {
        let world = world.with(reaching(Reach::Public)).await;
        let ada = world.person("ada").await;
        let services = &world.services;
        let (address, page) = serve().await;
        page.send(BACK.into()).unwrap();
        let secret = address.replace("http://", "https://");
        change_links(services, &ada, &[link(&address), link(&secret)]).await.unwrap();
        assert_eq!(check_all(services).await, 2);
        assert_eq!(proved(services, &ada).await, [false, false]);
    }
}
