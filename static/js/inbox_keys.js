/**
 * Keys and ticks of the inbox: loaded with the first one that is used (static/js/inbox.js), so that
 * the page makes no request more. The dialog #keys lists the keys.
 */

let inbox; // the parts of the page, and what inbox.js does with them: see start
let panes;
let announce;
let removeInTime;
let unfold;
const rows = () => [...inbox.querySelectorAll(".inbox__item")];
const current = () => inbox.querySelector(".inbox__item[aria-current]");
const list = () => document.getElementById("list-pane");
const reading = () => document.getElementById("claim-pane");

/** Take what inbox.js shares; call before anything else. */
export function start(shared) {
  ({ inbox, panes, announce, removeInTime, unfold } = shared);
}

/* Ticks: the bar is there while there are some. */

let lastTicked = null;
const boxes = () => [...inbox.querySelectorAll(".inbox__pick > input")];
const ticked = () => boxes().filter((box) => box.checked);

/** Show the bar and how many are ticked. */
export function countTicks() {
  const bar = inbox.querySelector("[data-bar]");
  if (!bar) return;
  const number = ticked().reduce((sum, box) => sum + Number(box.dataset.holds || 1), 0);
  bar.hidden = !number;
  inbox.classList.toggle("inbox--picking", number > 0);
  const shown = bar.querySelector("[data-ticked]");
  if (shown.textContent !== String(number)) shown.textContent = number;
  const all = inbox.querySelector("[data-all] input");
  all.checked = number > 0 && ticked().length === boxes().length;
  all.indeterminate = number > 0 && !all.checked;
}

function tickFrom(box, checked, extend) {
  const every = boxes();
  const [from, to] = [every.indexOf(extend ? lastTicked : box), every.indexOf(box)];
  const range = from < 0 ? [box] : every.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const one of range) one.checked = checked;
  lastTicked = box;
  countTicks();
}

/** Follow a click on a box, with Shift from the last one; on that of all; on « Untick ». */
export function click(event) {
  const box = event.target.closest(".inbox__pick > input");
  if (box) tickFrom(box, box.checked, event.shiftKey);
  else if (event.target.closest("[data-untick]")) setAll(false);
  else setAll(event.target.checked);
}

function setAll(checked) {
  for (const box of boxes()) box.checked = checked;
  countTicks();
  return true;
}

/** Tick the row that has the focus, or that of the open claim. */
function tickHere(event) {
  const row = (
    document.activeElement.closest(".inbox__pick") ? document.activeElement : current()
  )?.closest(".inbox__pick");
  if (!row) return false;
  const box = row.querySelector("input");
  tickFrom(box, event.shiftKey || !box.checked, event.shiftKey);
  return true;
}

/** Say `text` on the page and to screen readers; it goes after a while. */
function say(text) {
  const notice = document.createElement("p");
  notice.className = "notice notice--info";
  notice.dataset.hold = "6";
  notice.textContent = text;
  for (const former of reading().querySelectorAll(":scope > p[class~='notice--info']"))
    former.remove();
  reading().prepend(notice);
  removeInTime(notice);
  notice.scrollIntoView({ block: "nearest" });
  announce(text);
  return true;
}

/* Keys. Each action returns whether it did something; if not, the key stays the browser's. */

/** Click what stands for a key, and focus it when it is a menu. */
function press(target) {
  if (!target) return false;
  if (target.matches("summary")) target.focus();
  if (target.matches("a,button")) panes.moved();
  target.click();
  return true;
}

const hook = (key) =>
  inbox.querySelector(`#claim-pane [data-key=${key}], #context-pane [data-key=${key}]`);

/** Go `step` claims down the list, over its pages; from the list alone, to its first or last. */
function move(step) {
  const items = rows();
  const outermost = step > 0 ? 0 : items.length - 1;
  const next = items[current() ? items.indexOf(current()) + step : outermost];
  if (next) panes.open(next.href);
  else {
    const page = list().querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]");
    if (page) panes.turn(page.href, step);
    else say(step > 0 ? list().dataset.last : list().dataset.first);
  }
  return true;
}

/** Group those like the open claim; say so when there is none. Ticked ones: the bar's own key. */
function group() {
  return press(hook("d")) || say(list().dataset.alone);
}

function undo() {
  return press(inbox.querySelector(".toast button")) || say(list().dataset.nothing);
}

function showKeys() {
  document.querySelector("[data-keys]").showModal();
  return true;
}

/** Do what a key says: with the ticked ones when the bar has a button for it, else with the open claim. */
export function act(key, event) {
  const button =
    ticked().length && inbox.querySelector(`[data-bar] [data-bulk="${CSS.escape(key)}"]`);
  return button ? press(button) : KEYS[key]?.(event);
}

/** What each key does with the open claim, or the list. */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  a: () => press(hook("a")),
  c: () => press(hook("c")),
  d: group,
  g: () => unfold("give"),
  l: () => unfold("labels"),
  m: () => unfold("canned"),
  n: () => press(hook("n")),
  o: () => press(hook("o")),
  r: () => press(hook("r")),
  s: () => unfold("aside"),
  t: () => press(hook("t")),
  u: undo,
  w: () => press(hook("w")),
  x: tickHere,
  "*": () => setAll(!boxes().every((box) => box.checked)),
  "?": showKeys,
};
