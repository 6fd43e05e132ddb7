/**
 * The staff's inbox: claims open beside the list without loading the page; who else has one open;
 * a form that fails comes back in its panel. Keys and ticks: inbox_keys.js.
 */
import {
  announce,
  forgetDraft,
  holdBusy,
  isTextField,
  readStored,
  replaceElements,
  sayUnsent,
  setBusy,
  writeStored,
} from "./palier.js";

const SHORTCUTS = "palier:shortcuts"; // "off" once the member has turned them off
const SHORT = "jkacdfghlmnorstuwx*?"; // what inbox_keys.js knows
const AT_ONCE = "jkx*?"; // these need no claim to be there
const FIRST_LOOK = 3_000; // ms; a page that is only passed by is not read
const NEXT_LOOK = 20_000; // ms
const inbox = document.querySelector(".inbox");
const sentByBrowser = new WeakSet(); // forms that the script leaves to the browser

/* Panes */

const MOVED = "palier:moved"; // set when a key led here: the next page takes the focus
const WIDE = "(min-width: 56.25rem)"; // as in styles/desk.css: list and claim stand side by side
const typed = new Map(); // claim -> what was typed in its pane and not sent
const PASSING = 120; // ms; a claim that is only passed by is not opened, nor logged as read
let lastAsked = -PASSING;
let settled = Promise.resolve(); // once what was asked for last is shown
let asked = 0; // a later move wins over an earlier one that has not arrived

const pane = (name) => document.getElementById(`${name}-pane`);
const rows = () => [...inbox.querySelectorAll(".inbox__item")];

/** Keep the texts that were typed into the pane; a form that keeps its own drafts is left out. */
function keepTyped() {
  const { claim } = pane("claim").dataset;
  if (!claim) return;
  const fields = [...pane("claim").querySelectorAll("textarea[id]")].filter(
    (field) => field.value !== field.defaultValue && !field.form?.hasAttribute("data-draft"),
  );
  typed.set(
    claim,
    fields.map((field) => [field.id, field.value]),
  );
}

function restoreTyped() {
  for (const [id, value] of typed.get(pane("claim").dataset.claim) || []) {
    const field = document.getElementById(id);
    if (field && field.value === field.defaultValue) field.value = value;
    const folded = field?.closest("details");
    if (folded && !folded.hasAttribute("data-fold")) folded.open = true;
  }
  typed.delete(pane("claim").dataset.claim);
}

