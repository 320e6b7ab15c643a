//! Why somebody would want it, and how little it takes.

use leptos::prelude::*;

use crate::text::texts;
use crate::ui::{Glyph, Icon};

#[component]
pub(super) fn Benefits() -> impl IntoView {
    let t = texts();
    let all = [
        (Glyph::SHIELD, t.landing_safe_title(), t.landing_safe_body()),
        (Glyph::BOLT, t.landing_live_title(), t.landing_live_body()),
        (Glyph::FEATHER, t.landing_light_title(), t.landing_light_body()),
        (Glyph::SERVER, t.landing_own_title(), t.landing_own_body()),
        (Glyph::LOCK, t.landing_private_title(), t.landing_private_body()),
        (Glyph::DEVICES, t.landing_devices_title(), t.landing_devices_body()),
    ];
    view! {
        <section class="section" aria-labelledby="benefits">
            <h2 class="section__title" id="benefits">{t.landing_benefits()}</h2>
            <p class="section__body">{t.landing_benefits_body()}</p>
            <ul class="cards cards--three">
                {all.map(|(glyph, title, body)| view! { <Benefit glyph title body/> })}
            </ul>
        </section>
    }
    .into_any()
}

#[component]
fn Benefit(glyph: Glyph, title: &'static str, body: &'static str) -> impl IntoView {
    view! {
        <li class="panel card">
            <span class="card__glyph"><Icon glyph/></span>
            <h3 class="card__title">{title}</h3>
            <p>{body}</p>
        </li>
    }
}

#[component]
pub(super) fn Steps() -> impl IntoView {
    let t = texts();
    let all = [
        (t.landing_step_1_title(), t.landing_step_1_body()),
        (t.landing_step_2_title(), t.landing_step_2_body()),
        (t.landing_step_3_title(), t.landing_step_3_body()),
    ];
    view! {
        <section class="section" aria-labelledby="steps">
            <h2 class="section__title" id="steps">{t.landing_steps()}</h2>
            <ol class="steps">
                {all.map(|(title, body)| view! {
                    <li class="step">
                        <h3 class="card__title">{title}</h3>
                        <p>{body}</p>
                    </li>
                })}
            </ol>
        </section>
    }
    .into_any()
}
