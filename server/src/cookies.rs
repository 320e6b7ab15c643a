//! The browser's cookies: which we read, and exactly how we write them.

use axum::http::{HeaderMap, HeaderValue, header};
use domain::accounts::TokenPair;

use crate::config::Config;

/// A year, for what somebody chose about looks and language.
const YEAR: u64 = 365 * 86_400;

pub const ACCESS: &str = "spherespace_access";
pub const REFRESH: &str = "spherespace_refresh";
/// Tells the next sign-in that this browser has signed in before.
pub const DEVICE: &str = "spherespace_device";
pub const THEME: &str = "theme";
pub const LANGUAGE: &str = "lang";

/// The value of a cookie of ours. Over HTTPS only the `__Host-` form of a credential counts: no
/// sub-domain can have set it.
#[must_use]
pub fn read<'h>(headers: &'h HeaderMap, config: &Config, name: &str) -> Option<&'h str> {
    let wanted = full_name(config, name);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == wanted)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

/// Both tokens of the browser's chain.
pub fn set_tokens(headers: &mut HeaderMap, config: &Config, pair: &TokenPair) {
    let access = config.rules.access_token_lifetime.as_secs();
    let refresh = config.rules.refresh_token_lifetime.as_secs();
    set(headers, config, ACCESS, &pair.access, access);
    set(headers, config, REFRESH, &pair.refresh, refresh);
}

pub fn clear_tokens(headers: &mut HeaderMap, config: &Config) {
    set(headers, config, ACCESS, "", 0);
    set(headers, config, REFRESH, "", 0);
}

/// Remembers a choice or a device for a year.
pub fn set_for_a_year(headers: &mut HeaderMap, config: &Config, name: &str, value: &str) {
    set(headers, config, name, value, YEAR);
}

fn set(headers: &mut HeaderMap, config: &Config, name: &str, value: &str, max_age: u64) {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let name = full_name(config, name);
    let line = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    match HeaderValue::from_str(&line) {
        Ok(line) => {
            headers.append(header::SET_COOKIE, line);
        }
        Err(error) => tracing::error!(%error, cookie = name, "a cookie that is no header"),
    }
}

fn full_name(config: &Config, name: &str) -> String {
    let prefix = if config.is_https() { "__Host-" } else { "" };
    format!("{prefix}{name}")
}
