//! What a client may ask over its socket, in the dialect of `/ws/chat/`.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use domain::chat::{self, ChatError, Posted};
use domain::{Caller, Services};
use serde_json::Value;
use wire::chat::{Draft, Message, Span};
use wire::live::{ChatMessage, ClientFrame, Cursors, MarkRead, RESUME_LIMIT, ServerFrame, Typing};
use wire::{ClientId, ConversationKey, ErrorCode, Problem};

use super::languages::Language;

/// Conversations whose messages one `resume` reads; what was said in others is a `gap`.
const RESUME_CONVERSATIONS: usize = 100;

/// Before the rest may be asked for, in milliseconds.
const PAUSE: u64 = 1000;

/// A command under way; its frames answer this socket alone.
pub(super) type Pending = Pin<Box<dyn Future<Output = Vec<ServerFrame>> + Send>>;

/// Reads a command, or says in an `error` frame what is wrong with it.
pub(super) fn read(language: &Language, text: &str) -> Result<ClientFrame, Box<ServerFrame>> {
    let value: Value = serde_json::from_str(text)
        .map_err(|_| Box::new(error(ErrorCode::InvalidJson, "This is not JSON.", None)))?;
    let client_id = value.get("client_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let Some(kind) = value.get("type").and_then(Value::as_str) else {
        let sentence = "A frame is an object with a string \"type\".";
        return Err(Box::new(error(ErrorCode::InvalidField, sentence, client_id)));
    };
    let kind = kind.to_owned();
    let Some(command) = (language.rewrite)(&kind, value) else {
        let sentence = "This server does not know that type.";
        return Err(Box::new(error(ErrorCode::UnknownType, sentence, client_id)));
    };
    serde_json::from_value(command).map_err(|fault| {
        let sentence = format!("A field is missing or of the wrong type: {fault}.");
        Box::new(error(ErrorCode::InvalidField, &sentence, client_id))
    })
}

pub(super) fn not_text() -> Vec<ServerFrame> {
    vec![error(ErrorCode::InvalidJson, "Frames are JSON text.", None)]
}

/// Starts the command. A message takes its place in the queue before this returns, so that the
/// messages of one socket keep their order however long each takes.
pub(super) fn start(services: &Arc<Services>, caller: &Caller, frame: ClientFrame) -> Pending {
    let (services, caller) = (services.clone(), caller.clone());
    match frame {
        ClientFrame::ChatMessage(message) => post(&services, &caller, message),
        ClientFrame::Typing(typing) => Box::pin(tell_typing(services, caller, typing)),
        ClientFrame::MarkRead(mark) => Box::pin(mark_read(services, caller, mark)),
        ClientFrame::Resume(resume) => Box::pin(catch_up(services, caller, resume.cursors)),
        ClientFrame::Subscribe(asked) | ClientFrame::Unsubscribe(asked) => {
            Box::pin(subscribed(services, caller, asked.conversations))
        }
        ClientFrame::Ping => Box::pin(ready(vec![ServerFrame::Pong])),
    }
}

fn post(services: &Arc<Services>, caller: &Caller, message: ChatMessage) -> Pending {
    let client_id = message.client_id.unwrap_or_default();
    let draft = Draft {
        conversation: message.conversation_id,
        client_id: client_id.clone(),
        content: message.content,
        reply_to: message.reply_to,
    };
    let posted = chat::submit_message(services, caller, draft);
    Box::pin(async move {
        match posted.await {
            // The hub brings the confirmation, as to everybody else.
            Ok(Posted::New(_)) => Vec::new(),
            Ok(Posted::Repeated(message)) => vec![ServerFrame::MessageSent { message }],
            Err(refused) => vec![refusal(refused, Some(client_id))],
        }
    })
}

async fn tell_typing(services: Arc<Services>, caller: Caller, typing: Typing) -> Vec<ServerFrame> {
    match chat::typing(&services, &caller, typing.conversation_id, typing.is_typing).await {
        Ok(()) => Vec::new(),
        Err(refused) => vec![refusal(refused, None)],
    }
}

async fn mark_read(services: Arc<Services>, caller: Caller, mark: MarkRead) -> Vec<ServerFrame> {
    match chat::mark_read(&services, &caller, mark.conversation_id, mark.up_to).await {
        Ok(()) => Vec::new(),
        Err(refused) => vec![refusal(refused, None)],
    }
}

/// What is said in the caller's conversations reaches each of their sockets by their name, not by the
/// conversation's: there is nothing to begin, and nothing that one socket could be spared.
async fn subscribed(
    services: Arc<Services>,
    caller: Caller,
    asked: Vec<ConversationKey>,
) -> Vec<ServerFrame> {
    let heard = match chat::accepted_cursors(&services, &caller).await {
        Ok(heard) => heard,
        Err(refused) => return vec![refusal(refused, None)],
    };
    let (conversations, unknown): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|key| heard.contains_key(key));
    let mut frames: Vec<_> = unknown.iter().map(|_| refusal(ChatError::NotFound, None)).collect();
    frames.push(ServerFrame::Subscribed { conversations });
    frames
}

