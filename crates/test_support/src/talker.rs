//! A client that says one thing after the other, whatever happens to its server, and keeps a log.
//!
//! What is not acknowledged is said again under the same client id: after an answer that asks to wait,
//! and after coming back, once it has heard what it missed.

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message as Text;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use wire::chat::Message;
use wire::live::{ChatMessage, ClientFrame, Resume, ServerFrame};
use wire::{ClientId, ConversationKey, ErrorCode};

use crate::PATIENCE;
use crate::history::{Entry, Log, Seen};

const ROOM: ConversationKey = ConversationKey::Global;
/// Between two tries to reach a server that is not there.
const AGAIN: Duration = Duration::from_millis(20);

/// Where the server is now; `None` while there is none.
pub type Place = watch::Receiver<Option<SocketAddr>>;

/// Who talks, and how much.
#[derive(Debug, Clone)]
pub struct Who {
    pub name: String,
    /// An access token.
    pub access: String,
    /// Between two messages; `None` for somebody who only listens.
    pub pace: Option<Duration>,
    /// The last message before they came.
    pub since: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Talk,
    /// Nothing new any more.
    BeQuiet,
    /// End when this number has been heard.
    HearOut(i64),
}

/// What can be known of a talker from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    pub acknowledged: usize,
    /// How often it was asked to wait.
    pub refused: usize,
    /// How often it has come, and heard what it had missed.
    pub resumed: usize,
    /// Quiet, with nothing that waits for an answer.
    pub is_done: bool,
}

/// A client in the background.
#[derive(Debug)]
pub struct Talker {
    orders: watch::Sender<Order>,
    state: watch::Receiver<State>,
    task: JoinHandle<Log>,
}

impl Talker {
    #[must_use]
    pub fn start(who: Who, place: Place) -> Self {
        let (orders, ordered) = watch::channel(Order::Talk);
        let (told, state) = watch::channel(State::default());
        let mut memory = Memory::of(who, told);
        let task = tokio::spawn(async move {
            memory.talk(place, ordered).await;
            memory.log
        });
        Self { orders, state, task }
    }

    #[must_use]
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Waits until `holds` does.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub async fn until(&self, holds: impl FnMut(&State) -> bool) {
        let mut state = self.state.clone();
        let waiting = timeout(PATIENCE, state.wait_for(holds)).await;
        let _state = waiting.expect("it comes about").expect("the talker goes on");
    }

    /// Says nothing new, and waits until everything that was said is acknowledged.
    ///
    /// # Panics
    /// As [`Talker::until`].
    pub async fn be_quiet(&self) {
        self.orders.send_replace(Order::BeQuiet);
        self.until(|state| state.is_done).await;
    }

    /// The log, once everything up to `seq` has been heard, or as much as came in time.
    ///
    /// # Panics
    /// Where the talker did.
    pub async fn hear_out(mut self, seq: i64) -> Log {
        self.orders.send_replace(Order::HearOut(seq));
        let Ok(log) = timeout(PATIENCE, &mut self.task).await else {
            self.task.abort();
            panic!("a talker never heard {seq}");
        };
        log.expect("a log")
    }
}

type Socket = WebSocketStream<TcpStream>;

/// What a client keeps from one connection to the next.
struct Memory {
    who: Who,
    log: Log,
    told: watch::Sender<State>,
    waiting: Option<ClientId>,
    /// Said more than once: the answer to the second time is no news.
    repeated: HashSet<ClientId>,
    /// Everything up to here has been heard; beyond it, what came early.
    reached: i64,
    ahead: BTreeSet<i64>,
    /// What was missed has not all come yet.
    mixed: bool,
    next_at: Instant,
}

impl Memory {
    fn of(who: Who, told: watch::Sender<State>) -> Self {
        let seen = vec![Seen::From(ROOM, who.since)];
        let log = Log { who: who.name.clone(), acknowledged: Vec::new(), seen };
        let (reached, next_at) = (who.since, Instant::now());
        let (repeated, ahead) = (HashSet::new(), BTreeSet::new());
        Self { who, log, told, waiting: None, repeated, reached, ahead, mixed: false, next_at }
    }

    async fn talk(&mut self, mut place: Place, mut orders: watch::Receiver<Order>) {
        loop {
            let Ok(found) = place.wait_for(Option::is_some).await.map(|found| *found) else {
                return;
            };
            if let Some(mut socket) = self.connect(found).await
                && self.converse(&mut socket, &mut orders).await
            {
                return;
            }
            sleep_until(Instant::now() + AGAIN).await;
        }
    }

    async fn connect(&mut self, address: Option<SocketAddr>) -> Option<Socket> {
        let address = address?;
        let stream = TcpStream::connect(address).await.ok()?;
        let mut request = format!("ws://{address}/ws/chat/").into_client_request().ok()?;
        let bearer = format!("Bearer {}", self.who.access).parse().ok()?;
        request.headers_mut().insert("authorization", bearer);
        let (mut socket, _) = timeout(PATIENCE, client_async(request, stream)).await.ok()?.ok()?;
        self.log.seen.push(Seen::Connected);
        self.mixed = true;
        let cursors = [(ROOM, self.reached)].into();
        say(&mut socket, &ClientFrame::Resume(Resume { cursors })).await?;
        Some(socket)
    }

