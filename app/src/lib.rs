//! Pages, components and browser state.

pub mod accounts;
pub mod caller;
pub mod chat;
pub mod error;
pub mod page;
pub mod text;
