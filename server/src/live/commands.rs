//! What a client may ask over its socket, in the dialect of `/ws/chat/`.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use domain::activity::note_visit;
use domain::chat::{self, CaughtUp, ChatError, Missed, Posted};
use domain::{Caller, Services};
use realtime::Frame;
use serde_json::Value;
use wire::chat::Draft;
use wire::live::{ChatMessage, ClientFrame, Cursors, MarkRead, ServerFrame, Subscribe, Typing};
use wire::{ClientId, ConversationKey, ErrorCode, Problem};

use super::languages::Language;

/// A command under way; its frames answer this socket alone.
pub(super) type Pending = Pin<Box<dyn Future<Output = Vec<Said>> + Send>>;

/// Something for this socket alone.
#[derive(Debug)]
pub(super) enum Said {
    New(Box<ServerFrame>),
    /// It is in our own words already.
    Ready(Frame),
}

impl From<ServerFrame> for Said {
    fn from(frame: ServerFrame) -> Self {
        Self::New(Box::new(frame))
    }
}

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

pub(super) fn not_text() -> Said {
    error(ErrorCode::InvalidJson, "Frames are JSON text.", None).into()
}

/// Starts the command. A message takes its place in the queue before this returns, so that the
/// messages of one socket keep their order however long each takes.
pub(super) fn start(services: &Arc<Services>, caller: &Caller, frame: ClientFrame) -> Pending {
    let (services, caller) = (services.clone(), caller.clone());
    // A socket can be open over midnight; that it is says nothing.
    if !matches!(frame, ClientFrame::Ping) {
        note_visit(&services, caller.user_id);
    }
    match frame {
        ClientFrame::ChatMessage(message) => post(&services, &caller, message),
        ClientFrame::Typing(typing) => Box::pin(tell_typing(services, caller, typing)),
        ClientFrame::MarkRead(mark) => Box::pin(mark_read(services, caller, mark)),
        ClientFrame::Resume(resume) => Box::pin(catch_up(services, caller, resume.cursors)),
        ClientFrame::Subscribe(asked) => Box::pin(subscribed(services, caller, asked, true)),
        ClientFrame::Unsubscribe(asked) => Box::pin(subscribed(services, caller, asked, false)),
        ClientFrame::Ping => Box::pin(ready(vec![ServerFrame::Pong.into()])),
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
            Ok(Posted::Repeated(message)) => vec![ServerFrame::MessageSent { message }.into()],
            Err(refused) => vec![refusal(refused, Some(client_id)).into()],
        }
    })
}

async fn tell_typing(services: Arc<Services>, caller: Caller, typing: Typing) -> Vec<Said> {
    match chat::typing(&services, &caller, typing.conversation_id, typing.is_typing).await {
        Ok(()) => Vec::new(),
        Err(refused) => vec![refusal(refused, None).into()],
    }
}

async fn mark_read(services: Arc<Services>, caller: Caller, mark: MarkRead) -> Vec<Said> {
    match chat::mark_read(&services, &caller, mark.conversation_id, mark.up_to).await {
        Ok(()) => Vec::new(),
        Err(refused) => vec![refusal(refused, None).into()],
    }
}

/// Which of those that were asked for this socket hears from now on. What is said between known people
/// reaches each of their sockets by their name: there is nothing to begin, and nothing that one socket
/// could be spared, as the answer to a wish to be spared it says. The global room can be left and heard
/// again (`Connection::tune`).
async fn subscribed(
    services: Arc<Services>,
    caller: Caller,
    asked: Subscribe,
    hears_room: bool,
) -> Vec<Said> {
    let heard = match chat::accepted_cursors(&services, &caller).await {
        Ok(heard) => heard,
        Err(refused) => return vec![refusal(refused, None).into()],
    };
    let (mut conversations, unknown): (Vec<_>, Vec<_>) =
        asked.conversations.into_iter().partition(|key| heard.contains_key(key));
    conversations.retain(|key| hears_room || *key != ConversationKey::Global);
    let mut frames: Vec<Said> =
        unknown.iter().map(|_| refusal(ChatError::NotFound, None).into()).collect();
    frames.push(ServerFrame::Subscribed { conversations }.into());
    frames
}

/// Everything missed, in order, as it was first sent; a `gap` where that is too much. Live frames
/// may come in between: a client places messages by their number.
async fn catch_up(services: Arc<Services>, caller: Caller, cursors: Cursors) -> Vec<Said> {
    let caught_up = match chat::catch_up(&services, &caller, cursors.clone()).await {
        Ok(caught_up) => caught_up,
        Err(refused) => return vec![refusal(refused, None).into()],
    };
    let (mut said, mut reached) = (Vec::new(), Cursors::new());
    for (key, answer) in caught_up {
        let CaughtUp { missed, last } = match answer {
            Ok(caught_up) => caught_up,
            Err(refused) => {
                said.push(refusal(refused, None).into());
                continue;
            }
        };
        match missed {
            Missed::Frames(frames) => said.extend(frames.into_iter().map(Said::Ready)),
            Missed::Gap => {
                let from_seq = cursors.get(&key).map_or(1, |seq| seq.max(&0) + 1);
                let gap = ServerFrame::Gap { conversation_id: key, from_seq, to_seq: last };
                said.push(gap.into());
            }
        }
        reached.insert(key, last);
    }
    said.push(ServerFrame::Resumed { cursors: reached }.into());
    said
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
