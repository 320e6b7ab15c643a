//! A person.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    /// Case and look-alikes folded: what must be unique (`wire::accounts::username_key`).
    pub username_key: String,
    pub email: Option<String>,
    pub email_key: Option<String>,
    /// PHC string of argon2id.
    pub password_hash: String,
    pub is_active: bool,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub created_at: i64,
    pub last_seen: Option<i64>,
    pub show_presence: bool,
    pub show_read_receipts: bool,
    /// `everyone`, `following` or `nobody`.
    pub who_can_message: String,
    pub first_name: String,
    pub last_name: String,
    pub bio: String,
    /// A picture's id; the row may be gone, which shows as none.
    pub avatar_id: Option<Uuid>,
    pub banner_id: Option<Uuid>,
    pub followers_count: i64,
    pub following_count: i64,
    pub posts_count: i64,
    /// Likes less dislikes of all posts.
    pub karma: i64,
    /// No earlier than the latest post of theirs, which may be gone since.
    pub last_published_at: Option<i64>,
    /// When the account is taken away that its owner has given up.
    pub delete_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
