// Pictures in what is being written: pasted, dropped or chosen, they are sent in pieces that can go on where
// they were cut off (tus 1.0), and stand in the text when they are there. Without this script a cover goes with
// its form.

const TUS = { "Tus-Resumable": "1.0.0" };
const DOOR = "/api/uploads/";
const LARGEST = 10 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/webp", "image/gif"];
// After a cut, in milliseconds; the last one again and again, and at once when the network is back.
const PAUSES = [0, 1000, 3000, 8000, 15000];
const TRIES = 8;

const text = document.querySelector("[data-preview]");
const editor = text?.form;
const words = document.getElementById("upload-words")?.dataset;

// ---- one file on its way

// What went wrong, for people; `again` says whether trying again can help.
class Refused extends Error {
  constructor(message, again) {
    super(message);
    this.again = again;
  }
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// The same file, chosen once more, goes on where it was.
const mark = (file, kind) => `upload:${kind}:${file.name}:${file.size}:${file.lastModified}`;

const remembered = (key) => {
  try { return localStorage.getItem(key); } catch { return null; }
};

const remember = (key, place) => {
  try { place ? localStorage.setItem(key, place) : localStorage.removeItem(key); } catch { /* then not */ }
};

const refusal = async (response) => {
  const said = await response.json().catch(() => ({}));
  const again = response.status >= 500 || response.status === 429;
  const isLarge = response.status === 413 || said.detail?.includes("pixels");
  if (isLarge) return new Refused(words.large, false);
  return new Refused(said.code === "invalid_field" ? words.unknown : words.failed, again);
};

const begin = async (file, kind, signal) => {
  const metadata = `filename ${base64(file.name)},kind ${base64(kind)}`;
  const headers = { ...TUS, "Upload-Length": file.size, "Upload-Metadata": metadata };
  const response = await fetch(DOOR, { method: "POST", headers, signal });
  if (!response.ok) throw await refusal(response);
  return response.headers.get("Location");
};

// How far it is; nothing where the server does not know it any more.
const standing = async (place, signal) => {
  const response = await fetch(place, { method: "HEAD", headers: TUS, signal });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Refused(words.failed, response.status >= 500);
  const offset = Number(response.headers.get("Upload-Offset"));
  return { offset, address: response.headers.get("Content-Location") };
};

// The rest of it in one piece. XMLHttpRequest, because fetch does not say how far it is.
const rest = (place, file, offset, signal, progress) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  request.open("PATCH", place);
  const headers = { ...TUS, "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded }) => progress(offset + loaded);
  request.onload = async () => {
    if (request.status === 204) return resolve(request.getResponseHeader("Content-Location"));
    reject(await refusal(new Response(request.responseText || null, { status: request.status })));
  };
  request.onerror = () => reject(new Refused(words.cut, true));
  request.onabort = () => reject(signal.reason);
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(file.slice(offset));
});

const pause = (length, signal) => new Promise((resolve, reject) => {
  const waiting = setTimeout(resolve, length);
  addEventListener("online", resolve, { once: true });
  signal.addEventListener("abort", () => { clearTimeout(waiting); reject(signal.reason); }, { once: true });
});

// One try: from wherever it is to its end. Answers with the picture's address.
const goOn = async (file, kind, signal, progress) => {
  const key = mark(file, kind);
  let place = remembered(key);
  let now = place ? await standing(place, signal) : undefined;
  if (!now) {
    place = await begin(file, kind, signal);
    remember(key, place);
    now = { offset: 0 };
  }
  progress(now.offset);
  const address = now.address ?? (await rest(place, file, now.offset, signal, progress));
  remember(key);
  if (!address) throw new Refused(words.cut, true);
  return address;
};

const isFinal = (error) => error.name === "AbortError" || error.again === false;

const upload = async (file, kind, signal, progress) => {
  if (!KINDS.includes(file.type)) throw new Refused(words.unknown, false);
  if (file.size > LARGEST) throw new Refused(words.large, false);
  for (let tried = 0; ; tried += 1) {
    try {
      return await goOn(file, kind, signal, progress);
    } catch (error) {
      if (isFinal(error)) {
        remember(mark(file, kind));
        throw error;
      }
      if (tried + 1 === TRIES) throw new Refused(error.again ? error.message : words.cut, true);
      await pause(PAUSES[Math.min(tried, PAUSES.length - 1)], signal);
    }
  }
};

const forget = async (file, kind) => {
  const place = remembered(mark(file, kind));
  remember(mark(file, kind));
  if (place) await fetch(place, { method: "DELETE", headers: TUS }).catch(() => undefined);
};

// ---- what people see of it

const under = new Set();

const button = (label, name, act) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet upload__act";
  button.textContent = label;
  button.setAttribute("aria-label", `${label}: ${name}`);
  button.addEventListener("click", act);
  return button;
};

