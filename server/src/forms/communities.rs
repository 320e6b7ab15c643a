//! What can be done with communities and the people in them: one form each, one address each.

use app::page::FormEcho;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::communities;
use domain::{Caller, Services};
use wire::communities::{CommunityForm, CommunityRole};
use wire::media::PictureKind;
use wire::{ErrorCode, Problem};

use super::{Fields, Sent, nothing_here, onwards, open, pictures};
use crate::pages::encode;
use crate::state::AppState;

/// What a form of a community's texts gives back where it is refused.
const KEPT: [&str; 8] =
    ["name", "description", "rules", "is_private", "slow_mode_seconds", "username", "days", "uses"];
const ALL: &str = "/communities";

pub(super) async fn create(State(state): State<AppState>, request: Request) -> Response {
    let mut sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match make(&state, &mut sent).await {
        Ok(slug) => onwards(&page(&slug), ALL),
        Err(problem) => sent.refuse("/communities/new", &KEPT, problem).await,
    }
}

/// Pictures first: one that is refused makes no community.
async fn make(state: &AppState, sent: &mut Sent) -> Result<String, Problem> {
    let mut shown = Vec::new();
    for kind in [PictureKind::Icon, PictureKind::Cover] {
        let picture = pictures::take(state, sent, kind.as_str(), kind).await?;
        shown.extend(picture.map(|picture| (kind, picture)));
    }
    let (services, caller) = (&state.services, &sent.caller);
    let made = communities::create(services, caller, &form(&sent.fields)).await?;
    for (kind, picture) in shown {
        communities::show_picture(services, caller, &made.slug, kind, Some(picture)).await?;
    }
    Ok(made.slug)
}

/// Another icon or cover, or none.
async fn change_picture(
    state: &AppState,
    mut sent: Sent,
    slug: &str,
    kind: PictureKind,
) -> Response {
    let manage = format!("{}/manage", page(slug));
    match show_picture(state, &mut sent, slug, kind).await {
        Ok(()) => onwards(&format!("{manage}?saved=1#pictures"), ALL),
        Err(problem) => {
            sent.fields.put("form", kind.as_str().to_owned());
            sent.refuse(&manage, &[], problem).await
        }
    }
}

async fn show_picture(
    state: &AppState,
    sent: &mut Sent,
    slug: &str,
    kind: PictureKind,
) -> Result<(), Problem> {
    communities::may_show_picture(&state.services, &sent.caller, slug).await?;
    let picture = match sent.fields.get("remove") {
        "" => {
            let taken = pictures::take(state, sent, "image", kind).await?;
            let missing = || Problem::field("image", sent.asked.texts().media_missing());
            Some(taken.ok_or_else(missing)?)
        }
        _ => None,
    };
    communities::show_picture(&state.services, &sent.caller, slug, kind, picture).await?;
    Ok(())
}

fn form(fields: &Fields) -> CommunityForm {
    CommunityForm {
        name: fields.text("name"),
        description: fields.text("description"),
        rules: fields.text("rules"),
        is_private: !fields.get("is_private").is_empty(),
        // What is no number is refused as none that fits.
        slow_mode_seconds: match fields.get("slow_mode_seconds") {
            "" => 0,
            seconds => seconds.parse().unwrap_or(-1),
        },
    }
}

/// The page of a community, as an address.
fn page(slug: &str) -> String {
    format!("/c/{}", encode(slug))
}

pub(super) async fn act(
    State(state): State<AppState>,
    Path((slug, verb)): Path<(String, String)>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match verb.as_str() {
        "invite" => return invite(&state, sent, &slug).await,
        "icon" => return change_picture(&state, sent, &slug, PictureKind::Icon).await,
        "cover" => return change_picture(&state, sent, &slug, PictureKind::Cover).await,
        _ => {}
    }
    match perform(&state.services, &sent, &slug, &verb).await {
        Ok(next) => onwards(sent.fields.get("next"), &next),
        Err(problem) => {
            let refused_at = match verb.as_str() {
                "settings" | "delete" | "uninvite" | "accept" | "decline" | "unban" => "/manage",
                "role" | "remove" | "ban" | "hand-over" => "/members",
                _ => "",
            };
            sent.refuse(&format!("{}{refused_at}", page(&slug)), &KEPT, problem).await
        }
    }
}

