//! Every route of the API, asked by somebody who means it harm. Nothing is ever the server's fault.

use crate::Member;
use crate::api_schema::{described, filled};
use crate::site::{Answer, OWN_ORIGIN, Site, answer};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// Of whom a route is asked.
#[derive(Clone, Copy)]
enum Who<'m> {
    Nobody,
    Member(&'m Member),
}

impl Who<'_> {
    fn sign(self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nobody => request.header("origin", OWN_ORIGIN),
            Self::Member(member) => request.bearer_auth(&member.access),
        }
    }
}

async fn routes(site: &Site) -> Vec<(Method, String)> {
    let described = described(&site.get("/api/schema").await.json());
    let pairs = described.into_iter().flat_map(|(path, methods)| {
        methods.into_iter().map(move |method| (method.parse().unwrap(), path.clone()))
    });
    pairs.collect()
}

/// No fault of ours, and where it refuses, in the one body.
fn assert_is_well(answer: &Answer, shown: &str) {
    assert!(answer.status < 500, "{shown}: {answer:?}");
    if answer.status >= 400 && answer.header("content-type") == "application/json" {
        // What is only asked for its head has no body.
        if shown.starts_with("HEAD ") {
            return assert_eq!(answer.body, "", "{shown}");
        }
        let body = answer.json();
        assert!(body["detail"].is_string() && body["code"].is_string(), "{shown}: {body}");
        if is_plain(shown) {
            assert_eq!(body["error"], body["detail"], "{shown}: {body}");
        } else {
            assert_eq!(body["error"]["status_code"], answer.status, "{shown}: {body}");
        }
    } else if answer.status >= 400 {
        panic!("{shown}: a refusal in another form: {answer:?}");
    }
    assert!(!answer.body.contains("hunter2"), "{shown}: {}", answer.body);
}

/// Whether `error` is the sentence alone; `shown` is a method and a path.
fn is_plain(shown: &str) -> bool {
    let path = shown.split_once(' ').unwrap().1;
    // As the client asks for it: it goes up a folder by itself.
    let url = reqwest::Url::parse(&format!("http://x{path}")).unwrap();
    let path = url.path();
    // What stands behind the path in `shown` came along, escaped.
    let path = path.split("%20").next().unwrap_or(path);
    let leaves = path.starts_with("/api/communities/") && path.ends_with("/leave");
    leaves
        || ["/api/conversations", "/api/messages", "/api/message-requests"]
            .into_iter()
            .any(|folder| path.starts_with(folder))
}

/// Bodies that are JSON, of every wrong kind for every field there is.
fn shapes() -> Vec<Value> {
    let fields = [
        "username",
        "password",
        "password_confirm",
        "email",
        "refresh",
        "current_password",
        "new_password",
        "token",
        "first_name",
        "last_name",
        "bio",
        "content",
        "client_id",
        "reply_to",
        "message_type",
        "is_encrypted",
        "user_id",
        "message_ids",
        "up_to",
        "from",
        "until",
        "title",
        "usernames",
        "role",
        "action",
        "kind",
        "id",
        "reason",
        "note",
    ];
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!([]),
        json!({"hunter2": ["hunter2"]}),
        json!(""),
        json!("\u{0}"),
        json!("\u{202e}\u{feff}\u{10ffff}"),
        // All of them together stay below what a body may have: each field is looked at.
        json!("x".repeat(30_000)),
        json!("' OR 1=1; DROP TABLE account; --"),
    ];
    let object = |value: &Value| {
        Value::Object(fields.iter().map(|field| ((*field).to_owned(), value.clone())).collect())
    };
    values
        .iter()
        .map(object)
        .chain([json!({}), json!([]), json!([1, 2]), json!("hunter2"), json!(7)])
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn s48_no_json_breaks_a_route() {
    for site in [Site::sqlite().await, Site::on(test_support::Backend::Postgres).await] {
        for (method, path) in routes(&site).await {
            // A route that signs out or ends sessions takes its caller away: each gets a new one.
            let ada = site.sign_in_or_up("ada").await;
            for who in [Who::Nobody, Who::Member(&ada)] {
                for shape in shapes() {
                    let request = who.sign(site.request(method.clone(), &filled(&path)));
                    assert_goes_well(request.json(&shape), &format!("{method} {path} {shape:.60}"))
                        .await;
                }
            }
        }
    }
}

/// A route that reads no body may close while a large one is on its way, and a long answer with it.
const CUT_FROM: usize = 100_000;

async fn assert_goes_well(request: RequestBuilder, shown: &str) {
    // A connection that was closed over a large body must not be given to the next request.
    let (client, request) = request.header("connection", "close").build_split();
    let request = request.expect("a request");
    let sent = request.body().and_then(reqwest::Body::as_bytes).map_or(0, <[u8]>::len);
    match whole(client.execute(request)).await {
        Ok(answer) => assert_is_well(&answer, shown),
        Err(error) => {
            let is_cut = error.is_request() || error.is_decode();
            assert!(sent > CUT_FROM && is_cut, "{shown}: {error}");
        }
    }
}

