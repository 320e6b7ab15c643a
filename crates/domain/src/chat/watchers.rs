//! Who is told that somebody came or went, beside those in the global room: for each viewer their own
//! topic, and on it only people whom they know at that moment.
//!
//! Whom somebody knows is asked when there is something to tell, not when their socket opened: a block, an
//! accepted request or a group that was left count from their commit on, on every node. One task asks, for
//! all who came and went meanwhile at once, so that tellings keep their order.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use realtime::{Cast, Event, Topic};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wire::chat::Person;
use wire::live::Presence;
use wire::{ConversationId, UserId};

use super::broadcasts::presence_frame;
use super::presence::online_of;
use super::talks::{Talk, talks};
use crate::people::acquaintances;
use crate::tx::{Tx, announce, announce_here};
use crate::{Services, StoreError};

/// Turns that are looked up in one question.
const TOGETHER: usize = 64;

/// Something that those who know somebody are to hear.
#[derive(Debug)]
pub(super) enum Turn {
    /// In a crowd every socket of those who know them is told, since the global room is not.
    Presence { person: Person, status: Presence, in_crowd: bool },
    /// Each of the first may know each of the second from now on.
    Met(BTreeSet<UserId>, BTreeSet<UserId>),
    /// Somebody may no longer know those whom they knew.
    Parted(UserId, BTreeSet<UserId>),
    /// Somebody wrote one of the first messages of a conversation: where it was a request, that accepts it.
    Answered(UserId, ConversationId),
    /// A test waits until everything before has been told.
    #[cfg(test)]
    Settle(tokio::sync::oneshot::Sender<()>),
}

/// The way to the task, and how many sockets of this node want to hear of it.
#[derive(Debug, Clone)]
pub(crate) struct Watchers {
    sockets: Arc<AtomicUsize>,
    turns: UnboundedSender<Turn>,
}

/// What waits for the task.
#[derive(Debug)]
pub(crate) struct Turns(UnboundedReceiver<Turn>);

/// A socket that hears of those whom its person knows, until this is dropped.
#[derive(Debug)]
pub struct Watching(Arc<AtomicUsize>);

impl Watchers {
    pub(crate) fn new() -> (Self, Turns) {
        let (turns, waiting) = unbounded_channel();
        (Self { sockets: Arc::default(), turns }, Turns(waiting))
    }

    /// Somebody came or went: told to the sockets of this node, as every node finds it out for itself.
    pub(super) fn tell(&self, person: &Person, status: Presence, in_crowd: bool) {
        if in_crowd || self.sockets.load(Ordering::Acquire) > 0 {
            self.send(Turn::Presence { person: person.clone(), status, in_crowd });
        }
    }

    #[cfg(test)]
    pub(crate) async fn settled(&self) {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.send(Turn::Settle(tell));
        let _ended = told.await;
    }

    pub(super) fn send(&self, turn: Turn) {
        // The task ends with the services alone.
        let _ended = self.turns.send(turn);
    }
}

