//! What every page knows before it renders, the same on the server and in the browser.
//!
//! The server provides it as context and prints it into the page; `frontend` reads it back and
//! provides it again. Nothing in it needs waiting for, so hydration never differs from the HTML.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::{document, provide_context, use_context};
use serde::Serialize;
use wire::accounts::{Field, Issues, Viewer};
use wire::json::{FromJson, Json, field};
use wire::{from_json, from_word};

use crate::chat::RoomStart;
use crate::text::{Language, texts_in};

/// The id of the element that carries the page's [`Page`] as JSON.
pub const PAGE_ELEMENT: &str = "page";

/// The id of the element whose content comes alive.
pub const LIVE_ELEMENT: &str = "live";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    Light,
    Dark,
    #[default]
    System,
}

from_word!(Theme { "light" => Light, "dark" => Dark, "system" => System });

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
        [Self::Light, Self::Dark, Self::System].into_iter().find(|theme| theme.as_str() == word)
    }
}

/// What somebody typed into a form that was refused, and why; secrets are never in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FormEcho {
    pub values: BTreeMap<String, String>,
    /// What is wrong with the fields of an account; forms with such fields do not come alive.
    #[serde(skip)]
    pub issues: Issues,
    /// A refusal that belongs to no single field, as a sentence.
    pub notice: Option<String>,
}

impl FromJson for FormEcho {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        Some(Self {
            values: field(json, "values")?,
            notice: field(json, "notice")?,
            issues: Issues::new(),
        })
    }
}

/// The part of a page that comes alive in the browser, with the state that it starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Live {
    /// The page is complete as it is.
    #[default]
    Nothing,
    /// The list of conversations, with none of them open.
    List,
    Room(Box<RoomStart>),
}

impl FromJson for Live {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        match json.text().as_deref() {
            Some("nothing") => Some(Self::Nothing),
            Some("list") => Some(Self::List),
            _ => field(json, "room").map(Self::Room),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    pub viewer: Option<Viewer>,
    pub theme: Theme,
    pub language: Language,
    /// `PUBLIC_URL` without a trailing slash, for canonical links.
    pub public_url: String,
    /// Names the one message that this page's plain form can send, so that a double click is one
    /// message. Empty where nobody can send.
    pub form_id: String,
    pub form: FormEcho,
    pub live: Live,
}

from_json!(Page { viewer, theme, language, public_url, form_id, form, live });

impl Page {
    /// What the form said for a field before it was refused.
    #[must_use]
    pub fn value(&self, field: &str) -> String {
        self.form.values.get(field).cloned().unwrap_or_default()
    }

    /// What is wrong with a field of an account, in words.
    #[must_use]
    pub fn issue(&self, field: Field) -> Option<String> {
        let found = self.form.issues.iter().find(|(own, _)| *own == field);
        found.map(|(_, issue)| texts_in(self.language).field_issue(*issue))
    }

    /// Why a form of this page was refused, if it was this one: `name` is what it calls itself in its
    /// hidden field `form`.
    #[must_use]
    pub fn notice_for(&self, name: &str) -> Option<String> {
        self.form.notice.clone().filter(|_| self.value("form") == name)
    }

    /// This page as [`script_json`].
    #[must_use]
    pub fn to_script_json(&self) -> String {
        script_json(self)
    }

    /// The page that the server printed into the document, where it did.
    #[must_use]
    pub fn from_document() -> Option<Self> {
        let json = document().get_element_by_id(PAGE_ELEMENT)?.text_content()?;
        crate::json::read(&json)
    }
}

/// The content of a `<script type="application/json">`: no `<` in it, so that nothing a person wrote can
/// end the element.
#[must_use]
pub fn script_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// The page being rendered or hydrated; that of a stranger where no request is being answered, as
/// when the server lists its routes.
#[must_use]
pub fn page() -> Arc<Page> {
    use_context::<Arc<Page>>().unwrap_or_default()
}

/// Makes it the one that [`page`] answers. It is shared: it holds whole conversations, and every part of a
/// page asks for it.
pub fn provide_page(page: impl Into<Arc<Page>>) {
    provide_context::<Arc<Page>>(page.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_cannot_end_the_script_element() {
        let mut page = Page::default();
        let hostile = "</script><!--<script>\u{2028}&";
        page.form.values.insert("username".into(), hostile.into());
        let json = page.to_script_json();
        assert!(!json.contains('<'), "{json}");
        let back: Page = crate::json::read(&json).unwrap();
        assert_eq!((back.value("username").as_str(), &back), (hostile, &page));
    }
}
