//! What a member finds at home before there is anything to read.

use leptos::prelude::*;

use crate::page::page;
use crate::text::texts;
use crate::ui::{Glyph, Icon};

/// What stands where nobody has written anything yet.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let texts = texts();
    let username = page().viewer.as_ref().map(|viewer| viewer.username.clone()).unwrap_or_default();
    view! {
        <header class="page__header">
            <h2 class="page__title" dir="auto">{texts.home_welcome(username)}</h2>
            <p class="page__body">{texts.posts_feed_empty_body()}</p>
        </header>
        <RoomCard/>
        <h2 class="page__subtitle">{texts.home_next()}</h2>
        <div class="cards">
            <DevicesCard/>
            <LookCard/>
        </div>
    }
    .into_any()
}

#[component]
fn RoomCard() -> impl IntoView {
    let texts = texts();
    view! {
        <section class="panel room-card">
            <div>
                <h3 class="room-card__title">{texts.home_room_title()}</h3>
                <p>{texts.home_room_body()}</p>
            </div>
            <a class="button button--onaccent" href="/chat/global">
                {texts.home_room_open()} <Icon glyph=Glyph::ARROW/>
            </a>
        </section>
    }
    .into_any()
}

#[component]
fn DevicesCard() -> impl IntoView {
    let texts = texts();
    view! {
        <section class="panel card">
            <span class="card__glyph"><Icon glyph=Glyph::DEVICES/></span>
            <h3 class="card__title">{texts.home_devices_title()}</h3>
            <p>{texts.home_devices_body()}</p>
            <a class="card__link" href="/settings/sessions">{texts.home_devices_open()}</a>
        </section>
    }
    .into_any()
}

#[component]
fn LookCard() -> impl IntoView {
    let texts = texts();
    view! {
        <section class="panel card">
            <span class="card__glyph"><Icon glyph=Glyph::SUN/></span>
            <h3 class="card__title">{texts.home_look_title()}</h3>
            <p>{texts.home_look_body()}</p>
            <a class="card__link" href="/settings/appearance" rel="external">{texts.home_look_open()}</a>
        </section>
    }
    .into_any()
}
