//! Requests that no browser sends. None of them is the server's fault, so none may answer 5xx.

use std::fmt::Write;

use crate::Browser;
use crate::site::{MESSAGES, OWN_ORIGIN, Site, answer};
use reqwest::Method;
use serde_json::json;

fn status(answer: &str) -> u16 {
    let line = answer.lines().next().unwrap_or_default();
    line.split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("{answer:?}"))
}

fn location(answer: &str) -> Option<&str> {
    let mut lines = answer.split("\r\n\r\n").next()?.lines();
    lines.find_map(|line| line.strip_prefix("location: "))
}

/// Request targets as they stand in the first line.
const TARGETS: [&str; 52] = [
    "/../../Cargo.toml",
    "/pkg/../../../Cargo.toml",
    "/pkg/../../../../../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd",
    "/pkg/..%5c..%5cCargo.toml",
    "/pkg/..\\..\\Cargo.toml",
    "/text/../../../Cargo.toml",
    "/text/..%2f..%2f..%2fCargo.toml",
    "/text/%2e%2e%2fCargo.toml",
    "//etc/passwd.txt",
    "/etc/passwd%00.txt",
    "/robots.txt%00",
    "//",
    "///",
    "////////",
    "//evil.example",
    "//evil.example/",
    "///evil.example/",
    "//evil.example//",
    "/\\evil.example/",
    "/\\/evil.example/",
    "\\\\evil.example/",
    "//evil.example:99999/",
    "//:80",
    "//[",
    "//[::1",
    "//user@evil.example/",
    "/%2F%2Fevil.example/",
    "/%5Cevil.example/",
    "/.//evil.example/",
    "/./..//evil.example/",
    "/%00",
    "/%",
    "/%zz",
    "/%ff",
    "/%ff%fe/",
    "/chat/%E0%A4%A",
    "/chat/global%2F",
    "/chat%2Fglobal",
    "/chat/global;jsessionid=1",
    "/?%ff=%fe&&&===",
    "/login?next=%ff%fe",
    "/login?next",
    "/login?next=//evil.example&next=/x",
    "/{}|^`\"",
    "/<script>alert(1)</script>",
    "/settings/..%2f..%2f?x=<>",
    "http://evil.example/",
    "http://evil.example//evil.example/",
    "http://evil.example/login/",
    "*",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_address_breaks_it_leaves_the_site_or_shows_a_file() {
    let site = Site::sqlite().await;
    for target in TARGETS {
        for method in ["GET", "HEAD", "POST", "OPTIONS"] {
            let request = format!(
                "{method} {target} HTTP/1.1\r\nHost: sphere.example\r\nOrigin: {OWN_ORIGIN}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let answer = site.raw(request.as_bytes()).await;
            assert!(status(&answer) < 500, "{method} {target}: {answer}");
            if let Some(to) = location(&answer) {
                let leaves = !to.starts_with('/') || to.starts_with("//") || to.contains('\\');
                assert!(!leaves, "{method} {target} → {to}");
            }
            assert!(
                !answer.contains("[workspace]") && !answer.contains("root:x:"),
                "{method} {target}"
            );
            assert!(!answer.contains("<script>alert(1)"), "{method} {target}");
        }
    }
    let bytes = site.raw_get(b"/\xff\xfe\x80").await;
    assert!(status(&bytes) < 500, "{bytes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubled_slash_is_no_other_page() {
    let site = Site::sqlite().await;
    for target in ["//evil.example", "//evil.example/login", "//login"] {
        let answer = site.raw_get(target.as_bytes()).await;
        assert_ne!(status(&answer), 200, "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_any_size_and_number() {
    let site = Site::sqlite().await;
    let with = |headers: &str| {
        format!("GET /chat/global HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
            .into_bytes()
    };
    let many = (0..2_000).fold(String::new(), |mut text, n| {
        write!(text, "x-{n}: y\r\n").unwrap();
        text
    });
    for headers in [
        many,
        format!("x-long: {}\r\n", "y".repeat(300_000)),
        format!("cookie: {}\r\n", "a=b; ".repeat(10_000)),
        format!("user-agent: {}\r\n", "y".repeat(60_000)),
        format!("accept-language: {}\r\n", "en-".repeat(10_000)),
        format!("accept-encoding: {}\r\n", "br;q=,".repeat(5_000)),
        format!("authorization: {}\r\n", "Bearer ".repeat(5_000)),
        "accept-language: *;q=x,,;;\r\naccept-encoding: ;;,,q\r\ncookie: ;;==;\r\n".into(),
        "if-none-match: *\r\nrange: bytes=99-1\r\nif-modified-since: never\r\n".into(),
        "host: evil.example\r\nx-forwarded-host: evil.example\r\nforwarded: host=evil.example\r\n"
            .into(),
        "x-forwarded-for: \u{fc}, ,999.1.1.1\r\nuser-agent: \u{fc}\r\norigin: \u{fc}\r\n".into(),
    ] {
        let answer = site.raw(&with(&headers)).await;
        let shown = &headers[..headers.len().min(60)];
        assert!(status(&answer) < 500, "{shown}: {answer}");
        assert!(!answer.contains("evil.example"), "{shown}");
    }
    assert_eq!(site.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_harms_nobody() {
    let site = Site::sqlite().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\r\n\r\n"[..], b"GET\r\n\r\n", b"\0\0\0\0\r\n\r\n"] {
        let answer = site.raw(bytes).await;
        assert!(answer.is_empty() || !answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    assert_eq!(site.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_of_others_do_not_sign_anybody_out() {
    let site = Site::sqlite().await;
    let ada = Browser::member(&site, "ada").await;
    let own = ada.cookie_line();
    for beside in [
        "theirs=\u{fc}; ",
        "a=\u{1f388}; ",
        "; ; =; novalue; ",
        "spherespace_accessx=1; ",
        "x=\"a\"; ",
    ] {
        let line = format!("cookie: {beside}{own}");
        let request = format!(
            "GET /settings/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{line}\r\n\r\n"
        );
        assert_eq!(status(&site.raw(request.as_bytes()).await), 200, "{beside:?}");
    }
    let raw = [
        &b"GET /settings/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\ncookie: a=\xff\xfe; "
            [..],
        own.as_bytes(),
        b"\r\n\r\n",
    ]
    .concat();
    assert_eq!(status(&site.raw(&raw).await), 200);
    // The first of two counts: a browser sends the more specific one first.
    let twice = format!("spherespace_access=forged; {own}");
    let answer = answer(site.request(Method::GET, "/chat/global").header("cookie", twice)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_any_bytes() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    for path in
        ["/login", "/signup", "/settings/appearance", "/chat/global", "/settings/sessions/revoke"]
    {
        for body in [
            b"".to_vec(),
            b"\xff\xfe=\xfd&%ff=%fe&%00=%00".to_vec(),
            b"username=%ff&password=%fe&content=%ff%fe&session_id=%ff".to_vec(),
            b"username[]=a&username[b]=c&password[]=x".to_vec(),
            b"a&".repeat(200_000),
            b"&&&&====%%%%".to_vec(),
            b"username=a&username=b&content=a&content=b".to_vec(),
        ] {
            let request =
                ada.with_cookies(site.request(Method::POST, path)).header("origin", OWN_ORIGIN);
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
            let refused = answer(request.body(body)).await;
            assert!(refused.status < 500, "{path} {shown}: {}", refused.body);
        }
    }
    assert!(ada.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_cannot_be_written_through_next() {
    let site = Site::sqlite().await;
    for target in [
        "/login?next=/a%0d%0aSet-Cookie:%20evil=1",
        "/login/?next=/a%0d%0aSet-Cookie:%20evil=1",
        "/settings/sessions%0d%0aSet-Cookie:%20evil=1",
        "/x%0d%0aSet-Cookie:%20evil=1/",
    ] {
        let answer = site.raw_get(target.as_bytes()).await;
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(!head.to_lowercase().contains("\r\nset-cookie: evil"), "{target}: {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_query_is_answered() {
    let site = Site::sqlite().await;
    for path in ["/", "/login", "/chat/global", MESSAGES, "/fn/room"] {
        let answer = site.raw_get(format!("{path}?{}", "a=b&".repeat(12_000)).as_bytes()).await;
        assert!(status(&answer) < 500, "{path}: {}", &answer[..200]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_repeats_no_secret() {
    let site = Site::sqlite().await;
    for body in [
        json!({"username": ["x"], "password": "hunter2-hunter2"}),
        json!({"username": "x", "password": {"hunter2-hunter2": 1}}),
        json!({"refresh": ["hunter2-hunter2"]}),
    ] {
        for path in ["/api/auth/signup/", "/api/auth/login/", "/api/auth/token/refresh/"] {
            let refused = site.post_json(path, &body).await;
            assert!(
                refused.status < 500 && !refused.body.contains("hunter2"),
                "{path}: {}",
                refused.body
            );
        }
    }
}
