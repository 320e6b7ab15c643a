// What pages of people, posts and communities have besides boot.js. Everything works without it: forms that
// are sent quietly, what is being written shown as it will look, and links that are copied.

// ---- quiet forms: sent in the background; from the page that answers, the part with the same id takes
// the place of the part that the form stands in. A field may be called "action", so attributes are asked.

const attribute = (form, submitter, name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);

const request = (form, submitter) => {
  const fields = new FormData(form, submitter);
  const isMultipart = attribute(form, submitter, "enctype") === "multipart/form-data";
  return { method: "POST", body: isMultipart ? fields : new URLSearchParams(fields) };
};

// The ordinary way, which shows whatever there is to be shown.
const sendLoudly = (form, submitter) => {
  form.removeAttribute("data-quiet");
  form.requestSubmit(submitter);
};

const controls = (part) => [...part.querySelectorAll("a[href], button, input, select, textarea, summary")];

// Whatever is at the same place has the keyboard again, unless it went elsewhere meanwhile.
const replace = (part, fresh) => {
  const { scrollX, scrollY } = window;
  const held = document.activeElement;
  const place = part.contains(held) ? controls(part).indexOf(held) : -1;
  part.replaceWith(document.adoptNode(fresh));
  const same = held?.id && fresh.querySelector(`#${CSS.escape(held.id)}`);
  if (place >= 0) (same || controls(fresh)[place])?.focus({ preventScroll: true });
  scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  document.dispatchEvent(new Event("localise"));
};

const send = async (form, submitter, part) => {
  const path = attribute(form, submitter, "action") ?? location.href;
  const response = await fetch(path, request(form, submitter)).catch(() => undefined);
  if (!response || response.status >= 500) return sendLoudly(form, submitter);
  // It has happened, or was refused: sending it once more would do it twice.
  const html = await response.text().catch(() => "");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(part.id);
  if (fresh) replace(part, fresh);
  else if (response.ok) location.assign(response.url);
  else sendLoudly(form, submitter);
};

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const part = form.matches("[data-quiet]") && form.closest("[data-part][id]");
  if (!part || event.defaultPrevented) return;
  event.preventDefault();
  if (part.ariaBusy === "true") return;
  part.ariaBusy = "true";
  send(form, submitter, part).finally(() => (part.ariaBusy = null));
});

// ---- links that are copied

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
  const words = button.querySelector("span");
  const before = words.textContent;
  words.textContent = button.dataset.done;
  button.toggleAttribute("data-copied", true);
  setTimeout(() => {
    words.textContent = before;
    button.toggleAttribute("data-copied", false);
  }, 2000);
});

// ---- writing: what is being written is shown as it will look, and a draft saves itself

const text = document.querySelector("[data-preview]");
const editor = text?.form;

const once = (work, pause) => {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(work, pause);
  };
};

const look = async () => {
  const content = text.value;
  const body = new URLSearchParams({ content });
  const response = await fetch(text.dataset.preview, { method: "POST", body }).catch(() => undefined);
  // What came later is shown later.
  if (response?.ok && text.value === content) {
    // The server has made it of Markdown and let through what is on its list.
    document.getElementById("preview").innerHTML = await response.text();
  }
};

let saving;

const save = async () => {
  const body = new URLSearchParams(new FormData(editor));
  body.set("do", "keep");
  const headers = { Accept: "application/json" };
  const response = await fetch(editor.getAttribute("action"), { method: "POST", body, headers }).catch(() => undefined);
  const state = editor.querySelector("[data-saved]");
  if (response?.status === 409) {
    // Whoever saves by hand is shown both ways on.
    delete editor.dataset.autosave;
    state.textContent = state.dataset.changed;
  }
  if (!response?.ok) return;
  const { id, saved_at } = await response.json();
  editor.elements.saved_at.value = saved_at;
  // From now on it is this draft, after a reload too.
  const own = `/posts/${id}/edit`;
  if (editor.getAttribute("action") === "/posts/new") {
    editor.setAttribute("action", own);
    history.replaceState(null, "", own);
  }
  state.textContent = state.dataset.saved;
};

// One after the other, so that a new one is begun once.
const saveInTurn = () => (saving = (saving ?? Promise.resolve()).then(save, save));

if (editor) {
  const lookSoon = once(look, 400);
  const saveSoon = once(saveInTurn, 2000);
  text.addEventListener("input", lookSoon);
  if (text.value) look();
  editor.addEventListener("input", () => {
    if (!("autosave" in editor.dataset)) return;
    editor.querySelector("[data-saved]").textContent = "";
    saveSoon();
  });
  // Whoever publishes while a draft is being begun would publish another one.
  editor.addEventListener("submit", (event) => {
    if (!saving) return;
    event.preventDefault();
    const { submitter } = event;
    // While this event is told, the browser takes no other: it is asked again afterwards.
    saving.finally(() => setTimeout(() => {
      saving = undefined;
      editor.requestSubmit(submitter);
    }));
  });
}

// ---- times that are chosen stand in the author's zone

const later = document.querySelector("[data-zone]");
if (later) {
  const zone = document.getElementById(later.dataset.zone);
  const said = () => (zone.value = new Date(later.value || Date.now()).getTimezoneOffset());
  if (later.value) {
    const at = new Date(`${later.value}Z`);
    later.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
  said();
  later.addEventListener("input", said);
  document.querySelector("[data-zone-name]").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// ---- "/" goes to the field that finds; where there is no room for one, to the page that has it

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  const fields = [...document.querySelectorAll("[data-find]")];
  const field = fields.find((field) => field.checkVisibility?.() ?? field.offsetParent);
  if (!field) return location.assign("/search");
  field.focus();
  field.select();
});

// ---- without a connection: sw.js keeps copies for members, and says of which time one is

const { worker, stale } = document.documentElement.dataset;
if (worker && !stale) addEventListener("load", () => navigator.serviceWorker?.register(worker).catch(() => {}));

if (stale) {
  const line = document.getElementById("stale");
  const time = line.querySelector("time");
  time.dateTime = stale;
  time.dataset.local = "";
  document.dispatchEvent(new Event("localise"));
  line.hidden = false;
}

const copies = document.getElementById("copies");

const link = async (cache, request) => {
  const html = await (await cache.match(request)).text();
  const { title } = new DOMParser().parseFromString(html, "text/html");
  const row = document.createElement("li");
  const anchor = row.appendChild(document.createElement("a"));
  anchor.href = request.url;
  anchor.textContent = title;
  return row;
};

const listCopies = async () => {
  if (!(await caches.has("pages"))) return;
  const cache = await caches.open("pages");
  const requests = (await cache.keys()).reverse();
  copies.querySelector("ul").replaceChildren(...(await Promise.all(requests.map((request) => link(cache, request)))));
  copies.hidden = requests.length === 0;
};

if (copies && "caches" in window) listCopies();
