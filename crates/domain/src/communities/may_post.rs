//! What whoever writes a post into a community is asked for.

use sea_orm::{FromQueryResult, Value};
use wire::CommunityId;
use wire::communities::CommunityRole;

use super::CommunityError;
use super::rows::{Which, execute, hold, one};
use crate::{Caller, clock, tx::Tx};

/// Whether the author may post into the community now, and that they do: slow mode counts from here. The
/// community's row is held until the commit, so that two posts at once are one after the other.
///
/// # Errors
/// [`CommunityError::NotFound`] for strangers to a private community, [`CommunityError::Forbidden`] for
/// those to a public one, [`CommunityError::TooSoon`] for a member in slow mode.
pub(crate) async fn may_post(
    tx: &Tx<'_>,
    community: CommunityId,
    author: &Caller,
) -> Result<(), CommunityError> {
    #[derive(FromQueryResult)]
    struct Row {
        last_post_at: Option<i64>,
    }
    let held = hold(tx, Which::Id(community), author).await?;
    let Some(role) = held.standing.role() else {
        let refusal =
            if held.is_private { CommunityError::NotFound } else { CommunityError::Forbidden };
        return Err(refusal);
    };
    let own: [Value; 2] = [community.0.into(), author.user_id.0.into()];
    let sql =
        "SELECT last_post_at FROM community_member WHERE community_id = $1 AND account_id = $2";
    let row: Option<Row> = one(tx.rows(), sql, own.clone()).await?;
    let last = row.and_then(|row| row.last_post_at);
    let now = clock::now().0;
    let pause = i64::from(held.slow_mode_seconds) * 1000;
    let wait = last.map_or(0, |last| last + pause - now);
    if role == CommunityRole::Member && wait > 0 {
        return Err(CommunityError::TooSoon { retry_after_ms: wait.unsigned_abs() });
    }
    let sql =
        "UPDATE community_member SET last_post_at = $3 WHERE community_id = $1 AND account_id = $2";
    execute(tx.rows(), sql, own.into_iter().chain([now.into()])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use test_support::{Backend, Database, SECRET, sign_up_form};
    use wire::communities::{Community, CommunityForm, Joined};

    use super::*;
    use crate::accounts::{Origin, sign_up};
    use crate::communities::{change_role, create, join, remove};
    use crate::{Keys, Services, Store};

    async fn services(database: &Database) -> Arc<Services> {
        let store = Store::connect(&database.url).await.unwrap();
        let settings = crate::Settings {
            sign_ups_per_minute: 0,
            acts_per_minute: 0,
            beginnings_per_hour: 0,
            ..crate::Settings::default()
        };
        Services::start(store, Keys::derive(SECRET), settings)
    }

    async fn person(services: &Services, name: &str) -> Caller {
        let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
        sign_up(services, &sign_up_form(name), &origin, &[]).await.unwrap().caller
    }

    async fn post(
        services: &Services,
        community: &Community,
        author: &Caller,
    ) -> Result<(), CommunityError> {
        let tx = Tx::begin(&services.store, &services.hub).await.unwrap();
        may_post(&tx, community.id, author).await?;
        Ok(tx.commit().await?)
    }

    fn refusal(done: Result<(), CommunityError>) -> wire::ErrorCode {
        wire::Problem::from(done.unwrap_err()).code
    }

    async fn found(services: &Services, owner: &Caller, name: &str, is_private: bool) -> Community {
        let form = CommunityForm {
            name: name.into(),
            is_private,
            slow_mode_seconds: 3600,
            ..CommunityForm::default()
        };
        create(services, owner, &form).await.unwrap()
    }

    async fn s_25_only_members_post_and_slowly(backend: Backend) {
        let database = Database::migrated(backend).await;
        let services = services(&database).await;
        let [ada, bob] = [person(&services, "ada").await, person(&services, "bob").await];
        let open = found(&services, &ada, "Open", false).await;
        let closed = found(&services, &ada, "Closed", true).await;
        assert_eq!(refusal(post(&services, &open, &bob).await), wire::ErrorCode::Forbidden);
        assert_eq!(refusal(post(&services, &closed, &bob).await), wire::ErrorCode::NotFound);
        join(&services, &bob, &open.slug).await.unwrap();
        assert_eq!(join(&services, &bob, &closed.slug).await.unwrap(), Joined::Requested);
        assert_eq!(refusal(post(&services, &closed, &bob).await), wire::ErrorCode::NotFound);
        post(&services, &open, &bob).await.unwrap();
        remove(&services, &ada, &open.slug, "bob").await.unwrap();
        assert_eq!(refusal(post(&services, &open, &bob).await), wire::ErrorCode::Forbidden);
    }

    async fn slow_mode_slows_members_and_nobody_else(backend: Backend) {
        let database = Database::migrated(backend).await;
        let services = services(&database).await;
        let [ada, bob] = [person(&services, "ada").await, person(&services, "bob").await];
        let place = found(&services, &ada, "Open", false).await;
        join(&services, &bob, &place.slug).await.unwrap();
        post(&services, &place, &bob).await.unwrap();
        let refused = post(&services, &place, &bob).await;
        let Err(CommunityError::TooSoon { retry_after_ms }) = refused else { panic!("slow mode") };
        assert!((3_500_000..=3_600_000).contains(&retry_after_ms), "{retry_after_ms}");
        change_role(&services, &ada, &place.slug, "bob", CommunityRole::Moderator).await.unwrap();
        for who in [&ada, &ada, &bob, &bob] {
            post(&services, &place, who).await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn s_25_posting_on_sqlite() {
        s_25_only_members_post_and_slowly(Backend::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn s_25_posting_on_postgres() {
        s_25_only_members_post_and_slowly(Backend::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn slow_mode_on_sqlite() {
        slow_mode_slows_members_and_nobody_else(Backend::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn slow_mode_on_postgres() {
        slow_mode_slows_members_and_nobody_else(Backend::Postgres).await;
    }
}
