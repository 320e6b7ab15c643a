//! What a member reads at home.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::Value;
use uuid::Uuid;
use wire::posts::PostStep;

use super::following::following;
use super::lists::{Newest, cards, newest, saved};
use super::rows::{Wanted, find};
use super::{PostError, heard, visible};
use crate::chat::placeholders;
use crate::{Caller, Services};

/// How much more somebody's posts count to whoever follows them: as much as having appeared just now.
const FOLLOWED: f64 = 15.0;
/// Posts that one may have been shown of what is best; whoever wants more looks at what is new.
const SHOWN: usize = 160;
const STEP: u64 = 20;
/// So many of the best are looked through, however many there are: whoever follows nobody who has written one of
/// them should not have every post looked at in vain.
const BEST: u64 = 1_000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Feed {
    /// The best of late, with those one follows before others.
    #[default]
    ForYou,
    /// Those one follows, and the communities one belongs to.
    Following,
    /// Everything, the newest first.
    Fresh,
    /// What one has kept.
    Saved,
}

impl Feed {
    pub const ALL: [Self; 4] = [Self::ForYou, Self::Following, Self::Fresh, Self::Saved];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForYou => "for-you",
            Self::Following => "following",
            Self::Fresh => "fresh",
            Self::Saved => "saved",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feed| feed.as_str() == word)
    }
}

/// A step of twenty; `after` is the `next` of the step before.
///
/// # Errors
/// Where the database does not answer.
pub async fn feed(
    services: &Services,
    caller: &Caller,
    feed: Feed,
    after: Option<&str>,
) -> Result<PostStep, PostError> {
    match feed {
        Feed::ForYou => for_you(services, caller, after).await,
        Feed::Saved => saved(services, caller, after, STEP).await,
        Feed::Following => following(services, caller, after, STEP).await,
        Feed::Fresh => newest(services, Some(caller), fresh(), after, STEP).await,
    }
}

pub(super) fn fresh() -> Newest {
    Newest::published(heard("p.author_id", "$1"), Vec::new())
}

/// Of the best thousand. Scores move while somebody reads, so a place among them means nothing a minute later:
/// a step is the best of what the steps before have not shown, and names what it has shown.
async fn for_you(
    services: &Services,
    caller: &Caller,
    after: Option<&str>,
) -> Result<PostStep, PostError> {
    let mut shown = after.map(shown_before).unwrap_or_default();
    let rows = &services.store.read;
    let mut found = Vec::new();
    for is_followed in [true, false] {
        let wanted = best_unseen(is_followed, &shown);
        let of_these = find(rows, caller.user_id.0, wanted).await?;
        found.extend(of_these.into_iter().map(|found| (rank(found.sort_at, is_followed), found)));
    }
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let has_more = found.len() > STEP as usize;
    found.truncate(STEP as usize);
    let posts = cards(found.into_iter().map(|(_, found)| found).collect());
    shown.extend(posts.iter().map(|post| post.id.0));
    let next = (has_more && shown.len() < SHOWN).then(|| in_address(&shown));
    Ok(PostStep { posts, next })
}

/// Thousandths of a score, and what following adds.
fn rank(score: i64, is_followed: bool) -> f64 {
    score as f64 / 1000.0 + if is_followed { FOLLOWED } else { 0.0 }
}

pub(super) fn best_unseen(is_followed: bool, shown: &[Uuid]) -> Wanted {
    let not = if is_followed { "" } else { "NOT" };
    let unseen = match shown.len() {
        0 => String::new(),
        count => format!("AND p.id NOT IN ({})", placeholders(3, count)),
    };
    // SQLite would ask last whether its author is followed, of every one of the best. A case is asked in order.
    let condition = format!(
        "p.state = 'published' AND p.score >= COALESCE((SELECT b.score FROM post b WHERE b.state = 'published' \
         ORDER BY b.score DESC, b.id DESC LIMIT 1 OFFSET {}), -1e300) \
         AND CASE WHEN {not} EXISTS (SELECT 1 FROM follow ff \
         WHERE ff.follower_id = $1 AND ff.followee_id = p.author_id) THEN {} AND {} ELSE FALSE END {unseen}",
        BEST - 1,
        visible("$1"),
        heard("p.author_id", "$1")
    );
    let limit = Value::from(STEP as i64 + 1);
    Wanted {
        join: "",
        condition,
        sort: "CAST(p.score * 1000 AS BIGINT)",
        order: "p.score DESC, p.id DESC LIMIT $2".into(),
        values: [limit].into_iter().chain(shown.iter().copied().map(Value::from)).collect(),
        with_text: false,
    }
}

fn in_address(shown: &[Uuid]) -> String {
    let bytes: Vec<u8> = shown.iter().flat_map(|id| *id.as_bytes()).collect();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Nothing for what is no list of ids.
fn shown_before(text: &str) -> Vec<Uuid> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let ids = bytes.chunks_exact(16).filter_map(|bytes| Uuid::from_slice(bytes).ok());
    ids.take(SHOWN).collect::<BTreeSet<_>>().into_iter().collect()
}
