//! The language that people are spoken to in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use app::text::{Language, texts_in};
use reqwest::Method;
use serde_json::json;
use server::assets::addresses;
use test_support::{Backend, PASSWORD, PATIENCE};
use tokio::time::timeout;

use crate::api_passwords::with_mail;
use crate::site::{Site, answer};
use crate::{Answer, Browser};

/// The page at `path`, asked for by a browser that prefers `languages`.
async fn page(site: &Site, path: &str, languages: &str) -> Answer {
    let request = site.request(Method::GET, path).header("accept", "text/html");
    answer(request.header("accept-language", languages)).await
}

fn says(page: &Answer, words: &str) {
    assert!(page.body.contains(words), "{words}: {}", page.body);
}

fn is_in(page: &Answer, language: Language) {
    let code = language.code();
    says(page, &format!(r#"<html lang="{code}" dir="ltr""#));
    assert_eq!(page.header("content-language"), code);
    let vary: Vec<_> =
        page.headers.get_all("vary").iter().map(|line| line.to_str().unwrap()).collect();
    let vary = vary.join(", ");
    assert!(vary.contains("accept-language") && vary.contains("cookie"), "{vary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_in_the_language_that_the_browser_prefers() {
    let site = Site::sqlite().await;
    for (languages, language, words) in [
        ("fr-CA, en;q=0.9", Language::Fr, "Créer un compte"),
        ("en;q=0.3, fr;q=0.8", Language::Fr, "Créer un compte"),
        ("de, en;q=0.5, fr;q=0.4", Language::En, "Create your account"),
        ("fr;q=0", Language::En, "Create your account"),
        ("de", Language::En, "Create your account"),
    ] {
        let landing = page(&site, "/", languages).await;
        is_in(&landing, language);
        says(&landing, words);
        says(&landing, &format!(r#"data-text="{}""#, addresses(language).text));
        assert_eq!(landing.header("cache-control"), "private, no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_missing_pages_are_said_in_french_too() {
    let site = Site::sqlite().await;
    let missing = page(&site, "/no/such/page", "fr").await;
    assert_eq!(missing.status, 404);
    is_in(&missing, Language::Fr);
    says(&missing, "Il n’y a rien ici");
    let request = site.request(Method::POST, "/settings/sessions/revoke");
    let request = request.header("accept", "text/html").header("accept-language", "fr");
    let refused = answer(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(refused.status, 403);
    is_in(&refused, Language::Fr);
    says(&refused, texts_in(Language::Fr).error_csrf_failed());
}

/// What only programs are told, or pages say with words of their own.
const NEVER_SHOWN: [&str; 4] = [
    "This is not the next of a step.",
    "There are at most five links.",
    "A link's label has at most 50 characters.",
    "A link is an address of a page: https://example.org.",
];

/// The sentences in the sources of `folder` that say what is wrong with a field.
fn refusals(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            refusals(&path, found);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap().replace("=\n", "=");
        for line in source.lines().filter(|line| {
            ["why:", "why =", "invalid(", "issue(", "LinkFault::"]
                .iter()
                .any(|mark| line.contains(mark))
        }) {
            let texts = line.split('"').skip(1).step_by(2);
            let is_sentence =
                |text: &&str| text.starts_with(char::is_uppercase) && text.ends_with('.');
            found.extend(texts.filter(is_sentence).map(str::to_owned));
        }
    }
}

#[test]
fn what_is_wrong_with_a_field_is_said_in_every_language() {
    let mut found = BTreeSet::new();
    refusals(Path::new("../crates/domain/src"), &mut found);
    assert!(found.len() > 30, "{found:?}");
    for sentence in found.iter().filter(|sentence| !NEVER_SHOWN.contains(&sentence.as_str())) {
        for language in Language::ALL {
            let said = texts_in(language).translated(sentence);
            let is_own = language == Language::En || said != Some(sentence.as_str());
            assert!(said.is_some() && is_own, "{language:?}: {sentence}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_refused_says_why_in_french() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.cookies.insert("lang".into(), "fr".into());
    let form = [("form", "post"), ("title", ""), ("content", "x"), ("do", "publish")];
    let refused = ada.post("/posts/new", &form).await;
    assert_eq!(refused.status, 400);
    says(&refused, "Il faut un titre à un article.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_is_chosen_in_the_settings_and_kept() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let english = ada.get("/settings/appearance").await;
    is_in(&english, Language::En);
    says(&english, r#"<option value="en" selected>English</option>"#);
    says(&english, r#"<option value="fr">Français</option>"#);
    let chosen = ada.post("/settings/appearance", &[("language", "fr")]).await;
    assert_eq!(chosen.status, 303);
    assert!(chosen.set_cookie("lang").unwrap().starts_with("lang=fr; Path=/; Max-Age=31536000"));
    let french = ada.get("/settings/appearance").await;
    is_in(&french, Language::Fr);
    says(&french, r#"<option value="fr" selected>Français</option>"#);
    let request = ada.with_cookies(site.request(Method::GET, "/"));
    let home = answer(request.header("accept-language", "en")).await;
    is_in(&home, Language::Fr);
    says(&home, "Bonjour ada");
    ada.post("/settings/appearance", &[("language", "en")]).await;
    is_in(&ada.get("/").await, Language::En);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_language_has_its_own_file() {
    let site = Site::sqlite().await;
    let paths = Language::ALL.map(|language| addresses(language).text);
    assert!(paths[0].starts_with("/text/en.") && paths[1].starts_with("/text/fr."), "{paths:?}");
    let english = site_texts(&site, &paths[0]).await;
    let french = site_texts(&site, &paths[1]).await;
    assert_eq!(english.len(), french.len());
    assert_eq!((english[0].as_str(), french[0].as_str()), ("one_other", "zero_one_other"));
}

async fn site_texts(site: &Site, path: &str) -> Vec<String> {
    serde_json::from_value(site.get(path).await.json()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_in_the_language_of_whoever_asked_for_it() {
    let (site, post) = with_mail(Backend::Sqlite).await;
    let body = json!({"username": "ada", "password": PASSWORD, "email": "ada@sphere.example"});
    site.post_json("/api/auth/signup/", &body).await;
    let ask = async |language: &str| {
        let form = site.request(Method::POST, "/password/reset");
        let form = form.header("sec-fetch-site", "same-origin").header("accept-language", language);
        answer(form.form(&[("email", "ada@sphere.example")])).await;
        timeout(PATIENCE, post.next()).await.expect("a mail in time").expect("a mail")
    };
    let french = ask("fr").await;
    assert_eq!(french.subject, "Choisir un nouveau mot de passe");
    assert!(french.text.starts_with("Bonjour ada,\n\nquelqu’un"), "{}", french.text);
    assert!(french.text.contains("/password/reset/") && !french.text.contains('{'));
    let english = ask("en-GB").await;
    assert_eq!(english.subject, "Choose a new password");
    assert!(english.text.starts_with("Hello ada,"), "{}", english.text);
    let program = site.request(Method::POST, "/api/auth/password/reset/");
    let program = program.header("accept-language", "fr");
    answer(program.json(&json!({"email": "ada@sphere.example"}))).await;
    let mail = timeout(PATIENCE, post.next()).await.expect("a mail in time").expect("a mail");
    assert_eq!(mail.subject, french.subject);
}
