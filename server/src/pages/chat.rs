//! What the pages of conversations are rendered from.

use std::collections::BTreeSet;

use app::chat::pages::{
    Beside, Chat, Choices, ChoicesProps, Details, Fragment, FragmentProps, List, Mentions,
    MentionsProps, MessageDetails, Pane, Requests, Search, name_of,
};
use app::chat::{RoomStart, TalkStart};
use app::content::Content;
use app::page::Live;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use domain::Caller;
use domain::chat::{self, ChatError};
use domain::people;
use wire::chat::{Message, Span};
use wire::conversations::{
    Conversation, ConversationKind, ListCursor, Quote, RequestState, quoted,
};
use wire::{ConversationId, ConversationKey, ErrorCode, MessageId, Problem, UnixMillis};

use super::{Asked, html_of, query_value};
use crate::refusal::Refusal;
use crate::state::AppState;

/// Conversations in the first step of the list.
const LIST: u64 = 50;
/// Requests on their page.
const REQUESTS: u64 = 50;
/// People that a search shows.
const FOUND: u64 = 20;
/// Choices that fit beside each other on a screen, of each kind.
const CHOICES: usize = 8;
/// Messages above the one that an address points at.
const ABOVE: i64 = 15;

/// The pages under `/chat`.
enum Place {
    List,
    Room(ConversationKey),
    Requests,
    New,
    Details(ConversationId),
    Message(ConversationKey, MessageId),
}

fn place(path: &str) -> Option<Place> {
    let steps: Vec<_> = path.trim_start_matches('/').split('/').skip(1).collect();
    Some(match steps.as_slice() {
        [] => Place::List,
        ["requests"] => Place::Requests,
        ["new"] => Place::New,
        [key] => Place::Room(key.parse().ok()?),
        [id, "details"] => Place::Details(id.parse().ok()?),
        [key, "messages", id] => Place::Message(key.parse().ok()?, id.parse().ok()?),
        _ => return None,
    })
}

/// Whether somebody who is signed out has to sign in for the page at a path.
pub(super) fn is_for_members(path: &str) -> bool {
    let is_chat = path.starts_with("/chat/") && path != "/chat/global";
    is_chat && place(path).is_some()
}

/// Everything for the page at `uri`. What is not the reader's to see is not there.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<(Live, Content), Problem> {
    let loaded = match place(uri.path()) {
        Some(place) => gather(asked, uri, place).await,
        None => return Ok((Live::Nothing, Content::NotFound)),
    };
    match loaded {
        Err(problem) if problem.code == ErrorCode::NotFound => {
            Ok((Live::Nothing, Content::NotFound))
        }
        loaded => loaded,
    }
}

async fn gather(asked: &Asked, uri: &Uri, place: Place) -> Result<(Live, Content), Problem> {
    let Some(caller) = asked.visit.caller.as_ref() else {
        // Signed out, the list leads to the one room that everybody may read.
        let start = room(asked, None, ConversationKey::Global, uri).await?.0;
        return Ok(page(start, None, Pane::Room(None)));
    };
    let mut start = None;
    let mut here = None;
    let pane = match place {
        Place::List => Pane::Nothing,
        Place::Room(key) => {
            let (room, conversation) = room(asked, Some(caller), key, uri).await?;
            (start, here) = (room, Some(key));
            Pane::Room(conversation)
        }
        Place::Requests => {
            Pane::Requests(requests(asked, caller, &query_value(uri, "after")).await?)
        }
        Place::New => Pane::New(search(asked, caller, uri).await?),
        Place::Details(id) => {
            here = Some(ConversationKey::Id(id));
            let reported = is_reported(uri);
            Pane::Details(Box::new(Details { reported, ..details(asked, caller, id).await? }))
        }
        Place::Message(key, id) => {
            here = Some(key);
            let reported = is_reported(uri);
            let message = message(asked, caller, key, id).await?;
            Pane::Message(Box::new(MessageDetails { reported, ..message }))
        }
    };
    // On another page the place is that in its own list.
    let after =
        if matches!(pane, Pane::Nothing) { query_value(uri, "after") } else { String::new() };
    let list = list(asked, caller, here, &after).await?;
    Ok(page(start, Some(list), pane))
}

/// Where a report leads to when it has arrived.
fn is_reported(uri: &Uri) -> bool {
    !query_value(uri, "reported").is_empty()
}

async fn requests(asked: &Asked, caller: &Caller, after: &str) -> Result<Requests, ChatError> {
    let after = cursor(after);
    let step = chat::requests(&asked.state.services, caller, after, REQUESTS).await?;
    let (after, next) = (after.map(in_address), step.next.map(in_address));
    Ok(Requests { conversations: step.conversations, after, next })
}

