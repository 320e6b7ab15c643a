//! `/settings/notifications`.

use leptos::prelude::*;
use wire::notifications::NewsKind;

use super::{NotificationContent, content};
use crate::not_found::NotFoundPage;
use crate::settings::SettingsPanel;
use crate::text::{Texts, texts};

#[component]
pub(crate) fn NotificationSettingsPage() -> impl IntoView {
    let Some(NotificationContent::Settings { choices, is_saved }) = content() else {
        return view! { <NotFoundPage/> }.into_any();
    };
    let texts = texts();
    let rows: Vec<_> = NewsKind::ALL
        .into_iter()
        .map(|kind| {
            let id = format!("choice-{}", kind.as_str());
            let is_on = choices.get(&kind).copied().unwrap_or(true);
            view! {
                <li class="news-choice">
                    <input type="checkbox" id=id.clone() name="kind" value=kind.as_str() checked=is_on/>
                    <label for=id>{words(texts, kind)}</label>
                </li>
            }
        })
        .collect();
    view! {
        <SettingsPanel title=texts.notifications_settings_title() body=texts.notifications_settings_body()>
            {is_saved.then(|| view! { <p class="notice" role="status">{texts.notifications_saved()}</p> })}
            <form class="form" method="post" action="/settings/notifications">
                <ul class="news-choices">{rows}</ul>
                <p class="actions"><button class="button">{texts.notifications_save()}</button></p>
            </form>
        </SettingsPanel>
    }
    .into_any()
}

fn words(texts: Texts, kind: NewsKind) -> &'static str {
    match kind {
        NewsKind::Follow => texts.notifications_choice_follow(),
        NewsKind::PostLike => texts.notifications_choice_post_like(),
        NewsKind::Comment => texts.notifications_choice_comment(),
        NewsKind::Reply => texts.notifications_choice_reply(),
        NewsKind::CommentLike => texts.notifications_choice_comment_like(),
        NewsKind::Mention => texts.notifications_choice_mention(),
        NewsKind::CommunityRequest => texts.notifications_choice_community_request(),
        NewsKind::CommunityAccepted => texts.notifications_choice_community_accepted(),
        NewsKind::Achievement => texts.notifications_choice_achievement(),
    }
}
