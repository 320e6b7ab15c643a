//! Where a message is written. It never locks: what cannot leave now waits in the list above.

use leptos::either::Either;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::{Form, Textarea};
use leptos::prelude::*;
use wire::chat::{ContentIssue, message_content};

use super::room_state::RoomState;
use crate::page::page;
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon};

/// The counter appears when this many characters are left.
const COUNT_FROM: usize = 200;

#[component]
pub(super) fn Composer(state: RoomState) -> impl IntoView {
    if state.my_id().is_none() {
        return Either::Left(view! { <SignInInstead/> });
    }
    Either::Right(view! { <WriteForm state/> })
}

#[component]
fn WriteForm(state: RoomState) -> impl IntoView {
    let texts = texts();
    let (form, input) = (NodeRef::<Form>::new(), NodeRef::<Textarea>::new());
    let typed = RwSignal::new(0);
    let problem = RwSignal::new(page().form.notice);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            send(state, &input, problem, typed);
        }
    };
    view! {
        <form class="composer" method="post" action="/chat/global" node_ref=form on:submit=submit>
            <input type="hidden" name="client_id" value=form_id()/>
            <textarea class="composer__input" name="content" id="message" rows="1" dir="auto"
                aria-label=texts.room_message_label() placeholder=texts.room_placeholder()
                aria-describedby="composer-hint" enterkeyhint="send" node_ref=input
                on:input=move |_| note_typing(input, typed, problem)
                on:keydown=move |event| send_on_enter(&event, form)
            >{page().value("content")}</textarea>
            <button class="composer__send" aria-label=texts.room_send() title=texts.room_send()>
                <Icon glyph=Glyph::Send/>
            </button>
            <Hint state typed problem/>
        </form>
    }
}

/// The name of the message that the plain form sends: a refused one keeps its own, so that what was
/// stored after all is not stored twice.
fn form_id() -> String {
    let page = page();
    let refused = page.value("client_id");
    if refused.is_empty() { page.form_id } else { refused }
}

/// Says how much room is left, or what is wrong. That things wait is told by the connection bar and
/// by the messages themselves.
#[component]
fn Hint(
    state: RoomState,
    typed: RwSignal<usize>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let texts = texts();
    let limit = state.message_max_length;
    let is_problem = move || problem.get().is_some() || typed.get() > limit;
    let words = move || problem.get().or_else(|| count_words(texts, typed.get(), limit));
    view! {
        <p class="composer__hint" id="composer-hint" role="status" class:composer__hint--problem=is_problem>
            {words}
        </p>
    }
}

fn count_words(texts: Texts, typed: usize, limit: usize) -> Option<String> {
    match limit.checked_sub(typed) {
        None => Some(texts.room_too_long(typed - limit, limit)),
        Some(left) if left <= COUNT_FROM => Some(texts.room_characters_left(left)),
        Some(_) => None,
    }
}

#[component]
fn SignInInstead() -> impl IntoView {
    view! {
        <p class="composer composer--closed">
            <a class="button" rel="external" href="/login?next=/chat/global">{texts().room_sign_in_to_write()}</a>
        </p>
    }
}

fn note_typing(
    input: NodeRef<Textarea>,
    typed: RwSignal<usize>,
    problem: RwSignal<Option<String>>,
) {
    let length = input.get_untracked().map_or(0, |input| input.value().trim().chars().count());
    typed.set(length);
    problem.set(None);
}

/// The same check that the server makes, before anything is sent: what is refused stays in the box.
fn send(
    state: RoomState,
    input: &web_sys::HtmlTextAreaElement,
    problem: RwSignal<Option<String>>,
    typed: RwSignal<usize>,
) {
    let text = input.value();
    match message_content(&text, state.message_max_length) {
        Ok(content) => {
            state.write(content.to_owned());
            state.at_end.set(true);
            input.set_value("");
            typed.set(0);
            problem.set(None);
        }
        Err(ContentIssue::Empty) => input.set_value(""),
        Err(issue) => problem.set(Some(refusal(issue))),
    }
    // A browser that takes the focus away keeps the keyboard closed; nothing is lost by it.
    let _focused = input.focus();
}

fn refusal(issue: ContentIssue) -> String {
    match issue {
        ContentIssue::TooLong { length, limit } => texts().room_too_long(length - limit, limit),
        other => texts().problem(other.code()).to_owned(),
    }
}

/// Enter sends and Shift+Enter breaks the line; an input method's Enter and a phone's never send.
fn send_on_enter(event: &KeyboardEvent, form: NodeRef<Form>) {
    let plain = event.key() == "Enter" && !event.shift_key() && !event.is_composing();
    if !plain || has_touch_keyboard() {
        return;
    }
    event.prevent_default();
    if let Some(form) = form.get_untracked() {
        // Refused only for a form that is not in the page any more.
        let _submitted = form.request_submit();
    }
}

fn has_touch_keyboard() -> bool {
    let query = window().match_media("(pointer: coarse)").ok().flatten();
    query.is_some_and(|query| query.matches())
}
