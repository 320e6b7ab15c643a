// The feed asks each minute whether there is something new, while somebody looks at it. What there is lies
// over the feed as a link and moves nothing.

const bar = document.getElementById("feed-new");
const EVERY = 60_000;
let asked = Date.now();

const ask = async () => {
  asked = Date.now();
  const response = await fetch(bar.dataset.ask).catch(() => undefined);
  // 204: nothing.
  if (response?.status === 200) bar.innerHTML = await response.text();
};

const look = () => {
  if (!document.hidden && Date.now() - asked >= EVERY) ask();
};

if (bar) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
