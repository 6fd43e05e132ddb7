/** Keep the box of exercises true: ask for it again while the page is looked at. */
import { announce, replaceElements } from "./palier.js";

const PAUSE = 3_000; // ms
const box = () => document.getElementById("guide");
const said = () => box()?.querySelector("[data-said]")?.textContent.trim();

async function look() {
  const before = box();
  if (!before || document.hidden || before.contains(document.activeElement)) return;
  try {
    const answer = await fetch(before.dataset.guide, { cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const html = await answer.text();
    const { body } = new DOMParser().parseFromString(html, "text/html");
    const next = body.querySelector("#guide");
    // The keys of its forms differ each time: the words alone say whether something changed.
    if (!next || next.textContent === before.textContent) return;
    const former = said();
    replaceElements(next.outerHTML, true);
    if (said() !== former) announce(said());
  } catch {
    // No network: the next look says it.
  }
}

setInterval(look, PAUSE);
