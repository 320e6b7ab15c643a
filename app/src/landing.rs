//! `/` for a stranger: what this is, what it looks like, and the two ways in.

mod benefits;
mod picture;

use leptos::prelude::*;

use self::benefits::{Benefits, Steps};
use self::picture::Picture;
use crate::text::texts;
use crate::ui::{Glyph, Icon, PageMeta};

#[component]
pub(crate) fn LandingPage() -> impl IntoView {
    let texts = texts();
    view! {
        <PageMeta title=texts.landing_title() description=texts.landing_body()/>
        <div class="landing">
            <section class="hero">
                <Words/>
                <Picture/>
            </section>
            <Benefits/>
            <Steps/>
            <Close/>
            <Footer/>
        </div>
    }
    .into_any()
}

#[component]
fn Words() -> impl IntoView {
    let texts = texts();
    view! {
        <div class="hero__words">
            <p class="hero__eyebrow">{texts.landing_eyebrow()}</p>
            <h1 class="hero__title">
                {texts.landing_headline_start()} " "
                <em>{texts.landing_headline_end()}</em>
            </h1>
            <p class="hero__body">{texts.landing_body()}</p>
            <p class="actions">
                <a class="button button--large" href="/signup">{texts.landing_join()}</a>
                <a class="button button--large button--quiet" href="/chat/global">{texts.landing_look()}</a>
            </p>
            <p class="hero__note">{texts.landing_look_note()}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Close() -> impl IntoView {
    let texts = texts();
    view! {
        <section class="panel closing">
            <h2>{texts.landing_close()}</h2>
            <p>{texts.landing_close_body()}</p>
            <p class="actions">
                <a class="button button--large button--onaccent" href="/signup">
                    {texts.landing_join()} <Icon glyph=Glyph::ARROW/>
                </a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Footer() -> impl IntoView {
    let texts = texts();
    view! {
        <footer class="footer">
            <p>{texts.landing_footer()}</p>
            <nav class="footer__links" aria-label=texts.landing_footer_label()>
                <a href="/chat/global">{texts.room_title()}</a>
                <a href="/login">{texts.nav_sign_in()}</a>
                <a href="/signup">{texts.nav_join()}</a>
            </nav>
        </footer>
    }
}
