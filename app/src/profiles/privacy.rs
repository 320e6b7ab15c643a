//! Who may write, what is shown of being here, and whom one keeps away.

use leptos::prelude::*;
use wire::people::{PersonCard, Privacy, WhoCanMessage};

use crate::text::texts;
use crate::ui::Avatar;

#[component]
pub(super) fn PrivacyForms(
    privacy: Privacy,
    blocked: Vec<PersonCard>,
    muted: Vec<PersonCard>,
) -> impl IntoView {
    let texts = texts();
    view! {
        <form class="form settings-form" method="post" action="/settings/privacy">
            <WhoField chosen=privacy.who_can_message/>
            <Switch name="show_presence" label=texts.profiles_privacy_presence()
                hint=texts.profiles_privacy_presence_hint() is_on=privacy.show_presence/>
            <Switch name="show_read_receipts" label=texts.profiles_privacy_receipts()
                hint=texts.profiles_privacy_receipts_hint() is_on=privacy.show_read_receipts/>
            <button class="button settings-form__send">{texts.profiles_save()}</button>
        </form>
        <section id="blocked" data-part="">
            <h2 class="page__subtitle">{texts.profiles_blocked()}</h2>
            {kept_away(blocked, "unblock", texts.profiles_unblock(), texts.profiles_blocked_none())}
        </section>
        <section id="muted" data-part="">
            <h2 class="page__subtitle">{texts.profiles_muted_people()}</h2>
            {kept_away(muted, "unmute", texts.profiles_unmute(), texts.profiles_muted_none())}
        </section>
    }
    .into_any()
}

#[component]
fn WhoField(chosen: WhoCanMessage) -> impl IntoView {
    let texts = texts();
    let options = [
        (WhoCanMessage::Everyone, texts.profiles_privacy_everyone()),
        (WhoCanMessage::Following, texts.profiles_privacy_followed()),
        (WhoCanMessage::Nobody, texts.profiles_privacy_nobody()),
    ];
    let options = options.map(|(who, words)| {
        view! { <option value=who.as_str() selected=who == chosen>{words}</option> }
    });
    view! {
        <label class="field">
            <span class="field__label">{texts.profiles_privacy_who()}</span>
            <select class="field__input" name="who_can_message">{options}</select>
        </label>
    }
    .into_any()
}

#[component]
fn Switch(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    is_on: bool,
) -> impl IntoView {
    let described = format!("{name}-hint");
    view! {
        <div class="switch">
            <input type="checkbox" id=name name=name value="1" checked=is_on aria-describedby=described.clone()/>
            <label for=name>{label}</label>
            <p class="field__hint" id=described>{hint}</p>
        </div>
    }
    .into_any()
}

/// People with the one thing that can be done about each.
fn kept_away(
    people: Vec<PersonCard>,
    verb: &'static str,
    words: &'static str,
    nobody: &'static str,
) -> AnyView {
    let texts = texts();
    if people.is_empty() {
        return view! { <p class="page__body">{nobody}</p> }.into_any();
    }
    let row = |person: PersonCard| {
        let name = person.user.username;
        let label = match verb {
            "unblock" => texts.profiles_unblock_of(&name),
            _ => texts.profiles_unmute_of(&name),
        };
        view! {
            <li class="people-row">
                <Avatar name=name.clone() image=person.user.profile_image/>
                <span class="people-row__name" dir="auto">{name.clone()}</span>
                <form method="post" action=format!("/settings/privacy/{verb}") data-quiet="">
                    <input type="hidden" name="username" value=name/>
                    <button class="button button--quiet" aria-label=label>{words}</button>
                </form>
            </li>
        }
    };
    let rows: Vec<_> = people.into_iter().map(row).collect();
    view! { <ul class="people-rows">{rows}</ul> }.into_any()
}
