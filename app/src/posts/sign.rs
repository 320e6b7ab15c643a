//! Signs that only these pages have: what only the server draws is not in the browser's download.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Like,
    Dislike,
    Comment,
    Keep,
    Link,
    Edit,
}

impl Sign {
    fn path(self) -> &'static str {
        match self {
            Self::Like => "M12 20 4.6 12.6a4.6 4.6 0 0 1 6.5-6.5l.9.9.9-.9a4.6 4.6 0 0 1 6.5 6.5Z",
            Self::Dislike => "M7 4v9M7 13l4 7a2 2 0 0 0 2-2v-4h5l1.5-7A2.5 2.5 0 0 0 17 4H7M4 4v9",
            Self::Comment => "M5 5h14v10H11l-5 4v-4H5Z",
            Self::Keep => "M6.5 4h11v16L12 16l-5.5 4Z",
            Self::Link => {
                "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 1 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 1 0 5.700 5.700l1-1"
            }
            Self::Edit => "M4 20h4L19 9l-4-4L4 16ZM13 7l4 4",
        }
    }
}

/// Decoration beside words.
pub(super) fn sign(sign: Sign) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=sign.path()></path>
        </svg>
    }
    .into_any()
}
