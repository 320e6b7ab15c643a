// What the page of one's alerts has besides: it asks this browser for pushes, after a click and never before.

const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const { worker } = document.documentElement.dataset;

const part = () => document.getElementById("devices");

const state = () => {
  const { pushKey, pushOn } = part().dataset;
  if (!pushKey || pushOn !== undefined) return undefined;
  if (!canPush) return "unable";
  return Notification.permission === "denied" ? "denied" : "ask";
};

const show = (...states) => {
  for (const shown of part()?.querySelectorAll("[data-push]") ?? []) {
    shown.hidden = !states.includes(shown.dataset.push);
  }
};

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const subscribe = async () => {
  await navigator.serviceWorker.register(worker);
  const { pushManager } = await navigator.serviceWorker.ready;
  const applicationServerKey = bytes(part().dataset.pushKey);
  // One for another key would refuse this one.
  const before = await pushManager.getSubscription();
  const isOurs = before && String(new Uint8Array(before.options.applicationServerKey)) === String(applicationServerKey);
  if (before && !isOurs) await before.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
};

const tell = async (subscription) => {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/api/push/devices/", { method: "POST", headers, body: JSON.stringify(subscription) });
  if (!response.ok) throw new Error(`push: ${response.status}`);
};

// The list as the server writes it now; what is ticked above it and not saved stays.
const renew = async () => {
  const html = await (await fetch(location.pathname)).text();
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("devices");
  if (!fresh) return location.reload();
  part().replaceWith(document.adoptNode(fresh));
  part().querySelector("button")?.focus();
  document.dispatchEvent(new Event("localise"));
};

const turnOn = async () => {
  if ((await Notification.requestPermission()) !== "granted") return show(state());
  try {
    await tell(await subscribe());
    await renew();
  } catch {
    show(state(), "failed");
  }
};

document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-push=ask] button")) turnOn();
});
// The part may have been put in place anew.
document.addEventListener("localise", () => show(state()));
show(state());