    /// Whether it is over for good; else the connection is.
    async fn converse(&mut self, socket: &mut Socket, orders: &mut watch::Receiver<Order>) -> bool {
        let mut resumed = false;
        loop {
            let order = *orders.borrow_and_update();
            self.note_done(order);
            if matches!(order, Order::HearOut(last) if self.reached >= last && resumed) {
                let _gone = socket.close(None).await;
                return true;
            }
            let talks = resumed && self.has_something_to_say(order);
            tokio::select! {
                incoming = socket.next() => match incoming {
                    Some(Ok(Text::Text(text))) => {
                        resumed |= self.hear(&text);
                    }
                    Some(Ok(Text::Ping(_) | Text::Pong(_))) => {}
                    _ => return false,
                },
                changed = orders.changed() => if changed.is_err() { return true },
                () = sleep_until(self.next_at), if talks => {
                    if self.speak(socket).await.is_none() {
                        return false;
                    }
                }
            }
        }
    }

    fn note_done(&self, order: Order) {
        let is_done = order != Order::Talk && self.waiting.is_none();
        self.told.send_if_modified(|state| {
            let changed = state.is_done != is_done;
            state.is_done = is_done;
            changed
        });
    }

    /// What waits for its answer is said again when `next_at` has come: far away, unless it was refused
    /// or the connection is new.
    fn has_something_to_say(&self, order: Order) -> bool {
        self.waiting.is_some() || (order == Order::Talk && self.who.pace.is_some())
    }

    async fn speak(&mut self, socket: &mut Socket) -> Option<()> {
        let client_id = match self.waiting.clone() {
            Some(client_id) => {
                self.repeated.insert(client_id.clone());
                client_id
            }
            None => ClientId::new(),
        };
        self.waiting = Some(client_id.clone());
        self.next_at = Instant::now() + PATIENCE;
        let content = format!("{}: {}", self.who.name, client_id.as_str());
        let message = ChatMessage {
            conversation_id: ROOM,
            content,
            reply_to: None,
            client_id: Some(client_id),
        };
        say(socket, &ClientFrame::ChatMessage(message)).await
    }

    /// Whether everything that was missed has come.
    fn hear(&mut self, text: &str) -> bool {
        match serde_json::from_str(text).expect("a frame of the protocol") {
            ServerFrame::NewMessage { message } => self.take(&message, false),
            ServerFrame::MessageSent { message } => self.take(&message, true),
            ServerFrame::Gap { to_seq, .. } => {
                self.log.seen.push(Seen::Gap(ROOM, to_seq));
                self.reached = self.reached.max(to_seq);
                self.take_up();
            }
            ServerFrame::Resumed { .. } => {
                self.log.seen.push(Seen::Resumed);
                self.mixed = false;
                self.next_at = Instant::now();
                self.told.send_modify(|state| state.resumed += 1);
                return true;
            }
            ServerFrame::Error { code, client_id, retry_after_ms, message } => {
                self.refused(code, client_id, retry_after_ms, &message);
            }
            _ => {}
        }
        false
    }

    fn take(&mut self, message: &Message, is_own: bool) {
        // The answer to a repeat goes past the queue of what is told to everybody.
        let is_next = message.seq == self.reached + 1;
        let is_answer = is_own && !self.mixed && self.repeated.contains(&message.client_id);
        if is_next || !is_answer {
            self.log.seen.push(Seen::Message(message.into()));
            self.ahead.insert(message.seq);
            self.take_up();
        }
        if is_own && self.waiting.as_ref() == Some(&message.client_id) {
            self.log.acknowledged.push(Entry::from(message));
            self.waiting = None;
            self.next_at = Instant::now() + self.who.pace.unwrap_or_default();
            self.told.send_modify(|state| state.acknowledged += 1);
        }
    }

    fn take_up(&mut self) {
        while self.ahead.remove(&(self.reached + 1)) {
            self.reached += 1;
        }
        let reached = self.reached;
        self.ahead.retain(|seq| *seq > reached);
    }

    fn refused(
        &mut self,
        code: ErrorCode,
        client_id: Option<ClientId>,
        retry_after_ms: Option<u64>,
        sentence: &str,
    ) {
        assert!(code.is_temporary() && code != ErrorCode::Internal, "{code:?}: {sentence}");
        let wait = retry_after_ms.expect("how long to wait");
        if client_id.is_some() && client_id == self.waiting {
            self.next_at = Instant::now() + Duration::from_millis(wait);
            self.told.send_modify(|state| state.refused += 1);
        }
    }
}

async fn say(socket: &mut Socket, frame: &ClientFrame) -> Option<()> {
    let text = serde_json::to_string(frame).expect("a frame");
    socket.send(Text::text(text)).await.ok()
}
