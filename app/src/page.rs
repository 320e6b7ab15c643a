//! What every page knows before it renders, the same on the server and in the browser.
//!
//! The server provides it as context and prints it into the page; `frontend` reads it back and
//! provides it again. Nothing in it needs waiting for, so hydration never differs from the HTML.

use std::collections::BTreeMap;

use leptos::prelude::expect_context;
use serde::{Deserialize, Serialize};
use wire::accounts::{Issues, Viewer};

use crate::text::Language;

/// The id of the element that carries the page's [`Page`] as JSON.
pub const PAGE_ELEMENT: &str = "page";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    Light,
    Dark,
    #[default]
    System,
}

impl Theme {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Light, Self::Dark, Self::System]
            .into_iter()
            .find(|theme| theme.as_str() == word)
    }
}

/// What somebody typed into a form that was refused, and why; secrets are never in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormEcho {
    pub values: BTreeMap<String, String>,
    pub issues: Issues,
    /// A refusal that belongs to no single field, as a sentence.
    pub notice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub viewer: Option<Viewer>,
    pub theme: Theme,
    pub language: Language,
    /// `PUBLIC_URL` without a trailing slash, for canonical links.
    pub public_url: String,
    #[serde(default)]
    pub form: FormEcho,
}

/// The page being rendered or hydrated.
#[must_use]
pub fn page() -> Page {
    expect_context::<Page>()
}