async fn whole(
    sending: impl Future<Output = reqwest::Result<Response>>,
) -> reqwest::Result<Answer> {
    let response = sending.await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.text().await? })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bytes_and_no_kind_of_body_break_a_route() {
    let site = Site::sqlite().await;
    let bodies = [
        (Some("application/json"), b"".to_vec()),
        (Some("application/json"), b"{".to_vec()),
        (Some("application/json"), b"\xff\xfe\x00".to_vec()),
        (Some("application/json"), b"[".repeat(200_000)),
        (Some("application/json"), b"{\"a\":".repeat(50_000)),
        (Some("application/json"), vec![b' '; 1024 * 1024 + 1]),
        (Some("application/json; charset=\u{e4}"), b"{}".to_vec()),
        (Some("text/plain"), b"{}".to_vec()),
        (Some("multipart/form-data; boundary=x"), b"--x\r\n\r\n--x--".to_vec()),
        (Some("application/x-www-form-urlencoded"), b"username=%ff".to_vec()),
        (None, b"{}".to_vec()),
    ];
    for (method, path) in routes(&site).await {
        let ada = site.sign_in_or_up("ada").await;
        for (kind, body) in &bodies {
            let request = site.request(method.clone(), &filled(&path)).bearer_auth(&ada.access);
            let request = match kind {
                Some(kind) => request.header("content-type", kind.as_bytes()),
                None => request,
            };
            let shown = format!("{method} {path} {kind:?}");
            assert_goes_well(request.body(body.clone()), &shown).await;
        }
    }
    assert_eq!(site.get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn s48_no_query_and_no_path_break_a_route() {
    let site = Site::on(test_support::Backend::Postgres).await;
    let queries = [
        "page=18446744073709551615&page_size=100",
        "page=99999999999999999999999",
        "page=%00&page_size=%ff&search=%00",
        "search=%25%5F%21%27%22",
        "search=%F0%9F%8E%88&page_size=-1",
        "limit=18446744073709551615&before=-9223372036854775808",
        "after=9223372036854775807&limit=0",
        "limit=x&before=x&after=x",
        "&&&=&=%ff%fe",
        "page=1&page=2&search=a&search=b",
        "after=%00&limit=100",
        "search=a%00&after=a%00b",
        "after=00000000-0000-7000-8000-000000000001&before=00000000-0000-7000-8000-000000000001",
    ];
    for (method, path) in routes(&site).await {
        let ada = site.sign_in_or_up("ada").await;
        for query in queries {
            let path = format!("{}?{query}", filled(&path));
            let request = site.request(method.clone(), &path).bearer_auth(&ada.access);
            assert_is_well(&answer(request).await, &format!("{method} {path}"));
        }
        for id in
            ["x", "%00", "%ff%fe", "..", "%2e%2e%2fusers", "-1", "' OR 1=1 --", &"9".repeat(3000)]
        {
            let path = ["{id}", "{username}", "{emoji}"]
                .into_iter()
                .fold(path.clone(), |path, part| path.replace(part, id));
            let request = site.request(method.clone(), &path).bearer_auth(&ada.access);
            assert_is_well(&answer(request).await, &format!("{method} {path}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credential_and_no_header_breaks_a_route() {
    let site = Site::sqlite().await;
    let headers: [(&str, &[u8]); 10] = [
        ("authorization", b"Bearer"),
        ("authorization", b"Bearer \xff\xfe"),
        ("authorization", b"Bearer eyJhbGciOiJub25lIn0.e30."),
        ("authorization", b"Basic YWRhOmh1bnRlcjI="),
        ("cookie", b"spherespace_access=\xff; spherespace_refresh=x; theme=<>"),
        ("accept", b"text/html"),
        ("accept", b"*/*;q=\xff, application/xml"),
        ("origin", b"null"),
        ("x-forwarded-for", b"999.1.1.1, \xff"),
        ("expect", b"nothing at all"),
    ];
    for (method, path) in routes(&site).await {
        for (name, value) in headers {
            let request = site.request(method.clone(), &filled(&path)).header(name, value);
            let answer = answer(request.json(&json!({}))).await;
            assert_is_well(&answer, &format!("{method} {path} {name}: {value:?}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_so_in_json_with_or_without_its_slash() {
    let site = Site::sqlite().await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/auth",
        "/api/auth/",
        "/api/auth/user/x/",
        "/ws",
        "/ws/",
        "/ws/nothing/",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let request = site.request(method.clone(), path).header("accept", "text/html");
            let lost = answer(request.header("origin", OWN_ORIGIN)).await;
            assert_eq!((lost.status, lost.code().as_str()), (404, "not_found"), "{method} {path}");
        }
    }
    for path in ["/api/auth/user", "/api/auth/user/"] {
        let refused = answer(site.request(Method::PUT, path).header("origin", OWN_ORIGIN)).await;
        assert_eq!((refused.status, refused.code().as_str()), (405, "method_not_allowed"));
        assert!(refused.header("allow").contains("PATCH"), "{refused:?}");
    }
}
