//! Every door, tried by somebody who is nobody.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use reqwest::Method;

use crate::site::{OWN_ORIGIN, Site, answer};

/// Server functions that strangers may call, with what they get.
const OPEN_FUNCTIONS: [&str; 1] = ["/fn/room"];

/// Server functions with arguments that would be taken from a member.
const ARGUMENTS: [(&str, &str); 4] = [
    ("/fn/room", ""),
    ("/fn/sessions", ""),
    ("/fn/post_message", "client_id=one&content=hello"),
    ("/fn/mark_read", "up_to=1"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_refuses_a_stranger_or_stands_on_the_list() {
    let site = Site::sqlite().await;
    let registered: Vec<_> =
        server_fn_paths().filter(|(path, _)| path.starts_with("/fn/")).collect();
    let known: BTreeSet<_> = ARGUMENTS.iter().map(|(path, _)| *path).collect();
    let found: BTreeSet<_> = registered.iter().map(|(path, _)| *path).collect();
    assert_eq!(found, known, "a new server function needs its arguments here");
    assert_eq!(server_fn_paths().count(), registered.len(), "all live under /fn/");
    for (path, arguments) in ARGUMENTS {
        let method = registered.iter().find(|(own, _)| *own == path).unwrap().1.clone();
        let request = site.request(method.clone(), &format!("{path}?{arguments}"));
        let request = request.header("origin", OWN_ORIGIN);
        let form =
            request.header("content-type", "application/x-www-form-urlencoded").body(arguments);
        let answer = answer(form).await;
        if OPEN_FUNCTIONS.contains(&path) {
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        } else {
            assert_eq!(answer.status, 401, "{path}: {}", answer.body);
            assert!(answer.body.contains("not_authenticated"), "{path}: {}", answer.body);
        }
    }
    assert!(site.said().await.is_empty());
}

/// What a stranger gets from each route of the URL map.
const ROUTES: &[(&str, &str, u16)] = &[
    ("GET", "/api/csrf", 200),
    ("GET", "/api/schema", 200),
    ("GET", "/api/docs", 200),
    ("GET", "/api/auth/user", 401),
    ("PATCH", "/api/auth/user", 401),
    ("GET", "/api/auth/users", 401),
    ("POST", "/api/auth/password/change", 401),
    ("POST", "/api/auth/password/reset", 400),
    ("POST", "/api/auth/password/reset/confirm", 400),
    ("GET", "/api/auth/sessions", 401),
    ("DELETE", "/api/auth/sessions", 401),
    ("GET", "/api/auth/sessions/{id}", 401),
    ("DELETE", "/api/auth/sessions/{id}", 401),
    ("POST", "/api/auth/ws-ticket", 401),
    ("GET", "/password/reset", 200),
    ("POST", "/password/reset", 400),
    ("GET", "/password/reset/{token}", 400),
    ("POST", "/password/reset/{token}", 400),
    ("HEAD", "/api/docs", 200),
    ("POST", "/api/auth/signup", 400),
    ("POST", "/api/auth/register", 400),
    ("POST", "/api/auth/login", 400),
    ("POST", "/api/auth/logout", 401),
    ("POST", "/api/auth/token/refresh", 400),
    ("GET", "/api/chat/global/messages", 200),
    ("POST", "/api/chat/global/messages", 401),
    ("GET", "/api/chat/conversations", 401),
    ("POST", "/api/chat/conversations/create", 401),
    ("GET", "/api/chat/conversations/user/{id}", 401),
    ("GET", "/api/chat/conversations/{id}", 401),
    ("GET", "/api/chat/conversations/{id}/messages", 401),
    ("POST", "/api/chat/conversations/{id}/messages", 401),
    ("POST", "/api/chat/conversations/{id}/read", 401),
    ("GET", "/api/conversations", 401),
    ("POST", "/api/conversations", 401),
    ("GET", "/api/conversations/{id}", 401),
    ("PATCH", "/api/conversations/{id}", 401),
    ("POST", "/api/conversations/{id}/action", 401),
    ("GET", "/api/conversations/{id}/messages", 401),
    ("POST", "/api/conversations/{id}/messages", 401),
    ("POST", "/api/conversations/{id}/read", 401),
    ("POST", "/api/conversations/{id}/unread", 401),
    ("PUT", "/api/conversations/{id}/mute", 401),
    ("DELETE", "/api/conversations/{id}/mute", 401),
    ("PUT", "/api/conversations/{id}/draft", 401),
    ("GET", "/api/conversations/{id}/receipts", 401),
    ("GET", "/api/conversations/{id}/members", 401),
    ("POST", "/api/conversations/{id}/members", 401),
    ("PATCH", "/api/conversations/{id}/members/{username}", 401),
    ("DELETE", "/api/conversations/{id}/members/{username}", 401),
    ("GET", "/api/message-requests", 401),
    ("GET", "/api/unread-count", 401),
    ("PATCH", "/api/messages/{id}", 401),
    ("POST", "/api/messages/{id}/action", 401),
    ("PUT", "/api/messages/{id}/reactions/{emoji}", 401),
    ("DELETE", "/api/messages/{id}/reactions/{emoji}", 401),
    ("GET", "/api/messages/{id}/seen-by", 401),
    ("GET", "/api/people", 401),
    ("PUT", "/api/users/{username}/block", 401),
    ("DELETE", "/api/users/{username}/block", 401),
    ("PUT", "/api/users/{username}/mute", 401),
    ("DELETE", "/api/users/{username}/mute", 401),
    ("GET", "/api/blocked", 401),
    ("GET", "/api/users/following", 401),
    ("GET", "/api/users/{username}", 404),
    ("POST", "/api/users/{username}/follow", 401),
    ("PUT", "/api/users/{username}/follow", 401),
    ("DELETE", "/api/users/{username}/follow", 401),
    ("POST", "/api/users/{username}/unfollow", 401),
    ("GET", "/api/suggestions", 200),
    ("GET", "/api/explore", 200),
    ("GET", "/api/stats", 401),
    ("GET", "/api/search", 200),
    ("GET", "/api/activity/streak", 401),
    ("GET", "/api/activity/pulse", 200),
    ("GET", "/api/achievements", 401),
    ("GET", "/api/achievements/pending", 401),
    ("POST", "/api/achievements/mark-shown", 401),
    ("POST", "/api/reports", 401),
    ("GET", "/api/communities", 200),
    ("POST", "/api/communities", 401),
    ("GET", "/api/communities/{slug}", 404),
    ("PATCH", "/api/communities/{slug}", 401),
    ("PUT", "/api/communities/{slug}", 401),
    ("DELETE", "/api/communities/{slug}", 401),
    ("POST", "/api/communities/{slug}/join", 401),
    ("POST", "/api/communities/{slug}/leave", 401),
    ("POST", "/api/communities/{slug}/room", 401),
    ("GET", "/api/communities/{slug}/requests", 401),
    ("GET", "/api/communities/{slug}/members", 404),
    ("POST", "/api/communities/{slug}/members/{username}", 401),
    ("GET", "/api/posts", 200),
    ("POST", "/api/posts", 401),
    ("GET", "/api/posts/trending", 200),
    ("GET", "/api/posts/{id}", 404),
    ("PUT", "/api/posts/{id}", 401),
    ("PATCH", "/api/posts/{id}", 401),
    ("DELETE", "/api/posts/{id}", 401),
    ("POST", "/api/posts/{id}/restore", 401),
    ("POST", "/api/posts/{id}/view", 404),
    ("POST", "/api/posts/{id}/like", 401),
    ("PUT", "/api/posts/{id}/like", 401),
    ("DELETE", "/api/posts/{id}/like", 401),
    ("POST", "/api/posts/{id}/dislike", 401),
    ("PUT", "/api/posts/{id}/dislike", 401),
    ("DELETE", "/api/posts/{id}/dislike", 401),
    ("POST", "/api/posts/{id}/bookmark", 401),
    ("PUT", "/api/posts/{id}/bookmark", 401),
    ("DELETE", "/api/posts/{id}/bookmark", 401),
    ("OPTIONS", "/api/uploads", 204),
    ("POST", "/api/uploads", 401),
    ("HEAD", "/api/uploads/{id}", 401),
    ("PATCH", "/api/uploads/{id}", 401),
    ("DELETE", "/api/uploads/{id}", 401),
    ("GET", "/api/drafts", 401),
    ("POST", "/api/drafts", 401),
    ("GET", "/api/comments", 400),
    ("POST", "/api/comments", 401),
    ("GET", "/api/comments/{id}", 404),
    ("PUT", "/api/comments/{id}", 401),
    ("PATCH", "/api/comments/{id}", 401),
    ("DELETE", "/api/comments/{id}", 401),
    ("POST", "/api/comments/{id}/like", 401),
    ("PUT", "/api/comments/{id}/like", 401),
    ("DELETE", "/api/comments/{id}/like", 401),
    ("POST", "/api/comments/{id}/dislike", 401),
    ("PUT", "/api/comments/{id}/dislike", 401),
    ("DELETE", "/api/comments/{id}/dislike", 401),
    ("POST", "/posts/new", 401),
    ("GET", "/posts/new", 303),
    ("POST", "/posts/preview", 401),
    ("POST", "/posts/{slug}/{verb}", 401),
    ("GET", "/posts/{slug}/{verb}", 404),
    ("GET", "/posts/{slug}/comments/{comment}", 404),
    ("POST", "/posts/{slug}/comments/{comment}/{verb}", 401),
    ("GET", "/u/{username}/feed.xml", 404),
    ("GET", "/sitemap.xml", 200),
    ("GET", "/sitemap/{part}", 404),
    ("POST", "/login", 400),
    ("GET", "/login", 200),
    ("POST", "/signup", 400),
    ("GET", "/signup", 200),
    ("POST", "/register", 400),
    ("GET", "/register", 200),
    ("POST", "/logout", 303),
    ("GET", "/feed/new", 401),
    ("GET", "/u/{username}/card", 404),
    ("POST", "/u/{username}/{verb}", 401),
    ("GET", "/u/{username}/{verb}", 404),
    ("POST", "/settings/profile", 401),
    ("GET", "/settings/profile", 303),
    ("POST", "/settings/profile/{picture}", 401),
    ("POST", "/settings/privacy", 401),
    ("POST", "/settings/privacy/{verb}", 401),
    ("GET", "/settings/account/export", 401),
    ("POST", "/settings/account/{verb}", 401),
    ("POST", "/settings/sessions/revoke", 401),
    ("POST", "/settings/appearance", 303),
    ("GET", "/settings/appearance", 303),
    ("GET", "/chat/pane", 401),
    ("GET", "/chat/switch", 401),
    ("GET", "/chat/mentions", 401),
    ("POST", "/chat/new", 401),
    ("GET", "/chat/new", 303),
    ("GET", "/chat/requests", 303),
    ("POST", "/chat/{key}", 401),
    ("GET", "/chat/{key}", 303),
    ("GET", "/chat/{key}/details", 303),
    ("POST", "/chat/{key}/{verb}", 401),
    ("GET", "/chat/{key}/messages/{message}", 303),
    ("POST", "/chat/{key}/messages/{message}/{verb}", 401),
    ("POST", "/notifications/read", 401),
    ("POST", "/settings/notifications", 401),
    ("GET", "/settings/notifications", 303),
    ("POST", "/settings/notifications/devices", 401),
    ("POST", "/unsubscribe/{token}", 404),
    ("GET", "/unsubscribe/{token}", 404),
    ("GET", "/api/notifications", 401),
    ("GET", "/api/notifications/unread-count", 401),
    ("POST", "/api/notifications/read", 401),
    ("POST", "/api/notifications/{id}/read", 401),
    ("GET", "/api/notifications/settings", 401),
    ("PUT", "/api/notifications/settings", 401),
    ("GET", "/api/push/key", 401),
    ("GET", "/api/push/devices", 401),
    ("POST", "/api/push/devices", 401),
    ("DELETE", "/api/push/devices/{id}", 401),
    ("POST", "/api/push/devices/{id}/test", 401),
    ("POST", "/communities/new", 401),
    ("GET", "/communities/new", 303),
    ("POST", "/c/{slug}/{verb}", 401),
    ("GET", "/c/{slug}/{verb}", 404),
    ("POST", "/c/{slug}/join/{token}", 401),
    ("GET", "/c/{slug}/join/{token}", 404),
    ("GET", "/ws/chat", 400),
    ("GET", "/ws/chat/global", 400),
    ("GET", "/ws/chat/private", 400),
];

/// Routes of the sources, so that a new one cannot be forgotten here.
fn routes_of_the_sources() -> BTreeSet<String> {
    let sources = [include_str!("../../src/forms.rs"), include_str!("../../src/routes.rs")];
    let calls = sources.iter().flat_map(|source| source.split(".route(\"").skip(1));
    let paths = calls.map(|rest| rest.split('"').next().unwrap().to_owned());
    // For everybody, and covered by tests of their own.
    let machines =
        ["/robots.txt", "/healthz", "/readyz", "/text/{name}", "/media/{id}/{file}", "/fn/{*path}"];
    let described = server::api::schema().paths.paths.into_keys();
    paths.filter(|path| !machines.contains(&path.as_str())).chain(described).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_a_stranger_or_is_meant_for_one() {
    let known: BTreeSet<_> = ROUTES.iter().map(|(_, path, _)| (*path).to_owned()).collect();
    assert_eq!(routes_of_the_sources(), known, "a new route needs its line here");
    let site = Site::sqlite().await;
    for (method, path, status) in ROUTES.iter().copied() {
        let method: Method = method.parse().unwrap();
        let path = path.replace("{id}", "00000000-0000-7000-8000-000000000001");
        let path = path.replace("{token}", "forged").replace("{username}", "ada");
        let path = path.replace("{emoji}", "%F0%9F%91%8D");
        let some = uuid::Uuid::nil().to_string();
        let path = path.replace("{key}", &some).replace("{message}", &some);
        let path = path.replace("{verb}", "draft").replace("{slug}", "tea");
        let path = path.replace("{verb}", "draft").replace("{picture}", "avatar");
        let path = path.replace("{comment}", &some);
        let mut request = site.request(method.clone(), &path).header("origin", OWN_ORIGIN);
        if method == Method::POST || method == Method::PATCH {
            let json = path.starts_with("/api/");
            let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
            request = request.header("content-type", kind).body(if json {
                r#"{"content":"x"}"#
            } else {
                "content=x"
            });
        }
        let answer = answer(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        if status == 303 && path != "/logout" && path != "/settings/appearance" {
            assert!(answer.location().starts_with("/login"), "{path}: {}", answer.location());
        }
    }
    assert!(site.said().await.is_empty());
}
