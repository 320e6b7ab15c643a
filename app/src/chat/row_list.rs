//! The rows in the page: the server's as they are, in the browser those that are new or look different.

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::Element;

use super::message_menu::{open_menu, toggle_reaction};
use super::room_state::RoomState;
use super::rows::{MessageRow, Row, RowKey};
use super::write_rows::{Looks, quote_address, time_in_words, write_rows};
use crate::ui::whenever;

/// What of a row answers to a click.
const ANSWERS: &str = ".message__more, .reaction, .quote, [data-remedy]";

#[component]
pub(super) fn RowList(state: RoomState, rows: Memo<Vec<Row>>) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    // Whoever hydrates has them in the page.
    let written = match cfg!(feature = "hydrate") {
        true => String::new(),
        false => rows.with(|rows| write_rows(rows, &state.looks())),
    };
    keep_current(state, rows, place);
    view! {
        <div class="timeline__list" node_ref=place inner_html=written
            on:click=move |event| click(state, rows, &event)></div>
    }
}

/// A row that stands in the page.
struct Standing {
    key: RowKey,
    element: Element,
}

/// What stands in the page.
struct List {
    rows: Vec<Standing>,
    /// Whether days and times are the reader's.
    is_local: bool,
}

/// Runs whenever rows change; in the browser only, like every effect.
fn keep_current(state: RoomState, rows: Memo<Vec<Row>>, place: NodeRef<Div>) {
    // As the server read them: whatever else becomes of them is still to come.
    let found: Vec<RowKey> = match cfg!(feature = "hydrate") {
        true => rows.with_untracked(|rows| rows.iter().map(Row::key).collect()),
        false => Vec::new(),
    };
    let mut standing: Option<List> = None;
    whenever(move || {
        let Some(place) = place.get() else { return };
        let before = standing.take().unwrap_or_else(|| take_over(&place, &found));
        let looks = state.looks();
        standing = Some(rows.with(|rows| bring_up_to_date(&place, before, rows, &looks)));
    });
}

/// The rows that the server wrote.
fn take_over(place: &Element, keys: &[RowKey]) -> List {
    let mut rows = Vec::new();
    let mut next = place.first_element_child();
    for key in keys {
        let Some(element) = next else { break };
        next = element.next_element_sibling();
        rows.push(Standing { key: key.clone(), element });
    }
    List { rows, is_local: false }
}

fn bring_up_to_date(place: &Element, before: List, rows: &[Row], looks: &Looks) -> List {
    let is_local = looks.today.is_some();
    let turned = is_local != before.is_local;
    let old: Vec<&RowKey> = before.rows.iter().map(|standing| &standing.key).collect();
    let new: Vec<RowKey> = rows.iter().map(Row::key).collect();
    let steps = steps(&old, &new);
    let mut old = before.rows.into_iter().peekable();
    let mut now: Vec<Standing> = Vec::with_capacity(rows.len());
    for step in steps {
        match step {
            Step::Keep => now.extend(old.next()),
            Step::Drop => old.next().iter().for_each(|standing| standing.element.remove()),
            Step::Make => {
                let (Some(row), Some(key)) = (rows.get(now.len()), new.get(now.len())) else {
                    break;
                };
                let before = old.peek().map(|standing| &standing.element);
                let Some(element) = make(place, row, looks, before) else { break };
                now.push(Standing { key: key.clone(), element });
            }
        }
    }
    for (standing, row) in now.iter().zip(rows) {
        // Midnight passes while a page is open.
        if turned || matches!(row, Row::Day(_)) {
            say_time(&standing.element, row, looks);
        }
    }
    List { rows: now, is_local }
}

/// A new element, before another or at the end.
fn make(place: &Element, row: &Row, looks: &Looks, before: Option<&Element>) -> Option<Element> {
    let holder = document().create_element("div").ok()?;
    holder.set_inner_html(&write_rows(std::slice::from_ref(row), looks));
    let element = holder.first_element_child()?;
    place.insert_before(&element, before.map(|element| &**element)).ok()?;
    Some(element)
}

fn say_time(element: &Element, row: &Row, looks: &Looks) {
    if let Ok(Some(time)) = element.query_selector("time") {
        time.set_text_content(time_in_words(row, looks).as_deref());
    }
}

