// The card of a name: on the link to a profile, for a mouse that rests there and for the keyboard. It is the
// server's HTML and stands behind its link, so that the next Tab goes into it. Without it the link is a link.

const REST = 450; // milliseconds until it opens
const GRACE = 250; // until it closes, on the way from the link into the card
const GOOD_FOR = 60_000;
const GAP = 8;

const kept = new Map(); // address: [when, the HTML that is coming]
let card; // the one that is open
let owner; // its link
let opening;
let closing;

const profile = (target) => {
  const link = target.closest?.("main a[href]");
  const own = link && link.origin === location.origin && !link.search && !link.hash;
  const isProfile = own && /^\/u\/[^/]+$/.test(link.pathname) && link.pathname !== location.pathname;
  return isProfile && !link.closest(".hover-card") ? link : undefined;
};

const fetched = (path) => {
  const [at, html] = kept.get(path) ?? [];
  if (at > Date.now() - GOOD_FOR) return html;
  const coming = fetch(`${path}/card`).then((response) => (response.ok ? response.text() : ""));
  const safe = coming.catch(() => "");
  kept.set(path, [Date.now(), safe]);
  return safe;
};

const close = () => {
  clearTimeout(opening);
  clearTimeout(closing);
  card?.remove();
  card = owner = undefined;
};

// Under the link, or above where there is more room; within the window.
const place = () => {
  const at = owner.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const below = at.bottom + GAP + height <= innerHeight || at.top < height + GAP;
  card.style.top = `${below ? at.bottom + GAP : at.top - GAP - height}px`;
  card.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
};

const open = async (link) => {
  if (owner === link) return;
  const html = await fetched(link.pathname);
  // What the link stood in may have been taken anew meanwhile.
  if (!html || wanted !== link || !link.isConnected) return;
  close();
  const holder = document.createElement("div");
  holder.innerHTML = html;
  card = holder.firstElementChild;
  owner = link;
  card.popover = "manual";
  link.after(card);
  card.showPopover();
  place();
};

let wanted;

const want = (link, pause) => {
  wanted = link;
  clearTimeout(closing);
  clearTimeout(opening);
  opening = setTimeout(open, pause, link);
};

const leave = () => {
  wanted = undefined;
  clearTimeout(opening);
  clearTimeout(closing);
  closing = setTimeout(close, GRACE);
};

const isInside = (node) => card?.contains(node) || owner?.contains(node);

// Whether the keyboard is in it: then no mouse closes it.
const isHeld = () => isInside(document.activeElement) && document.activeElement.matches(":focus-visible");

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType !== "mouse") return;
  const link = profile(target);
  if (link) want(link, REST);
  else if (isInside(target)) clearTimeout(closing);
  else if ((wanted || card) && !isHeld()) leave();
});

document.addEventListener("focusin", ({ target }) => {
  const link = profile(target);
  if (link?.matches(":focus-visible")) want(link, REST);
  else if ((wanted || card) && !isInside(target)) leave();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !card) return;
  event.preventDefault();
  const link = owner;
  const within = card.contains(document.activeElement);
  wanted = undefined;
  close();
  if (within) link.focus();
});

// A form of the card was answered: it is another element, and what was kept is old.
document.addEventListener("localise", () => {
  if (!card || card.isConnected) return;
  kept.delete(owner.pathname);
  card = document.querySelector(".hover-card");
  if (!card) return close();
  card.popover = "manual";
  card.showPopover();
  place();
});

document.addEventListener("pointerdown", ({ target }) => card && !isInside(target) && close());
addEventListener("scroll", () => card && !isHeld() && close(), { passive: true });
