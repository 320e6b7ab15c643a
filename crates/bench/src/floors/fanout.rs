//! F1: one frame, N sockets, one `write` each. No delivery can cost less than that.

use std::io::{BufRead, Write, stdin};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result};
use wire::chat::{Author, Message};
use wire::live::ServerFrame;
use wire::{ClientId, ConversationKey, MessageId, UnixMillis, UserId};

use crate::frames::from_server;
use crate::socket::body_of;

/// Accepts `sockets` connections; then each line of standard input is a count of messages to tell
/// them, one after the other. The numbers go on where the last line ended.
pub(crate) fn serve(port: u16, sockets: usize) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let mut listeners = accept(&listener, sockets)?;
    let mut next = 1..;
    for line in stdin().lock().lines() {
        let count: usize = line?.trim().parse().context("a count of messages")?;
        for seq in next.by_ref().take(count) {
            tell(&mut listeners, &frame(seq)?)?;
        }
    }
    Ok(())
}

fn accept(listener: &TcpListener, sockets: usize) -> Result<Vec<TcpStream>> {
    let accepted = listener.incoming().take(sockets).map(|socket| {
        let socket = socket?;
        socket.set_nodelay(true)?;
        Ok(socket)
    });
    accepted.collect()
}

fn tell(listeners: &mut [TcpStream], frame: &[u8]) -> Result<()> {
    for listener in listeners {
        listener.write_all(frame)?;
    }
    Ok(())
}

/// What the server would send: the same shape and the same length.
fn frame(seq: i64) -> Result<Vec<u8>> {
    let client_id = ClientId::new();
    let message = Message {
        id: MessageId::new(),
        conversation_id: ConversationKey::Global,
        seq,
        content: body_of(&client_id),
        client_id,
        sender: Author::new(UserId::new(), "b01234567_0".into()),
        message_type: "text".into(),
        created_at: UnixMillis(1_700_000_000_000),
        is_unsent: false,
    };
    Ok(from_server(&serde_json::to_string(&ServerFrame::NewMessage { message })?))
}
