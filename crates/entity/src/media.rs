//! A picture that somebody sent; its files lie elsewhere.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    /// `avatar`, `banner`, `icon`, `cover` or `picture`.
    pub kind: String,
    /// Of its largest size.
    pub width: i32,
    pub height: i32,
    /// Of all sizes together.
    pub bytes: i64,
    pub alt: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
