//! The task of one socket.
//!
//! It reads, answers and keeps time. What others say does not pass through it: whoever tells it writes
//! it (see `realtime::Outbox`), and this task is woken only where the connection does not take it all.

use std::sync::Arc;
use std::time::{Duration, Instant as StdInstant};

use domain::accounts::is_still_live;
use domain::chat::{GLOBAL_ROOM, attend, online_at_the_door, online_of, topic, watch};
use domain::people::whom_to_see;
use domain::{Caller, Services};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use realtime::{Listener, News};
use tokio::time::{Instant, sleep_until};
use tungstenite::Message;
use wire::chat::Person;
use wire::live::{ClientFrame, FRAME_LIMIT, Presence, ServerFrame, close};
use wire::{ConversationKey, UnixMillis};

use super::close::say_goodbye;
use super::commands::{self, Pending, Said};
use super::languages::Language;
use super::socket::{Ending, Socket};
use crate::config::Config;
use crate::state::AppState;

/// Sends of one socket that may wait for their commit; beyond it the socket is not read.
const IN_FLIGHT: usize = 64;
/// A client that takes nothing for this long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// Answers are put together up to this many bytes, then the line has to take them.
const ANSWER: usize = 64 * 1024;

/// What a socket's task holds while it runs.
pub(super) struct Connection {
    pub(super) services: Arc<Services>,
    pub(super) caller: Caller,
    language: &'static Language,
    listener: Listener,
    /// Whether this socket hears the global room: the one conversation that it can be spared.
    hears_room: bool,
    socket: Socket,
    pending: FuturesUnordered<Pending>,
}

/// Why a connection ends.
enum End {
    /// We close, and say why.
    Close(u16),
    /// The other side is gone.
    Gone,
}

type Step = Result<(), End>;

impl From<Ending> for End {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Gone => Self::Gone,
            Ending::Fault(code) => Self::Close(code),
        }
    }
}

/// What is left of the handshake's credential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recognised {
    /// Before its session was looked up.
    pub(super) since: StdInstant,
    /// When it ends by itself.
    pub(super) expires: Option<UnixMillis>,
}

/// Serves the socket until either side ends it.
pub(super) async fn run(
    state: AppState,
    caller: Caller,
    recognised: Recognised,
    language: &'static Language,
    socket: Socket,
) {
    let _open = state.sockets.opened();
    let services = state.services.clone();
    let listener = listen(&services, &caller, language, &socket);
    let _watching = (!language.hears_room).then(|| watch(&services));
    // Gone when the socket is, not before.
    let attendance = Box::pin(attend(&services, &caller)).await;
    let pending = FuturesUnordered::new();
    let mut connection = Connection {
        services,
        caller,
        language,
        listener,
        hears_room: language.hears_room,
        socket,
        pending,
    };
    let end = match &attendance {
        Ok(_) => connection.serve(&state, recognised).await,
        Err(error) => {
            tracing::warn!(%error, "counting a socket");
            Err(End::Close(close::RESTARTING))
        }
    };
    if let Err(End::Close(code)) = end {
        Box::pin(say_goodbye(connection.socket, code)).await;
    }
}

fn listen(services: &Services, caller: &Caller, language: &Language, socket: &Socket) -> Listener {
    let person = caller.user_id.0.as_u128();
    let mut listener = services.hub.listener(person, language.dialect, socket.outbox().clone());
    for topic in language.topics(caller) {
        listener.subscribe(topic);
    }
    listener
}

impl Connection {
    async fn serve(&mut self, state: &AppState, recognised: Recognised) -> Step {
        // What happens once is boxed: its room would be part of every idle socket's task.
        Box::pin(refuse_ended_session(&self.services, &self.caller, recognised.since)).await?;
        Box::pin(self.greet()).await?;
        if state.sockets.is_draining() {
            return Err(End::Close(close::RESTARTING));
        }
        let mut clock = Clock::start(&state.config, recognised.expires.map(until));
        let outbox = self.socket.outbox().clone();
        // One timer for the life of the socket: making one for each turn would cost more than a turn.
        let timer = sleep_until(clock.next());
        tokio::pin!(timer);
        loop {
            tokio::select! {
                news = outbox.news() => match news {
                    News::Waiting => self.see_off().await?,
                    News::Closed(realtime::GONE) => return Err(End::Gone),
                    News::Closed(code) => return Err(End::Close(code)),
                },
                incoming = self.socket.next(), if self.pending.len() < IN_FLIGHT => {
                    clock.heard = Instant::now();
                    Box::pin(self.hear(incoming?)).await?;
                }
                Some(answer) = self.pending.next(), if !self.pending.is_empty() => {
                    Box::pin(self.answer(answer)).await?;
                }
                () = &mut timer => {
                    clock.strike()?;
                    timer.as_mut().reset(clock.next());
                    self.socket.ping();
                }
            }
        }
    }

