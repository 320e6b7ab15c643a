//! One post, as its reader or its author sees it.

use wire::posts::Post;

use super::place::named;
use super::rows::{Wanted, find};
use super::{PostError, id_of, visible};
use crate::{Caller, Services};

/// A published post that `viewer` may see, by its slug or its id.
///
/// # Errors
/// [`PostError::NotFound`] for everything else.
pub async fn post(
    services: &Services,
    viewer: Option<&Caller>,
    key: &str,
) -> Result<Post, PostError> {
    one(services, viewer, key, visible("$1")).await
}

/// A post of the caller's own, in any state but deleted.
///
/// # Errors
/// [`PostError::NotFound`], and [`PostError::NotOwn`] for one that they may only read.
pub async fn editable(services: &Services, caller: &Caller, key: &str) -> Result<Post, PostError> {
    let own = "p.author_id = $1 AND p.state <> 'deleted'";
    let found = one(services, Some(caller), key, format!("({own}) OR ({})", visible("$1"))).await?;
    if found.card.is_own { Ok(found) } else { Err(PostError::NotOwn) }
}

async fn one(
    services: &Services,
    viewer: Option<&Caller>,
    key: &str,
    condition: String,
) -> Result<Post, PostError> {
    let (name, value) = named(key)?;
    let wanted = Wanted {
        join: "",
        condition: format!("{name} AND ({condition})"),
        sort: "p.created_at",
        order: "p.id LIMIT 1".into(),
        values: vec![value],
        with_text: true,
    };
    let found = find(&services.store.read, id_of(viewer), wanted).await?;
    found.into_iter().next().map(|found| found.post).ok_or(PostError::NotFound)
}
