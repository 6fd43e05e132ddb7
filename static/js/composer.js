/**
 * Helps to write a reply: the length of a text message as it will leave, ready-made replies that
 * are found while one types, Ctrl+Enter. inbox.js loads it once somebody goes to the composer.
 */
import { announce } from "./palier.js";

const frames = new Map(); // address -> what stands around the words (requests/notifications)
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Spell `text` within the cheap alphabet, letter by letter, as requests/channels/gsm7.py does. */
export function spell(text, { basic, extended, spelled }) {
  let out = "";
  for (const char of text.normalize("NFC")) {
    if (basic.includes(char) || extended.includes(char)) out += char;
    else if (char in spelled) out += spelled[char];
    else out += [...char.normalize("NFKD")].filter((c) => basic.includes(c)).join("") || char;
  }
  return out;
}

/** Count the units and parts of a message that is spelled already, `more` hidden units included. */
export function measure(text, { basic, extended }, more = 0) {
  const chars = [...text];
  const cheap = chars.every((c) => basic.includes(c) || extended.includes(c));
  const costs = chars.map((c) => (cheap ? 1 + extended.includes(c) : c.length));
  const [one, many] = cheap ? [160, 153] : [70, 67];
  const units = costs.reduce((sum, cost) => sum + cost, more);
  let [parts, used] = [1, 0];
  // An escape and its character, or the halves of an emoji, never stand in two parts.
  for (const cost of units <= one ? [] : [...costs, ...Array(Math.max(0, more)).fill(1)]) {
    if (used + cost > many) [parts, used] = [parts + 1, 0];
    used += cost;
  }
  return { units, parts, most: parts === 1 ? one : parts * many, cheap };
}

/** Say how long the text message would be, and what it would say. */
async function count() {
  const counter = document.querySelector("[data-sms]");
  if (!counter) return;
  const bySms = document.getElementById("message_channel").value === "sms";
  const words = document.getElementById("message_text").value;
  const found = bySms && words.trim() ? await framesOf(counter.dataset.sms) : null;
  counter.hidden = !found;
  if (!found) return;
  const frame = found.frames.out;
  const said = frame.said ? spell(words.trim().replace(/\r\n/g, "\n"), found.alphabet) : "";
  const text = `${frame.before}${said}${frame.after}`;
  const length = measure(text, found.alphabet, frame.hidden);
  const summary = counter.querySelector("summary");
  let line = summary.dataset.one.replace(/\{(\w+)\}/g, (_all, name) => length[name]);
  if (!frame.said) line += ` · ${summary.dataset.secret}`;
  else if (!length.cheap) line += ` · ${summary.dataset.wide}`;
  if (summary.textContent !== line) summary.textContent = line;
  counter.querySelector(".sms__text").textContent = text;
}

async function framesOf(address) {
  if (!frames.has(address)) {
    try {
      const answer = await fetch(address);
      if (answer.ok) frames.set(address, await answer.json());
    } catch {
      // No network: nothing is counted, and the next key asks again.
    }
  }
  return frames.get(address);
}

/** Let the text grow where the browser does not do it by itself. */
function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.rows = Math.min(10, Math.max(2, field.value.split("\n").length));
}

/* Ready-made replies */

function offered(list) {
  return [...list.querySelectorAll("li")].filter((item) => !item.hidden);
}

function showSearch(list) {
  const search = list.querySelector(".ready-list__search");
  if (!list.open || !search) return;
  // Opened by its key while another form is shown.
  if (!list.checkVisibility()) document.getElementById("message_kind_0").checked = true;
  search.hidden = false;
  const field = search.querySelector("input");
  field.value = "";
  filter(list, field);
  field.focus();
}

function filter(list, field) {
  const words = plain(field.value).split(/\s+/).filter(Boolean);
  for (const item of list.querySelectorAll("li")) {
    const text = plain(item.textContent);
    item.hidden = !words.every((word) => text.includes(word));
  }
  const left = offered(list);
  mark(list, left[0]);
  if (!left.length) announce(field.dataset.none);
}

/**
 * Put a ready-made reply where the caret is; without this script the link reloads
 * the page with it.
 */
function insertReply(event) {
  const link = event.target.closest("[data-insert]");
  const field = document.getElementById("message_text");
  if (!link || !field) return;
  event.preventDefault();
  link.closest("details").open = false;
  const reply = document.getElementById(link.dataset.insert).textContent;
  field.setRangeText(reply, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function mark(list, item) {
  list.querySelector(".is-next")?.classList.remove("is-next");
  item?.classList.add("is-next");
  item?.scrollIntoView({ block: "nearest" });
}

/** In the search: arrows choose, Enter inserts, Escape closes. */
function chooseByKey(event, list) {
  const items = offered(list);
  const at = items.findIndex((item) => item.classList.contains("is-next"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const next = items[(at + step + items.length) % items.length];
    mark(list, next);
    if (next) announce(next.querySelector("a").textContent);
  } else if (event.key === "Enter") items[at]?.querySelector("a").click();
  else if (event.key === "Escape") {
    list.open = false;
    list.querySelector("summary").focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("click", insertReply);
document.addEventListener("input", ({ target }) => {
  if (target.id === "canned_search") filter(target.closest("details"), target);
  else if (target.id === "message_text") {
    grow(target);
    count();
  }
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "message_channel") count();
});
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.id === "canned") showSearch(target);
  },
  true,
);
document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (target.id === "canned_search") chooseByKey(event, target.closest("details"));
  else if (target.id === "message_text" && event.key === "Escape")
    document.getElementById("claim-pane").focus(); // the text stays, and keys act again
  else if (
    target.id === "message_text" &&
    event.key === "Enter" &&
    (event.ctrlKey || event.metaKey)
  )
    target.form.requestSubmit(target.form.querySelector("button:not([name])"));
});
const list = document.getElementById("canned");
if (list) showSearch(list);
count();
