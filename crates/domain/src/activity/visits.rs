//! The days on which somebody was here: written once for each person and day, whatever they do in it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use realtime::Hub;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::activity::{Achievement, Measure};

use super::achievements::earn;
use super::today;
use crate::chat::among;
use crate::gather::Gatherer;
use crate::{Services, Store, StoreError, tx::Tx};

/// Notes that somebody is here today. The first time a day it is written down, in a while and together
/// with others; after that it costs a look into a set.
pub fn note_visit(services: &Services, who: UserId) {
    services.visits.note(today(), who.0);
}

/// Waits until everybody who was noted before is written down.
pub async fn visits_settled(services: &Services) {
    services.visits.gatherer.settled().await;
}

/// Those who have been noted today.
#[derive(Debug, Default)]
struct Known {
    day: i32,
    people: HashSet<Uuid>,
}

type Noted = Arc<RwLock<Known>>;

#[derive(Debug)]
pub(crate) struct VisitLog {
    noted: Noted,
    gatherer: Gatherer<(i32, Uuid)>,
}

impl VisitLog {
    /// Starts the task that writes; it ends with its services.
    pub(crate) fn start(store: Store, hub: Arc<Hub>) -> Self {
        let noted = Noted::default();
        let unwritten = noted.clone();
        let gatherer = Gatherer::start(move |visits: Vec<(i32, Uuid)>| {
            let (store, hub, noted) = (store.clone(), hub.clone(), unwritten.clone());
            async move {
                if let Err(error) = write(&store, &hub, &visits).await {
                    tracing::warn!(%error, visits = visits.len(), "visits were not written down");
                    forget(&noted, &visits);
                }
            }
        });
        Self { noted, gatherer }
    }

    pub(super) fn note(&self, day: i32, who: Uuid) {
        let is_known = {
            let known = self.noted.read().unwrap_or_else(PoisonError::into_inner);
            known.day == day && known.people.contains(&who)
        };
        if !is_known && self.is_first(day, who) && !self.gatherer.tell((day, who)) {
            // Their next request tries again.
            forget(&self.noted, &[(day, who)]);
        }
    }

    fn is_first(&self, day: i32, who: Uuid) -> bool {
        let mut known = self.noted.write().unwrap_or_else(PoisonError::into_inner);
        if known.day != day {
            *known = Known { day, people: HashSet::new() };
        }
        known.people.insert(who)
    }
}

fn forget(noted: &Noted, visits: &[(i32, Uuid)]) {
    let mut known = noted.write().unwrap_or_else(PoisonError::into_inner);
    for (day, who) in visits {
        if known.day == *day {
            known.people.remove(who);
        }
    }
}

/// A batch can reach over midnight.
async fn write(store: &Store, hub: &Hub, visits: &[(i32, Uuid)]) -> Result<(), StoreError> {
    let mut tx = Tx::begin(store, hub).await?;
    for of_a_day in visits.chunk_by(|one, other| one.0 == other.0) {
        let Some((day, _)) = of_a_day.first() else { continue };
        insert(&tx, *day, of_a_day.iter().map(|(_, who)| *who).collect()).await?;
        for who in unrewarded(&tx, *day, of_a_day.iter().map(|(_, who)| *who).collect()).await? {
            earn(&mut tx, UserId(who), Measure::DaysInARow).await?;
        }
    }
    tx.commit().await
}

/// Whoever is gone by now was not here.
async fn insert(tx: &Tx<'_>, day: i32, who: Vec<Uuid>) -> Result<(), StoreError> {
    let backend = tx.rows().get_database_backend();
    let (these, values) = among(backend, 2, who);
    let sql = format!(
        "INSERT INTO visit (account_id, day) SELECT id, $1 FROM account WHERE id {these} \
         ON CONFLICT DO NOTHING"
    );
    let values = [Value::from(day)].into_iter().chain(values);
    tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Those whose days in a row are worth something that they do not have yet.
async fn unrewarded(tx: &Tx<'_>, day: i32, who: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: Uuid,
    }
    let (_, days) = Achievement::WeekWarrior.rule();
    let backend = tx.rows().get_database_backend();
    let (these, values) = among(backend, 5, who);
    let sql = format!(
        "SELECT v.account_id FROM visit v WHERE v.day > $1 - $2 AND v.day <= $1 \
         AND v.account_id {these} AND NOT EXISTS (SELECT 1 FROM achievement e \
         WHERE e.account_id = v.account_id AND e.name = $3) \
         GROUP BY v.account_id HAVING COUNT(*) >= $4"
    );
    let name = Achievement::WeekWarrior.as_str();
    let in_days = i32::try_from(days).unwrap_or(i32::MAX);
    let fixed: [Value; 4] = [day.into(), in_days.into(), name.into(), days.into()];
    let query = Statement::from_sql_and_values(backend, sql, fixed.into_iter().chain(values));
    let rows = Row::find_by_statement(query).all(tx.rows()).await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}
