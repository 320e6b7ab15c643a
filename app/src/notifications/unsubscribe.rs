//! `/unsubscribe/<token>`: the way out of letters, for whoever holds one.

use leptos::prelude::*;

use super::{NotificationContent, shown};
use crate::not_found::NotFoundPage;
use crate::text::texts;
use crate::ui::PageMeta;

#[component]
pub(crate) fn UnsubscribePage() -> impl IntoView {
    let Some(NotificationContent::Unsubscribe { is_done }) = shown() else {
        return view! { <NotFoundPage/> }.into_any();
    };
    let texts = texts();
    view! {
        <PageMeta title=texts.notifications_unsubscribe_title() indexed=false/>
        <div class="page">
            <section class="panel page__panel">
                <h1 class="page__title">{texts.notifications_unsubscribe_title()}</h1>
                {if is_done {
                    view! { <p class="notice" role="status">{texts.notifications_unsubscribed()}</p> }.into_any()
                } else {
                    view! {
                        <p class="page__body">{texts.notifications_unsubscribe_body()}</p>
                        <form method="post" class="actions">
                            <button class="button">{texts.notifications_unsubscribe()}</button>
                        </form>
                    }
                    .into_any()
                }}
            </section>
        </div>
    }
    .into_any()
}
