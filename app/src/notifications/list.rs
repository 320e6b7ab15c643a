//! The list of what happened.

use leptos::prelude::*;
use wire::notifications::{About, News, NewsKind, NewsStep};

use super::{NotificationContent, shown};
use crate::activity::words_of;
use crate::not_found::NotFoundPage;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, EmptyState, Glyph, Icon, LocalTime, PageMeta};

#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    let Some(NotificationContent::List { step, has_unread }) = shown() else {
        return view! { <NotFoundPage/> }.into_any();
    };
    let texts = texts();
    view! {
        <PageMeta title=texts.notifications_title() indexed=false/>
        <div class="page" id="news" data-part="">
            <header class="news-header">
                <h1 class="page__title">{texts.notifications_title()}</h1>
                <div class="news-header__acts">
                    {has_unread.then(|| view! {
                        <form method="post" action="/notifications/read" data-quiet="">
                            <button class="button button--quiet">{texts.notifications_read_all()}</button>
                        </form>
                    })}
                    <a class="news__act" href="/settings/notifications" aria-label=texts.notifications_settings()
                        title=texts.notifications_settings()><Icon glyph=Glyph::SETTINGS/></a>
                </div>
                <p class="news-header__about">{texts.notifications_body()}</p>
            </header>
            <Entries step/>
        </div>
    }
    .into_any()
}

#[component]
fn Entries(step: NewsStep) -> impl IntoView {
    let texts = texts();
    let next = step.next.map(|next| format!("/notifications?before={}_{}", next.at.0, next.id));
    if step.news.is_empty() && next.is_none() {
        return view! {
            <section class="panel page__panel">
                <EmptyState glyph=Glyph::BELL title=texts.notifications_empty_title() body=texts.notifications_empty_body()>
                    <a class="button button--quiet" href="/explore">{texts.search_explore_people()}</a>
                </EmptyState>
            </section>
        }
        .into_any();
    }
    let rows: Vec<_> = step.news.into_iter().map(|news| entry(texts, news)).collect();
    view! {
        <ul class="panel news">{rows}</ul>
        {next.map(|href| view! { <a class="button button--quiet community-more" href=href>{texts.notifications_more()}</a> })}
    }
    .into_any()
}

fn entry(texts: Texts, news: News) -> AnyView {
    let first = news.people.first();
    let name = first.map(|person| person.username.clone()).unwrap_or_default();
    let image = first.and_then(|person| person.profile_image.clone());
    let words = sentence(texts, &news);
    let label = texts.notifications_read_of(&words);
    let href = news.address();
    let News { kind, topic, at, is_unread, .. } = news;
    view! {
        <li class="news__entry" class:news__entry--unread=is_unread>
            <Avatar name image/>
            <div class="news__text">
                <a class="news__link" href=href dir="auto">{words}</a>
                <p class="row__detail">
                    {is_unread.then(|| view! { <span class="tag">{texts.notifications_new()}</span> " " })}
                    <LocalTime at/>
                </p>
            </div>
            {is_unread.then(|| view! {
                <form method="post" action="/notifications/read" data-quiet="">
                    <input type="hidden" name="kind" value=kind.as_str()/>
                    <input type="hidden" name="topic" value=topic.to_string()/>
                    <button class="news__act" aria-label=label title=texts.notifications_read()>
                        <Icon glyph=Glyph::CHECK/>
                    </button>
                </form>
            })}
        </li>
    }
    .into_any()
}

/// Those who did it: "ada", "ada and bob", "ada, bob and 3 others".
fn those_who(texts: Texts, news: &News) -> String {
    let names: Vec<_> = news.people.iter().map(|person| person.username.as_str()).collect();
    match (names.as_slice(), news.others) {
        ([one, other, ..], 0) => texts.notifications_two(one, other),
        ([one, other, ..], others) => texts.notifications_many(others, one, other),
        ([one], _) => (*one).to_owned(),
        ([], _) => String::new(),
    }
}

/// What happened, in one sentence.
#[must_use]
pub fn sentence(texts: Texts, news: &News) -> String {
    let (who, count) = (those_who(texts, news), news.people.len() + news.others);
    let title = match &news.about {
        About::Oneself => "",
        About::Post { title, .. } => title,
        About::Community { name, .. } => name,
        About::Achievement(achievement) => words_of(texts, *achievement).0,
        About::Conversation { name, .. } => name.as_deref().unwrap_or(texts.room_title()),
    };
    match news.kind {
        NewsKind::Follow => texts.notifications_follow(count, who),
        NewsKind::PostLike => texts.notifications_post_like(count, title, who),
        NewsKind::Comment => texts.notifications_comment(count, title, who),
        NewsKind::Reply => texts.notifications_reply(count, title, who),
        NewsKind::CommentLike => texts.notifications_comment_like(count, title, who),
        NewsKind::Mention => texts.notifications_mention(count, title, who),
        // It is pushed, and listed nowhere but in its conversation.
        NewsKind::Message => texts.notifications_push_message(who),
        NewsKind::CommunityRequest => texts.notifications_community_request(count, title, who),
        NewsKind::CommunityAccepted => texts.notifications_community_accepted(title, who),
        NewsKind::TakenOut => texts.notifications_taken_out(title, who),
        NewsKind::Achievement => texts.notifications_achievement(title),
    }
}

/// What happened, without a word that somebody has written: for a screen that anybody may see.
#[must_use]
pub fn push_sentence(texts: Texts, kind: NewsKind, who: &str) -> String {
    match kind {
        NewsKind::Follow => texts.notifications_push_follow(who),
        NewsKind::PostLike => texts.notifications_push_post_like(who),
        NewsKind::Comment => texts.notifications_push_comment(who),
        NewsKind::Reply => texts.notifications_push_reply(who),
        NewsKind::CommentLike => texts.notifications_push_comment_like(who),
        NewsKind::Mention => texts.notifications_push_mention(who),
        NewsKind::Message => texts.notifications_push_message(who),
        NewsKind::CommunityRequest => texts.notifications_push_community_request(who),
        NewsKind::CommunityAccepted => texts.notifications_push_community_accepted(who),
        NewsKind::TakenOut => texts.notifications_push_taken_out(who),
        NewsKind::Achievement => texts.notifications_push_achievement().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use wire::chat::Author;
    use wire::{UnixMillis, UserId};

    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn who_did_it_is_said_in_one_sentence() {
        let texts = texts_in(Language::En);
        let news = |names: &[&str], others| News {
            kind: NewsKind::Follow,
            topic: UserId::new().0,
            about: About::Oneself,
            people: names.iter().map(|name| Author::new(UserId::new(), (*name).into())).collect(),
            others,
            at: UnixMillis(0),
            is_unread: true,
        };
        for (names, others, words) in [
            (vec!["ada"], 0, "ada follows you"),
            (vec!["ada", "bob"], 0, "ada and bob follow you"),
            (vec!["ada", "bob"], 1, "ada, bob and 1 other follow you"),
            (vec!["ada", "bob"], 3, "ada, bob and 3 others follow you"),
        ] {
            assert_eq!(sentence(texts, &news(&names, others)), words);
        }
    }
}
