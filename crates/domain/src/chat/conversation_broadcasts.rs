//! Who of a direct conversation or a group is told what. Frames go to the topic of each person, taken
//! from the memberships that the transaction itself has read: who has left or was blocked hears
//! nothing from its commit on. A group has at most a hundred members.

use realtime::{Cast, Frame, Topic};
use uuid::Uuid;
use wire::chat::Message;
use wire::conversations::{Conversation, MemberChange, OwnState, Role};
use wire::live::ServerFrame;
use wire::{ConversationId, ConversationKey, UserId};

use super::broadcasts::{about_message, encode};
use super::conversation_view::{exchanges_receipts, members_count, view};
use super::talks::{Blocks, Place, Talk};
use super::{GLOBAL_ROOM, key_of, topic};
use crate::Caller;
use crate::tx::{Tx, announce};

/// Where everything addressed to one person goes, on each of their devices.
fn person(account: Uuid) -> Topic {
    Topic::Person(account.as_u128())
}

/// The same frame to each of `people`; encoded once.
fn tell_each(tx: &mut Tx<'_>, people: impl IntoIterator<Item = Uuid>, frame: &ServerFrame) {
    let Some(text) = encode(frame) else { return };
    let cast = Cast::All(Frame::durable(text));
    for account in people {
        tx.tell(person(account), cast.clone());
    }
}

/// To everybody who has accepted. In a request that is its sender alone.
fn active(talk: &Talk) -> Vec<Uuid> {
    talk.active().map(|place| place.account).collect()
}

/// A new message: `message_sent` to its sender, `new_message` to the others. Whom a request waits for
/// gets its card instead, and who declined it nothing.
pub(super) fn tell_message(tx: &mut Tx<'_>, talk: &Talk, blocks: &Blocks, message: &Message) {
    let Some(body) = encode(message) else { return };
    let sent = Cast::All(Frame::durable(about_message("message_sent", &body)));
    let new = Cast::All(Frame::durable(about_message("new_message", &body)));
    for place in talk.active() {
        let own = place.account == message.sender.id.0;
        if is_new_to(place, message.seq) {
            tell_added(tx, talk, blocks, UserId(place.account), Some(message));
        }
        tx.tell(person(place.account), if own { sent.clone() } else { new.clone() });
    }
    if let Some(waiting) = tell_card(tx, talk, blocks, message) {
        tell_unscreened(tx, waiting, message);
    }
}

/// Whether the message brings a conversation that was hidden back.
fn is_new_to(place: &Place, seq: i64) -> bool {
    place.hidden_seq.is_some_and(|hidden| hidden + 1 == seq)
}

/// The card of a request, as it is now, to the one it waits for, who is the answer.
pub(super) fn tell_card(
    tx: &mut Tx<'_>,
    talk: &Talk,
    blocks: &Blocks,
    message: &Message,
) -> Option<Uuid> {
    let waiting = talk.places.iter().find(|place| place.state == "requested")?;
    if !talk.is_direct() {
        return None;
    }
    let card = view(talk, UserId(waiting.account), blocks, Some(message.clone()))?;
    let frame = ServerFrame::MessageRequest { conversation: Box::new(card) };
    tell_each(tx, [waiting.account], &frame);
    Some(waiting.account)
}

/// Clients that know no requests get the message itself.
fn tell_unscreened(tx: &mut Tx<'_>, account: Uuid, message: &Message) {
    let Some(body) = encode(message) else { return };
    let frame = Frame::durable(about_message("new_message", &body));
    tx.tell(Topic::Unscreened(account.as_u128()), Cast::All(frame));
}

/// `acceptor` has answered: their devices have a conversation more, the other person's request is none.
pub(super) fn tell_accepted(tx: &mut Tx<'_>, talk: &Talk, blocks: &Blocks, acceptor: UserId) {
    tell_added(tx, talk, blocks, acceptor, None);
    let frame = ServerFrame::RequestAccepted { conversation_id: talk.id, user_id: acceptor };
    tell_each(tx, talk.other(acceptor).map(|other| other.account), &frame);
}

/// A conversation that was not in `account`'s list is there now.
pub(super) fn tell_added(
    tx: &mut Tx<'_>,
    talk: &Talk,
    blocks: &Blocks,
    account: UserId,
    last_message: Option<&Message>,
) {
    if let Some(conversation) = view(talk, account, blocks, last_message.cloned()) {
        tell_conversation(tx, account, conversation);
    }
}

pub(super) fn tell_conversation(tx: &mut Tx<'_>, account: UserId, conversation: Conversation) {
    let frame = ServerFrame::ConversationAdded { conversation: Box::new(conversation) };
    tell_each(tx, [account.0], &frame);
}

