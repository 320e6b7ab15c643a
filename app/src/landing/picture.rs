//! The room as it looks, drawn with the room's own style. One picture to a screen reader.

use leptos::prelude::*;

use crate::text::texts;
use crate::ui::{Glyph, Icon, hue, initial};

#[component]
pub(super) fn Picture() -> impl IntoView {
    let texts = texts();
    view! {
        <div class="picture" role="img" aria-label=texts.landing_picture()>
            <div class="picture__orb"></div>
            <div class="panel picture__window" aria-hidden="true">
                <div class="picture__header">
                    <span class="picture__room">{texts.landing_picture_room()}</span>
                    <span class="picture__people">
                        <span class="presence-dot"></span> {texts.landing_picture_people()}
                    </span>
                </div>
                <Conversation/>
                <div class="picture__composer">
                    <span>{texts.landing_picture_composer()}</span>
                    <span class="picture__send"><Icon glyph=Glyph::SEND/></span>
                </div>
            </div>
            <p class="picture__toast" aria-hidden="true">
                <span class="presence-dot"></span> {texts.room_state_caught_up(3)}
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn Conversation() -> impl IntoView {
    let texts = texts();
    view! {
        <div class="picture__messages">
            <Line name="Imani" time="19:41" text=texts.landing_picture_first()/>
            <Line name="Noor" time="19:42" text=texts.landing_picture_second()/>
            <Line name="Zola" time="19:44" text=texts.landing_picture_third()/>
            <div class="message message--first message--own">
                <div class="message__bubble">{texts.landing_picture_fourth()}</div>
                <span class="picture__delivered">
                    <Icon glyph=Glyph::CHECK/> {texts.landing_picture_delivered()}
                </span>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Line(name: &'static str, time: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <div class="message message--first">
            <span class="message__avatar" data-hue=hue(name)>{initial(name)}</span>
            <div class="message__meta"><span class="message__author">{name}</span> <span>{time}</span></div>
            <div class="message__bubble">{text}</div>
        </div>
    }
}
