// What works before the page is alive, and what brings it to life.
// What it needs stands in the data- attributes of <html>.

const root = document.documentElement;
const { hydrate, js, wasm, text } = root.dataset;
root.dataset.script = "";

// ---- hydration: the three files at once, and only once. A failure leaves plain, working HTML.

let started;

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

const start = () => {
  started ??= load().catch(() => {});
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

if (hydrate === "now") afterFirstPaint(start);
if (hydrate === "interaction") {
  // Not `focusin`: the page's own autofocus would set it off.
  const touched = (event) => event.target.closest?.("main form") && start();
  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, touched, { passive: true });
  }
}

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