fn page(start: Option<RoomStart>, list: Option<List>, pane: Pane) -> (Live, Content) {
    let live = match (start, &list) {
        (Some(start), _) => Live::Room(Box::new(start)),
        (None, Some(_)) => Live::List,
        (None, None) => Live::Nothing,
    };
    (live, Content::Chat(Box::new(Chat { list, pane })))
}

async fn list(
    asked: &Asked,
    caller: &Caller,
    here: Option<ConversationKey>,
    after: &str,
) -> Result<List, Problem> {
    let services = &asked.state.services;
    let after = cursor(after);
    let step = chat::conversations(services, caller, after, LIST).await?;
    let counts = chat::counts(services, caller).await?;
    let (after, next) = (after.map(in_address), step.next.map(in_address));
    Ok(List { conversations: step.conversations, counts, here, after, next })
}

fn in_address(cursor: ListCursor) -> String {
    format!("{}_{}", cursor.updated_at.0, cursor.id)
}

/// The place in the list that an address names, `<millis>_<id>`.
fn cursor(text: &str) -> Option<ListCursor> {
    let (millis, id) = text.split_once('_')?;
    Some(ListCursor { updated_at: UnixMillis(millis.parse().ok()?), id: id.parse().ok()? })
}

/// The global room or a conversation, and the stretch of it that the address asks for.
async fn room(
    asked: &Asked,
    caller: Option<&Caller>,
    key: ConversationKey,
    uri: &Uri,
) -> Result<(Option<RoomStart>, Option<Box<Conversation>>), Problem> {
    let services = &asked.state.services;
    let number = |name| query_value(uri, name).parse::<i64>().ok();
    let span = match (number("at"), number("before")) {
        (Some(at), _) => Span::After(at.saturating_sub(ABOVE).max(0)),
        (None, Some(before)) => Span::Before(before),
        (None, None) => Span::Newest,
    };
    let room = chat::room_of(services, caller, key, span).await?;
    let replying = match number("reply") {
        Some(seq) => quote(asked, caller, key, seq).await?,
        None => None,
    };
    let (ConversationKey::Id(id), Some(caller)) = (key, caller) else {
        return Ok((Some(RoomStart { key, room, talk: None, replying }), None));
    };
    let conversation = chat::conversation(services, caller, id).await?;
    let talk = Some(talk(asked, caller, &conversation).await?);
    Ok((Some(RoomStart { key, room, talk, replying }), Some(Box::new(conversation))))
}

async fn talk(
    asked: &Asked,
    caller: &Caller,
    conversation: &Conversation,
) -> Result<TalkStart, ChatError> {
    let is_received = conversation.request == RequestState::Received;
    Ok(TalkStart {
        kind: conversation.kind,
        name: name_of(asked.texts(), conversation),
        others: usize::try_from(conversation.members_count - 1).unwrap_or(0),
        receipts: chat::receipts(&asked.state.services, caller, conversation.id).await?,
        draft: conversation.draft.clone().unwrap_or_default(),
        is_open: !is_received && !conversation.is_blocked,
        is_accepted: !is_received,
    })
}

/// The message at a number, as an answer will quote it; nothing where it says nothing any more.
async fn quote(
    asked: &Asked,
    caller: Option<&Caller>,
    key: ConversationKey,
    seq: i64,
) -> Result<Option<Quote>, ChatError> {
    let found = message_at(asked, caller, key, seq).await?;
    Ok(found.filter(|message| !message.is_unsent).map(|message| Quote {
        id: message.id,
        seq: message.seq,
        content: quoted(&message.content),
        sender: message.sender,
        is_unsent: false,
    }))
}

async fn message_at(
    asked: &Asked,
    caller: Option<&Caller>,
    key: ConversationKey,
    seq: i64,
) -> Result<Option<Message>, ChatError> {
    let span = Span::After(seq.saturating_sub(1));
    let stretch = chat::history(&asked.state.services, caller, key, span, 1).await?;
    Ok(stretch.messages.into_iter().find(|message| message.seq == seq))
}

async fn search(asked: &Asked, caller: &Caller, uri: &Uri) -> Result<Search, Problem> {
    let query: axum::extract::Query<Vec<(String, String)>> =
        axum::extract::Query::try_from_uri(uri).unwrap_or_default();
    let picked = query.0.into_iter().filter(|(name, _)| name == "with").map(|(_, value)| value);
    let mut search = Search {
        query: query_value(uri, "q").trim().to_owned(),
        picked: picked.collect(),
        title: query_value(uri, "title"),
        ..Search::default()
    };
    let mut seen = BTreeSet::new();
    search.picked.retain(|name| seen.insert(name.clone()));
    if search.query.is_empty() {
        return Ok(search);
    }
    match people::search_people(&asked.state.services, caller, &search.query, None, FOUND).await {
        Ok(found) => search.found = found.people,
        // Who was picked so far is not lost by searching too fast.
        Err(error) => match Problem::from(error) {
            problem if problem.code == ErrorCode::RateLimited => {
                search.refused = Some(asked.words_for(problem.code));
            }
            problem => return Err(problem),
        },
    }
    Ok(search)
}

