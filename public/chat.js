// What the pages of conversations have besides boot.js, whether or not something in them comes alive:
// lists that are gone through from a box (going to another conversation, naming somebody in a message;
// what stands in them is the server's), keys, the keyboard's place among messages, and the sign of the tab.

const part = async (path) => {
  const response = await fetch(path);
  return response.ok ? response.text() : undefined;
};

// The next letter often comes sooner.
const pause = () => new Promise((resolve) => setTimeout(resolve, 120));

// What somebody has begun to fill in stays theirs when the page is taken anew.
document.addEventListener("input", ({ target }) => target.form?.toggleAttribute("data-touched", true));

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
const sheet = document.getElementById("keys");
let known; // the words that the list belongs to
let hurried = false; // Enter came before the answer to what was typed last
let opener; // what had the focus before a dialog

// The browser gives the focus back, but not where that part of the page was taken anew meanwhile.
const show = (each) => {
  opener = document.activeElement;
  each.showModal();
};

const returnFocus = () => {
  if (opener.isConnected) return;
  [...document.querySelectorAll(opener.localName)].find((each) => each.isEqualNode(opener))?.focus();
};

dialog.addEventListener("close", returnFocus);
sheet.addEventListener("close", returnFocus);

const go = () => {
  hurried = known !== search.value;
  if (!hurried) chosen(places)?.click();
};

const lookUp = async () => {
  hurried = false;
  const words = search.value;
  await pause();
  if (words !== search.value) return;
  const html = await part(`/chat/switch?q=${encodeURIComponent(words)}`);
  if (html === undefined || words !== search.value) return;
  known = words;
  fill(places, search, html);
  if (hurried) go();
};

const toggle = () => {
  sheet.close();
  if (dialog.open) return dialog.close();
  show(dialog);
  search.value = "";
  lookUp();
};

search.addEventListener("input", lookUp);

document.addEventListener("click", (event) => {
  if (event.target === dialog || event.target === sheet) event.target.close();
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

// The next part of the page, or the last one, at the place where one was in it.
const goRound = (by) => {
  const parts = document.querySelectorAll("#chat-list, .timeline, .composer, .chat-pane__body");
  const all = [...parts].filter((part) => part.checkVisibility());
  const here = all.findIndex((part) => part.contains(document.activeElement));
  const next = all.at((by < 0 ? Math.max(here, 0) + by : here + by) % all.length);
  const place = next?.querySelector("[aria-current], .message[tabindex='0'], textarea");
  (place ?? next?.querySelector("a, button, input:not([type=hidden]), select") ?? next)?.focus();
  return all.length > 0;
};

const isWriting = () => document.activeElement?.matches("input, textarea, select");

const keyOfPlaces = ({ key, ctrlKey, metaKey, altKey, shiftKey }) => {
  if ((ctrlKey || metaKey) && key === "k") toggle();
  else if (dialog.open && key === "Enter") go();
  else if (dialog.open) return step(places, search, key);
  else if (document.querySelector("dialog[open]")) return false;
  else if (altKey && steps[key]) goAlong(steps[key], shiftKey);
  else if (key === "F6") return goRound(shiftKey ? -1 : 1);
  else if (isWriting()) return false;
  else if (key === "/") toggle();
  else if (key === "?") show(sheet);
  else return !(ctrlKey || metaKey || altKey || shiftKey) && keyOfMessages(key);
  return true;
};

// ---- naming somebody: what stands after an `@` is completed

const names = document.getElementById("mentions");
const box = () => document.getElementById("message");

const begun = (input) => input?.value.slice(0, input.selectionEnd).match(/(?:^|\s)@(\S{0,64})$/)?.[1];

const offer = async () => {
  const name = begun(box());
  if (name === undefined) return fill(names, box(), "");
  await pause();
  if (begun(box()) !== name) return;
  const html = await part(`${names.dataset.from}&q=${encodeURIComponent(name)}`);
  if (html !== undefined && begun(box()) === name) fill(names, box(), html);
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

// ---- the keyboard among messages: Tab comes to one of them and to what is in it, arrows go on from there

const log = document.querySelector("[role=log]");
const sentences = document.getElementById("spoken")?.dataset;
const messages = () => [...log.querySelectorAll(".message")];
let current; // the one that Tab comes to: where the keyboard is, or else the newest

const words = (element) => element?.textContent.trim();
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// What stands before a message and goes for it too: who has said it, and on which day.
const before = (message, wanted) => {
  for (let row = message; row; row = row.previousElementSibling) {
    const found = row.querySelector(wanted);
    if (found) return words(found);
  }
};

const spoken = (message) => {
  const part = (wanted) => message.querySelector(wanted);
  const quote = part(".quote__text");
  const answered = quote && filled(sentences.answer, { who: words(part(".quote__author")) });
  const what = [quote && `${answered} ${words(quote)}`, words(part(".message__bubble"))];
  const marks = message.querySelectorAll(".message__edited, .tick, .message__actions, .reaction");
  const sentence = filled(sentences.message, {
    who: message.matches(".message--own") ? sentences.me : before(message, ".message__author"),
    when: `${before(message, ":scope:not(.message) time") ?? ""} ${words(part("time"))}`,
    words: what.filter(Boolean).join(". "),
  });
  return [sentence, ...[...marks].map((mark) => mark.ariaLabel ?? words(mark))].join(". ");
};

const settle = () => {
  const held = document.activeElement?.closest?.(".message");
  const next = log.contains(held) ? held : messages().at(-1);
  if (next !== current) {
    current?.removeAttribute("tabindex");
    current?.removeAttribute("aria-label");
  }
  current = next;
  for (const part of log.querySelectorAll(".message :is(a, button)")) part.tabIndex = next.contains(part) ? 0 : -1;
  log.tabIndex = next ? -1 : 0;
  if (!next) return;
  next.tabIndex = 0;
  next.ariaLabel = spoken(next);
};

const goTo = (message) => {
  message.tabIndex = 0;
  message.ariaLabel = spoken(message);
  message.focus();
};

const keyOfMessages = (key) => {
  if (!log?.contains(document.activeElement) || !current) return false;
  const all = messages();
  const at = all.indexOf(current);
  const to = { ArrowUp: Math.max(at - 1, 0), ArrowDown: at + 1, Home: 0, End: all.length - 1 }[key];
  if (to !== undefined) goTo(all[to] ?? current);
  else if (key === "Enter" && document.activeElement === current) current.querySelector(".message__more")?.click();
  else return false;
  return true;
};

// A row that looks different is made anew: what had the keyboard in it has it again.
let used; // the message, or the part of one, that last had it

const giveBack = () => {
  if (!used || used.isConnected || document.activeElement !== document.body) return;
  const row = document.getElementById(used.closest("[data-seq]")?.id);
  if (row && used.matches(".message")) return goTo(row);
  const { emoji } = used.dataset;
  const same = emoji ? `[data-emoji="${emoji}"]` : `[href="${used.getAttribute("href")}"]`;
  (row?.querySelector(same) ?? row?.querySelector(".message__more"))?.focus();
};

if (log) {
  log.addEventListener("focusin", ({ target }) => {
    used = target;
    settle();
  });
  log.addEventListener("focusout", ({ relatedTarget }) => log.contains(relatedTarget) || queueMicrotask(settle));
  document.addEventListener("pointerdown", () => (used = undefined));
  document.addEventListener("close", giveBack, true);
  new MutationObserver(() => {
    giveBack();
    settle();
  }).observe(log, { childList: true, characterData: true, subtree: true });
  settle();
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
