//! The description of the API, held against the API.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::Program;
use crate::site::{Site, answer};
use reqwest::Method;
use serde_json::{Map, Value};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

async fn schema(site: &Site) -> Value {
    let answer = site.get("/api/schema/").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    answer.json()
}

/// The methods that each path is described with.
pub(crate) fn described(schema: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = schema["paths"].as_object().unwrap().iter();
    let methods = |item: &Value| {
        let keys = item.as_object().unwrap().keys();
        keys.filter(|key| METHODS.contains(&key.as_str())).map(|key| key.to_uppercase()).collect()
    };
    paths.map(|(path, item)| (path.clone(), methods(item))).collect()
}

/// A described path as somebody would ask for it.
pub(crate) fn filled(path: &str) -> String {
    let mut parts = path.split('/').map(|part| {
        if part.starts_with('{') { "00000000-0000-7000-8000-000000000001" } else { part }
    });
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |path, part| path + "/" + part)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_operation_is_there_and_every_other_method_is_not() {
    let site = Site::sqlite().await;
    let described = described(&schema(&site).await);
    assert!(described.len() > 15, "{described:?}");
    for (path, methods) in described {
        // Uploads answer it, as their protocol wants.
        if methods.contains("OPTIONS") {
            continue;
        }
        let asked = answer(site.request(Method::OPTIONS, &filled(&path))).await;
        assert_eq!((asked.status, asked.code().as_str()), (405, "method_not_allowed"), "{path}");
        let allowed: BTreeSet<_> = asked.header("allow").split(',').map(str::trim).collect();
        let mut expected: BTreeSet<_> = methods.iter().map(String::as_str).collect();
        if methods.contains("GET") {
            expected.insert("HEAD");
        }
        assert_eq!(allowed, expected, "{path}");
    }
}

/// Every address under `/api` that the sources name, so that none is served without a description.
#[tokio::test(flavor = "multi_thread")]
async fn every_address_of_the_sources_is_described() {
    let site = Site::sqlite().await;
    let described = described(&schema(&site).await);
    let mut found = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for call in [".route(\"/api", "path = \"/api"] {
                let rests = source.split(call).skip(1);
                found.extend(rests.map(|rest| format!("/api{}", rest.split('"').next().unwrap())));
            }
        }
    }
    assert_eq!(found, described.into_keys().collect());
}

/// Every `$ref` with the place it stands in.
fn references(value: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if let ("$ref", Some(target)) = (key.as_str(), field.as_str()) {
                    found.push((place.to_owned(), target.to_owned()));
                }
                references(field, &format!("{place}/{key}"), found);
            }
        }
        Value::Array(items) => {
            items.iter().for_each(|item| references(item, place, found));
        }
        _ => {}
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn check_parameters(path: &str, about: &Value) {
    let parameters = about["parameters"].as_array().cloned().unwrap_or_default();
    let named: BTreeSet<_> = parameters
        .iter()
        .inspect(|one| {
            assert!(
                ["query", "path", "header"].contains(&one["in"].as_str().unwrap()),
                "{path}: {one}"
            );
            assert!(one["schema"].is_object() && is_text(&one["name"]), "{path}: {one}");
        })
        .filter(|one| one["in"] == "path")
        .inspect(|one| assert_eq!(one["required"], true, "{path}: {one}"))
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    let templates = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    assert_eq!(named, templates.map(str::to_owned).collect(), "{path}");
}

fn check_operation(path: &str, about: &Value, schemes: &Map<String, Value>) {
    for text in ["operationId", "summary"] {
        assert!(is_text(&about[text]), "{path}: {text}");
    }
    check_parameters(path, about);
    let responses = about["responses"].as_object().unwrap();
    assert!(responses.contains_key("default") && responses.len() > 1, "{path}");
    for (status, response) in responses {
        let known = status == "default" || (100..600).contains(&status.parse::<u16>().unwrap());
        assert!(known && response["description"].is_string(), "{path} {status}: {response}");
        for media in response["content"].as_object().into_iter().flatten() {
            assert!(media.0.contains('/') && media.1["schema"].is_object(), "{path} {status}");
        }
    }
    for requirement in about["security"].as_array().into_iter().flatten() {
        for name in requirement.as_object().unwrap().keys() {
            assert!(schemes.contains_key(name), "{path}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_openapi_3_1() {
    let site = Site::sqlite().await;
    let schema = schema(&site).await;
    assert!(schema["openapi"].as_str().unwrap().starts_with("3.1."), "{}", schema["openapi"]);
    assert!(is_text(&schema["info"]["title"]));
    assert_eq!(schema["info"]["version"], env!("CARGO_PKG_VERSION"));
    let schemes = schema["components"]["securitySchemes"].as_object().unwrap();
    let mut names = BTreeSet::new();
    for (path, item) in schema["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/") && !path.ends_with('/'), "{path}");
        for (_, about) in
            item.as_object().unwrap().iter().filter(|(key, _)| METHODS.contains(&key.as_str()))
        {
            check_operation(path, about, schemes);
            let name = format!("{}{}", about["operationId"].as_str().unwrap(), about["tags"]);
            assert!(names.insert(name), "{path}: an operation's name is its own");
        }
    }
    let mut found = Vec::new();
    references(&schema, "", &mut found);
    assert!(found.len() > 10);
    for (place, target) in found {
        let shape = schema.pointer(target.strip_prefix('#').unwrap());
        assert!(shape.is_some_and(Value::is_object), "{place} → {target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_names_every_operation_and_loads_nothing_from_elsewhere() {
    let site = Site::sqlite().await;
    let page = site.get("/api/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let schema = schema(&site).await;
    for (path, methods) in described(&schema) {
        for method in methods {
            assert!(page.body.contains(&format!("<code>{method} {path}/</code>")), "{path}");
        }
    }
    for shape in schema["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.body.contains(&format!(r#"id="shape-{shape}""#)), "{shape}");
    }
    assert!(!page.body.contains("<script"), "it works without");
    for attribute in ["src=\"", "href=\""] {
        for address in page.body.split(attribute).skip(1) {
            assert!(address.starts_with(['/', '#']) && !address.starts_with("//"), "{address:.80}");
        }
    }
    // Every link within the page leads somewhere.
    for link in page.body.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_what_the_server_serves() {
    let program = Program::new();
    let printed: Value = serde_json::from_str(&program.run_well(&["openapi"])).unwrap();
    assert_eq!(printed, schema(&Site::sqlite().await).await);
    assert!(!program.path("data").exists(), "and touches nothing");
}
