//! The card of a name, which `hover-card.js` shows beside a link to a profile.

use leptos::prelude::*;
use wire::profiles::{Mutuals, Profile};

use super::follow_button::FollowButton;
use super::head::{Figures, Links, mutual_words, signs};
use super::profile_path;
use crate::text::texts;
use crate::ui::Avatar;

/// Who somebody is, in short. Its follow button answers with the card anew.
#[component]
pub fn HoverCard(profile: Profile, mutuals: Mutuals) -> impl IntoView {
    let texts = texts();
    let name = profile.display_name();
    let Profile { user, bio, standing, .. } = profile.clone();
    let username = user.username;
    let proved = of_proved_links(&profile);
    let next = format!("{}/card", profile_path(&username));
    view! {
        <div class="hover-card panel" id=format!("card-{}", user.id) data-part="" role="group"
            aria-label=texts.profiles_card_of(&name)>
            <div class="hover-card__head">
                <Avatar name=username.clone() image=user.profile_image/>
                <FollowButton username=username.clone() standing next/>
            </div>
            <p class="hover-card__name" dir="auto">{name.clone()}</p>
            <p class="hover-card__username">
                <span dir="auto">"@" {username}</span>
                {signs(&profile)}
            </p>
            {(!bio.is_empty()).then(|| view! { <p class="hover-card__bio" dir="auto">{bio}</p> })}
            <Links profile=proved/>
            <Figures profile/>
            {mutual_words(texts, &mutuals).map(|words| view! { <p class="profile__mutuals">{words}</p> })}
        </div>
    }
    .into_any()
}

/// The links that lead back, which is what vouches for somebody; a card has room for few.
fn of_proved_links(profile: &Profile) -> Profile {
    const MOST: usize = 2;
    let proved = profile.links.iter().filter(|link| link.proved_at.is_some());
    Profile { links: proved.take(MOST).cloned().collect(), ..profile.clone() }
}
