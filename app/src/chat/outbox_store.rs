//! Messages on their way, kept on the device until they are stored: in IndexedDB, with strict
//! durability, so that they survive a reload, a crash and an empty battery.
//!
//! Each person has their own; a browser that refuses storage (private windows) simply keeps none.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction};
use wire::{ClientId, UserId};

use super::timeline::Pending;

const DATABASE: &str = "spherespace";
const VERSION: u32 = 1;
const STORE: &str = "outbox";

/// The outbox of one person on this device.
#[derive(Clone)]
pub(super) struct OutboxStore {
    database: IdbDatabase,
    owner: String,
}

impl OutboxStore {
    /// `None` where the browser keeps nothing for us.
    pub(super) async fn open(owner: UserId) -> Option<Self> {
        let factory = window().indexed_db().ok()??;
        let opening = factory.open_with_u32(DATABASE, VERSION).ok()?;
        make_store_on_upgrade(&opening);
        let database = settle(&opening).await?.dyn_into().ok()?;
        Some(Self { database, owner: format!("{owner}/") })
    }

    /// Everything that was left behind, oldest first.
    pub(super) async fn everything(&self) -> Vec<Pending> {
        let Some(request) = self.store("readonly").and_then(|store| store.get_all().ok()) else {
            return Vec::new();
        };
        let rows: js_sys::Array =
            settle(&request).await.and_then(|rows| rows.dyn_into().ok()).unwrap_or_default();
        let texts = rows.iter().filter_map(|row| row.as_string());
        let own = texts.filter_map(|text| text.strip_prefix(&self.owner).map(str::to_owned));
        own.filter_map(|json| crate::json::read(&json)).collect()
    }

    /// Keeps a message, or its new state.
    pub(super) fn keep(&self, pending: &Pending) {
        let Ok(json) = serde_json::to_string(pending) else { return };
        if let Some(store) = self.store("readwrite") {
            let row = format!("{}{json}", self.owner);
            // A device that is full keeps the message in this tab only; nothing else to be done.
            let _full = store.put_with_key(&row.into(), &self.key(&pending.client_id));
        }
    }

    /// Forgets a message that is stored or given up.
    pub(super) fn forget(&self, client_id: &ClientId) {
        if let Some(store) = self.store("readwrite") {
            let _gone_already = store.delete(&self.key(client_id));
        }
    }

    fn key(&self, client_id: &ClientId) -> JsValue {
        format!("{}{client_id}", self.owner).into()
    }

    /// The binding has no options yet: the method is called by its name.
    fn store(&self, mode: &str) -> Option<IdbObjectStore> {
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"durability".into(), &"strict".into()).ok()?;
        let transaction = js_sys::Reflect::get(&self.database, &"transaction".into()).ok()?;
        let transaction: js_sys::Function = transaction.dyn_into().ok()?;
        let begun =
            transaction.call3(&self.database, &STORE.into(), &mode.into(), &options).ok()?;
        begun.dyn_into::<IdbTransaction>().ok()?.object_store(STORE).ok()
    }
}

fn make_store_on_upgrade(opening: &IdbOpenDbRequest) {
    let request = opening.clone();
    let upgrade = Closure::once_into_js(move || {
        let database =
            request.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok());
        if let Some(database) = database {
            // It exists already only where another version of this page made it.
            let _exists = database.create_object_store(STORE);
        }
    });
    opening.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
}

/// The result of a request, `None` where it failed.
async fn settle(request: &IdbRequest) -> Option<JsValue> {
    let (tell, told) = oneshot::channel();
    let tell = Rc::new(RefCell::new(Some(tell)));
    let finish = {
        let request = request.clone();
        Closure::<dyn FnMut()>::new(move || {
            if let Some(tell) = tell.borrow_mut().take() {
                let _unheard = tell.send(request.result().ok());
            }
        })
    };
    let callback = finish.as_ref().unchecked_ref();
    request.set_onsuccess(Some(callback));
    request.set_onerror(Some(callback));
    told.await.ok().flatten()
}
