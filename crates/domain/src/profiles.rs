//! Profiles, who follows whom, and whom one may want to follow.
//!
//! What somebody does not see is left out by the database: a block works both ways, and an account that
//! its owner has given up is out of sight until it is taken back or gone.

mod change_profile;
#[cfg(test)]
mod costs;
mod counts;
mod follow;
mod follows;
mod listed;
mod profile;
mod proofs;
mod rel_me;
mod suggestions;

pub use change_profile::{change_links, own_links, remove_picture, set_picture};
pub(crate) use counts::{hold_both, unfollow_pair};
pub use follow::{follow, unfollow};
pub use follows::{Direction, all_followed, follows};
pub(crate) use listed::listed_by_id;
pub use profile::{figures, mutuals, profile};
pub use proofs::check_due_links;
pub(crate) use proofs::start_checking;
pub use suggestions::{explore, suggestions};

use sea_orm::Value;
use uuid::Uuid;

use crate::Caller;

/// The condition under which the account `a` is there for the reader whose id is parameter `n`.
pub(crate) fn seen_by(n: usize) -> String {
    format!(
        "a.is_active AND (a.delete_at IS NULL OR a.id = ${n}) AND NOT EXISTS (SELECT 1 FROM block b \
         WHERE (b.blocker_id = ${n} AND b.blocked_id = a.id) \
         OR (b.blocker_id = a.id AND b.blocked_id = ${n}))"
    )
}

/// The columns of a `Standing` between the account `a` and the reader whose id is parameter `n`.
fn standing_columns(n: usize) -> String {
    format!(
        "EXISTS (SELECT 1 FROM follow f1 WHERE f1.follower_id = ${n} AND f1.followee_id = a.id) \
         AS is_following, \
         EXISTS (SELECT 1 FROM follow f2 WHERE f2.follower_id = a.id AND f2.followee_id = ${n}) \
         AS follows_reader, \
         EXISTS (SELECT 1 FROM mute m1 WHERE m1.muter_id = ${n} AND m1.muted_id = a.id) AS is_muted"
    )
}

/// Nobody's id for somebody who is signed out.
fn reader(viewer: Option<&Caller>) -> Uuid {
    viewer.map_or(Uuid::nil(), |viewer| viewer.user_id.0)
}

fn reader_value(viewer: Option<&Caller>) -> Value {
    reader(viewer).into()
}