/// To the devices of somebody who has it no longer.
pub(super) fn tell_removed(tx: &mut Tx<'_>, id: ConversationId, account: UserId) {
    tell_each(tx, [account.0], &ServerFrame::ConversationRemoved { conversation_id: id });
}

pub(super) fn tell_renamed(tx: &mut Tx<'_>, talk: &Talk, title: &str, by: UserId) {
    let frame = ServerFrame::ConversationRenamed {
        conversation_id: talk.id,
        title: title.to_owned(),
        user_id: by,
    };
    tell_each(tx, active(talk), &frame);
}

/// To the members as they are now; somebody who went is told by [`tell_removed`].
pub(super) fn tell_member_changed(
    tx: &mut Tx<'_>,
    talk: &Talk,
    change: MemberChange,
    (who, role): (&Place, Role),
    by: UserId,
) {
    let frame = ServerFrame::MemberChanged {
        conversation_id: talk.id,
        change,
        user_id: UserId(who.account),
        username: who.username.clone(),
        role,
        by,
        members_count: members_count(talk),
    };
    tell_each(tx, active(talk), &frame);
}

/// For one's own other devices.
pub(super) fn tell_state(tx: &mut Tx<'_>, key: ConversationKey, account: UserId, state: OwnState) {
    let frame = ServerFrame::ConversationState { conversation_id: key, state };
    tell_each(tx, [account.0], &frame);
}

/// To the reader's own devices, and to those with whom they exchange receipts; never over a request
/// or across a block.
pub(super) fn tell_read_here(
    tx: &mut Tx<'_>,
    talk: &Talk,
    blocks: &Blocks,
    reader: &Place,
    up_to: i64,
    count: i64,
) {
    let frame = ServerFrame::MessagesRead {
        conversation_id: key_of(talk.id),
        reader_id: UserId(reader.account),
        up_to,
        count,
    };
    let hears = |place: &&Place| {
        place.account == reader.account
            || (!talk.is_pending()
                && exchanges_receipts(place, reader)
                && !blocks.between(place.account, reader.account))
    };
    // Whom a request waits for is not active, and still has devices.
    let people: Vec<_> = talk.places.iter().filter(hears).map(|place| place.account).collect();
    tell_each(tx, people, &frame);
}

/// Those who may hear of a change to a message: everybody in the global room, the members of any
/// other; across a block of a direct conversation nobody but the one who changed it.
pub(super) enum Hearers<'a> {
    Room,
    Talk { talk: &'a Talk, blocks: &'a Blocks, by: UserId },
}

impl Hearers<'_> {
    pub(super) fn tell(&self, tx: &mut Tx<'_>, frame: &ServerFrame) {
        match self {
            Self::Room => {
                if let Some(text) = encode(frame) {
                    tx.tell(topic(GLOBAL_ROOM), Cast::All(Frame::durable(text)));
                }
            }
            Self::Talk { talk, blocks, by } => {
                let apart = |account: &Uuid| talk.is_direct() && blocks.between(*account, by.0);
                let people = active(talk).into_iter().filter(|account| !apart(account));
                tell_each(tx, people, frame);
            }
        }
    }
}

/// That somebody writes: to the other members who have accepted, and not across a block. May be lost.
pub(super) fn announce_typing(
    hub: &realtime::Hub,
    talk: &Talk,
    blocks: &Blocks,
    writer: &Caller,
    is_typing: bool,
) {
    let Some(cast) = typing_cast(talk.id, writer, is_typing) else { return };
    let me = writer.user_id.0;
    let others = talk.active().filter(|place| place.account != me);
    for other in others.filter(|place| !blocks.between(me, place.account)) {
        announce(hub, person(other.account), cast.clone());
    }
}

fn typing_cast(id: ConversationId, writer: &Caller, is_typing: bool) -> Option<Cast> {
    let frame = ServerFrame::Typing {
        conversation_id: key_of(id),
        user_id: writer.user_id,
        username: writer.username.clone(),
        is_typing,
    };
    encode(&frame).map(|text| Cast::All(Frame::droppable(text)))
}

#[cfg(test)]
mod tests {
    use wire::SessionId;

    use super::*;

    #[test]
    fn that_somebody_writes_may_be_lost_under_pressure() {
        let writer = Caller {
            user_id: UserId::new(),
            username: "ada".into(),
            is_staff: false,
            session_id: SessionId::new(),
            avatar: None,
        };
        let Some(Cast::All(frame)) = typing_cast(ConversationId::new(), &writer, true) else {
            panic!("the same for everybody")
        };
        assert!(frame.is_droppable());
    }
}
