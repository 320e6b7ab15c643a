//! Accounts in the browser: the forms and the list of signed-in devices.

pub mod api;
