//! F1: N sockets, one `write` each for a frame, or for a burst of frames. No delivery can cost less.

use std::io::{BufRead, Write, stdin};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result};
use wire::chat::{Author, Message};
use wire::live::ServerFrame;
use wire::{ClientId, ConversationKey, MessageId, UnixMillis, UserId};

use crate::frames::from_server;
use crate::socket::body_of;

/// Accepts `sockets` connections; then each line of standard input is how many bursts to tell them
/// and how many messages are in each. The numbers go on where the last line ended.
pub(crate) fn serve(port: u16, sockets: usize) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let mut listeners = accept(&listener, sockets)?;
    let mut next = 1..;
    for line in stdin().lock().lines() {
        let (bursts, burst) = counts(&line?).context("how many bursts of how many messages")?;
        for _ in 0..bursts {
            let frames: Vec<Vec<u8>> =
                next.by_ref().take(burst).map(frame).collect::<Result<_>>()?;
            tell(&mut listeners, &frames.concat())?;
        }
    }
    Ok(())
}

fn counts(line: &str) -> Option<(usize, usize)> {
    let (bursts, burst) = line.split_once(' ')?;
    Some((bursts.parse().ok()?, burst.parse().ok()?))
}

fn accept(listener: &TcpListener, sockets: usize) -> Result<Vec<TcpStream>> {
    let accepted = listener.incoming().take(sockets).map(|socket| {
        let socket = socket?;
        socket.set_nodelay(true)?;
        Ok(socket)
    });
    accepted.collect()
}

fn tell(listeners: &mut [TcpStream], frames: &[u8]) -> Result<()> {
    for listener in listeners {
        listener.write_all(frames)?;
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
        edited_at: None,
        reply_to: None,
        reactions: Vec::new(),
    };
    Ok(from_server(&serde_json::to_string(&ServerFrame::NewMessage { message })?))
}
