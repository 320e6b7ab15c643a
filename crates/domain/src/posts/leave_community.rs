//! What becomes of the posts of a community that ends.

use wire::CommunityId;

use super::place::run;
use crate::{StoreError, tx::Tx};

/// Of these posts the community that ends has let not everybody see.
const NARROW: &str = "p.community_id = $1 AND (p.visibility = 'community' OR $2)";

/// Leaves the posts of a community, which is held, to their authors. Those that only its members could see
/// are drafts again, and count no more; so are those of them that were planned.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn leave_community(
    tx: &Tx<'_>,
    community: CommunityId,
    is_private: bool,
) -> Result<(), StoreError> {
    hold_posts_and_authors(tx, community).await?;
    for step in steps() {
        run(tx, &step, vec![community.0.into(), is_private.into()]).await?;
    }
    let sql = "UPDATE post SET community_id = NULL WHERE community_id = $1";
    run(tx, sql, vec![community.0.into()]).await?;
    Ok(())
}

/// Posts first, then those who wrote them: as whoever likes one holds them.
async fn hold_posts_and_authors(tx: &Tx<'_>, community: CommunityId) -> Result<(), StoreError> {
    if tx.is_sqlite() {
        return Ok(());
    }
    for sql in [
        "SELECT 1 FROM post WHERE community_id = $1 ORDER BY id FOR UPDATE",
        "SELECT 1 FROM account WHERE id IN (SELECT author_id FROM post WHERE community_id = $1) \
         ORDER BY id FOR NO KEY UPDATE",
    ] {
        run(tx, sql, vec![community.0.into()]).await?;
    }
    Ok(())
}

fn steps() -> [String; 4] {
    let shown = format!("{NARROW} AND p.state = 'published'");
    let of_author = format!("FROM post p WHERE p.author_id = account.id AND {shown}");
    [
        format!(
            "UPDATE account SET posts_count = posts_count - (SELECT COUNT(*) {of_author}), \
             karma = karma - (SELECT COALESCE(SUM(p.likes_count - p.dislikes_count), 0) {of_author}) \
             WHERE id IN (SELECT p.author_id FROM post p WHERE {shown})"
        ),
        format!(
            "UPDATE post_tag SET published_at = NULL \
             WHERE post_id IN (SELECT p.id FROM post p WHERE {NARROW})"
        ),
        // Nobody finds them, either.
        format!(
            "DELETE FROM post_search WHERE subject_id IN (SELECT p.id FROM post p WHERE {NARROW})"
        ),
        format!(
            "UPDATE post AS p SET visibility = 'followers', published_at = NULL, publish_at = NULL, \
             edited_at = NULL, state = CASE WHEN p.state = 'deleted' THEN p.state ELSE 'draft' END \
             WHERE {NARROW}"
        ),
    ]
}