/** Mark the row of `claim` as the open one. */
function mark(claim) {
  for (const row of rows()) {
    if (claim && (row.dataset.claim === claim || row.dataset.gathers?.includes(claim)))
      row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Put the panes of `html` in their places, with the ticks of the list as they were. */
function replace(html, quiet = false) {
  writeStored(MOVED, null, "sessionStorage");
  const ticks = new Set(
    [...inbox.querySelectorAll(".inbox__pick > input:checked")].map((box) => keyOf(box)),
  );
  const scrolled = pane("list").scrollTop;
  const former = pane("list");
  replaceElements(html, quiet);
  if (pane("list") !== former) {
    for (const box of inbox.querySelectorAll(".inbox__pick > input")) {
      if (ticks.has(keyOf(box))) box.checked = true;
    }
    pane("list").scrollTop = scrolled;
  }
  const { claim } = pane("claim").dataset;
  inbox.classList.toggle("inbox--reading", Boolean(claim));
  inbox.classList.toggle("inbox--list", !claim);
  inbox.classList.remove("inbox--opening");
  mark(claim);
  document.title = pane("claim").dataset.pageTitle || document.title;
  restoreTyped();
  afterPanes();
  document.dispatchEvent(new CustomEvent("palier:panes")); // for what other scripts add
}

const keyOf = (box) => box.value.split(":")[0];

/**
 * Show what is at `address`. `which`: the panes to ask for; `history`: "push", "replace" or "" for
 * the browser's list of pages; `quiet`: without moving the focus. Return whether it is shown.
 */
function open(address, options) {
  settled = load(address, options || {});
  return settled;
}

async function load(address, { which = "claim", history: how = "push", quiet = false }) {
  asked += 1;
  const turn = asked;
  const former = pane("claim");
  setBusy(former, true);
  // Marked at once, so that the next key goes on from there.
  const row = rows().find((one) => one.href === address);
  if (row) mark(row.dataset.claim);
  row?.scrollIntoView({ block: "nearest" });
  const passing = performance.now() - lastAsked < PASSING;
  lastAsked = performance.now();
  if (passing) await new Promise((resolve) => setTimeout(resolve, PASSING));
  if (turn !== asked) return false;
  let answer;
  let html;
  try {
    answer = await fetch(address, { headers: { "X-Pane": which }, cache: "no-store" });
    html = await answer.text();
  } catch {} // no network: what is open stays
  if (turn !== asked) return false;
  setBusy(former, false);
  if (!answer) {
    mark(former.dataset.claim);
    announce(pane("list").dataset.lost);
    return false;
  }
  if (!answer.headers.has("X-Pane")) {
    window.location.assign(address); // a refusal, or the page to sign in
    return false;
  }
  keepTyped();
  if (how === "push") window.history.pushState(null, "", address);
  if (how === "replace") window.history.replaceState(null, "", address);
  replace(html, quiet);
  if (!quiet && !window.matchMedia(WIDE).matches) window.scrollTo(0, 0);
  return true;
}

/** Go where a step of the claim leads: list and claim anew, without loading the page. */
async function follow(address) {
  const to = new URL(address, window.location.href);
  const here = /^\/agency\/([0-9a-f-]{36}\/)?$/;
  if (to.hash || to.origin !== window.location.origin || !here.test(to.pathname)) {
    window.location.assign(address);
    return;
  }
  const history = to.pathname === window.location.pathname ? "replace" : "push";
  if (await open(to.href, { which: "all", history })) openFirst();
}

/** Show another page of the list, and its first claim, or its last one for a step back. */
async function turn(address, step) {
  if (!(await open(address, { which: "list", history: "", quiet: true }))) return;
  const row = rows().at(step > 0 ? 0 : -1);
  if (row) open(row.href);
}

/** On a wide screen, open the first claim of a list that was opened without one. */
function openFirst() {
  const wanted = pane("list").hasAttribute("data-opens-first") && !pane("claim").dataset.claim;
  const first = rows()[0];
  if (wanted && first && window.matchMedia(WIDE).matches) {
    open(first.href, { history: "replace", quiet: true });
  }
}

const panes = {
  open,
  turn,
  /** The page that a key leads to takes the focus, should it be loaded. */
  moved: () => writeStored(MOVED, "1", "sessionStorage"),
};

const current = () => inbox.querySelector(".inbox__item[aria-current]");
if (inbox && pane("list")) start();

function start() {
  // The server then sends the first claim with the list, which gets the claim's own address.
  const room = window.matchMedia(WIDE).matches ? "wide" : "narrow";
  const secure = window.location.protocol === "https:" ? ";secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: browsers that we serve lack cookieStore
  document.cookie = `screen=${room};path=/agency/;samesite=lax${secure}`;
  if (window.location.pathname === "/agency/" && current())
    window.history.replaceState(null, "", current().href);
  inbox.addEventListener("click", openRow);
  inbox.addEventListener("click", openPanel);
  inbox.addEventListener("click", followInPanel);
  inbox.addEventListener("click", showLoading);
  inbox.addEventListener("click", clickTick);
  inbox.addEventListener("submit", sendForm);
  for (const name of ["focusin", "toggle"]) inbox.addEventListener(name, loadComposer, true);
  listenToKeys();
  if (readStored(MOVED, "sessionStorage")) {
    writeStored(MOVED, null, "sessionStorage");
    (current() || inbox).focus();
  }
  window.addEventListener("popstate", () =>
    open(window.location.href, { which: "all", history: "" }),
  );
  afterPanes();
  setInterval(askReaders, NEXT_LOOK);
  openFirst();
}

/** Make ready what the script adds to panes, on arrival and after each change of them. */
function afterPanes() {
  for (const toast of document.querySelectorAll("[data-hold]")) removeInTime(toast);
  for (const part of inbox.querySelectorAll("[data-keys-open],[data-all],[data-untick]")) {
    part.hidden = false;
  }
  // A long proposal must not hide the last words.
  const words = [...inbox.querySelectorAll(".claim__talk .msg")].at(-1);
  if (window.matchMedia(WIDE).matches) words?.scrollIntoView({ block: "nearest" });
  current()?.scrollIntoView({ block: "nearest" });
  for (const chip of inbox.querySelectorAll(".chips [aria-current]")) {
    chip.parentNode.parentNode.scrollLeft = chip.offsetLeft - chip.clientWidth;
  }
  const bar = inbox.querySelector("[data-bar]");
  if (bar) bar.hidden = !inbox.querySelector(".inbox__pick > input:checked");
  if (bar && !bar.hidden) withKeys((keys) => keys.countTicks());
  setTimeout(askReaders, FIRST_LOOK);
}

/** Say that the list is loading, once somebody leaves for another list. */
function showLoading(event) {
  const elsewhere = event.ctrlKey || event.metaKey || event.button || event.defaultPrevented;
  if (elsewhere || !event.target.closest("#list-pane a[href]:not(.inbox__item)")) return;
  setBusy(pane("list"), true);
  document.getElementById("status").textContent = pane("list").dataset.loading;
}

// A page that comes back has the ticks with which it was left.
window.addEventListener("pageshow", () => {
  if (!inbox || !pane("list")) return;
  setBusy(pane("list"), false);
  afterPanes();
});

/** Remove the offer to undo when its time is over (data-hold, in seconds). */
function removeInTime(toast) {
  const seconds = toast.dataset.hold;
  delete toast.dataset.hold; // once for each
  setTimeout(() => {
    if (toast.contains(document.activeElement)) (current() || inbox).focus();
    toast.remove();
  }, 1000 * seconds);
}

function openRow(event) {
  const link = event.target.closest("a.inbox__item,a[data-in-pane]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.href);
}

/** Open the <details> with this id and focus its first field; return whether it is there. */
function unfold(id) {
  const details = document.getElementById(id);
  if (!details) return false;
  details.open = true;
  const field = details.querySelector("select,a,input:not([type=hidden])");
  (field?.checkVisibility() ? field : details.firstElementChild).focus();
  details.scrollIntoView({ block: "nearest" });
  return true;
}

function openPanel(event) {
  const link = event.target.closest("[data-opens]");
  if (!link) return;
  event.preventDefault();
  openTab(link.dataset.opens);
}

/** Show one form of the composer (out, note, call, heard) and focus it; return whether it is there. */
function openTab(value) {
  const tab = inbox.querySelector(`.composer .tab[value="${value}"]`);
  if (!tab) return false;
  tab.checked = true;
  const form = document.getElementById(`panel-${value}`) || tab.form;
  form.querySelector(tab.form.contains(form) ? "textarea" : "select,textarea").focus();
  return true;
}

/** What helps to write and to send comes once somebody goes there: the page loads without it. */
function loadComposer({ target }) {
  if (target.closest(".composer")) import("./composer.js").catch(() => null);
  if (target.closest("[data-panel] form")) import("./sending.js").catch(() => null);
}

/** Follow a link within its panel: the form of a step, or back; what is typed elsewhere stays. */
async function followInPanel(event) {
  const link = event.target.closest("a[data-panel-link]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const sending = await import("./sending.js").catch(() => null);
  if (!(await sending?.openStep(link, replace))) window.location.assign(link.href);
}

/** Send a form of a panel by a script. */
async function sendForm(event) {
  const form = event.target;
  const panel = form.closest("[data-panel],.toast");
  if (!panel || form.method !== "post" || event.defaultPrevented) return;
  const button = event.submitter;
  if (sentByBrowser.delete(form)) return;
  event.preventDefault();
  if (button?.getAttribute("aria-busy") === "true") return;
  if (button) holdBusy(button);
  panel.querySelector(".unsent")?.remove();
  const sending = await import("./sending.js").catch(() => null);
  const answer = (await sending?.send(form, button)) || {};
  if (answer.location) {
    form.reset(); // what was sent is not kept as typed
    forgetDraft(form);
    follow(answer.location);
  } else if (answer.html) replace(answer.html);
  else {
    if (button) setBusy(button, false);
    if (answer.other) sendByBrowser(form, button);
    else sayUnsent(panel);
  }
}

/** Send the form again without a script, so that the page with the reason is shown. */
function sendByBrowser(form, button) {
  sentByBrowser.add(form);
  form.requestSubmit(button);
}

/* Keys and ticks are a module of their own, loaded with the first one. */
let loading;
let acted = Promise.resolve(); // once the keys pressed so far have acted, one after the other

/** Call `use` with the module of keys and ticks. */
async function withKeys(use) {
  loading ||= import("./inbox_keys.js").then((keys) => {
    keys.start({ inbox, panes, announce, removeInTime, unfold });
    return keys;
  });
  try {
    use(await loading);
  } catch {
    loading = null; // no network: the next key tries again
  }
}

function clickTick(event) {
  const tick = event.target.closest(".inbox__pick > input,[data-all] input,[data-untick]");
  if (tick) withKeys((keys) => keys.click(event));
}

function listenToKeys() {
  const toggle = document.querySelector("[data-shortcuts]");
  let enabled = readStored(SHORTCUTS) !== "off";
  toggle.setAttribute("aria-pressed", enabled);
  toggle.addEventListener("click", () => {
    enabled = !enabled;
    writeStored(SHORTCUTS, enabled ? null : "off");
    toggle.setAttribute("aria-pressed", enabled);
  });
  inbox.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) withKeys((keys) => keys.act("?"));
  });
  document.addEventListener("keydown", (event) => {
    if (!enabled || event.defaultPrevented || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return;
    const key = event.key.toLowerCase();
    if (key.length !== 1 || !SHORT.includes(key)) return;
    if (event.target !== document.body && !inbox.contains(event.target)) return;
    event.preventDefault();
    withKeys((keys) => {
      const act = async () => {
        // A step waits until the marked claim is there; in a text it is none, but a letter.
        if (!AT_ONCE.includes(key)) await settled;
        if (!isTextField(document.activeElement)) keys.act(key, event);
      };
      acted = acted.then(act, act);
    });
  });
}

/** Say who else has this claim open: asked after three seconds, then every twenty. */
async function askReaders() {
  const readersOf = () => document.querySelector("[data-here]");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!readersOf() || !token || document.hidden) return;
  const asked = readersOf().dataset.here;
  try {
    const answer = await fetch(asked, { method: "POST", headers: { "X-CSRFToken": token.value } });
    const html = answer.ok ? await answer.text() : "";
    const readers = readersOf(); // another claim may be open meanwhile
    if (readers?.dataset.here === asked && readers.innerHTML !== html) readers.innerHTML = html;
  } catch {} // no network: the next look says it
}
