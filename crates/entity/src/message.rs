//! A message, in its place.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub seq: i64,
    pub sender_id: Uuid,
    pub client_id: String,
    pub kind: String,
    pub content: String,
    pub created_at: i64,
    /// The message that this one answers, in the same conversation.
    pub reply_to_seq: Option<i64>,
    pub edited_at: Option<i64>,
    /// Taken back; the content is then empty.
    pub unsent_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