/// What becomes of the next row that stands, or where there is none yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Keep,
    Drop,
    Make,
}

/// The way from one list to another: rows in both stay the same elements, as long as their order is the same.
fn steps(old: &[&RowKey], new: &[RowKey]) -> Vec<Step> {
    let (mut steps, mut rest) = (Vec::new(), old);
    for key in new {
        let Some(skipped) = rest.iter().position(|standing| *standing == key) else {
            steps.push(Step::Make);
            continue;
        };
        steps.extend(std::iter::repeat_n(Step::Drop, skipped));
        steps.push(Step::Keep);
        rest = &rest[skipped + 1..];
    }
    steps.extend(std::iter::repeat_n(Step::Drop, rest.len()));
    steps
}

fn click(state: RoomState, rows: Memo<Vec<Row>>, event: &MouseEvent) {
    let target: Element = event_target(event);
    let Ok(Some(hit)) = target.closest(ANSWERS) else { return };
    let Some(row) = row_of(&hit, rows) else { return };
    match hit.class_name().as_str() {
        "message__more" => {
            event.prevent_default();
            open_menu(state, row);
        }
        "reaction" => {
            toggle_reaction(state, &row, &hit.get_attribute("data-emoji").unwrap_or_default());
        }
        "quote" => aim(&hit, &row, &state.looks()),
        _ => remedy(state, &hit, &row),
    }
}

/// The message that an element belongs to.
fn row_of(hit: &Element, rows: Memo<Vec<Row>>) -> Option<MessageRow> {
    let mark = hit.closest(".message").ok()??.id();
    rows.with_untracked(|rows| {
        rows.iter().find_map(|row| match row {
            Row::Message(row) if row.mark() == mark => Some((**row).clone()),
            _ => None,
        })
    })
}

/// Rows come and go, so where an answer leads is settled when somebody goes there.
fn aim(link: &Element, row: &MessageRow, looks: &Looks) {
    let Some(quote) = &row.quote else { return };
    let is_here = document().get_element_by_id(&format!("m{}", quote.seq)).is_some();
    let _aimed = link.set_attribute("href", &quote_address(quote.seq, is_here, looks));
}

/// What its author decides about a message that was refused.
fn remedy(state: RoomState, button: &Element, row: &MessageRow) {
    let Ok(client_id) = row.client_id.parse() else { return };
    match button.get_attribute("data-remedy").as_deref() {
        Some("retry") => state.retry(&client_id),
        _ => state.discard(&client_id),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::time::Day;

    use super::*;

    fn key(day: u8) -> RowKey {
        RowKey::Day(Day { year: 2026, month: 1, day })
    }

    /// What stands after the steps, and how many of them were made.
    fn walked(old: &[RowKey], new: &[RowKey]) -> (Vec<RowKey>, usize) {
        let standing: Vec<&RowKey> = old.iter().collect();
        let (mut rest, mut now, mut made) = (old.iter(), Vec::new(), 0);
        for step in steps(&standing, new) {
            match step {
                Step::Keep => now.extend(rest.next().cloned()),
                Step::Drop => assert!(rest.next().is_some(), "nothing is left to drop"),
                Step::Make => {
                    now.push(new[now.len()].clone());
                    made += 1;
                }
            }
        }
        assert!(rest.next().is_none(), "every row is decided about");
        (now, made)
    }

    proptest! {
        #[test]
        fn every_list_becomes_every_other(old in prop::collection::vec(1..30_u8, 0..20), new in prop::collection::vec(1..30_u8, 0..20)) {
            let (old, new): (Vec<_>, Vec<_>) = (old.into_iter().map(key).collect(), new.into_iter().map(key).collect());
            prop_assert_eq!(walked(&old, &new).0, new);
        }

        #[test]
        fn what_stays_is_not_made_anew(first in 1..30_u8, dropped in 0..10_usize, older in 0..10_u8, newer in 0..10_u8) {
            let old: Vec<_> = (first..first + 20).map(key).collect();
            let kept = old.iter().skip(dropped).cloned();
            let new: Vec<_> = (100..100 + older).map(key).chain(kept).chain((200..200 + newer).map(key)).collect();
            prop_assert_eq!(walked(&old, &new), (new.clone(), usize::from(older + newer)));
        }
    }
}
