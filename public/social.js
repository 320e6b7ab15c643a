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
  if (place >= 0) (same ?? controls(fresh)[place])?.focus({ preventScroll: true });
  scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  document.dispatchEvent(new Event("localise"));
};

const send = async (form, submitter, part) => {
  const path = attribute(form, submitter, "action") ?? location.href;
  const response = await fetch(path, request(form, submitter)).catch(() => undefined);
  if (!response?.ok) return sendLoudly(form, submitter);
  // It has happened: sending it once more would do it twice.
  const html = await response.text().catch(() => "");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(part.id);
  if (fresh) replace(part, fresh);
  else location.assign(response.url);
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
