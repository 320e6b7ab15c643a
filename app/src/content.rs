//! What the server has gathered for a page before it is rendered.

use crate::chat::pages::Chat;

/// One kind for each feature; the browser never sees it.
#[derive(Debug, Clone, Default)]
pub enum Content {
    /// The page needs nothing.
    #[default]
    Nothing,
    /// There is no such thing, or it is not the reader's to see.
    NotFound,
    Chat(Box<Chat>),
}