/// What a person's own sockets hear of those whom they know; listened to before it is asked who is
/// there, so that nobody can come in between.
#[must_use]
pub fn watch(services: &Services) -> Watching {
    services.watchers.sockets.fetch_add(1, Ordering::AcqRel);
    Watching(services.watchers.sockets.clone())
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Something was committed after which each of `one` may know each of `others`: those who do hear of each
/// other that they are here. On all nodes.
pub(crate) fn met(
    services: &Services,
    one: impl IntoIterator<Item = UserId>,
    others: impl IntoIterator<Item = UserId>,
) {
    let (one, others) = (one.into_iter().collect(), others.into_iter().collect());
    services.watchers.send(Turn::Met(one, others));
}

/// Something was committed after which `one` may no longer know those of `knew` ([`whom_one_knows`], read
/// before it): those who do not are gone for each other. Who was a stranger before hears nothing.
pub(crate) fn parted(services: &Services, one: UserId, knew: BTreeSet<UserId>) {
    services.watchers.send(Turn::Parted(one, knew));
}

/// Whom `one` knows, before a change that may end it.
pub(crate) async fn whom_one_knows(
    tx: &Tx<'_>,
    one: UserId,
) -> Result<BTreeSet<UserId>, StoreError> {
    let known = acquaintances(tx.rows(), &BTreeSet::from([one])).await?;
    Ok(known.into_values().next().unwrap_or_default())
}

/// Until the services end.
pub(crate) fn start(services: &Arc<Services>, Turns(mut waiting): Turns) {
    let services = Arc::downgrade(services);
    tokio::spawn(async move {
        let mut turns = Vec::new();
        while waiting.recv_many(&mut turns, TOGETHER).await > 0 {
            let Some(services) = services.upgrade() else { return };
            if let Err(error) = tell_all(&services, std::mem::take(&mut turns)).await {
                tracing::warn!(%error, "telling who came and went");
            }
        }
    });
}

async fn tell_all(services: &Services, mut turns: Vec<Turn>) -> Result<(), StoreError> {
    let mut who = BTreeSet::new();
    for turn in &mut turns {
        if let Turn::Answered(one, conversation) = turn {
            *turn = Turn::Met(BTreeSet::from([*one]), the_two_of(services, *conversation).await?);
        }
        match turn {
            Turn::Presence { person: Person { id: one, .. }, .. }
            | Turn::Parted(one, _)
            | Turn::Answered(one, _) => who.extend([*one]),
            Turn::Met(one, _) => who.extend(&*one),
            #[cfg(test)]
            Turn::Settle(_) => {}
        }
    }
    let known = acquaintances(&services.store.read, &who).await?;
    let none = BTreeSet::new();
    let of = |one: UserId| known.get(&one).unwrap_or(&none);
    for turn in turns {
        match turn {
            Turn::Presence { person, status, in_crowd } => {
                let topic = if in_crowd { everywhere } else { topic };
                tell_here(services, &person, status, (of(person.id), topic));
            }
            Turn::Met(one, mut others) => {
                for one in one {
                    // Each two of a new group meet once.
                    others.remove(&one);
                    tell_between(services, one, &others & of(one), Presence::Online);
                }
            }
            Turn::Parted(one, knew) => {
                tell_between(services, one, &knew - of(one), Presence::Offline);
            }
            Turn::Answered(..) => {}
            #[cfg(test)]
            Turn::Settle(told) => drop(told.send(())),
        }
    }
    Ok(())
}

/// The members of a conversation between two; nobody for any other.
async fn the_two_of(
    services: &Services,
    id: ConversationId,
) -> Result<BTreeSet<UserId>, StoreError> {
    let talk = talks(&services.store.read, &BTreeSet::from([id])).await?.remove(&id);
    let accounts = talk.filter(Talk::is_direct).map(|talk| talk.accounts()).unwrap_or_default();
    Ok(accounts.into_iter().map(UserId).collect())
}

fn tell_here(
    services: &Services,
    who: &Person,
    status: Presence,
    (viewers, topic): (&BTreeSet<UserId>, fn(UserId) -> Topic),
) {
    let Some(frame) = presence_frame(who, status) else { return };
    let event = |viewer: &UserId| Event::new(topic(*viewer), Cast::All(frame.clone()));
    announce_here(&services.hub, viewers.iter().map(event).collect());
}

/// To `one` of those of `others` who are here, and to them of `one`.
fn tell_between(services: &Services, one: UserId, others: BTreeSet<UserId>, status: Presence) {
    let myself = BTreeSet::from([one]);
    for (people, viewers) in [(&others, &myself), (&myself, &others)] {
        for person in online_of(services, people) {
            let Some(frame) = presence_frame(&person, status) else { continue };
            for viewer in viewers {
                announce(&services.hub, topic(*viewer), Cast::All(frame.clone()));
            }
        }
    }
}

/// Where one person hears of those whom they know.
fn topic(viewer: UserId) -> Topic {
    Topic::Presence(viewer.0.as_u128())
}

/// Where all sockets of one person hear what is addressed to them.
fn everywhere(viewer: UserId) -> Topic {
    Topic::Person(viewer.0.as_u128())
}
