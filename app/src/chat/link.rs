//! The state of the connection, and how long to wait before the next try.

/// How this tab hears of new messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// The first try is under way.
    #[default]
    Connecting,
    Live,
    /// The socket is gone; the next try comes soon.
    Reconnecting,
    /// Sockets do not get through here: asking every few seconds.
    Polling,
    /// The browser says that there is no network.
    Offline,
    /// The session has ended; nothing is sent any more.
    SignedOut,
}

impl Link {
    /// Whether a message can be handed over now.
    #[must_use]
    pub fn carries(self) -> bool {
        matches!(self, Self::Live | Self::Polling)
    }

    /// What `data-state` says while it is not well.
    #[must_use]
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Live => None,
            Self::Connecting | Self::Reconnecting => Some("reconnecting"),
            Self::Polling => Some("polling"),
            Self::Offline => Some("offline"),
            Self::SignedOut => Some("signed-out"),
        }
    }
}

/// Failed tries after which the tab begins to ask over HTTP beside them.
pub const TRIES_BEFORE_POLLING: u32 = 2;
const FIRST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 30_000.0;

/// Milliseconds before the next try after `failures` of them: doubling, with full jitter so that a
/// restarted server is not met by everybody at once. `chance` is from 0 to 1.
#[must_use]
pub fn delay_ms(failures: u32, chance: f64) -> u32 {
    let ceiling = (FIRST_MS * f64::from(2_u32.saturating_pow(failures.min(16)))).min(LONGEST_MS);
    (ceiling * (0.25 + 0.75 * chance)) as u32
}

/// The delay that a restarting server asks for in its close reason, `retry_after_ms=<number>`.
#[must_use]
pub fn asked_delay_ms(reason: &str) -> Option<u32> {
    reason.strip_prefix("retry_after_ms=")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l_35_delays_grow_to_half_a_minute_and_never_vanish() {
        assert_eq!(delay_ms(0, 0.0), 125);
        assert_eq!(delay_ms(0, 1.0), 500);
        assert!(delay_ms(3, 0.5) > delay_ms(2, 0.5));
        assert_eq!(delay_ms(60, 1.0), 30_000);
    }

    #[test]
    fn a_restarting_server_names_the_delay() {
        assert_eq!(asked_delay_ms("retry_after_ms=1234"), Some(1234));
        assert_eq!(asked_delay_ms("bye"), None);
    }
}
