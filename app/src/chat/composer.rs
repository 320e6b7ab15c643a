//! Where a message is written. It never locks: what cannot leave now waits in the list above.

use leptos::either::EitherOf3;
use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::html::{Form, Textarea};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wire::chat::{ContentIssue, message_content};

use super::ask::send_form;
use super::draft_keeper::DraftKeeper;
use super::room_state::{Editing, RoomState, unless_gone};
use super::typists::OwnTyping;
use crate::page::page;
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon, fixed, in_textarea, whenever};

/// The counter appears when this many characters are left.
const COUNT_FROM: usize = 200;

#[component]
pub(super) fn Composer(state: RoomState) -> impl IntoView {
    if state.my_id().is_none() {
        return EitherOf3::A(view! { <SignInInstead/> });
    }
    if !state.is_open {
        // The server says in its place what is to be done first.
        return EitherOf3::B(());
    }
    EitherOf3::C(view! { <WriteForm state/> })
}

/// What the box is made of, for everything that happens to it.
#[derive(Clone, Copy)]
struct Writing {
    state: RoomState,
    input: NodeRef<Textarea>,
    typed: RwSignal<usize>,
    typing: OwnTyping,
    draft: DraftKeeper,
    /// Whether a change is on its way.
    saving: StoredValue<bool>,
}

#[component]
fn WriteForm(state: RoomState) -> impl IntoView {
    let texts = texts();
    let (form, input) = (NodeRef::<Form>::new(), NodeRef::<Textarea>::new());
    let typed = RwSignal::new(0);
    let (typing, draft) = (OwnTyping::new(state), DraftKeeper::new(state));
    let saving = StoredValue::new(false);
    let writing = Writing { state, input, typed, typing, draft, saving };
    draft.keep_at_the_end();
    fill_with_what_is_edited(writing);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            send(writing, &input);
        }
    };
    let placeholder = match state.is_global() {
        true => texts.room_placeholder().to_owned(),
        false => texts.chat_placeholder(state.name()),
    };
    let page = page();
    // What a refused form or the address says comes before what was left here.
    let text = page.value("content");
    let text = if text.is_empty() { state.draft.get_value() } else { text };
    let reply_id =
        move || state.replying.with(|quote| quote.as_ref().map(|quote| quote.id.to_string()));
    view! {
        <form class="composer" method="post" action=state.path() node_ref=form on:submit=submit>
            <input type="hidden" name="client_id" value=form_id()/>
            <input type="hidden" name="reply_to" value=reply_id/>
            <About state/>
            <textarea class="composer__input" name="content" id="message" rows="1" dir="auto"
                aria-label=texts.room_message_label() placeholder=placeholder
                aria-describedby="composer-hint" enterkeyhint="send" node_ref=input
                on:input=move |_| note_typing(writing)
                on:keydown=move |event| keys(&event, form, writing)
            >{in_textarea(text)}</textarea>
            <button class="composer__send" aria-label=texts.room_send() title=texts.room_send()
                inner_html=fixed(|| view! { <Icon glyph=Glyph::SEND/> })></button>
            <Hint state typed/>
        </form>
    }
}

/// What the text in the box is about: a message that it answers, or one that it replaces.
#[component]
fn About(state: RoomState) -> impl IntoView {
    let texts = texts();
    let is_editing = move || state.editing.with(Option::is_some);
    let words = move || match state.replying.get() {
        _ if is_editing() => Some(texts.chat_editing().to_owned()),
        Some(quote) => {
            Some(format!("{} {}", texts.chat_replying_to(&quote.sender.username), quote.content))
        }
        None => None,
    };
    let cancel = move |event: MouseEvent| {
        event.prevent_default();
        state.replying.set(None);
        state.editing.set(None);
    };
    view! {
        <p class="composer__about" hidden=move || words().is_none()>
            <span dir="auto">{words}</span>
            <a href=state.path() rel="external" on:click=cancel>{texts.chat_cancel()}</a>
        </p>
    }
}

/// The text of a message that is to be changed stands in the box; afterwards what stood there before.
fn fill_with_what_is_edited(writing: Writing) {
    let Writing { state, input, typed, .. } = writing;
    let mut is_first = true;
    // What stood in the box before a change began.
    let mut aside: Option<String> = None;
    whenever(move || {
        let editing = state.editing.get();
        state.replying.track();
        let Some(input) = input.get_untracked() else { return };
        let text = match editing {
            Some(editing) => {
                aside.get_or_insert_with(|| input.value());
                Some(editing.content)
            }
            None => aside.take(),
        };
        if let Some(text) = text {
            typed.set(text.chars().count());
            input.set_value(&text);
        }
        if !std::mem::take(&mut is_first) {
            let _focused = input.focus();
        }
    });
}

