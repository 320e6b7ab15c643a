//! Somebody's place in a conversation, and how far they have read.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub state: String,
    pub role: String,
    pub last_read_seq: i64,
    pub last_delivered_seq: i64,
    pub muted_until: Option<i64>,
    pub joined_at: i64,
    /// Not in its member's list until a message with a higher number comes.
    pub hidden_seq: Option<i64>,
    /// Marked unread from here by its member; receipts keep to `last_read_seq`.
    pub unread_from_seq: Option<i64>,
    pub draft: Option<String>,
    pub draft_saved_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
