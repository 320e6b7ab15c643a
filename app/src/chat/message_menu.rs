//! What can be done with a message: one dialog for all of them, opened beside the message.

use leptos::ev::{Event, MouseEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wire::Problem;
use wire::chat::Author;
use wire::conversations::{Quote, quoted};

use super::ask::send_form;
use super::room_state::{Editing, RoomState, unless_gone};
use super::rows::MessageRow;
use super::write_rows::message_address;
use crate::text::texts;
use crate::ui::{fixed, whenever};

/// The reactions that are one step away.
pub const QUICK_REACTIONS: [&str; 6] = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/// Opens the menu of a message.
pub(super) fn open_menu(state: RoomState, row: MessageRow) {
    state.chosen.set(Some(row));
}

/// Adds one's reaction, or takes it back.
pub(super) fn toggle_reaction(state: RoomState, row: &MessageRow, emoji: &str) {
    let known = row.reactions.iter().find(|reaction| reaction.emoji == emoji);
    let on = if known.is_some_and(|reaction| reaction.mine) { "0" } else { "1" };
    let (path, emoji) =
        (format!("{}/react", message_address(&state.path(), row)), emoji.to_owned());
    spawn_local(async move {
        let sent = send_form(&path, &[("emoji", &emoji), ("on", on)]).await;
        tell(state, sent.err());
    });
}

/// A refusal in the place where the composer says what is wrong.
fn tell(state: RoomState, refused: Option<Problem>) {
    if let Some(problem) = refused {
        unless_gone(state.problem, Some(texts().problem(problem.code).to_owned()));
    }
}

#[component]
pub(super) fn MessageMenu(state: RoomState) -> impl IntoView {
    let texts = texts();
    let dialog = NodeRef::<Dialog>::new();
    let confirming = RwSignal::new(false);
    open_and_close(state, dialog, confirming);
    let own = move || state.chosen.with(|row| row.as_ref().is_some_and(|row| row.own));
    view! {
        <dialog class="message-menu message-menu--of-one" aria-label=texts.chat_message_menu_title() node_ref=dialog
            data-own=move || own().then_some("") data-confirm=move || confirming.get().then_some("")
            on:click=move |event| click(state, &event, confirming) on:close=move |_: Event| state.chosen.set(None)
            inner_html=fixed(|| view! { <Choices/> })></dialog>
    }
}

/// The same for every message; which of them apply is the dialog's to say.
#[component]
fn Choices() -> impl IntoView {
    let texts = texts();
    let emoji = QUICK_REACTIONS.map(|emoji| {
        view! { <button type="button" class="menu-emoji" data-act=emoji aria-label=texts.chat_react_with(emoji)>{emoji}</button> }
    });
    view! {
        <div class="message-menu__box">
            <div class="message-menu__emoji">{emoji}</div>
            <button type="button" data-act="reply">{texts.chat_reply()}</button>
            <button type="button" data-act="copy">{texts.chat_copy()}</button>
            <button type="button" class="for-own" data-act="edit">{texts.chat_edit()}</button>
            <button type="button" class="for-own danger" data-act="ask">{texts.chat_unsend()}</button>
            <a class="for-others" rel="external" href="#">{texts.chat_report()}</a>
            <div class="message-menu__confirm">
                <p>{texts.chat_unsend_sure()}</p>
                <button type="button" class="danger" data-act="unsend">{texts.chat_unsend()}</button>
                <button type="button" data-act="cancel">{texts.chat_cancel()}</button>
            </div>
        </div>
    }
}

/// The dialog is open while a message is chosen.
fn open_and_close(state: RoomState, dialog: NodeRef<Dialog>, confirming: RwSignal<bool>) {
    whenever(move || {
        let is_open = state.chosen.with(Option::is_some);
        let Some(dialog) = dialog.get_untracked() else { return };
        if is_open && !dialog.open() {
            confirming.set(false);
            lead_to_report(state, &dialog);
            // Refused only for one that is open already.
            let _open = dialog.show_modal();
        } else if !is_open {
            dialog.close();
        }
    });
}

/// Reporting is a page of the message's own.
fn lead_to_report(state: RoomState, dialog: &web_sys::HtmlDialogElement) {
    let address = state.chosen.with_untracked(|row| {
        row.as_ref().map(|row| message_address(&state.path(), row)).unwrap_or_default()
    });
    if let Ok(Some(link)) = dialog.query_selector(".for-others") {
        let _aimed = link.set_attribute("href", &address);
    }
}

fn click(state: RoomState, event: &MouseEvent, confirming: RwSignal<bool>) {
    let target: web_sys::Element = event_target(event);
    match target.closest("[data-act]") {
        Ok(Some(button)) => {
            act(state, &button.get_attribute("data-act").unwrap_or_default(), confirming)
        }
        // The dialog itself is hit only outside of its content.
        _ if target.tag_name() == "DIALOG" => state.chosen.set(None),
        _ => {}
    }
}

/// What a button of the menu says is done, and the menu closes.
fn act(state: RoomState, word: &str, confirming: RwSignal<bool>) {
    if word == "ask" {
        return confirming.set(true);
    }
    let Some(row) = state.chosen.get_untracked() else { return };
    state.chosen.set(None);
    match word {
        "cancel" => {}
        "reply" => {
            state.editing.set(None);
            state.replying.set(quote_of(&row));
        }
        "edit" => {
            state.replying.set(None);
            state.editing.set(row.id.map(|id| Editing { id, content: row.content }));
        }
        "copy" => {
            // A browser that refuses says so itself.
            let _copied = window().navigator().clipboard().write_text(&row.content);
        }
        "unsend" => {
            let path = format!("{}/unsend", message_address(&state.path(), &row));
            spawn_local(async move { tell(state, send_form(&path, &[]).await.err()) });
        }
        emoji => toggle_reaction(state, &row, emoji),
    }
}

fn quote_of(row: &MessageRow) -> Option<Quote> {
    Some(Quote {
        id: row.id?,
        seq: row.seq?,
        sender: Author::new(row.author_id?, row.author.clone()),
        content: quoted(&row.content),
        is_unsent: false,
    })
}
