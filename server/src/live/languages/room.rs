//! `/ws/chat/global/`: LiquidChat's room.

use realtime::Dialect;
use serde_json::{Value, json};

use super::{Language, renamed};

pub(in crate::live) static ROOM: Language = Language {
    rewrite: |kind, command| match kind {
        "send_global_message" => {
            renamed(command, "chat_message", "conversation_id", "global".into())
        }
        _ => None,
    },
    dialect: Some(&DIALECT),
    hears_room: true,
    hears_person: false,
    hears_unscreened: false,
};

static DIALECT: Dialect = Dialect { name: "LiquidChat, global", translate };

fn translate(text: &str) -> Option<String> {
    let frame: Value = serde_json::from_str(text).ok()?;
    match frame.get("type")?.as_str()? {
        "new_message" | "message_sent" => global_message(frame.get("message")?),
        "user_presence" => Some(presence(&frame).to_string()),
        "error" => Some(text.to_owned()),
        _ => None,
    }
}

/// The author hears their own words like everybody else; the number in the room is the id.
fn global_message(message: &Value) -> Option<String> {
    let is_here = message.get("conversation_id")? == "global";
    let told = json!({
        "type": "global_message",
        "message": {
            "id": message.get("seq")?,
            "sender": { "id": message["sender"]["id"], "username": message["sender"]["username"] },
            "content": message.get("content")?,
            "timestamp": message.get("created_at")?,
            "seq": message.get("seq")?,
            "client_id": message.get("client_id")?,
        }
    });
    is_here.then(|| told.to_string())
}

pub(super) fn presence(frame: &Value) -> Value {
    json!({
        "type": "user_presence",
        "user_id": frame["user_id"],
        "username": frame["username"],
        "status": frame["status"],
    })
}
