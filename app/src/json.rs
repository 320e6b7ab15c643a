//! JSON read by the browser's own parser; see `wire::json`.

use wire::json::FromJson;

/// What a text holds; `None` where it is no JSON or something else.
#[must_use]
#[cfg(target_arch = "wasm32")]
pub fn read<T: FromJson>(text: &str) -> Option<T> {
    js_sys::JSON::parse(text).ok().and_then(|value| T::from_json(&browser::Parsed(value)))
}

/// Where no browser is, as in tests.
#[must_use]
#[cfg(not(target_arch = "wasm32"))]
pub fn read<T: FromJson>(text: &str) -> Option<T> {
    serde_json::from_str::<serde_json::Value>(text).ok().and_then(|value| T::from_json(&value))
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use js_sys::{Array, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wire::json::Json;

    pub(super) struct Parsed(pub JsValue);

    impl Json for Parsed {
        fn field(&self, name: &str) -> Option<Self> {
            let value = Reflect::get(&self.0, &name.into()).ok()?;
            (!value.is_null() && !value.is_undefined()).then_some(Self(value))
        }

        fn text(&self) -> Option<String> {
            self.0.as_string()
        }

        fn number(&self) -> Option<f64> {
            self.0.as_f64()
        }

        fn flag(&self) -> Option<bool> {
            self.0.as_bool()
        }

        fn items(&self) -> Option<Vec<Self>> {
            Some(self.0.dyn_ref::<Array>()?.iter().map(Self).collect())
        }

        fn entries(&self) -> Option<Vec<(String, Self)>> {
            let names = Object::keys(self.0.dyn_ref::<Object>()?);
            let entry =
                |name: JsValue| Some((name.as_string()?, Reflect::get(&self.0, &name).ok()?));
            let entries = names.iter().filter_map(entry);
            Some(entries.map(|(name, value)| (name, Self(value))).collect())
        }
    }
}
