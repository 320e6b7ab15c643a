//! Somebody's profile.

use entity::{account, profile_link};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement, Value,
};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::chat::Author;
use wire::profiles::{Figures, Mutuals, Profile, ProfileLink, Standing};
use wire::{MediaId, UnixMillis, UserId};

use super::{reader, reader_value, seen_by, standing_columns};
use crate::people::PeopleError;
use crate::{Caller, Services, StoreError};

/// Those who are named of the mutual followers.
const NAMED: i64 = 3;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    username: String,
    first_name: String,
    last_name: String,
    bio: String,
    avatar_id: Option<Uuid>,
    banner_id: Option<Uuid>,
    created_at: i64,
    posts_count: i64,
    followers_count: i64,
    following_count: i64,
    is_following: bool,
    follows_reader: bool,
    is_muted: bool,
}

/// The profile of `username`, in any case, as `viewer` sees it; where nobody is called so, of the account
/// with that id.
///
/// # Errors
/// [`PeopleError::NotFound`] for nobody, across a block, and for an account that has been given up.
pub async fn profile(
    services: &Services,
    viewer: Option<&Caller>,
    username: &str,
) -> Result<Profile, PeopleError> {
    let by_name = ("a.username_key = $1", username_key(username.trim()).into());
    let mut found = find(services, viewer, by_name).await?;
    if let (None, Ok(id)) = (&found, Uuid::try_parse(username)) {
        found = find(services, viewer, ("a.id = $1", id.into())).await?;
    }
    let row = found.ok_or(PeopleError::NotFound)?;
    let links = links(services, row.id).await?;
    Ok(view(row, reader(viewer), links))
}

async fn find(
    services: &Services,
    viewer: Option<&Caller>,
    (which, value): (&str, Value),
) -> Result<Option<Row>, PeopleError> {
    let (seen, standing) = (seen_by(2), standing_columns(2));
    let sql = format!(
        "SELECT a.id, a.username, a.first_name, a.last_name, a.bio, a.avatar_id, a.banner_id, \
         a.created_at, a.posts_count, a.followers_count, a.following_count, {standing} \
         FROM account a WHERE {which} AND {seen}"
    );
    let values = [value, reader_value(viewer)];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    Ok(Row::find_by_statement(query).one(&services.store.read).await?)
}

fn view(row: Row, reader: Uuid, links: Vec<ProfileLink>) -> Profile {
    let avatar = row.avatar_id.map(MediaId);
    Profile {
        user: Author::new(UserId(row.id), row.username).with_avatar(avatar),
        first_name: row.first_name,
        last_name: row.last_name,
        bio: row.bio,
        avatar,
        banner: row.banner_id.map(MediaId),
        links,
        created_at: UnixMillis(row.created_at),
        posts_count: row.posts_count,
        followers_count: row.followers_count,
        following_count: row.following_count,
        standing: Standing {
            is_self: row.id == reader,
            is_following: row.is_following,
            follows_reader: row.follows_reader,
            is_muted: row.is_muted,
        },
    }
}

pub(super) async fn links(services: &Services, of: Uuid) -> Result<Vec<ProfileLink>, StoreError> {
    let rows = profile_link::Entity::find()
        .filter(profile_link::Column::AccountId.eq(of))
        .order_by_asc(profile_link::Column::Position)
        .all(&services.store.read)
        .await?;
    let link = |row: profile_link::Model| ProfileLink {
        label: row.label,
        url: row.url,
        proved_at: row.proved_at.map(UnixMillis),
    };
    Ok(rows.into_iter().map(link).collect())
}

/// Those whom `viewer` follows and who follow `whom`: the most followed are named.
///
/// # Errors
/// Where the database does not answer.
pub async fn mutuals(
    services: &Services,
    viewer: &Caller,
    whom: UserId,
) -> Result<Mutuals, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        username: String,
        n: i64,
    }
    let seen = seen_by(1);
    let sql = format!(
        "SELECT a.username, COUNT(*) OVER () AS n FROM follow mine \
         JOIN follow theirs ON theirs.follower_id = mine.followee_id AND theirs.followee_id = $2 \
         JOIN account a ON a.id = mine.followee_id WHERE mine.follower_id = $1 AND {seen} \
         ORDER BY a.followers_count DESC, a.id LIMIT $3"
    );
    let values: [Value; 3] = [viewer.user_id.0.into(), whom.0.into(), NAMED.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let count = rows.first().map_or(0, |row| row.n);
    Ok(Mutuals { names: rows.into_iter().map(|row| row.username).collect(), count })
}

/// The caller's own figures.
///
/// # Errors
/// Where the database does not answer.
pub async fn figures(services: &Services, caller: &Caller) -> Result<Figures, PeopleError> {
    let row = account::Entity::find_by_id(caller.user_id.0).one(&services.store.read).await?;
    let row = row.ok_or(PeopleError::NotFound)?;
    let user = Author::new(caller.user_id, row.username);
    Ok(Figures {
        user: user.with_avatar(row.avatar_id.map(MediaId)),
        posts_count: row.posts_count,
        karma: row.karma,
        followers_count: row.followers_count,
        following_count: row.following_count,
    })
}
