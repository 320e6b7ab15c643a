//! Line icons, drawn on a grid of 24.

use leptos::prelude::*;

/// A drawing: the path of its lines. Constants, so that a program holds only those that it draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph(&'static str);

impl Glyph {
    pub const HOME: Self = Self("M4 11.5 12 4l8 7.5M6 10v9.5h4.5V14h3v5.5H18V10");
    pub const CHAT: Self = Self(
        "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM8 9.5h8M8 13h5",
    );
    pub const SETTINGS: Self = Self("M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5");
    pub const THEME: Self = Self("M12 3.5a8.5 8.5 0 1 0 0 17Zm0 0a8.5 8.5 0 0 1 0 17");
    pub const SUN: Self = Self(
        "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
    );
    pub const MOON: Self = Self("M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2Z");
    pub const SCREEN: Self = Self("M4 5h16v11H4ZM9 20h6M12 16v4");
    pub const PHONE: Self = Self(
        "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3ZM11 18h2",
    );
    pub const SIGN_OUT: Self = Self("M14 4H6v16h8M10.5 12H21M17.5 8.5 21 12l-3.5 3.5");
    pub const SHIELD: Self =
        Self("M12 3 5 6v5.5c0 4.5 3 7.8 7 9.5 4-1.7 7-5 7-9.5V6ZM9 12l2.2 2.2L15.5 10");
    pub const BOLT: Self = Self("M13 3 5.5 13.5H11L10 21l8-11h-5.5Z");
    pub const FEATHER: Self = Self("M20 4c-7 0-12.5 3.5-13.5 11L4 20M7 15c6 1 11-3 13-11M10 12h5");
    pub const SERVER: Self =
        Self("M4 4.5h16v6H4ZM4 13.5h16v6H4ZM7.5 7.5h.01M7.5 16.5h.01M11 7.5h5M11 16.5h5");
    pub const LOCK: Self = Self("M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2");
    pub const DEVICES: Self = Self("M3 5h13v4M3 5v9h9M2 18h10M15 10.5h6V20h-6Z");
    pub const ARROW: Self = Self("M5 12h14M13 6l6 6-6 6");
    pub const CHECK: Self = Self("m5 12.5 4.5 4.5L19 7.5");
    pub const SEND: Self = Self("M4 12 20.5 4 14 20.5 11 13.5ZM11 13.5 20.5 4");
    pub const PEOPLE: Self = Self(
        "M9 5.5a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4ZM2.8 19c.4-3.4 3-5.2 6.2-5.2s5.8 1.8 6.2 5.2M15.5 6a3 3 0 0 1 0 5.7M17.5 14.4c2 .7 3.4 2.3 3.7 4.6",
    );
    pub const PERSON: Self =
        Self("M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6");
    pub const CALM: Self = Self(
        "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.5 14c1 1.4 2.2 2 3.5 2s2.5-.6 3.5-2M8 9.5c.6-.7 1.6-.7 2.2 0M13.8 9.5c.6-.7 1.6-.7 2.2 0",
    );
    pub const DOWN: Self = Self("M12 5v14M6 13l6 6 6-6");
    pub const PLUS: Self = Self("M12 5v14M5 12h14");
    pub const INFO: Self = Self("M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5M12 8h.01");
    pub const FIND: Self =
        Self("M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.5 15.5 20.5 20.5");
    pub const EXPLORE: Self =
        Self("M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM15.5 8.5l-2 5-5 2 2-5Z");
    pub const MUTED: Self =
        Self("M6.5 16.5V11a5.5 5.5 0 0 1 9-4.2M17.5 11v5.5h-11M4.5 16.5h2M10.5 19.5h3M4 4l16 16");
    pub const BELL: Self = Self("M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5M4.5 16.5h15M10.5 19.5h3");
    pub const PIN: Self = Self("M9 4h6M10 4v5.5L7 13v1.5h10V13l-3-3.5V4M12 14.5V20.5");
    pub const PICTURE: Self = Self(
        "M4 5h16v14H4ZM4 16l5-5 4 4 2.5-2.5L20 17M15.5 8.5a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4Z",
    );
    pub const STAR: Self =
        Self("m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8Z");
    pub const HEART: Self = Self(
        "M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10Z",
    );
}

/// Decoration beside words; it says nothing to a screen reader.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=glyph.0></path>
        </svg>
    }
    .into_any()
}