    async fn greet(&mut self) -> Step {
        let (others, online_count) = self.others_here().await?;
        let hello = ServerFrame::ConnectionEstablished {
            message: format!("Connected as {}.", self.caller.username),
            user_id: self.caller.user_id,
            online_count: Some(online_count),
        };
        let others = others.into_iter().map(|person| ServerFrame::UserPresence {
            user_id: person.id,
            username: person.username,
            status: Presence::Online,
            last_seen: None,
        });
        let frames = std::iter::once(hello).chain(others).map(Said::from).collect();
        self.answer(frames).await
    }

    /// Who is online, of those whose coming and going this socket hears of, and how many they are.
    async fn others_here(&mut self) -> Result<(Vec<Person>, usize), End> {
        let me = self.caller.user_id;
        if self.language.hears_room {
            return Ok(online_at_the_door(&self.services, &self.caller));
        }
        let known = whom_to_see(&self.services, me).await.map_err(|error| {
            tracing::warn!(%error, "whom a socket knows");
            End::Close(close::RESTARTING)
        })?;
        let online = online_of(&self.services, &known);
        let count = online.len();
        Ok((online, count))
    }

    async fn hear(&mut self, message: Message) -> Step {
        match message {
            Message::Text(text) if text.len() > FRAME_LIMIT => Err(End::Close(close::TOO_LARGE)),
            Message::Text(text) => self.obey(&text).await,
            Message::Binary(bytes) if bytes.len() > FRAME_LIMIT => {
                Err(End::Close(close::TOO_LARGE))
            }
            Message::Binary(_) => self.answer(vec![commands::not_text()]).await,
            Message::Close(_) => {
                self.socket.acknowledge_close();
                Err(End::Gone)
            }
            // Pings are answered by the protocol layer.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    async fn obey(&mut self, text: &str) -> Step {
        match commands::read(self.language, text) {
            Ok(frame) => {
                self.tune(&frame);
                self.pending.push(commands::start(&self.services, &self.caller, frame));
                Ok(())
            }
            Err(refusal) => self.answer(vec![Said::New(refusal)]).await,
        }
    }

    /// Begins or ends to hear the global room, where that is asked for. What is said between known people
    /// reaches every device of theirs.
    fn tune(&mut self, frame: &ClientFrame) {
        let (asked, wanted) = match frame {
            ClientFrame::Subscribe(asked) => (asked, true),
            ClientFrame::Unsubscribe(asked) => (asked, false),
            _ => return,
        };
        if !asked.conversations.contains(&ConversationKey::Global) || self.hears_room == wanted {
            return;
        }
        self.hears_room = wanted;
        match wanted {
            true => self.listener.subscribe(topic(GLOBAL_ROOM)),
            false => self.listener.unsubscribe(topic(GLOBAL_ROOM)),
        }
    }

    /// Says the frames in as few writes as possible.
    async fn answer(&mut self, answer: Vec<Said>) -> Step {
        let mut bytes = Vec::new();
        for said in answer {
            let Some(frame) = self.language.frame(said) else { continue };
            bytes.extend_from_slice(frame.wire());
            if bytes.len() >= ANSWER {
                self.say(std::mem::take(&mut bytes)).await?;
            }
        }
        self.say(bytes).await
    }

    async fn say(&mut self, bytes: Vec<u8>) -> Step {
        self.socket.outbox().say(bytes.into());
        self.see_off().await
    }

    /// While something waits for the line, nothing more is read from this client.
    async fn see_off(&mut self) -> Step {
        match tokio::time::timeout(WRITE_PATIENCE, self.socket.see_off()).await {
            Ok(left) => Ok(left?),
            Err(_) => Err(End::Gone),
        }
    }
}

/// The subscriptions stand by now, so a sign-out from here on is heard; this catches one that
/// came between the handshake and them.
async fn refuse_ended_session(services: &Services, caller: &Caller, since: StdInstant) -> Step {
    match is_still_live(services, caller, since).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(End::Close(close::SIGNED_OUT)),
        Err(error) => {
            tracing::warn!(%error, "checking a session at connect");
            Err(End::Close(close::RESTARTING))
        }
    }
}

fn until(moment: UnixMillis) -> Instant {
    let left = moment.0 - domain::clock::now().0;
    Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

/// When a socket has something to do by itself.
struct Clock {
    heartbeat: Duration,
    expiry: Duration,
    beat: Instant,
    /// When the credential ends.
    ends: Option<Instant>,
    /// When the other side last said anything.
    heard: Instant,
}

impl Clock {
    fn start(config: &Config, ends: Option<Instant>) -> Self {
        let (now, heartbeat, expiry) = (Instant::now(), config.heartbeat, config.expiry);
        Self { heartbeat, expiry, beat: now + heartbeat, ends, heard: now }
    }

    fn next(&self) -> Instant {
        // Silence does not last until the next beat.
        let beat = self.beat.min(self.heard + self.expiry);
        self.ends.map_or(beat, |ends| ends.min(beat))
    }

    /// Ends the socket where its time has come, or plans the next beat.
    fn strike(&mut self) -> Step {
        let now = Instant::now();
        if self.ends.is_some_and(|ends| ends <= now) {
            return Err(End::Close(close::EXPIRED));
        }
        if now.duration_since(self.heard) >= self.expiry {
            return Err(End::Gone);
        }
        self.beat = now + self.heartbeat;
        Ok(())
    }
}
