//! What a client may ask over its socket, in the dialect of `/ws/chat/`.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use domain::chat::{self, ChatError, Posted, conversation_of, messages_after};
use domain::{Caller, Services};
use serde_json::Value;
use wire::chat::{Draft, Message, Span};
use wire::live::{ChatMessage, ClientFrame, Cursors, MarkRead, RESUME_LIMIT, ServerFrame, Typing};
use wire::{ClientId, ConversationKey, ErrorCode, Problem};

use super::languages::Language;

/// Conversations one `resume` may name.
const RESUME_CONVERSATIONS: usize = 100;

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

/// Everything missed, in order, as it was first sent; a `gap` where that is too much. Live frames
/// may come in between: a client places messages by their number.
async fn catch_up(services: Arc<Services>, caller: Caller, cursors: Cursors) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    let mut reached = Cursors::new();
    for (key, seq) in cursors.into_iter().take(RESUME_CONVERSATIONS) {
        match missed(&services, &caller, key, seq.max(0)).await {
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
    // Proves that the caller may read, and tells how far the conversation has come.
    let edge = chat::history(services, Some(caller), key, Span::Newest, 1).await?;
    if edge.last_seq - seq > RESUME_LIMIT as i64 {
        let gap =
            ServerFrame::Gap { conversation_id: key, from_seq: seq + 1, to_seq: edge.last_seq };
        return Ok((vec![gap], edge.last_seq));
    }
    let messages = messages_after(services, conversation_of(key), seq, RESUME_LIMIT).await?;
    let last = messages.last().map_or(seq, |message| message.seq);
    Ok((messages.into_iter().map(|message| as_first_sent(message, caller)).collect(), last))
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
