//! Following somebody, and no longer: a form of one button.

use leptos::prelude::*;
use wire::profiles::Standing;

use super::profile_path;
use crate::page::page;
use crate::text::texts;

/// Nothing beside oneself; the way to sign in for who is signed out.
#[component]
pub(super) fn FollowButton(
    username: String,
    standing: Standing,
    /// The page to come back to.
    next: String,
) -> impl IntoView {
    let texts = texts();
    if standing.is_self {
        return ().into_any();
    }
    let path = profile_path(&username);
    if page().viewer.is_none() {
        let door = format!("/login?next={path}");
        let label = texts.profiles_follow_of(&username);
        return view! { <a class="button" href=door rel="external" aria-label=label>{texts.profiles_follow()}</a> }
            .into_any();
    }
    let (verb, class, words, label) = match standing.is_following {
        true => (
            "unfollow",
            "button button--quiet",
            texts.profiles_following(),
            texts.profiles_unfollow_of(&username),
        ),
        false => ("follow", "button", texts.profiles_follow(), texts.profiles_follow_of(&username)),
    };
    view! {
        <form method="post" action=format!("{path}/{verb}") data-quiet="">
            <input type="hidden" name="next" value=next/>
            <button class=class aria-label=label>{words}</button>
        </form>
    }
    .into_any()
}
