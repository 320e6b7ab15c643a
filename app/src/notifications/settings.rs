//! `/settings/notifications`.

use leptos::prelude::*;
use wire::notifications::{Digest, NewsChoice, NewsChoices, NewsKind};

use super::devices::Devices;
use super::{NotificationContent, NotificationSettings, shown};
use crate::not_found::NotFoundPage;
use crate::settings::SettingsPanel;
use crate::text::{Texts, texts};

#[component]
pub(crate) fn NotificationSettingsPage() -> impl IntoView {
    let Some(NotificationContent::Settings(settings)) = shown() else {
        return view! { <NotFoundPage/> }.into_any();
    };
    let texts = texts();
    let NotificationSettings {
        choices,
        digest,
        has_address,
        devices,
        push_key,
        is_saved,
        is_tried,
    } = *settings;
    view! {
        <SettingsPanel title=texts.notifications_settings_title() body=texts.notifications_settings_body()>
            {is_saved.then(|| view! { <p class="notice" role="status">{texts.notifications_saved()}</p> })}
            <form class="form" method="post" action="/settings/notifications">
                <Matrix choices/>
                <DigestChoice digest has_address/>
                <p class="actions"><button class="button">{texts.notifications_save()}</button></p>
            </form>
            <Devices devices push_key is_tried/>
        </SettingsPanel>
    }
    .into_any()
}

#[component]
fn Matrix(choices: NewsChoices) -> impl IntoView {
    let texts = texts();
    let rows: Vec<_> = NewsKind::ALL
        .into_iter()
        .map(|kind| row(texts, kind, choices.get(&kind).copied().unwrap_or_default()))
        .collect();
    view! {
        <table class="news-matrix" aria-label=texts.notifications_choices()>
            <thead>
                <tr>
                    <th scope="col">{texts.notifications_column_kind()}</th>
                    <th scope="col">{texts.notifications_column_site()}</th>
                    <th scope="col">{texts.notifications_column_push()}</th>
                    <th scope="col">{texts.notifications_column_mail()}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(texts: Texts, kind: NewsKind, choice: NewsChoice) -> AnyView {
    let words = words(texts, kind);
    let cell = |name: &'static str, column: &'static str, is_on: bool| {
        let label = format!("{words}: {column}");
        view! {
            <td>
                <label class="news-matrix__cell">
                    <input type="checkbox" name=name value=kind.as_str() checked=is_on aria-label=label/>
                </label>
            </td>
        }
    };
    // What one achieves oneself is not pushed; messages stand in their conversations, whatever is chosen.
    let is_message = kind == NewsKind::Message;
    let columns = [
        (!is_message, "on_site", texts.notifications_column_site(), choice.on_site),
        (
            kind != NewsKind::Achievement,
            "by_push",
            texts.notifications_column_push(),
            choice.by_push,
        ),
        (!is_message, "by_mail", texts.notifications_column_mail(), choice.by_mail),
    ];
    let cells = columns.map(|(is_offered, name, column, is_on)| match is_offered {
        true => cell(name, column, is_on).into_any(),
        false => view! { <td></td> }.into_any(),
    });
    view! {
        <tr>
            <th scope="row">{words}</th>
            {cells.into_iter().collect_view()}
        </tr>
    }
    .into_any()
}

#[component]
fn DigestChoice(digest: Digest, has_address: bool) -> impl IntoView {
    let texts = texts();
    let options: Vec<_> = Digest::ALL
        .into_iter()
        .map(|every| {
            let words = match every {
                Digest::Off => texts.notifications_digest_off(),
                Digest::Daily => texts.notifications_digest_daily(),
                Digest::Weekly => texts.notifications_digest_weekly(),
            };
            view! {
                <label class="news-digest__option">
                    <input type="radio" name="digest" value=every.as_str() checked=every == digest/>
                    <span>{words}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="news-digest">
            <legend>{texts.notifications_digest()}</legend>
            <div class="news-digest__options">{options}</div>
            {(!has_address).then(|| view! {
                <p class="row__detail">
                    {texts.notifications_digest_no_address()} " "
                    <a href="/settings/account">{texts.notifications_digest_give_address()}</a>
                </p>
            })}
        </fieldset>
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
        NewsKind::Message => texts.notifications_choice_message(),
        NewsKind::CommunityRequest => texts.notifications_choice_community_request(),
        NewsKind::CommunityAccepted => texts.notifications_choice_community_accepted(),
        NewsKind::TakenOut => texts.notifications_choice_taken_out(),
        NewsKind::Achievement => texts.notifications_choice_achievement(),
    }
}
