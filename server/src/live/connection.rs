//! The task of one socket.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use domain::chat::{GLOBAL_ROOM, attend, everybody_online, topic};
use domain::{Caller, Services};
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use realtime::{Drained, Frame, Outbox, Topic};
use tokio::time::{Instant, sleep_until};
use wire::UnixMillis;
use wire::live::{FRAME_LIMIT, Presence, ServerFrame, close};

use super::close::say_goodbye;
use super::commands::{self, Pending};
use crate::state::AppState;

/// Frames that one write may carry.
const BATCH: usize = 64;
/// Sends of one socket that may wait for their commit; beyond it the socket is not read.
const IN_FLIGHT: usize = 64;
/// A client that takes nothing for this long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// People named to somebody who joins; the page has the count.
const SNAPSHOT: usize = 500;
/// Of them in one write.
const GREETING: usize = 4;
/// Places for frames that an idle socket keeps.
const KEPT: usize = 8;

/// What a socket's task holds while it runs.
pub(super) struct Connection {
    pub(super) services: Arc<Services>,
    pub(super) caller: Caller,
    socket: WebSocket,
    outbox: Arc<Outbox>,
    pending: FuturesUnordered<Pending>,
    /// Frames taken from the outbox, kept to reuse the memory.
    taken: Vec<Frame>,
}

/// Why a connection ends.
enum End {
    /// We close, and say why.
    Close(u16),
    /// The other side is gone.
    Gone,
}

type Step = Result<(), End>;

/// Subscriptions of one socket, ended when dropped.
struct Subscriptions {
    services: Arc<Services>,
    outbox: Arc<Outbox>,
    topics: [Topic; 3],
}

impl Subscriptions {
    fn of(services: &Arc<Services>, caller: &Caller, outbox: &Arc<Outbox>) -> Self {
        let person = caller.user_id.0.as_u128();
        let device = Topic::Device(caller.session_id.0.as_u128());
        let topics = [topic(GLOBAL_ROOM), Topic::Person(person), device];
        for topic in topics {
            services.hub.subscribe(topic, person, outbox);
        }
        Self { services: services.clone(), outbox: outbox.clone(), topics }
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        for topic in self.topics {
            self.services.hub.unsubscribe(topic, &self.outbox);
        }
    }
}

/// Serves the socket until either side ends it.
pub(super) async fn run(
    state: AppState,
    caller: Caller,
    expires: Option<UnixMillis>,
    socket: WebSocket,
) {
    let _open = state.sockets.opened();
    let outbox = Arc::new(Outbox::new(close::SLOW_READER));
    let services = state.services.clone();
    let _subscriptions = Subscriptions::of(&services, &caller, &outbox);
    let _attendance = attend(&services, &caller);
    let mut connection = Connection {
        services,
        caller,
        socket,
        outbox,
        pending: FuturesUnordered::new(),
        taken: Vec::new(),
    };
    let end = connection.serve(&state, expires).await;
    if let Err(End::Close(code)) = end {
        say_goodbye(connection.socket, code).await;
    }
}

impl Connection {
    async fn serve(&mut self, state: &AppState, expires: Option<UnixMillis>) -> Step {
        refuse_ended_session(&self.services, &self.caller).await?;
        self.greet().await?;
        if state.sockets.is_draining() {
            return Err(End::Close(close::RESTARTING));
        }
        let mut clock = Clock::start(state.config.heartbeat, expires.map(until));
        // One timer for the life of the socket: making one for each turn would cost more than a turn.
        let timer = sleep_until(clock.next());
        tokio::pin!(timer);
        loop {
            tokio::select! {
                drained = self.outbox.drain(&mut self.taken, BATCH) => self.deliver(drained).await?,
                incoming = self.socket.recv(), if self.pending.len() < IN_FLIGHT => {
                    clock.heard = Instant::now();
                    self.hear(incoming).await?;
                }
                Some(answer) = self.pending.next(), if !self.pending.is_empty() => {
                    self.answer(answer).await?;
                }
                () = &mut timer => {
                    clock.strike(state.config.expiry)?;
                    timer.as_mut().reset(clock.next());
                    self.write(Message::Ping(bytes::Bytes::new())).await?;
                }
            }
        }
    }

