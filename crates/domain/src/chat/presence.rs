//! Who is online, and the telling of it.
//!
//! Each node counts the connections of its own people and tells the other nodes who has come and who
//! has gone. To the count of everybody, a node on which somebody is counts as one more device, so that
//! they go offline with the last device of the last node.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use uuid::Uuid;
use wire::UserId;
use wire::chat::{ONLINE_SHOWN, Person};
use wire::live::Presence;

use super::ChatError;
use super::broadcasts::tell_presence;
use crate::nodes::Note;
use crate::people::{touch_last_seen, whom_to_see};
use crate::{Caller, Services};

/// Where people stand in a list that cannot name all.
const KNOWN: u8 = 0;
const STRANGER: u8 = 1;
/// Where more are online, that one more has come is told to those who know them, and no longer to
/// everybody in the global room: thousands who come back after a restart would be millions of tellings.
const CROWD: usize = 500;
/// What is said of a crowd at the door may be as old as this.
const FRESH: Duration = Duration::from_secs(1);

/// Some by name, and the number of all.
type People = (Vec<Person>, usize);

/// A crowd, as it was a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Crowd(Mutex<Option<(Instant, Arc<People>)>>);

/// Who else is online and shows it, and how many they are: at most [`ONLINE_SHOWN`] of them, those
/// whom the viewer knows before all others, each by name. Somebody signed out is told the number alone.
///
/// # Errors
/// Where the database does not answer; it is asked only where not all can be named.
pub async fn online(
    services: &Services,
    viewer: Option<&Caller>,
) -> Result<(Vec<Person>, usize), ChatError> {
    let me = viewer.map(|viewer| viewer.user_id.0.as_u128());
    let most = if me.is_some() { ONLINE_SHOWN } else { 0 };
    let is_other = |who| me != Some(who);
    let (people, count) = services.here.choose(most, |who, _| is_other(who).then_some(STRANGER));
    let Some(viewer) = viewer.filter(|_| count > most) else { return Ok((people, count)) };
    let known = whom_to_see(services, viewer.user_id).await;
    let known = known.map_err(|error| ChatError::Store(error.into()))?;
    let class = |who| if known.contains(&UserId(Uuid::from_u128(who))) { KNOWN } else { STRANGER };
    Ok(services.here.choose(most, |who, _| is_other(who).then(|| class(who))))
}

/// As [`online`], for each socket that comes: the database is never asked, and whom the viewer knows does
/// not come first. Thousands come at once.
#[must_use]
pub fn online_at_the_door(services: &Services, viewer: &Caller) -> People {
    let me = viewer.user_id;
    if services.here.count() <= ONLINE_SHOWN {
        let is_other = |who| who != me.0.as_u128();
        return services.here.choose(ONLINE_SHOWN, |who, _| is_other(who).then_some(STRANGER));
    }
    let crowd = crowd(services);
    let others = crowd.0.iter().filter(|person| person.id != me);
    (others.cloned().collect(), crowd.1.saturating_sub(1))
}

fn crowd(services: &Services) -> Arc<People> {
    let mut known = services.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
    match &*known {
        Some((at, crowd)) if at.elapsed() < FRESH => crowd.clone(),
        _ => {
            let crowd = Arc::new(services.here.choose(ONLINE_SHOWN, |_, _| Some(STRANGER)));
            *known = Some((Instant::now(), crowd.clone()));
            crowd
        }
    }
}

/// Those of `people` who are online and show it, by name.
#[must_use]
pub fn online_of(services: &Services, people: &BTreeSet<UserId>) -> Vec<Person> {
    let is_one = |who| people.contains(&UserId(Uuid::from_u128(who)));
    services.here.choose(people.len(), |who, _| is_one(who).then_some(KNOWN)).0
}

/// At most `most` names of others who are online and show it, which begin with `prefix` in any case.
#[must_use]
pub fn online_named(
    services: &Services,
    viewer: &Caller,
    prefix: &str,
    most: usize,
) -> Vec<String> {
    let prefix = prefix.to_lowercase();
    let fits = |name: &str| {
        let mut letters = name.chars().flat_map(char::to_lowercase);
        prefix.chars().all(|letter| letters.next() == Some(letter))
    };
    let (people, _) = services.here.choose(most, |_, person| {
        (person.id != viewer.user_id && fits(&person.username)).then_some(STRANGER)
    });
    people.into_iter().map(|person| person.username).collect()
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
        tell(services, person, Presence::Online);
    });
}

/// Somebody is on one node less. That node has waited for them to come back.
pub(crate) fn departed(services: &Services, person: &Person) {
    let Some(ticket) = services.here.left(key(person)) else { return };
    services.here.expire(key(person), ticket, || {
        tell(services, person, Presence::Offline);
    });
}

/// Somebody wants to be seen, or not to be, from now on.
pub(crate) fn show(services: &Services, person: &Person, shown: bool) {
    let status = if shown { Presence::Online } else { Presence::Offline };
    services.here.show(key(person), shown, || tell(services, person, status));
}

fn tell(services: &Services, person: &Person, status: Presence) {
    let is_crowd = services.here.count() > CROWD;
    if !is_crowd {
        tell_presence(&services.hub, person, status);
    }
    services.watchers.tell(person, status, is_crowd);
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
