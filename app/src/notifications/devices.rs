//! The browsers that one is pushed to. `alerts.js` knows what this one can do, and asks it only after a click.

use leptos::prelude::*;
use wire::notifications::PushDevice;

use crate::accounts::device;
use crate::text::{Texts, texts};
use crate::ui::{Glyph, Icon, LocalTime};

#[component]
pub(crate) fn Devices(
    devices: Vec<PushDevice>,
    push_key: Option<String>,
    is_tried: bool,
) -> impl IntoView {
    let texts = texts();
    let has_this = devices.iter().any(|device| device.is_current);
    let is_empty = devices.is_empty();
    let rows: Vec<_> = devices.into_iter().map(|device| row(texts, device)).collect();
    view! {
        <section class="push" id="devices" data-part="" aria-labelledby="devices-title"
            data-push-key=push_key.clone() data-push-on=has_this.then_some("")>
            <h2 class="push__title" id="devices-title">{texts.notifications_devices()}</h2>
            <p class="page__body">{texts.notifications_devices_body()}</p>
            {is_tried.then(|| view! { <p class="notice" role="status">{texts.notifications_tried()}</p> })}
            {match push_key {
                Some(_) => view! { <Asking/> }.into_any(),
                None => view! { <p class="row__detail">{texts.notifications_devices_off()}</p> }.into_any(),
            }}
            {is_empty.then(|| view! { <p class="row__detail">{texts.notifications_devices_none()}</p> })}
            {(!is_empty).then(|| view! { <ul class="rows">{rows}</ul> })}
        </section>
    }
    .into_any()
}

/// One of these is shown.
#[component]
fn Asking() -> impl IntoView {
    let texts = texts();
    view! {
        <p class="row__detail" data-push="script">{texts.notifications_devices_script()}</p>
        <p class="notice" data-push="unable" hidden>{texts.notifications_devices_unable()}</p>
        <p class="notice" data-push="denied" role="status" hidden>{texts.notifications_devices_denied()}</p>
        <p class="notice" data-push="failed" role="alert" hidden>{texts.notifications_devices_failed()}</p>
        <p class="actions" data-push="ask" hidden>
            <button class="button" type="button">{texts.notifications_devices_ask()}</button>
        </p>
    }
    .into_any()
}

fn row(texts: Texts, device: PushDevice) -> AnyView {
    let name = device::label(texts, &device.user_agent);
    let handheld = device::is_handheld(&device.user_agent);
    let glyph = if handheld { Glyph::PHONE } else { Glyph::SCREEN };
    let id = device.id.to_string();
    view! {
        <li class="row">
            <span class="row__glyph"><Icon glyph/></span>
            <div class="row__text">
                <p class="row__title">
                    {name.clone()} " "
                    {device.is_current.then(|| view! { <span class="tag">{texts.sessions_this_device()}</span> })}
                </p>
                <p class="row__detail">{texts.notifications_device_since()} " " <LocalTime at=device.created_at/></p>
                {device.pushed_at.map(|at| view! {
                    <p class="row__detail">{texts.notifications_device_last()} " " <LocalTime at/></p>
                })}
            </div>
            <form class="actions" method="post" action="/settings/notifications/devices" data-quiet="">
                <input type="hidden" name="device" value=id/>
                <button class="button button--quiet" name="do" value="try"
                    aria-label=texts.notifications_device_try_label(&name)>{texts.notifications_device_try()}</button>
                <button class="button button--quiet" name="do" value="remove"
                    aria-label=texts.notifications_device_remove_label(&name)>{texts.notifications_device_remove()}</button>
            </form>
        </li>
    }
    .into_any()
}
