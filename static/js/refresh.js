/** Ask again for the element [data-refresh] until its work is over, and show what it has become. */
import { replaceElements } from "./palier.js";

const PAUSE = 2_000; // ms

async function refresh() {
  const element = document.querySelector("[data-refresh]");
  if (!element) return;
  if (!document.hidden) await look(element.dataset.refresh);
  setTimeout(refresh, PAUSE);
}

async function look(address) {
  try {
    const headers = { "X-Panel": "1" };
    const answer = await fetch(address, { headers, cache: "no-store" });
    const location = answer.headers.get("X-Location");
    if (location) window.location.assign(location);
    else if (answer.ok) replaceElements(await answer.text());
  } catch {
    // No network: the next look says it.
  }
}

setTimeout(refresh, PAUSE);