/// Does it; answers with the page that is next.
async fn perform(
    services: &Services,
    sent: &Sent,
    slug: &str,
    verb: &str,
) -> Result<String, Problem> {
    let (caller, fields) = (&sent.caller, &sent.fields);
    let here = page(slug);
    Ok(match verb {
        "join" => communities::join(services, caller, slug).await.map(|_| here)?,
        "leave" => communities::leave(services, caller, slug).await.map(|()| here)?,
        "room" => {
            let room = communities::enter_room(services, caller, slug).await?;
            format!("/chat/{room}")
        }
        "settings" => {
            let change = form(fields).into();
            communities::change(services, caller, slug, change).await?;
            format!("{here}/manage?saved=1")
        }
        "delete" => delete(services, sent, slug).await.map(|()| ALL.to_owned())?,
        "uninvite" => {
            let id = fields.get("invitation_id").parse().map_err(|_| nothing_here().0)?;
            communities::take_invitation_back(services, caller, slug, id).await?;
            format!("{here}/manage")
        }
        "take-out" => {
            let post = fields.get("post_id").parse().map_err(|_| nothing_here().0)?;
            communities::take_post_out(services, caller, slug, post).await.map(|()| here)?
        }
        "pin" => {
            let post = fields.get("post_id");
            let post = (!post.is_empty()).then(|| post.parse()).transpose();
            let post = post.map_err(|_| nothing_here().0)?;
            communities::pin_post(services, caller, slug, post).await.map(|()| here)?
        }
        _ => return to_somebody(services, sent, slug, verb).await,
    })
}

async fn to_somebody(
    services: &Services,
    sent: &Sent,
    slug: &str,
    verb: &str,
) -> Result<String, Problem> {
    let (caller, fields) = (&sent.caller, &sent.fields);
    let who = fields.get("username");
    match verb {
        "accept" => communities::accept(services, caller, slug, who).await?,
        "decline" => communities::decline(services, caller, slug, who).await?,
        "remove" => communities::remove(services, caller, slug, who).await?,
        "ban" => communities::ban(services, caller, slug, who).await?,
        "unban" => communities::unban(services, caller, slug, who).await?,
        "hand-over" => communities::hand_over(services, caller, slug, who).await?,
        "role" => change_role(services, caller, slug, fields).await?,
        _ => return Err(nothing_here().0),
    }
    let part = match verb {
        "accept" | "decline" | "unban" => "manage",
        _ => "members",
    };
    Ok(format!("{}/{part}", page(slug)))
}

async fn change_role(
    services: &Services,
    caller: &Caller,
    slug: &str,
    fields: &Fields,
) -> Result<(), Problem> {
    let role = CommunityRole::from_word(fields.get("role"));
    let role = role.ok_or_else(|| Problem::new(ErrorCode::BadRequest, "There is no such role."))?;
    Ok(communities::change_role(services, caller, slug, fields.get("username"), role).await?)
}

/// What cannot be undone wants the community's name.
async fn delete(services: &Services, sent: &Sent, slug: &str) -> Result<(), Problem> {
    let community = communities::community(services, Some(&sent.caller), slug).await?;
    if sent.fields.get("confirm").trim() != community.name {
        let words = sent.asked.texts().communities_delete_wrong();
        return Err(Problem::field("confirm", words));
    }
    Ok(communities::delete(services, &sent.caller, slug).await?)
}

/// The page answers at once, with the link on it: it is stored nowhere, so no later page could show it.
async fn invite(state: &AppState, sent: Sent, slug: &str) -> Response {
    let manage = format!("{}/manage", page(slug));
    let number = |name: &str| sent.fields.get(name).parse::<i64>().unwrap_or(0);
    let (days, uses) = (number("days"), i32::try_from(number("uses")).unwrap_or(0));
    let made = communities::invite(&state.services, &sent.caller, slug, days, uses).await;
    let link = match made {
        Ok(made) => format!("{}{}/join/{}", state.config.public_url, page(slug), made.token),
        Err(error) => return sent.refuse(&manage, &KEPT, error.into()).await,
    };
    let Ok(uri) = manage.parse() else { return nothing_here().into_response() };
    let echo = FormEcho { values: [("invitation".to_owned(), link)].into(), ..FormEcho::default() };
    sent.asked.render(uri, echo, StatusCode::CREATED).await
}

/// The form on the page that an invitation leads to.
pub(super) async fn join_by_link(
    State(state): State<AppState>,
    Path((slug, token)): Path<(String, String)>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let joined = communities::accept_invitation(&state.services, &sent.caller, &slug, &token).await;
    match joined {
        Ok(_) => onwards(&page(&slug), ALL),
        Err(error) => sent.refuse(&page(&slug), &[], error.into()).await,
    }
}