/// Everything missed, in order, as it was first sent; a `gap` where that is too much. Live frames
/// may come in between: a client places messages by their number.
async fn catch_up(services: Arc<Services>, caller: Caller, cursors: Cursors) -> Vec<ServerFrame> {
    let ends = match chat::accepted_cursors(&services, &caller).await {
        Ok(ends) => ends,
        Err(refused) => return vec![refusal(refused, None)],
    };
    let (mut frames, mut reached, mut read) = (Vec::new(), Cursors::new(), 0);
    for (key, seq) in cursors {
        let (seq, end) = (seq.max(0), ends.get(&key).copied());
        if end.is_some_and(|end| end <= seq) {
            reached.insert(key, seq);
            continue;
        }
        read += 1;
        let missed = match end {
            Some(end) if read > RESUME_CONVERSATIONS => Ok(gap(key, seq, end)),
            None if read > RESUME_CONVERSATIONS => {
                Err(ChatError::RateLimited { retry_after_ms: PAUSE })
            }
            _ => missed(&services, &caller, key, seq).await,
        };
        match missed {
            Ok((found, last)) => {
                frames.extend(found);
                reached.insert(key, last);
            }
            Err(refused) => frames.push(refusal(refused, None)),
        }
    }
    frames.push(ServerFrame::Resumed { cursors: reached });
    frames
}

async fn missed(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    seq: i64,
) -> Result<(Vec<ServerFrame>, i64), ChatError> {
    // One more tells that there is too much.
    let found = chat::missed_messages(services, caller, key, seq, RESUME_LIMIT + 1).await?;
    if found.len() as u64 > RESUME_LIMIT {
        let edge = chat::history(services, Some(caller), key, Span::Newest, 1).await?;
        return Ok(gap(key, seq, edge.last_seq));
    }
    let last = found.last().map_or(seq, |message| message.seq);
    Ok((found.into_iter().map(|message| as_first_sent(message, caller)).collect(), last))
}

fn gap(key: ConversationKey, seq: i64, end: i64) -> (Vec<ServerFrame>, i64) {
    let gap = ServerFrame::Gap { conversation_id: key, from_seq: seq + 1, to_seq: end };
    (vec![gap], end)
}

fn as_first_sent(message: Message, caller: &Caller) -> ServerFrame {
    if message.sender.id == caller.user_id {
        ServerFrame::MessageSent { message }
    } else {
        ServerFrame::NewMessage { message }
    }
}

fn refusal(refused: ChatError, client_id: Option<ClientId>) -> ServerFrame {
    let Problem { code, message, retry_after_ms, .. } = refused.into();
    ServerFrame::Error { code, message, client_id, retry_after_ms }
}

fn error(code: ErrorCode, message: &str, client_id: Option<ClientId>) -> ServerFrame {
    ServerFrame::Error { code, message: message.to_owned(), client_id, retry_after_ms: None }
}

#[cfg(test)]
mod tests {
    use super::super::languages::OURS;
    use super::*;

    fn code(text: &str) -> Option<ErrorCode> {
        match read(&OURS, text) {
            Err(frame) => match *frame {
                ServerFrame::Error { code, .. } => Some(code),
                _ => None,
            },
            Ok(_) => None,
        }
    }

    #[test]
    fn each_kind_of_nonsense_has_its_word() {
        for (text, expected) in [
            ("{", ErrorCode::InvalidJson),
            ("[]", ErrorCode::InvalidField),
            ("null", ErrorCode::InvalidField),
            (r#"{"type":7}"#, ErrorCode::InvalidField),
            (r#"{"type":"shout"}"#, ErrorCode::UnknownType),
            (
                r#"{"type":"chat_message","conversation_id":"global","content":null}"#,
                ErrorCode::InvalidField,
            ),
            (
                r#"{"type":"chat_message","conversation_id":"lobby","content":"x"}"#,
                ErrorCode::InvalidField,
            ),
            (
                r#"{"type":"chat_message","conversation_id":"global","content":"x","client_id":""}"#,
                ErrorCode::InvalidField,
            ),
            (r#"{"type":"resume","cursors":{"global":"7"}}"#, ErrorCode::InvalidField),
        ] {
            assert_eq!(code(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_error_names_the_message_it_answers() {
        let text =
            r#"{"type":"chat_message","conversation_id":7,"content":"x","client_id":"mine"}"#;
        let Err(frame) = read(&OURS, text) else { panic!("refused") };
        let ServerFrame::Error { client_id, .. } = *frame else { panic!("an error frame") };
        assert_eq!(client_id.map(|id| id.to_string()).as_deref(), Some("mine"));
    }
}