async fn details(asked: &Asked, caller: &Caller, id: ConversationId) -> Result<Details, ChatError> {
    let services = &asked.state.services;
    Ok(Details {
        conversation: chat::conversation(services, caller, id).await?,
        members: chat::members(services, caller, id).await?,
        reported: false,
    })
}

async fn message(
    asked: &Asked,
    caller: &Caller,
    key: ConversationKey,
    id: MessageId,
) -> Result<MessageDetails, ChatError> {
    let services = &asked.state.services;
    let seq = chat::seq_of_message(services, Some(caller), key, id).await?;
    let message = message_at(asked, Some(caller), key, seq).await?.ok_or(ChatError::NotFound)?;
    let seen_by = match key {
        ConversationKey::Id(conversation) => {
            chat::seen_by(services, caller, conversation, id).await?
        }
        ConversationKey::Global => Vec::new(),
    };
    Ok(MessageDetails { key, message, seen_by, reported: false })
}

/// Parts of pages, for the script to put into their places.
///
/// `GET /chat/pane?here=&after=&page=&on=&from=`: the list, and of what is open (`on=requests`, from one of
/// them on, `on=details`, or else a conversation) what changes, as they are now.
/// `GET /chat/switch?q=`: where one can go. `GET /chat/mentions?here=&q=`: who can be named there.
pub(crate) async fn part(State(state): State<AppState>, request: Request) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let uri = request.uri();
    let html = match uri.path().trim_end_matches('/') {
        "/chat/switch" => choices(&asked, uri).await,
        "/chat/mentions" => mentions(&asked, uri).await,
        _ => pane(&asked, uri).await,
    };
    html.map(Html).into_response()
}

async fn pane(asked: &Asked, uri: &Uri) -> Result<String, Refusal> {
    let (services, caller) = (&asked.state.services, asked.visit.caller()?);
    let here = query_value(uri, "here").parse().ok();
    // A conversation that was just left has neither head nor details; the list is there all the same.
    let beside = match (query_value(uri, "on").as_str(), here) {
        ("requests", _) => {
            Beside::Requests(requests(asked, caller, &query_value(uri, "from")).await?)
        }
        ("details", Some(ConversationKey::Id(id))) => {
            let details = found(details(asked, caller, id).await)?;
            details.map_or(Beside::Nothing, |details| Beside::Details(Box::new(details)))
        }
        (_, Some(ConversationKey::Id(id))) => {
            match found(chat::conversation(services, caller, id).await)? {
                Some(open) => {
                    Beside::Room(Box::new(open), chat::receipts(services, caller, id).await?)
                }
                None => Beside::Nothing,
            }
        }
        _ => Beside::Nothing,
    };
    let list = list(asked, caller, here, &query_value(uri, "after")).await?;
    let is_page = !query_value(uri, "page").is_empty();
    Ok(html_of(asked, || Fragment(FragmentProps { list, is_page, beside })))
}

async fn choices(asked: &Asked, uri: &Uri) -> Result<String, Refusal> {
    let (services, caller) = (&asked.state.services, asked.visit.caller()?);
    let query = query_value(uri, "q").trim().to_lowercase();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        name.starts_with(&query) || name.split_whitespace().any(|word| word.starts_with(&query))
    };
    let texts = asked.texts();
    let mut conversations = chat::offered_conversations(services, caller, LIST).await?;
    conversations.retain(|conversation| fits(&name_of(texts, conversation)));
    conversations.truncate(CHOICES);
    let mut people = Vec::new();
    if !query.is_empty() {
        // Whoever types too fast still finds their conversations.
        let found = people::search_people(services, caller, &query, None, FOUND).await;
        people = found.map(|found| found.people).unwrap_or_default();
    }
    let is_listed = |name: &str| {
        conversations
            .iter()
            .any(|known| known.kind == ConversationKind::Direct && name_of(texts, known) == name)
    };
    people.retain(|card| !is_listed(&card.user.username));
    people.truncate(CHOICES);
    let global = fits(texts.room_title());
    Ok(html_of(asked, || Choices(ChoicesProps { global, conversations, people })))
}

async fn mentions(asked: &Asked, uri: &Uri) -> Result<String, Refusal> {
    let (services, caller) = (&asked.state.services, asked.visit.caller()?);
    let here = query_value(uri, "here").parse().unwrap_or(ConversationKey::Global);
    let prefix = query_value(uri, "q");
    let names = chat::offered_names(services, caller, here, &prefix, CHOICES).await?;
    Ok(html_of(asked, || Mentions(MentionsProps { names })))
}

fn found<T>(looked_up: Result<T, ChatError>) -> Result<Option<T>, ChatError> {
    match looked_up {
        Ok(found) => Ok(Some(found)),
        Err(ChatError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
