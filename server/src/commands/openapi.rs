//! `spherespace openapi`: the description of the API, for whoever generates clients from it.

use anyhow::Result;

use crate::api;

/// Writes what `/api/schema` serves.
///
/// # Errors
/// A description that is no JSON.
#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub fn openapi() -> Result<()> {
    println!("{}", api::schema().to_pretty_json()?);
    Ok(())
}
