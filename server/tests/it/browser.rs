//! A browser without script: it keeps cookies and says where its requests come from.

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder};
use test_support::PASSWORD;

use crate::site::{Answer, Site, answer};

pub(crate) struct Browser<'s> {
    pub(crate) site: &'s Site,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl<'s> Browser<'s> {
    pub(crate) fn new(site: &'s Site) -> Self {
        Self { site, cookies: BTreeMap::new() }
    }

    /// Somebody new, signed up through the form.
    pub(crate) async fn member(site: &'s Site, username: &str) -> Self {
        let mut browser = Self::new(site);
        let form = sign_up_form(username);
        let answer = browser.post("/signup", &form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    /// Another browser of somebody who is there already.
    pub(crate) async fn sign_in(site: &'s Site, username: &str) -> Self {
        let mut browser = Self::new(site);
        let answer =
            browser.post("/login", &[("username", username), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.with_cookies(self.site.request(Method::GET, path));
        self.keep(answer(request).await)
    }

    /// Submits a form of one of our pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.with_cookies(self.site.request(Method::POST, path));
        let request = request.header("sec-fetch-site", "same-origin").form(fields);
        self.keep(answer(request).await)
    }

    pub(crate) fn with_cookies(&self, request: RequestBuilder) -> RequestBuilder {
        if self.cookies.is_empty() { request } else { request.header("cookie", self.cookie_line()) }
    }

    pub(crate) fn cookie_line(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Whether the server still knows who this is.
    pub(crate) async fn is_signed_in(&mut self) -> bool {
        self.get("/settings/sessions").await.status == 200
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        for line in answer.set_cookies() {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

pub(crate) fn sign_up_form(username: &str) -> [(&str, &str); 3] {
    [("username", username), ("password", PASSWORD), ("password_confirm", PASSWORD)]
}
