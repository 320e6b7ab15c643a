//! `/api/auth/sessions/…` as its clients see it.

use crate::site::{Answer, OWN_ORIGIN, Site, answer};
use crate::{Browser, Member, Socket, on_both};
use reqwest::Method;
use serde_json::Value;

async fn ask(site: &Site, method: Method, member: &Member, path: &str) -> Answer {
    answer(site.request(method, path).bearer_auth(&member.access)).await
}

async fn list(site: &Site, member: &Member) -> Vec<Value> {
    let listed = ask(site, Method::GET, member, "/api/auth/sessions/").await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    listed.json().as_array().unwrap().clone()
}

fn path(session: &Value) -> String {
    format!("/api/auth/sessions/{}/", session["id"].as_str().unwrap())
}

on_both! {
    async fn devices_are_listed_and_ended_one_by_one(site: Site) {
        let ada = site.member("ada").await;
        let phone = site.sign_in("ada").await;
        let listed = list(&site, &ada).await;
        let current: Vec<_> = listed.iter().map(|session| session["is_current"] == true).collect();
        assert_eq!(current, [true, false]);
        for field in ["id", "created_at", "last_seen", "user_agent"] {
            assert!(listed[0][field].is_string(), "{field}");
        }
        assert_eq!(ask(&site, Method::GET, &ada, &path(&listed[1])).await.json(), listed[1]);
        let mut socket = Socket::of(&site, &phone).await;
        assert_eq!(ask(&site, Method::DELETE, &ada, &path(&listed[1])).await.status, 204);
        assert_eq!(socket.closed().await.0, 4009);
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(ask(&site, method, &ada, &path(&listed[1])).await.status, 404, "gone");
        }
        assert_eq!(ask(&site, Method::DELETE, &ada, &path(&listed[0])).await.status, 204);
        assert_eq!(ask(&site, Method::GET, &ada, "/api/auth/sessions/").await.status, 401);
    }

    async fn what_is_somebody_elses_or_no_id_is_not_there(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let foreign = path(&list(&site, &bob).await[0]);
        for path in [foreign.as_str(), "/api/auth/sessions/x", "/api/auth/sessions/%ff", "/api/auth/sessions/%00/"] {
            for method in [Method::GET, Method::DELETE] {
                let lost = ask(&site, method, &ada, path).await;
                assert_eq!((lost.status, lost.code().as_str()), (404, "not_found"), "{path}");
            }
        }
        assert_eq!(list(&site, &bob).await.len(), 1);
    }

    async fn all_others_end_at_once(site: Site) {
        let ada = site.member("ada").await;
        let other = site.sign_in("ada").await;
        assert_eq!(ask(&site, Method::DELETE, &ada, "/api/auth/sessions/").await.status, 204);
        assert_eq!(list(&site, &ada).await.len(), 1);
        assert_eq!(ask(&site, Method::GET, &other, "/api/auth/sessions/").await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_ends_itself_forgets_its_cookies() {
    let site = Site::sqlite().await;
    let ada = Browser::member(&site, "ada").await;
    let listed = answer(ada.with_cookies(site.request(Method::GET, "/api/auth/sessions/"))).await;
    let own = path(&listed.json()[0]);
    let foreign = ada.with_cookies(site.request(Method::DELETE, &own));
    assert_eq!(answer(foreign).await.status, 403, "a cookie needs its proof");
    let request = ada.with_cookies(site.request(Method::DELETE, &own)).header("origin", OWN_ORIGIN);
    let ended = answer(request).await;
    assert_eq!(ended.status, 204);
    assert!(ended.set_cookie("spherespace_access").unwrap().contains("Max-Age=0"));
}
