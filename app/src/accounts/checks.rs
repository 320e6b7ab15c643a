//! What a form has against its fields: at first what the server said, then what `wire` says of
//! the text that stands in them.

use leptos::html::Form;
use leptos::prelude::*;
use leptos::web_sys::{HtmlInputElement, SubmitEvent};
use wasm_bindgen::JsCast;
use wire::accounts::{Field, Issues};

use crate::page::page;
use crate::text::texts;

/// Validates a form whose values are asked for by field.
type Validate = fn(&dyn Fn(Field) -> String) -> Issues;

/// The state of one form's validation.
#[derive(Clone, Copy)]
pub(super) struct Checks {
    form: NodeRef<Form>,
    issues: RwSignal<Issues>,
    validate: Validate,
}

impl Checks {
    pub(super) fn new(validate: Validate) -> Self {
        let issues = RwSignal::new(page().form.issues);
        Self { form: NodeRef::new(), issues, validate }
    }

    /// The form's element, to be given to it as `node_ref`.
    pub(super) fn form(self) -> NodeRef<Form> {
        self.form
    }

    /// What is wrong with a field, in words.
    pub(super) fn issue(self, field: Field) -> Signal<Option<String>> {
        let texts = texts();
        Signal::derive(move || {
            let issue = self.issues.with(|issues| first(issues, field));
            issue.map(|issue| texts.field_issue(issue))
        })
    }

    /// Whether a field is the one to type in first: the first bad one, or else `fallback`.
    pub(super) fn starts_at(self, field: Field, fallback: Field) -> bool {
        let first_bad = self.issues.with_untracked(|issues| issues.first().map(|(bad, _)| *bad));
        first_bad.unwrap_or(fallback) == field
    }

    /// Holds back a form that the server would refuse, says why, and goes to the first bad field.
    pub(super) fn submit(self, event: SubmitEvent) {
        let found = (self.validate)(&|field| self.value(field));
        if let Some((field, _)) = found.first() {
            event.prevent_default();
            if let Some(input) = self.input(*field) {
                let _ = input.focus();
            }
        }
        self.issues.set(found);
    }

    /// Looks again at the fields that had an issue, so that a word of blame goes when its cause does.
    pub(super) fn recheck(self) {
        if self.issues.with_untracked(Vec::is_empty) {
            return;
        }
        let found = (self.validate)(&|field| self.value(field));
        self.issues.update(|issues| *issues = still_wrong(issues, &found));
    }

    fn value(self, field: Field) -> String {
        self.input(field).map(|input| input.value()).unwrap_or_default()
    }

    fn input(self, field: Field) -> Option<HtmlInputElement> {
        let selector = format!("[name={}]", field.as_str());
        let input = self.form.get_untracked()?.query_selector(&selector).ok()??;
        input.dyn_into().ok()
    }
}

fn first<T: Copy>(issues: &[(Field, T)], field: Field) -> Option<T> {
    issues.iter().find(|(bad, _)| *bad == field).map(|(_, issue)| *issue)
}

/// What is found now, of the fields that were shown as wrong before.
fn still_wrong(shown: &Issues, found: &Issues) -> Issues {
    let was_wrong = |field| shown.iter().any(|(bad, _)| *bad == field);
    found.iter().copied().filter(|(field, _)| was_wrong(*field)).collect()
}

#[cfg(test)]
mod tests {
    use wire::accounts::FieldIssue;

    use super::*;

    #[test]
    fn typing_takes_blame_away_and_never_adds_it_elsewhere() {
        let shown = vec![(Field::Username, FieldIssue::UsernameTaken)];
        let found = vec![
            (Field::Username, FieldIssue::UsernameTooShort),
            (Field::Password, FieldIssue::Required),
        ];
        assert_eq!(still_wrong(&shown, &found), [(Field::Username, FieldIssue::UsernameTooShort)]);
        assert!(still_wrong(&shown, &vec![]).is_empty());
    }
}
