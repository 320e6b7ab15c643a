//! Who is online, and the telling of it.
//!
//! Each node counts the connections of its own people and tells the other nodes who has come and who
//! has gone. To the count of everybody, a node on which somebody is counts as one more device, so that
//! they go offline with the last device of the last node.

use std::sync::Arc;

use tokio::runtime::Handle;
use wire::UserId;
use wire::chat::Person;
use wire::live::Presence;

use super::ChatError;
use super::broadcasts::tell_presence;
use crate::nodes::Note;
use crate::people::touch_last_seen;
use crate::{Caller, Services};

/// Everybody with a connection who shows it, by name.
#[must_use]
pub fn everybody_online(services: &Services) -> Vec<Person> {
    let mut people = services.here.everybody();
    people.sort();
    people
}

/// Whether somebody has a connection and shows it.
pub(crate) fn is_online(services: &Services, who: UserId) -> bool {
    services.here.shown(who.0.as_u128()) == Some(true)
}

/// One connection of somebody, counted until it is dropped.
#[derive(Debug)]
pub struct Attendance {
    services: Arc<Services>,
    person: Person,
    /// Kept, because whoever drops this may not be inside it: a runtime that ends is not.
    runtime: Handle,
}

/// Counts a connection of the caller; others hear of the first one, unless the caller hides it.
///
/// # Errors
/// Where the database does not answer.
pub async fn attend(services: &Arc<Services>, caller: &Caller) -> Result<Attendance, ChatError> {
    let person = Person { id: caller.user_id, username: caller.username.clone() };
    // The next device of somebody who is here costs no question.
    let shown = match services.here.shown(key(&person)) {
        Some(shown) => shown,
        None => services
            .sessions
            .read(caller.session_id)
            .await?
            .is_some_and(|session| session.show_presence),
    };
    services.own_people.joined(key(&person), person.clone(), true, || {
        arrived(services, &person, shown);
        services.hub.note(Note::Here { person: person.clone(), shown }.encode());
    });
    Ok(Attendance { services: services.clone(), person, runtime: Handle::current() })
}

/// Somebody is on one node more.
pub(crate) fn arrived(services: &Services, person: &Person, shown: bool) {
    services.here.joined(key(person), person.clone(), shown, || {
        tell_presence(&services.hub, person, Presence::Online);
    });
}

/// Somebody is on one node less. That node has waited for them to come back.
pub(crate) fn departed(services: &Services, person: &Person) {
    let Some(ticket) = services.here.left(key(person)) else { return };
    services.here.expire(key(person), ticket, || {
        tell_presence(&services.hub, person, Presence::Offline);
    });
}

/// Somebody wants to be seen, or not to be, from now on.
pub(crate) fn show(services: &Services, person: &Person, shown: bool) {
    let status = if shown { Presence::Online } else { Presence::Offline };
    services.here.show(key(person), shown, || tell_presence(&services.hub, person, status));
}

pub(crate) fn key(person: &Person) -> u128 {
    person.id.0.as_u128()
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let Some(ticket) = self.services.own_people.left(key(&self.person)) else { return };
        let services = self.services.clone();
        let person = self.person.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(services.settings.presence_grace).await;
            let mut gone = false;
            services.own_people.expire(key(&person), ticket, || gone = true);
            if gone {
                leave(&services, &person).await;
            }
        });
    }
}

/// The node stops: everybody on it leaves now, those too who might have come back within their grace.
pub(crate) async fn everybody_leaves(services: &Services) {
    let people: Vec<_> = services.own_people.clear().iter().map(|person| person.id).collect();
    if people.is_empty() {
        return;
    }
    if let Err(error) = touch_last_seen(services, &people).await {
        tracing::warn!(%error, "writing down when somebody was last here");
    }
}

async fn leave(services: &Services, person: &Person) {
    let _ended = services.departures.ask(person.id).await;
    departed(services, person);
    services.hub.note(Note::Gone { person: person.clone() }.encode());
}
