//! Avatar and banner.

use leptos::prelude::*;
use wire::accounts::OwnAccount;
use wire::media::{PictureKind, picture_address};

use crate::media::{PictureForm, PictureWords};
use crate::text::texts;
use crate::ui::Avatar;

#[component]
pub(super) fn PictureForms(own: OwnAccount) -> impl IntoView {
    let texts = texts();
    let avatar = own.avatar.map(|avatar| picture_address(avatar, 256));
    let banner = own.banner.map(|banner| picture_address(banner, 640));
    let has_banner = banner.is_some();
    let of_avatar = PictureWords {
        label: texts.profiles_avatar(),
        hint: texts.profiles_avatar_hint(),
        remove: texts.profiles_picture_remove_avatar(),
    };
    let of_banner = PictureWords {
        label: texts.profiles_banner(),
        hint: texts.profiles_banner_hint(),
        remove: texts.profiles_picture_remove_banner(),
    };
    view! {
        <div class="own-picture">
            <span class="own-picture__shown profile__avatar">
                <Avatar name=own.username image=avatar.clone()/>
            </span>
            <PictureForm kind=PictureKind::Avatar action="/settings/profile/avatar" words=of_avatar is_there=avatar.is_some()/>
        </div>
        <div class="own-picture">
            <span class="own-picture__shown own-picture__banner">
                {banner.map(|banner| view! { <img src=banner alt="" width="640" height="213"/> })}
            </span>
            <PictureForm kind=PictureKind::Banner action="/settings/profile/banner" words=of_banner is_there=has_banner/>
        </div>
    }
    .into_any()
}
