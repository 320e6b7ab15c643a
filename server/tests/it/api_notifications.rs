//! `/api/notifications/` and `/api/push/` as their clients see them.

use reqwest::Method;
use serde_json::{Value, json};
use test_support::{PushServer, Subscribed};

use crate::conversing::{NOTHING, ask, fully, get, got, keys, post, tell};
use crate::on_both;
use crate::site::{Member, Site};

const ENTRY: [&str; 8] = ["actor", "created_at", "id", "is_read", "kind", "title", "topic", "url"];
const LIST: &str = "/api/notifications/";
const SETTINGS: &str = "/api/notifications/settings/";
const DEVICES: &str = "/api/push/devices/";

/// So many who follow ada.
async fn fans(site: &Site, count: usize) {
    for n in 0..count {
        let fan = site.member(&format!("fan{n}")).await;
        ask(site, &fan, Method::PUT, "/api/users/ada/follow/").await;
    }
}

async fn waiting(site: &Site, who: &Member) -> Value {
    got(site, who, "/api/notifications/unread-count/").await["unread_count"].clone()
}

fn subscription(browser: &Subscribed) -> Value {
    let Subscribed { endpoint, p256dh, auth } = browser;
    json!({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}})
}

on_both! {
    async fn what_happened_is_listed_in_pages_and_marked_one_by_one(site: Site) {
        let (ada, eve) = (site.member("ada").await, site.member("eve").await);
        fans(&site, 3).await;
        let first = got(&site, &ada, &format!("{LIST}?page_size=2")).await;
        assert_eq!((keys(&first), &first["count"]), (vec!["count", "next", "previous", "results"], &json!(3)));
        let entry = &first["results"][0];
        assert_eq!((keys(entry), &entry["kind"], &entry["url"]), (ENTRY.to_vec(), &json!("follow"), &json!("/u/fan2")));
        assert_eq!((&entry["title"], &entry["is_read"], &entry["actor"]["username"]), (&Value::Null, &json!(false), &json!("fan2")));
        let next = first["next"].as_str().unwrap().strip_prefix("http://sphere.example").unwrap();
        let second = got(&site, &ada, next).await;
        assert_eq!((&second["results"][0]["url"], &second["next"]), (&json!("/u/fan0"), &Value::Null));
        assert_eq!(get(&site, &ada, &format!("{LIST}?page=3&page_size=2")).await.status, 404);
        assert_eq!(waiting(&site, &ada).await, 1, "told together");

        let one = format!("{LIST}{}/read/", entry["id"].as_str().unwrap());
        assert_eq!(fully(&ask(&site, &eve, Method::POST, &one).await).0, 404, "somebody else's");
        for _ in 0..2 {
            assert_eq!(ask(&site, &ada, Method::POST, &one).await.json(), json!({"unread_count": 1}));
        }
        let listed = got(&site, &ada, LIST).await;
        let marks: Vec<_> = listed["results"].as_array().unwrap().iter().map(|row| row["is_read"].as_bool().unwrap()).collect();
        assert_eq!(marks, [true, false, false]);
        let all = ask(&site, &ada, Method::POST, "/api/notifications/read/").await;
        assert_eq!((all.json(), waiting(&site, &ada).await), (json!({"unread_count": 0}), json!(0)));
        for path in [format!("{LIST}{NOTHING}/read/"), format!("{LIST}x/read/")] {
            assert_eq!(fully(&ask(&site, &ada, Method::POST, &path).await).0, 404, "{path}");
        }
        ask(&site, &ada, Method::PUT, "/api/users/fan1/block/").await;
        assert_eq!(got(&site, &ada, LIST).await["count"], 2, "nobody is counted who is kept away");
    }

    async fn what_one_wants_to_hear_of_is_changed_kind_by_kind(site: Site) {
        let ada = site.member("ada").await;
        let before = got(&site, &ada, SETTINGS).await;
        let everywhere = json!({"on_site": true, "by_push": true, "by_mail": true});
        assert_eq!((keys(&before["choices"]).len(), &before["choices"]["reply"], &before["digest"]), (11, &everywhere, &json!("off")));
        let quiet = json!({"on_site": true, "by_push": false, "by_mail": false});
        let nothing = json!({"on_site": false, "by_push": true, "by_mail": true});
        let wanted = json!({"choices": {"post_like": quiet, "follow": nothing}, "digest": "weekly"});
        let after = tell(&site, &ada, Method::PUT, SETTINGS, &wanted).await.json();
        let nowhere = json!({"on_site": false, "by_push": false, "by_mail": false});
        assert_eq!((&after["choices"]["post_like"], &after["choices"]["follow"]), (&quiet, &nowhere));
        assert_eq!((&after["choices"]["reply"], &after["digest"]), (&everywhere, &json!("weekly")));
        assert_eq!(got(&site, &ada, SETTINGS).await, after);
        for wrong in [
            json!({"digest": "hourly"}), json!({"choices": {"odd": quiet}}), json!({"choices": {"follow": {"on_site": 1}}}),
            json!({"choices": {"follow": {"on_site": true}}}), json!({"choices": []}),
        ] {
            let refused = tell(&site, &ada, Method::PUT, SETTINGS, &wrong).await;
            assert_eq!(fully(&refused), (400, "invalid_field".into()), "{wrong}");
        }
        assert_eq!(got(&site, &ada, SETTINGS).await, after, "nothing of it was kept");
        fans(&site, 1).await;
        assert_eq!(waiting(&site, &ada).await, 0);
    }

    async fn a_browser_is_pushed_to_until_it_is_removed(site: Site) {
        let server = PushServer::start().await;
        let (ada, eve) = (site.member("ada").await, site.member("eve").await);
        let key = got(&site, &ada, "/api/push/key/").await;
        let added = post(&site, &ada, DEVICES, &subscription(&server.browser("desk"))).await;
        assert_eq!(added.status, 201, "{}", added.body);
        let device = added.json();
        assert_eq!(keys(&device), ["created_at", "id", "is_current", "pushed_at", "user_agent"]);
        let again = post(&site, &ada, DEVICES, &subscription(&server.browser("desk"))).await;
        assert_eq!(again.json()["id"], device["id"], "the same address, the same device");
        let own = format!("{DEVICES}{}/", device["id"].as_str().unwrap());
        for (method, path) in [(Method::DELETE, own.clone()), (Method::POST, format!("{own}test/"))] {
            assert_eq!(fully(&ask(&site, &eve, method, &path).await).0, 404, "{path}");
        }
        assert_eq!(ask(&site, &ada, Method::POST, &format!("{own}test/")).await.status, 202);
        let trial = server.next().await;
        assert_eq!((trial.key.as_str(), trial.claims["sub"].as_str()), (key["public_key"].as_str().unwrap(), Some("mailto:spherespace@localhost")));
        fans(&site, 1).await;
        let arrived = server.next().await;
        assert_eq!((&arrived.payload["title"], &arrived.payload["url"]), (&json!("fan0 follows you"), &json!("/u/fan0")));
        assert_eq!(ask(&site, &ada, Method::DELETE, &own).await.status, 204);
        assert_eq!(got(&site, &ada, DEVICES).await, json!([]));
    }

    async fn what_is_no_subscription_is_refused_by_its_field(site: Site) {
        let server = PushServer::start().await;
        let ada = site.member("ada").await;
        let good = server.browser("desk");
        for (field, wrong) in [
            ("endpoint", Subscribed { endpoint: "file:///etc/passwd".into(), ..good.clone() }),
            ("endpoint", Subscribed { endpoint: format!("https://push.example/{}", "x".repeat(2000)), ..good.clone() }),
            ("p256dh", Subscribed { p256dh: "AAAA".into(), ..good.clone() }),
            ("auth", Subscribed { auth: good.p256dh.clone(), ..good.clone() }),
        ] {
            let refused = post(&site, &ada, DEVICES, &subscription(&wrong)).await;
            assert_eq!((fully(&refused), refused.json()[field].is_array()), ((400, "invalid_field".into()), true), "{field}");
        }
        assert_eq!(fully(&post(&site, &ada, DEVICES, &json!({"endpoint": "x"})).await), (400, "invalid_field".into()));
    }
}
