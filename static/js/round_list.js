/* The list of what the round keeps on this phone: loaded once there is something to list. */
import { timeOfDay } from "./palier.js";

const RECEIPTS = 20; // how many sent items stay on the page, for two days
const RECEIPT_AGE = 2 * 86_400_000; // ms

/** Return the receipts that are too old or too many; the items come oldest first. */
export function oldReceipts(items) {
  const sent = items.filter((item) => item.state === "sent");
  const isOld = (item) => Date.now() - item.at > RECEIPT_AGE;
  return sent.filter((item, index) => index < sent.length - RECEIPTS || isOld(item));
}

/** Say what is known of the item, and no more. */
function stateOf(item, { owner, sendingKey, texts }) {
  if (item.state === "sent") return `${texts.sent} ${item.note}`;
  if (item.state === "refused") return `${texts.refused} ${item.note}`;
  if (item.owner !== owner) return texts.other;
  return item.key === sendingKey ? texts.sending : texts.kept;
}

function quietButton(label, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--quiet";
  button.textContent = label;
  button.addEventListener("click", action);
  return button;
}

/** Return the buttons of a refused item: without its photos, or not at all. */
function choicesOf(item, { sendBare, drop, texts }) {
  const dropButton = quietButton(texts.drop, () => drop(item));
  if (!item.photos.length) return [dropButton];
  return [quietButton(texts.bare, () => sendBare(item)), dropButton];
}

function lineOf(item, known) {
  const { owner, texts } = known;
  const line = document.createElement("li");
  line.className = `round__item round__item--${item.state}`;
  line.dataset.key = item.key;
  const about = document.createElement("div");
  const details = document.createElement("span");
  details.className = "muted";
  const photos = item.photos.length ? ` · ${texts.photos} ${item.photos.length}` : "";
  details.textContent = timeOfDay(item.at) + photos;
  const title = item.owner === owner ? item.title : "";
  about.append(title, document.createElement("br"), details);
  const state = document.createElement("strong");
  state.textContent = stateOf(item, known);
  line.append(about, state);
  if (item.state === "refused") line.append(...choicesOf(item, known));
  return line;
}

/**
 * Show the items in `list`, the newest first, in the words of its data attributes. `known` is
 * { owner, sendingKey, sendBare, drop }: who reads, what is being sent, and what the buttons of a
 * refused item do.
 */
export function drawList(list, items, known) {
  const all = { ...known, texts: list.dataset };
  list.replaceChildren(...items.map((item) => lineOf(item, all)).reverse());
}
