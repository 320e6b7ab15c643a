// What works before the page is alive, and what brings it to life.
// What it needs stands in the data- attributes of <html>.

const root = document.documentElement;
const { hydrate, js, wasm, text } = root.dataset;
root.dataset.script = "";

// ---- hydration: the three files at once. A failure leaves plain, working HTML.

const get = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
};

const load = async () => {
  const program = get(wasm);
  program.catch(() => {}); // the await below tells
  const words = get(text).then((response) => response.text());
  const [module, catalogue] = await Promise.all([import(js), words]);
  await module.default({ module_or_path: program });
  module.hydrate(catalogue);
  root.dataset.hydrated = "";
};

// The first picture needs none of it, and on a slow line would share the way with it. A page that nobody sees has
// no picture.
const afterFirstPaint = (then) => {
  const isTold = window.PerformanceObserver?.supportedEntryTypes?.includes("paint");
  if (document.hidden || !isTold) {
    then();
    return;
  }
  const painted = new PerformanceObserver(() => {
    painted.disconnect();
    then();
  });
  painted.observe({ type: "paint", buffered: true });
};

if (hydrate !== undefined) afterFirstPaint(() => load().catch(() => {}));

// ---- theme: at once here, and kept by the server

const showTheme = (theme) => {
  root.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-enhance=theme] [name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  const canvas = getComputedStyle(root).getPropertyValue("--canvas").trim();
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = canvas;
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  const theme = event.submitter?.name === "theme" && event.submitter.value;
  if (!theme || form.dataset.enhance !== "theme") return;
  event.preventDefault();
  showTheme(theme);
  const body = new URLSearchParams(new FormData(form, event.submitter));
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});

// ---- forms with secrets: what a refusal says is put beside the fields, and all that was typed stays, which no
// page from the server could give back

const tell = (box, fresh) => {
  const input = box.querySelector("input");
  const told = fresh.querySelector(`[name=${input.name}]`);
  const issue = input.id && fresh.ownerDocument.getElementById(`${input.id}-issue`);
  const isBad = told?.ariaInvalid === "true";
  box.classList.toggle("field--invalid", isBad);
  input.ariaInvalid = isBad || null;
  box.querySelector(".field__issue").textContent = issue?.textContent ?? "";
  return isBad && input;
};

const showRefusal = (form, fresh) => {
  const notice = (of) => of.parentElement.querySelector(":scope > .notice[role=alert]");
  notice(form)?.remove();
  if (notice(fresh)) form.before(document.adoptNode(notice(fresh)));
  const bad = [...form.querySelectorAll(".field")].map((box) => tell(box, fresh)).find(Boolean);
  bad?.focus();
};

const sendKept = async (form) => {
  const path = form.getAttribute("action");
  const body = new URLSearchParams(new FormData(form));
  const response = await fetch(path, { method: "POST", body }).catch(() => undefined);
  if (response?.redirected) {
    // Where it leads is what was wanted; that page is asked for anew.
    response.body?.cancel();
    location.assign(response.url);
    return;
  }
  const html = await response?.text().catch(() => undefined);
  const page = html && new DOMParser().parseFromString(html, "text/html");
  const fresh = page && [...page.forms].find((one) => one.getAttribute("action") === path);
  if (fresh) showRefusal(form, fresh);
  // The browser's own way shows whatever there is to be shown.
  else form.submit();
};

document.addEventListener("submit", (event) => {
  const { target: form } = event;
  if (!("kept" in form.dataset)) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  sendKept(form).finally(() => (form.ariaBusy = null));
});

// What is being corrected is blamed no more.
document.addEventListener("input", ({ target }) => {
  if (target.ariaInvalid !== "true" || !target.closest("[data-kept]")) return;
  const box = target.closest(".field");
  target.ariaInvalid = null;
  box.classList.remove("field--invalid");
  box.querySelector(".field__issue").textContent = "";
});

// ---- times, in the reader's own zone and form; live parts see to theirs

const { language } = navigator;
const readable = new Intl.DateTimeFormat(language.startsWith(root.lang) ? language : root.lang, {
  dateStyle: "medium",
  timeStyle: "short",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(readable.resolvedOptions().locale, { day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat(readable.resolvedOptions().locale, { timeStyle: "short", hourCycle: "h23" });
const short = (date) => (date.toDateString() === new Date().toDateString() ? clock : day).format(date);
const localise = () => {
  for (const time of document.querySelectorAll("time[data-local]")) {
    const date = new Date(time.dateTime);
    const words = time.dataset.local ? short(date) : readable.format(date);
    if (time.textContent !== words) time.textContent = words;
  }
};
localise();
document.addEventListener("localise", localise);
// The list of conversations is taken anew as the server writes it.
const list = document.getElementById("chat-list");
if (list) new MutationObserver(localise).observe(list, { childList: true });

// ---- show password, and menus that close like menus

const togglePassword = (button) => {
  const input = document.getElementById(button.dataset.togglePassword);
  const show = input.type === "password";
  input.type = show ? "text" : "password";
  button.setAttribute("aria-pressed", String(show));
};

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-toggle-password]");
  if (button) togglePassword(button);
  closeMenus(target.closest?.("a, .choice") ? null : target.closest?.("details.menu"));
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