/// The name of the message that the plain form sends: a refused one keeps its own, so that what was
/// stored after all is not stored twice.
fn form_id() -> String {
    let page = page();
    let refused = page.value("client_id");
    if refused.is_empty() { page.form_id.clone() } else { refused }
}

/// Says how much room is left, or what is wrong. That things wait is told by the connection bar and
/// by the messages themselves.
#[component]
fn Hint(state: RoomState, typed: RwSignal<usize>) -> impl IntoView {
    let texts = texts();
    let (limit, problem) = (state.message_max_length, state.problem);
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

fn note_typing(writing: Writing) {
    let Some(input) = writing.input.get_untracked() else { return };
    let text = input.value();
    writing.typed.set(text.trim().chars().count());
    writing.state.problem.set(None);
    if writing.state.editing.with_untracked(Option::is_none) {
        writing.typing.note(text.trim().is_empty());
        writing.draft.note(text);
    }
}

/// The same check that the server makes, before anything is sent: what is refused stays in the box.
fn send(writing: Writing, input: &web_sys::HtmlTextAreaElement) {
    let state = writing.state;
    let text = input.value();
    match message_content(&text, state.message_max_length) {
        Ok(content) => {
            hand_over(writing, content.to_owned());
            state.at_end.set(true);
            writing.typed.set(0);
            state.problem.set(None);
        }
        Err(ContentIssue::Empty) => input.set_value(""),
        Err(issue) => state.problem.set(Some(refusal(issue))),
    }
    // A browser that takes the focus away keeps the keyboard closed; nothing is lost by it.
    let _focused = input.focus();
}

/// A new message joins the others at once; a changed one is here when the server says so.
fn hand_over(writing: Writing, content: String) {
    let state = writing.state;
    if let Some(editing) = state.editing.get_untracked() {
        return save(writing, editing, content);
    }
    writing.typing.stop();
    writing.draft.forget();
    if let Some(input) = writing.input.get_untracked() {
        input.set_value("");
    }
    state.write(content);
}

fn save(writing: Writing, editing: Editing, content: String) {
    let Writing { state, saving, .. } = writing;
    if editing.content == content {
        return state.editing.set(None);
    }
    // A second Enter says nothing new while the first is under way.
    if saving.try_update_value(|saving| std::mem::replace(saving, true)) == Some(true) {
        return;
    }
    let path = format!("{}/messages/{}/edit", state.path(), editing.id);
    spawn_local(async move {
        let saved = send_form(&path, &[("content", &content)]).await;
        let _gone = saving.try_set_value(false);
        // Another change may have begun meanwhile.
        let is_same =
            state.editing.try_get_untracked().flatten().is_some_and(|now| now.id == editing.id);
        match saved {
            Ok(()) if is_same => unless_gone(state.editing, None),
            Ok(()) => {}
            Err(problem) => {
                unless_gone(state.problem, Some(texts().problem(problem.code).to_owned()));
            }
        }
    });
}

fn refusal(issue: ContentIssue) -> String {
    match issue {
        ContentIssue::TooLong { length, limit } => texts().room_too_long(length - limit, limit),
        other => texts().problem(other.code()).to_owned(),
    }
}

/// Enter sends and Shift+Enter breaks the line; an input method's Enter and a phone's never send.
/// Escape gives up an answer or a change; Arrow up in an empty box changes one's last message.
fn keys(event: &KeyboardEvent, form: NodeRef<Form>, writing: Writing) {
    let state = writing.state;
    match event.key().as_str() {
        "Escape" => {
            state.replying.set(None);
            state.editing.set(None);
        }
        "ArrowUp" if event_target_value(event).is_empty() => {
            event.prevent_default();
            edit_last(state);
        }
        "Enter" if !event.shift_key() && !event.is_composing() && !has_touch_keyboard() => {
            event.prevent_default();
            if let Some(form) = form.get_untracked() {
                // Refused only for a form that is not in the page any more.
                let _submitted = form.request_submit();
            }
        }
        _ => {}
    }
}

fn edit_last(state: RoomState) {
    let me = state.my_id();
    let last = state.timeline.with_untracked(|timeline| {
        let mut own = timeline.stored().rev().filter(|message| Some(message.sender.id) == me);
        own.find(|message| !message.is_unsent)
            .map(|m| Editing { id: m.id, content: m.content.clone() })
    });
    if last.is_some() {
        state.replying.set(None);
        state.editing.set(last);
    }
}

fn has_touch_keyboard() -> bool {
    let query = window().match_media("(pointer: coarse)").ok().flatten();
    query.is_some_and(|query| query.matches())
}
