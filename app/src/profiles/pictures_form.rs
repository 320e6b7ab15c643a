//! Avatar and banner.

use leptos::prelude::*;
use wire::accounts::OwnAccount;
use wire::media::{PICTURE_TYPES, PictureKind, picture_address};

use crate::page::page;
use crate::text::texts;
use crate::ui::Avatar;

#[component]
pub(super) fn PictureForms(own: OwnAccount) -> impl IntoView {
    let texts = texts();
    let avatar = own.avatar.map(|avatar| picture_address(avatar, 256));
    let banner = own.banner.map(|banner| picture_address(banner, 640));
    let has_banner = banner.is_some();
    view! {
        <div class="own-picture">
            <span class="own-picture__shown profile__avatar">
                <Avatar name=own.username image=avatar.clone()/>
            </span>
            <PictureForm kind=PictureKind::Avatar label=texts.profiles_avatar()
                hint=texts.profiles_avatar_hint() remove=texts.profiles_picture_remove_avatar()
                is_there=avatar.is_some()/>
        </div>
        <div class="own-picture">
            <span class="own-picture__shown own-picture__banner">
                {banner.map(|banner| view! { <img src=banner alt="" width="640" height="213"/> })}
            </span>
            <PictureForm kind=PictureKind::Banner label=texts.profiles_banner()
                hint=texts.profiles_banner_hint() remove=texts.profiles_picture_remove_banner()
                is_there=has_banner/>
        </div>
    }
    .into_any()
}

#[component]
fn PictureForm(
    kind: PictureKind,
    label: &'static str,
    hint: &'static str,
    remove: &'static str,
    is_there: bool,
) -> impl IntoView {
    let texts = texts();
    let name = kind.as_str();
    let action = format!("/settings/profile/{name}");
    let issue = page().notice_for(name);
    let is_refused = issue.is_some();
    let invalid = is_refused.then_some("true");
    view! {
        <div class="own-picture__forms">
            <form class="form" method="post" action=action enctype="multipart/form-data">
                <input type="hidden" name="form" value=name/>
                <div class="field" class:field--invalid=is_refused>
                    <label class="field__label" for=name>{label}</label>
                    <input class="field__input field__file" id=name name="image" type="file" accept=PICTURE_TYPES
                        required=true aria-describedby=format!("{name}-hint {name}-issue") aria-invalid=invalid/>
                    <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
                    <p class="field__issue" id=format!("{name}-issue")>{issue}</p>
                </div>
                <div class="actions">
                    <button class="button button--quiet">{texts.profiles_picture_send()}</button>
                    {is_there.then(|| view! {
                        <button class="button button--danger" name="remove" value="1" formnovalidate=true aria-label=remove>
                            {texts.profiles_picture_remove()}
                        </button>
                    })}
                </div>
            </form>
        </div>
    }
    .into_any()
}
