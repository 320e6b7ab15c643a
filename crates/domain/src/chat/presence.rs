//! Who is online, and the telling of it.

use std::sync::Arc;

use tokio::runtime::Handle;
use wire::chat::Person;
use wire::live::Presence;

use super::broadcasts::tell_presence;
use crate::{Caller, Services};

/// Everybody with a connection, by name.
#[must_use]
pub fn everybody_online(services: &Services) -> Vec<Person> {
    let mut people = services.here.everybody();
    people.sort();
    people
}

/// One connection of somebody, counted until it is dropped.
#[derive(Debug)]
pub struct Attendance {
    services: Arc<Services>,
    person: Person,
    /// Kept, because whoever drops this may not be inside it: a runtime that ends is not.
    runtime: Handle,
}

/// Counts a connection of the caller; others hear of the first one. A runtime must be running.
#[must_use]
pub fn attend(services: &Arc<Services>, caller: &Caller) -> Attendance {
    let person = Person { id: caller.user_id, username: caller.username.clone() };
    services.here.joined(person.id.0.as_u128(), person.clone(), || {
        tell_presence(&services.hub, person.id, &person.username, Presence::Online);
    });
    Attendance { services: services.clone(), person, runtime: Handle::current() }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let who = self.person.id.0.as_u128();
        let Some(ticket) = self.services.here.left(who) else { return };
        let services = self.services.clone();
        let person = self.person.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(services.settings.presence_grace).await;
            services.here.expire(who, ticket, || {
                tell_presence(&services.hub, person.id, &person.username, Presence::Offline);
            });
        });
    }
}
