//! `/ws/chat/private/`: LiquidChat's conversations between two.

use realtime::Dialect;
use serde_json::{Value, json};

use super::room::presence;
use super::{Language, renamed};

pub(in crate::live) static PRIVATE: Language = Language {
    rewrite,
    dialect: Some(&DIALECT),
    hears_room: false,
    hears_person: true,
    hears_unscreened: true,
};

static DIALECT: Dialect = Dialect { name: "LiquidChat, private", translate };

fn rewrite(kind: &str, command: Value) -> Option<Value> {
    // The room has an address of its own.
    let conversation = match command.get("conversation_id") {
        Some(Value::String(key)) if key == "global" => Value::Null,
        Some(key) => key.clone(),
        None => Value::Null,
    };
    match kind {
        "send_private_message" => renamed(command, "chat_message", "conversation_id", conversation),
        "mark_read" => renamed(command, "mark_read", "conversation_id", conversation),
        "typing_start" => renamed(command, "typing", "is_typing", true.into()),
        "typing_stop" => renamed(command, "typing", "is_typing", false.into()),
        _ => None,
    }
}

fn translate(text: &str) -> Option<String> {
    let frame: Value = serde_json::from_str(text).ok()?;
    let told = match frame.get("type")?.as_str()? {
        "new_message" => private_message("private_message", frame.get("message")?)?,
        "message_sent" => private_message("private_message_sent", frame.get("message")?)?,
        "typing" => typing(&frame),
        "user_presence" => presence(&frame),
        "messages_read" | "error" => return Some(text.to_owned()),
        _ => return None,
    };
    Some(told.to_string())
}

fn private_message(kind: &str, message: &Value) -> Option<Value> {
    let conversation = message.get("conversation_id")?;
    let told = json!({
        "type": kind,
        "message": {
            "id": message.get("id")?,
            "conversation_id": conversation,
            "sender": { "id": message["sender"]["id"], "username": message["sender"]["username"] },
            "content": message.get("content")?,
            "timestamp": message.get("created_at")?,
            "seq": message.get("seq")?,
            "client_id": message.get("client_id")?,
        }
    });
    (conversation != "global").then_some(told)
}

fn typing(frame: &Value) -> Value {
    let status = if frame["is_typing"] == true { "typing" } else { "stopped" };
    json!({
        "type": "typing_indicator",
        "user_id": frame["user_id"],
        "username": frame["username"],
        "conversation_id": frame["conversation_id"],
        "status": status,
    })
}
