//! A conversation as one of its people sees it.

use wire::chat::Message;
use wire::conversations::{Conversation, MEMBERS_SHOWN, Member, Role};
use wire::people::LastSeen;
use wire::{UnixMillis, UserId};

use super::talks::{Blocks, Place, Talk};
use crate::clock;

/// The conversation in `viewer`'s list. Who is online stands on another page: see
/// [`show_who_is_online`](super::conversations::show_who_is_online).
pub(super) fn view(
    talk: &Talk,
    viewer: UserId,
    blocks: &Blocks,
    last_message: Option<Message>,
) -> Option<Conversation> {
    let own = talk.place(viewer)?;
    let others = talk.places.iter().filter(|place| place.account != viewer.0);
    let shown = if talk.is_direct() { 1 } else { MEMBERS_SHOWN };
    Some(Conversation {
        id: talk.id,
        kind: talk.kind,
        title: talk.title.clone(),
        people: others.take(shown).map(|other| member(talk, own, other, blocks)).collect(),
        members_count: members_count(talk),
        role: own.role,
        request: talk.request(viewer),
        is_blocked: talk.other(viewer).is_some_and(|other| blocks.by(viewer.0, other.account)),
        last_seq: talk.last_seq,
        last_read_seq: own.last_read_seq,
        unread_count: own.unread(talk.last_seq),
        last_message,
        created_at: UnixMillis(talk.created_at),
        updated_at: UnixMillis(talk.updated_at),
        muted_until: muted_until(own),
        draft: own.draft.clone(),
    })
}

/// `other` as the one whose place is `own` may see them. Over a request and across a block nothing
/// is shown but the name.
pub(super) fn member(talk: &Talk, own: &Place, other: &Place, blocks: &Blocks) -> Member {
    let apart = talk.is_pending() || blocks.between(own.account, other.account);
    let shows_presence = other.show_presence && !apart;
    let last_seen = other.last_seen.filter(|_| shows_presence).map(UnixMillis);
    let receipts = !apart && exchanges_receipts(own, other);
    Member {
        user: other.author(),
        role: if talk.is_direct() { Role::Member } else { other.role },
        created_at: UnixMillis(other.account_created_at),
        shows_presence,
        is_online: false,
        last_seen: last_seen.map(|seen| LastSeen::between(seen, clock::now())),
        last_read_seq: receipts.then_some(other.last_read_seq),
    }
}

/// Receipts go between two people who both show theirs.
pub(super) fn exchanges_receipts(one: &Place, other: &Place) -> bool {
    one.show_read_receipts && other.show_read_receipts
}

pub(super) fn members_count(talk: &Talk) -> i64 {
    i64::try_from(talk.places.len()).unwrap_or(i64::MAX)
}

fn muted_until(place: &Place) -> Option<UnixMillis> {
    place.muted_until.filter(|until| *until > clock::now().0).map(UnixMillis)
}
