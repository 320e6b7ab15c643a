//! All that keys do on the pages of conversations. The script opens it.

use leptos::prelude::*;

use crate::text::texts;

/// What is pressed, and what it does.
type Shortcut = (&'static str, &'static str);

/// Stands closed in every page of conversations.
#[component]
pub(super) fn Keys() -> impl IntoView {
    let t = texts();
    let anywhere = vec![
        (t.keys_switch(), t.chat_switch_title()),
        (t.keys_help(), t.keys_help_does()),
        (t.keys_parts(), t.keys_parts_does()),
        (t.keys_along(), t.keys_along_does()),
        (t.keys_unread(), t.keys_unread_does()),
    ];
    let messages = vec![
        (t.keys_walk(), t.keys_walk_does()),
        (t.keys_ends(), t.keys_ends_does()),
        (t.keys_act(), t.keys_act_does()),
    ];
    let writing = vec![
        (t.keys_send(), t.room_send()),
        (t.keys_break(), t.keys_break_does()),
        (t.keys_change(), t.keys_change_does()),
        (t.keys_name(), t.keys_name_does()),
        (t.keys_leave(), t.keys_leave_does()),
    ];
    view! {
        <dialog class="message-menu switcher keys" id="keys" aria-labelledby="keys-title">
            <form class="keys__head" method="dialog">
                <h2 class="keys__title" id="keys-title">{t.keys_title()}</h2>
                <button class="button button--quiet">{t.keys_close()}</button>
            </form>
            <Group title=t.keys_anywhere() shortcuts=anywhere/>
            <Group title=t.keys_messages() shortcuts=messages/>
            <Group title=t.keys_box() shortcuts=writing/>
        </dialog>
    }
    .into_any()
}

#[component]
fn Group(title: &'static str, shortcuts: Vec<Shortcut>) -> impl IntoView {
    let rows = shortcuts.into_iter().map(|(keys, does)| {
        view! { <div class="keys__row"><dt>{pressed(keys)}</dt><dd>{does}</dd></div> }.into_any()
    });
    view! {
        <h3 class="keys__group">{title}</h3>
        <dl>{rows.collect_view()}</dl>
    }
    .into_any()
}

/// Keys that are held together stand together; what stands after a comma does the same, or the opposite.
fn pressed(keys: &'static str) -> AnyView {
    let chords = keys.split(", ").map(|chord| {
        let keys = chord.split(' ').map(|key| view! { <kbd>{key}</kbd> " " });
        view! { <span class="keys__chord">{keys.collect_view()}</span> }
    });
    chords.collect_view().into_any()
}