    async fn greet(&mut self) -> Step {
        let hello = ServerFrame::ConnectionEstablished {
            message: format!("Connected as {}.", self.caller.username),
            user_id: self.caller.user_id,
        };
        self.feed(&hello).await?;
        let others = everybody_online(&self.services);
        let me = self.caller.user_id;
        let others = others.into_iter().filter(|person| person.id != me).take(SNAPSHOT);
        for (n, person) in others.enumerate() {
            let frame = ServerFrame::UserPresence {
                user_id: person.id,
                username: person.username,
                status: Presence::Online,
            };
            self.feed(&frame).await?;
            // The socket keeps the largest buffer it ever needed.
            if n % GREETING == GREETING - 1 {
                self.flush().await?;
            }
        }
        self.flush().await
    }

    /// Everything that was ready leaves in one write.
    async fn deliver(&mut self, drained: Drained) -> Step {
        if let Drained::Closed(code) = drained {
            return Err(End::Close(code));
        }
        let Self { socket, taken, .. } = self;
        patiently(async {
            for frame in taken.drain(..) {
                // Every frame is made from a string of ours; one that is not UTF-8 cannot be.
                if let Ok(text) = Utf8Bytes::try_from(frame.bytes) {
                    socket.feed(Message::Text(text)).await?;
                }
            }
            socket.flush().await
        })
        .await?;
        // An idle socket keeps no large buffer.
        self.taken.shrink_to(KEPT);
        Ok(())
    }

    async fn hear(&mut self, incoming: Option<Result<Message, axum::Error>>) -> Step {
        match incoming {
            Some(Ok(Message::Text(text))) if text.len() > FRAME_LIMIT => {
                Err(End::Close(close::TOO_LARGE))
            }
            Some(Ok(Message::Text(text))) => self.obey(&text).await,
            Some(Ok(Message::Binary(bytes))) if bytes.len() > FRAME_LIMIT => {
                Err(End::Close(close::TOO_LARGE))
            }
            Some(Ok(Message::Binary(_))) => self.answer(commands::not_text()).await,
            // Pings are answered by the protocol layer.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            Some(Err(error)) if is_too_large(&error) => Err(End::Close(close::TOO_LARGE)),
            Some(Err(_)) => Err(End::Gone),
        }
    }

    async fn obey(&mut self, text: &str) -> Step {
        match commands::read(text) {
            Ok(frame) => {
                self.pending.push(commands::start(&self.services, &self.caller, frame));
                Ok(())
            }
            Err(refusal) => self.answer(vec![*refusal]).await,
        }
    }

    async fn answer(&mut self, frames: Vec<ServerFrame>) -> Step {
        for frame in &frames {
            self.feed(frame).await?;
        }
        self.flush().await
    }

    async fn feed(&mut self, frame: &ServerFrame) -> Step {
        let Ok(text) = serde_json::to_string(frame) else { return Ok(()) };
        patiently(self.socket.feed(Message::Text(text.into()))).await
    }

    async fn write(&mut self, message: Message) -> Step {
        patiently(self.socket.send(message)).await
    }

    async fn flush(&mut self) -> Step {
        patiently(self.socket.flush()).await
    }
}

/// The subscriptions stand by now, so a sign-out from here on is heard; this catches one that
/// came between the handshake and them.
async fn refuse_ended_session(services: &Services, caller: &Caller) -> Step {
    match domain::accounts::is_live(services, caller).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(End::Close(close::SIGNED_OUT)),
        Err(error) => {
            tracing::warn!(%error, "checking a session at connect");
            Err(End::Close(close::RESTARTING))
        }
    }
}

/// A write that the other side's full buffers hold up for too long is the end.
async fn patiently(write: impl Future<Output = Result<(), axum::Error>>) -> Step {
    match tokio::time::timeout(WRITE_PATIENCE, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long") || error.to_string().contains("too big")
}

fn until(moment: UnixMillis) -> Instant {
    let left = moment.0 - domain::clock::now().0;
    Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

/// When a socket has something to do by itself.
struct Clock {
    heartbeat: Duration,
    beat: Instant,
    /// When the credential ends.
    ends: Option<Instant>,
    /// When the other side last said anything.
    heard: Instant,
}

impl Clock {
    fn start(heartbeat: Duration, ends: Option<Instant>) -> Self {
        let now = Instant::now();
        Self { heartbeat, beat: now + heartbeat, ends, heard: now }
    }

    fn next(&self) -> Instant {
        self.ends.map_or(self.beat, |ends| ends.min(self.beat))
    }

    /// Ends the socket where its time has come, or plans the next beat.
    fn strike(&mut self, expiry: Duration) -> Step {
        let now = Instant::now();
        if self.ends.is_some_and(|ends| ends <= now) {
            return Err(End::Close(close::EXPIRED));
        }
        if now.duration_since(self.heard) >= expiry {
            return Err(End::Gone);
        }
        self.beat = now + self.heartbeat;
        Ok(())
    }
}
