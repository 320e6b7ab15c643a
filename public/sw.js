// Copies of what was read, for a time without a connection; and pushes. It keeps out of everything else: sockets,
// /api/, what is sent, and the pages of conversations, which have an outbox of their own.

const SHELL = `shell-${new URL(location.href).searchParams.get("v")}`;
const PAGES = "pages";
const MEDIA = "media";
const READER = "reader";
const OFFLINE = "/offline";
const MOST_PAGES = 50;
const MOST_PICTURES = 120;

// What is worth reading twice: the feed, posts, people, communities. Nothing that only asks for input.
const READABLE = /^\/(?:$|explore$|communities$|tags\/[^/]+$|u\/[^/]+(?:\/(?:followers|following))?$|c\/[^/]+(?:\/members)?$|posts\/(?!new$)[^/]+(?:\/comments\/[^/]+)?$)/;
// What is no page, though one may go there.
const PROGRAMS = /^\/(?:api|ws|fn|media|text|pkg)(?:\/|$)|\/(?:export|feed\.xml)$/;
const LEAVING = /^\/(?:api\/auth\/)?logout\/?$/;

// ---- one version: its files are fetched together, and older ones go. Files under /pkg/ and with ?v= never change,
// so open tabs of an older version find theirs as long as they are kept.

const LINKED = /(?:href|src)="(\/[^"]+?\.(?:css|js|svg|png)(?:\?[^"]*)?)"/g;

const keepShell = async () => {
  const shell = await caches.open(SHELL);
  // As a stranger sees it: it outlives whoever is signed in.
  const offline = await fetch(OFFLINE, { cache: "reload", credentials: "omit" });
  if (!offline.ok) throw new Error(`${OFFLINE}: ${offline.status}`);
  const html = await offline.clone().text();
  const files = new Set([...html.matchAll(LINKED)].map(([, path]) => path));
  await Promise.all([shell.put(OFFLINE, offline), shell.addAll([...files, "/icons/icon-192.png"])]);
};

const dropOlder = async () => {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
};

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(keepShell());
});

addEventListener("activate", (event) => {
  const preload = registration.navigationPreload?.enable();
  event.waitUntil(Promise.all([dropOlder(), preload, clients.claim()]));
});

// ---- copies, of one reader

let turn = 0;

const forget = async () => {
  turn += 1;
  await Promise.all([PAGES, MEDIA, READER].map((name) => caches.delete(name)));
};

const trim = async (cache, most) => {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
};

// Another reader's page, or nobody's, ends the copies of the one before.
const isSameReader = async (reader) => {
  const store = await caches.open(READER);
  const known = await store.match("/");
  if (known && (await known.text()) !== reader) {
    await forget();
    return isSameReader(reader);
  }
  if (reader !== "nobody" && !known) await store.put("/", new Response(reader));
  return reader !== "nobody";
};

const keep = async (request, response, begun) => {
  const reader = response.headers.get("x-reader");
  // Who has signed out meanwhile leaves nothing behind.
  if (!reader || response.type !== "basic" || begun !== turn) return;
  const known = await isSameReader(reader);
  const isReadable = response.ok && !response.redirected && READABLE.test(new URL(request.url).pathname);
  if (!known || !isReadable) return;
  const now = turn;
  const pages = await caches.open(PAGES);
  await pages.delete(request);
  if (turn !== now) return;
  await pages.put(request, response);
  await trim(pages, MOST_PAGES);
};

// A copy says that it is one, and of when.
const asCopy = async (copy) => {
  const at = new Date(copy.headers.get("date") ?? Date.now()).toISOString();
  const html = (await copy.text()).replace("<html ", `<html data-stale="${at}" `);
  const headers = new Headers(copy.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return new Response(html, { headers });
};

const withoutConnection = async (request) => {
  const copy = await caches.match(request, { cacheName: PAGES, ignoreVary: true });
  if (copy) return asCopy(copy);
  return (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
};

const page = async (event) => {
  const begun = turn;
  try {
    const response = (await event.preloadResponse) ?? (await fetch(event.request));
    event.waitUntil(keep(event.request, response.clone(), begun));
    return response;
  } catch {
    return withoutConnection(event.request);
  }
};

// ---- files: at once where there is a copy; what can change is looked after in the background

const fetched = async (event, name) => {
  const response = await fetch(event.request);
  if (response.ok && response.type === "basic") {
    const copy = response.clone();
    event.waitUntil(
      caches.open(name).then(async (cache) => {
        await cache.put(event.request, copy);
        if (name === MEDIA) await trim(cache, MOST_PICTURES);
      }),
    );
  }
  return response;
};

const file = async (event, name, isLasting) => {
  const copy = await caches.match(event.request, { ignoreVary: true });
  if (!copy) return fetched(event, name);
  if (!isLasting) event.waitUntil(fetched(event, name).catch(() => {}));
  return copy;
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && LEAVING.test(pathname)) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (!PROGRAMS.test(pathname)) event.respondWith(page(event));
    return;
  }
  const { destination } = request;
  if (pathname.startsWith("/media/") && destination === "image") event.respondWith(file(event, MEDIA, true));
  else if (pathname.startsWith("/pkg/") && destination === "style") event.respondWith(file(event, SHELL, true));
  else if (destination === "script" && searchParams.has("v")) event.respondWith(file(event, SHELL, true));
  else if (pathname.startsWith("/icons/") || pathname.startsWith("/favicon")) event.respondWith(file(event, SHELL, false));
});

// ---- pushes

const own = (url) => {
  const address = new URL(url ?? "/notifications", location.origin);
  return address.origin === location.origin ? address.href : new URL("/notifications", location.origin).href;
};

addEventListener("push", (event) => {
  const { title = "Spherespace", url, tag } = event.data?.json() ?? {};
  const icon = "/icons/icon-192.png";
  event.waitUntil(registration.showNotification(title, { tag, icon, data: { url: own(url) } }));
});

// A tab that shows the place already comes to the front; no other tab is taken away from what it shows.
const show = async (url) => {
  const tabs = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = tabs.find((tab) => tab.url === url);
  return there ? there.focus() : clients.openWindow(url);
};

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(own(event.notification.data?.url)));
});

addEventListener("pushsubscriptionchange", (event) => {
  const again = async () => {
    const { newSubscription, oldSubscription } = event;
    const next = newSubscription ?? (await registration.pushManager.subscribe(oldSubscription.options));
    const headers = { "Content-Type": "application/json" };
    await fetch("/api/push/devices/", { method: "POST", headers, body: JSON.stringify(next) });
  };
  event.waitUntil(again().catch(() => {}));
});
