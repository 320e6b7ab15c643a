//! What can be done with a conversation: one form each, one address each.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::chat::{self, ChatError};
use domain::people::{self, PeopleError};
use domain::{Caller, Services};
use wire::conversations::{Conversation, ConversationKind, FOR_EVER, Role, Target};
use wire::people::{Report, ReportKind, ReportReason};
use wire::{ConversationId, ConversationKey, ErrorCode, Problem, UnixMillis};

use super::{Fields, Sent, nothing_here, open};
use crate::state::AppState;

const LIST: &str = "/chat";
const REQUESTS: &str = "/chat/requests";
const HOUR: i64 = 3600 * 1000;

pub(super) async fn act(
    State(state): State<AppState>,
    Path((key, verb)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Ok(key) = key.parse::<ConversationKey>() else {
        return nothing_here().into_response();
    };
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let done = match key {
        ConversationKey::Global => everywhere(&state, &sent, key, &verb).await,
        ConversationKey::Id(id) => between_people(&state, &sent, id, &verb).await,
    };
    match done {
        Ok(next) => sent.done(&next),
        Err(problem) => {
            let page = match key {
                ConversationKey::Global => format!("/chat/{key}"),
                ConversationKey::Id(_) => format!("/chat/{key}/details"),
            };
            sent.refuse(&page, &["title", "username"], problem).await
        }
    }
}

/// What the global room knows too; answers with the page that is next.
async fn everywhere(
    state: &AppState,
    sent: &Sent,
    key: ConversationKey,
    verb: &str,
) -> Result<String, Problem> {
    let (services, caller) = (&state.services, &sent.caller);
    match verb {
        "draft" => chat::keep_draft(services, caller, key, sent.fields.get("content")).await?,
        "mute" => {
            if let ConversationKey::Id(id) = key {
                // Strangers hear that there is nothing, whatever they send.
                chat::conversation(services, caller, id).await?;
            }
            let until = Some(silence(sent.fields.get("hours"))?);
            chat::mute_conversation(services, caller, key, until).await?;
        }
        "unmute" => chat::mute_conversation(services, caller, key, None).await?,
        "read" => chat::mark_read(services, caller, key, None).await?,
        _ => return Err(nothing_here().0),
    }
    Ok(format!("/chat/{key}"))
}

/// Until when there is silence, from a number of hours, at most a year; 0 is for good.
fn silence(hours: &str) -> Result<UnixMillis, Problem> {
    match hours.parse::<i64>() {
        Ok(0) => Ok(FOR_EVER),
        Ok(hours @ 1..=8760) => Ok(UnixMillis(domain::clock::now().0 + hours * HOUR)),
        _ => Err(Problem::new(ErrorCode::BadRequest, "Hours are a number from 0 to 8760.")),
    }
}

async fn between_people(
    state: &AppState,
    sent: &Sent,
    id: ConversationId,
    verb: &str,
) -> Result<String, Problem> {
    let (services, caller, fields) = (&state.services, &sent.caller, &sent.fields);
    let (here, details) = (format!("/chat/{id}"), format!("/chat/{id}/details"));
    Ok(match verb {
        "accept" => chat::accept_request(services, caller, id).await.map(|()| here)?,
        "ignore" => chat::ignore_request(services, caller, id).await.map(|()| REQUESTS.into())?,
        "block-request" => {
            let report = reason(fields)?.map(|reason| (reason, ""));
            chat::block_request(services, caller, id, report).await?;
            REQUESTS.into()
        }
        "delete" => chat::hide_conversation(services, caller, id).await.map(|()| LIST.into())?,
        "unread" => mark_unread(services, caller, id).await.map(|()| LIST.into())?,
        "block" => block(services, caller, id).await.map(|()| LIST.into())?,
        "unblock" => unblock(services, caller, id).await.map(|()| here)?,
        "report" => {
            report(services, caller, id, fields).await?;
            format!("{details}?reported=1")
        }
        "add" => add(services, sent, id).await.map(|()| details)?,
        "leave" => chat::leave_group(services, caller, id).await.map(|()| LIST.into())?,
        "rename" | "remove" | "role" => {
            in_group(services, caller, id, verb, fields).await.map(|()| details)?
        }
        _ => return everywhere(state, sent, ConversationKey::Id(id), verb).await,
    })
}

/// That nobody has the name is said at its field; that there is no such group is said to strangers.
async fn add(services: &Services, sent: &Sent, id: ConversationId) -> Result<(), Problem> {
    chat::conversation(services, &sent.caller, id).await?;
    let target = Target::Username(sent.fields.text("username"));
    match chat::add_members(services, &sent.caller, id, &[target]).await {
        Err(ChatError::NotFound) => {
            Err(Problem::field("username", sent.asked.texts().chat_nobody_called()))
        }
        added => Ok(added?),
    }
}

async fn in_group(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    verb: &str,
    fields: &Fields,
) -> Result<(), ChatError> {
    let member = fields.get("member").parse();
    match (verb, member) {
        ("rename", _) => chat::rename_group(services, caller, id, fields.get("title")).await,
        ("remove", Ok(member)) => chat::remove_member(services, caller, id, member).await,
        ("role", Ok(member)) => {
            let role = match fields.get("role") {
                "admin" => Role::Admin,
                "owner" => Role::Owner,
                _ => Role::Member,
            };
            chat::change_role(services, caller, id, member, role).await
        }
        _ => Err(ChatError::NotFound),
    }
}

/// From its last message on.
async fn mark_unread(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<(), ChatError> {
    let conversation = chat::conversation(services, caller, id).await?;
    let key = ConversationKey::Id(id);
    chat::mark_unread(services, caller, key, conversation.last_seq.into()).await
}

/// The other person of a direct conversation.
fn other(conversation: &Conversation) -> Result<Target, PeopleError> {
    let direct = conversation.kind == ConversationKind::Direct;
    let other = conversation.people.first().filter(|_| direct).ok_or(PeopleError::NotFound)?;
    Ok(Target::Id(other.user.id))
}

async fn block(services: &Services, caller: &Caller, id: ConversationId) -> Result<(), Problem> {
    let conversation = chat::conversation(services, caller, id).await?;
    Ok(people::block(services, caller, &other(&conversation)?).await.map(drop)?)
}

async fn unblock(services: &Services, caller: &Caller, id: ConversationId) -> Result<(), Problem> {
    let conversation = chat::conversation(services, caller, id).await?;
    Ok(people::unblock(services, caller, &other(&conversation)?).await.map(drop)?)
}

/// Why somebody reports something, where they say it. A word that is no reason is none of ours.
pub(super) fn reason(fields: &Fields) -> Result<Option<ReportReason>, Problem> {
    let word = fields.get("reason");
    let reason = (!word.is_empty()).then(|| serde_json::from_value(word.into())).transpose();
    reason.map_err(|_| Problem::new(ErrorCode::BadRequest, "There is no such reason."))
}

async fn report(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    fields: &Fields,
) -> Result<(), Problem> {
    let reason = reason(fields)?.unwrap_or(ReportReason::Other);
    let report = Report { kind: ReportKind::Conversation, id: id.0, reason, note: None };
    Ok(people::report(services, caller, &report).await.map(drop)?)
}