// A row with a bar; `done` hears of the address, `given` that it is not wanted any more.
const show = (list, file, kind, done, given) => {
  const row = document.createElement("div");
  const [name, bar, said] = ["span", "progress", "span"].map((tag) => document.createElement(tag));
  row.className = "upload";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", file.name);
  name.className = "upload__name";
  name.textContent = file.name;
  bar.className = "upload__bar";
  bar.max = file.size || 1;
  bar.setAttribute("aria-label", words.progress);
  said.className = "upload__said";
  said.setAttribute("role", "status");
  let stop = new AbortController();
  const cancel = button(words.cancel, file.name, () => {
    stop.abort();
    under.delete(row);
    forget(file, kind);
    row.remove();
    given();
  });
  const again = button(words.again, file.name, () => start());
  again.hidden = true;
  row.append(name, bar, said, again, cancel);
  list.append(row);

  const start = async () => {
    under.add(row);
    stop = new AbortController();
    again.hidden = true;
    bar.hidden = false;
    row.classList.remove("upload--refused");
    said.textContent = words.sending;
    try {
      const address = await upload(file, kind, stop.signal, (loaded) => (bar.value = loaded));
      under.delete(row);
      row.remove();
      done(address);
    } catch (error) {
      if (error.name === "AbortError") return;
      under.delete(row);
      bar.hidden = true;
      again.hidden = !error.again;
      row.classList.add("upload--refused");
      said.textContent = error.message;
    }
  };
  start();
};

// ---- in the text

const changed = () => text.dispatchEvent(new Event("input", { bubbles: true }));

let number = 0;

const stem = (file) => file.name.replace(/\.[^.]*$/, "").replace(/[[\]()<>\\`*_!]/g, " ").trim();

// A place in the text is kept by words of its own, so that one can go on writing around it.
const insert = (file) => {
  number += 1;
  const place = `![${words.placeholder} ${number}: ${stem(file)}]()`;
  const { selectionStart, selectionEnd, value } = text;
  const before = selectionStart === 0 || value[selectionStart - 1] === "\n" ? "" : "\n";
  const after = value[selectionEnd] === "\n" ? "" : "\n";
  text.setRangeText(`${before}${place}${after}`, selectionStart, selectionEnd, "end");
  changed();
  const exchange = (words) => {
    const at = text.value.indexOf(place);
    if (at < 0) return -1;
    text.setRangeText(words, at, at + place.length, "preserve");
    changed();
    return at;
  };
  const done = (address) => {
    const alt = words.alt;
    const wasHere = document.activeElement === text || under.size === 0;
    const at = exchange(`![${alt}](${address})`);
    // What it shows is asked for where it is said: the words are marked, so that typing replaces them.
    if (at < 0 || !wasHere) return;
    text.focus();
    text.setSelectionRange(at + 2, at + 2 + alt.length);
  };
  show(document.getElementById("text-uploads"), file, "picture", done, () => exchange(""));
};

const pictures = (files) => [...(files ?? [])].filter((file) => file.type.startsWith("image/"));

const takeIn = (event, files) => {
  if (files.length === 0) return;
  event.preventDefault();
  files.forEach(insert);
};

// ---- over the post

const setCover = (field, id, address) => {
  const shown = field.querySelector("[data-cover-shown]");
  const picture = document.createElement("img");
  picture.className = "cover-field__picture";
  picture.alt = "";
  picture.src = address;
  shown.replaceChildren(picture);
  field.classList.add("cover-field--there");
  field.querySelector("[name=cover_id]").value = id;
  field.querySelector("[name=cover_remove]").checked = false;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

const chooseCover = (field, chosen) => {
  const [file] = chosen.files;
  if (!file) return;
  // It goes alone, not once more with the form.
  chosen.value = "";
  const list = field.querySelector("[data-uploads-for=cover]");
  list.querySelectorAll(".upload").forEach((row) => row.lastElementChild.click());
  const done = (address) => setCover(field, address.split("/")[2], address);
  show(list, file, "cover", done, () => undefined);
};

if (editor && words) {
  text.addEventListener("paste", (event) => takeIn(event, pictures(event.clipboardData?.files)));
  text.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    text.classList.add("editor__text--over");
  });
  for (const end of ["dragleave", "drop"]) {
    text.addEventListener(end, () => text.classList.remove("editor__text--over"));
  }
  text.addEventListener("drop", (event) => takeIn(event, pictures(event.dataTransfer.files)));
  const chosen = document.getElementById("text-pictures");
  chosen.addEventListener("change", () => {
    [...chosen.files].forEach(insert);
    chosen.value = "";
  });
  const field = editor.querySelector("[data-cover]");
  const cover = field.querySelector("[name=cover]");
  cover.addEventListener("change", () => chooseCover(field, cover));
  // A post is not sent without what is on its way into it.
  editor.addEventListener("submit", (event) => {
    if (under.size === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.getElementById("upload-words").textContent = words.wait;
  }, { capture: true });
  editor.addEventListener("input", () => (document.getElementById("upload-words").textContent = ""));
}
