//! Conversations that tests begin with, made as people make them: with forms.

use crate::Browser;

/// Begins to write to somebody; the path of the conversation's page.
pub(crate) async fn write_to(from: &mut Browser<'_>, to: &str) -> String {
    let started = from.post("/chat/new", &[("username", to)]).await;
    assert_eq!(started.status, 303, "{}", started.body);
    started.location().to_owned()
}

/// A conversation that both have accepted, with nothing said in it but one word.
pub(crate) async fn accepted(one: &mut Browser<'_>, other: &mut Browser<'_>) -> String {
    let name = name_of(other).await;
    let talk = write_to(one, &name).await;
    assert_eq!(one.post(&talk, &[("content", "hello")]).await.status, 303);
    let answer = other.post(&format!("{talk}/accept"), &[]).await;
    assert_eq!((answer.status, answer.location()), (303, talk.as_str()), "{}", answer.body);
    assert_eq!(other.post(&format!("{talk}/read"), &[]).await.status, 303);
    talk
}

/// A group of the caller's with others, all of whom they may add.
pub(crate) async fn group(owner: &mut Browser<'_>, title: &str, others: &[&str]) -> String {
    let mut form = vec![("group", "1"), ("title", title)];
    form.extend(others.iter().map(|name| ("with", *name)));
    let made = owner.post("/chat/new", &form).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.location().to_owned()
}

async fn name_of(browser: &mut Browser<'_>) -> String {
    browser.get("/").await.between("Hello, ", "<").to_owned()
}
