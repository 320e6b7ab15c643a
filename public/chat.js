// What the pages of conversations have besides boot.js, whether or not something in them comes alive:
// lists that are gone through from a box (going to another conversation, naming somebody in a message;
// what stands in them is the server's), the keyboard's place, and the sign of the tab.

const part = async (path) => {
  const response = await fetch(path);
  return response.ok ? response.text() : "";
};

// ---- a list, and which of its options is chosen while the keyboard stays in the box

const options = (list) => [...list.querySelectorAll("[role=option]")];
const chosen = (list) => list.querySelector("[aria-selected=true]");

const choose = (list, input, at) => {
  const all = options(list);
  const active = all.at(at % all.length);
  all.forEach((option, place) => {
    option.id = `${list.id}-${place}`;
    option.setAttribute("aria-selected", String(option === active));
  });
  active?.scrollIntoView({ block: "nearest" });
  if (active) input.setAttribute("aria-activedescendant", active.id);
  else input.removeAttribute("aria-activedescendant");
};

const fill = (list, input, html) => {
  list.innerHTML = html;
  choose(list, input, 0);
};

const steps = { ArrowDown: 1, ArrowUp: -1 };

const step = (list, input, key) => {
  if (!steps[key]) return false;
  choose(list, input, options(list).indexOf(chosen(list)) + steps[key]);
  return true;
};

// ---- going to another conversation

const dialog = document.getElementById("switcher");
const places = document.getElementById("switcher-list");
const search = dialog.querySelector("input");
let known; // the words that the list belongs to
let hurried = false; // Enter came before the answer to what was typed last

const go = () => {
  hurried = known !== search.value;
  if (!hurried) chosen(places)?.click();
};

const lookUp = async () => {
  hurried = false;
  const words = search.value;
  await new Promise((resolve) => setTimeout(resolve, 120));
  if (words !== search.value) return;
  const html = await part(`/chat/switch?q=${encodeURIComponent(words)}`);
  if (words !== search.value) return;
  known = words;
  fill(places, search, html);
  if (hurried) go();
};

const toggle = () => {
  if (dialog.open) return dialog.close();
  dialog.showModal();
  search.value = "";
  lookUp();
};

search.addEventListener("input", lookUp);

document.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
  if (!event.target.closest?.("[data-switcher]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  toggle();
});

// The conversation above or below in the list, or the next one with something unread.
const goAlong = (by, unread) => {
  const rows = [...document.querySelectorAll("#chat-list .chat-row")];
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const ahead = rows.map((_, far) => rows.at((here + by * (far + 1)) % rows.length));
  if (here < 0 && by < 0) ahead.unshift(rows.at(-1));
  const next = ahead.find((row) => !unread || row.classList.contains("chat-row--unread"));
  next?.click();
};

const isWriting = () => document.activeElement?.matches("input, textarea, select");

const keyOfPlaces = ({ key, ctrlKey, metaKey, altKey, shiftKey }) => {
  if ((ctrlKey || metaKey) && key === "k") toggle();
  else if (dialog.open && key === "Enter") go();
  else if (dialog.open) return step(places, search, key);
  else if (altKey && steps[key]) goAlong(steps[key], shiftKey);
  else if ((key === "/" || key === "?") && !isWriting()) toggle();
  else return false;
  return true;
};

// ---- naming somebody: what stands after an `@` is completed

const names = document.getElementById("mentions");
const box = () => document.getElementById("message");

const begun = (input) => input?.value.slice(0, input.selectionEnd).match(/(?:^|\s)@(\S{0,64})$/)?.[1];

const offer = async () => {
  const name = begun(box());
  if (name === undefined) return fill(names, box(), "");
  const html = await part(`${names.dataset.from}&q=${encodeURIComponent(name)}`);
  if (begun(box()) === name) fill(names, box(), html);
};

const put = (option) => {
  const input = box();
  const start = input.selectionEnd - begun(input).length;
  input.setRangeText(`${option.dataset.name} `, start, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

const keyOfNames = (event) => {
  const option = names && event.target === box() && !event.isComposing && chosen(names);
  if (!option) return false;
  if (event.key === "Enter" || event.key === "Tab") put(option);
  else if (event.key === "Escape") fill(names, box(), "");
  else return step(names, box(), event.key);
  return true;
};

document.addEventListener("input", ({ target }) => names && target === box() && offer());
// Before the click, which would take the focus out of the box.
names?.addEventListener("mousedown", (event) => {
  event.preventDefault();
  const option = event.target.closest("[role=option]");
  if (option) put(option);
});

// Before the composer, whose Enter sends.
document.addEventListener(
  "keydown",
  (event) => {
    if (!keyOfNames(event) && !keyOfPlaces(event)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// ---- a row that looks different is made anew: what had the keyboard in it has it again

const log = document.querySelector("[role=log]");
let used; // the part of a message that last had it

const giveBack = () => {
  if (!used || used.isConnected || document.activeElement !== document.body) return;
  const row = document.getElementById(used.closest("[data-seq]")?.id);
  const { emoji } = used.dataset;
  const same = emoji ? `[data-emoji="${emoji}"]` : `[href="${used.getAttribute("href")}"]`;
  (row?.querySelector(same) ?? row?.querySelector(".message__more"))?.focus();
};

if (log) {
  log.addEventListener("focusin", ({ target }) => (used = target));
  document.addEventListener("pointerdown", () => (used = undefined));
  document.addEventListener("close", giveBack, true);
  new MutationObserver(giveBack).observe(log, { childList: true, subtree: true });
}

// ---- the tab's sign has a dot while its title counts

const icon = document.querySelector("link[rel=icon]");
const plain = icon.getAttribute("href");
const showWaiting = () => {
  const href = /^\(\d/.test(document.title) ? "/favicon-unread.svg" : plain;
  if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
};
showWaiting();
new MutationObserver(showWaiting).observe(document.querySelector("title"), { childList: true });
