//! The browser's cookies: which we read, and exactly how we write them.

use axum::http::{HeaderMap, HeaderValue, header};
use domain::accounts::TokenPair;

use crate::config::Config;

/// A year, for what somebody chose about looks and language.
const YEAR: u64 = 365 * 86_400;

pub(crate) const ACCESS: &str = "spherespace_access";
pub(crate) const REFRESH: &str = "spherespace_refresh";
/// Tells the next sign-in that this browser has signed in before.
pub(crate) const DEVICE: &str = "spherespace_device";
pub(crate) const THEME: &str = "theme";
pub(crate) const LANGUAGE: &str = "lang";

/// The value of a cookie of ours. Over HTTPS only the `__Host-` form of a credential counts: no
/// sub-domain can have set it.
#[must_use]
pub(crate) fn read<'h>(headers: &'h HeaderMap, config: &Config, name: &str) -> Option<&'h str> {
    let wanted = full_name(config, name);
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        // Pair by pair: one of somebody else's that is no text must not hide ours beside it.
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .find(|(key, _)| *key == wanted)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

/// Whether an answer already says what becomes of the browser's tokens.
pub(crate) fn sets_tokens(headers: &HeaderMap, config: &Config) -> bool {
    let start = format!("{}=", full_name(config, ACCESS));
    let mut lines = headers.get_all(header::SET_COOKIE).iter();
    lines.any(|line| line.as_bytes().starts_with(start.as_bytes()))
}

/// Both tokens of the browser's chain.
pub(crate) fn set_tokens(headers: &mut HeaderMap, config: &Config, pair: &TokenPair) {
    let access = config.rules.access_token_lifetime.as_secs();
    let refresh = config.rules.refresh_token_lifetime.as_secs();
    set(headers, config, ACCESS, &pair.access, access);
    set(headers, config, REFRESH, &pair.refresh, refresh);
}

pub(crate) fn clear_tokens(headers: &mut HeaderMap, config: &Config) {
    set(headers, config, ACCESS, "", 0);
    set(headers, config, REFRESH, "", 0);
}

/// Remembers a choice or a device for a year.
pub(crate) fn set_for_a_year(headers: &mut HeaderMap, config: &Config, name: &str, value: &str) {
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
