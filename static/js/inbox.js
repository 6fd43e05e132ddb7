/**
 * The staff's inbox: shortcuts J K A C D M N O R T / ?, while the inbox has the focus and the switch is
 * on; what the list shows while another page loads; who else has the claim open; a form that fails
 * comes back in its panel, and what is typed elsewhere on the page stays.
 */
import {
  announce,
  holdBusy,
  isTextField,
  readStored,
  replaceElements,
  setBusy,
  writeStored,
} from "./palier.js";

const SHORTCUTS = "palier:shortcuts"; // "off" once the member has turned them off
const MOVED = "palier:moved"; // set when a key led here: the next page takes the focus
const FIRST_LOOK = 3_000; // ms; a page that is only passed by is not read
const NEXT_LOOK = 20_000; // ms
const begun = new Map(); // address of a claim -> words begun in the form of a step
const sentByBrowser = new WeakSet(); // forms that the script leaves to the browser

const inbox = document.querySelector(".inbox");
if (inbox) start();

function start() {
  const list = inbox.querySelector(".inbox__list");
  const current = inbox.querySelector(".inbox__item[aria-current]");
  if (readStored(MOVED, "sessionStorage")) {
    writeStored(MOVED, null, "sessionStorage");
    (current || inbox).focus();
  }
  if (list) showLoading(list);
  if (list && current) list.scrollTop = Math.max(0, current.offsetTop - list.clientHeight / 2);
  for (const toast of document.querySelectorAll("[data-hold]")) removeInTime(toast, current);
  inbox.addEventListener("click", openPanel);
  inbox.addEventListener("click", followInPanel);
  inbox.addEventListener("click", insertReply);
  inbox.addEventListener("submit", sendForm);
  for (const name of ["focusin", "toggle"]) inbox.addEventListener(name, loadComposer, true);
  listenToKeys(current);
  watchReaders();
}

/** Say that the list is loading, once somebody leaves for another list or claim. */
function showLoading(list) {
  const setLoading = (loading) => {
    setBusy(list, loading);
    document.getElementById("status").textContent = loading ? list.dataset.loading : "";
  };
  list.addEventListener("click", (event) => {
    const elsewhere = event.ctrlKey || event.metaKey || event.button;
    if (event.target.closest("a[href]") && !event.defaultPrevented && !elsewhere) setLoading(true);
  });
  list.addEventListener("submit", () => setLoading(true));
  window.addEventListener("pageshow", () => setLoading(false));
}

/** Remove the offer to undo when its time is over (data-hold, in seconds). */
function removeInTime(toast, current) {
  setTimeout(() => {
    if (toast.contains(document.activeElement)) (current || inbox).focus();
    toast.remove();
  }, 1000 * toast.dataset.hold);
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

/** What helps to write comes once somebody goes there: the page loads without it. */
function loadComposer({ target }) {
  if (target.closest(".composer")) import("./composer.js").catch(() => null);
}

/** Follow a link within its panel: the form of a step, or back; what is typed elsewhere stays. */
async function followInPanel(event) {
  const link = event.target.closest("a[data-panel-link]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const panel = link.closest("[data-panel]").id;
  const words = () => document.querySelector(`#${panel} textarea[name=text]`);
  const before = words();
  if (before && before.value !== before.defaultValue) begun.set(link.pathname, before.value);
  const answer = await ask(link.href, { cache: "no-store" });
  if (!answer.html) {
    window.location.assign(link.href);
    return;
  }
  replaceElements(answer.html);
  const after = words();
  if (after && !after.value) after.value = begun.get(link.pathname) || "";
}

/** Put a ready-made reply where the caret is; without a script the link reloads the page with it. */
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

/** Send a form of a panel by a script; the button that was pressed counts as a field. */
async function sendForm(event) {
  const form = event.target;
  const panel = form.closest("[data-panel]");
  if (!panel || form.method !== "post" || event.defaultPrevented) return;
  const button = event.submitter;
  if (sentByBrowser.delete(form)) return;
  event.preventDefault();
  if (button?.getAttribute("aria-busy") === "true") return;
  if (button) holdBusy(button);
  panel.querySelector(".unsent")?.remove();
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  const address = button?.getAttribute("formaction") || form.getAttribute("action");
  const putBack = showAtOnce(form, button, body.get("kind"));
  const answer = await ask(address, { method: "POST", body });
  if (answer.location) {
    window.location.assign(answer.location);
    return;
  }
  putBack();
  if (answer.html) {
    writeStored(MOVED, null, "sessionStorage");
    replaceElements(answer.html);
  } else {
    if (button) setBusy(button, false);
    if (answer.other) sendByBrowser(form, button);
    else sayUnsent(panel);
  }
}

/**
 * Return what the server answers: the `html` of panels, the `location` of a page, or `other` for a
 * page that explains a refusal; nothing when no answer came, or when the server failed.
 */
async function ask(address, how) {
  try {
    const answer = await fetch(address, { headers: { "X-Panel": "1" }, ...how });
    if (answer.headers.has("X-Location")) return { location: answer.headers.get("X-Location") };
    if (answer.headers.has("X-Panel")) return { html: await answer.text() };
    return { other: answer.status < 500 };
  } catch {
    return {};
  }
}

/**
 * Show what can be undone before the server has answered: words in the conversation, the proposal
 * as accepted. Return what puts it back, text included.
 */
function showAtOnce(form, button, kind) {
  const fate = button?.dataset.atOnce || form.dataset.atOnce;
  const field = form.querySelector("textarea[name=text]");
  const typed = field?.value ?? "";
  const said = field
    ? typed
    : form.closest("[data-panel]").querySelector("[data-says]")?.textContent;
  const words = said?.trim();
  const pattern = document.querySelector("template[data-pending]");
  const thread = document.querySelector("#panel-thread > .thread");
  if (!fate || (field && !words) || !pattern || !thread) return () => {};
  const line = pattern.content.firstElementChild.cloneNode(true);
  if (kind === "note") line.classList.replace("msg--out", "msg--note");
  line.querySelector("[data-words]").textContent = words;
  line.querySelector("[data-fate]").textContent = kind === "note" ? "" : fate;
  if (words) thread.append(line);
  if (field) field.value = "";
  const door = form.closest(".proposal");
  door?.classList.add("is-sent");
  return () => {
    line.remove();
    if (field) field.value = typed;
    door?.classList.remove("is-sent");
  };
}

/** Send the form again without a script, so that the page with the reason is shown. */
function sendByBrowser(form, button) {
  sentByBrowser.add(form);
  form.requestSubmit(button);
}

function sayUnsent(panel) {
  const notice = document.createElement("p");
  notice.className = "notice notice--warn unsent";
  notice.textContent = panel.closest("[data-unsent]").dataset.unsent;
  panel.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
  announce(notice.textContent);
}

/** Click what stands for a key, and focus it when it is a menu. */
function press(link) {
  if (link?.matches("summary")) link.focus();
  link?.click();
  return Boolean(link);
}

function follow(link) {
  if (!link) return false;
  writeStored(MOVED, "1", "sessionStorage");
  link.click();
  return true;
}

/** Go `step` claims down the list; from the list alone, to its first or last claim. */
function move(step, current) {
  const items = [...inbox.querySelectorAll(".inbox__item")];
  const outermost = step > 0 ? 0 : items.length - 1;
  follow(items[current ? items.indexOf(current) + step : outermost]);
  return true;
}

function focusSearch() {
  const search = document.getElementById("q-header");
  search?.focus();
  search?.select();
  return Boolean(search);
}

function toggleHelp() {
  const help = inbox.querySelector("[data-keys]");
  if (!help) return false;
  help.open = !help.open;
  help.querySelector("summary").focus();
  return true;
}

function listenToKeys(current) {
  // Each returns whether the key did something; if not, it stays the browser's.
  const actions = {
    j: () => move(1, current),
    k: () => move(-1, current),
    a: () => follow(inbox.querySelector("[data-key=a]")),
    d: () => follow(inbox.querySelector("[data-key=d]")),
    c: () => press(inbox.querySelector("[data-key=c]")),
    m: () => unfold("canned"),
    n: () => openTab("note"),
    o: () => follow(inbox.querySelector("[data-key=o]")),
    r: () => openTab("out"),
    t: () => openTab("call"),
    "/": focusSearch,
    "?": toggleHelp,
  };
  const toggle = document.querySelector("[data-shortcuts]");
  let enabled = readStored(SHORTCUTS) !== "off";
  if (toggle) {
    toggle.hidden = false;
    toggle.setAttribute("aria-pressed", enabled);
    toggle.addEventListener("click", () => {
      enabled = !enabled;
      writeStored(SHORTCUTS, enabled ? null : "off");
      toggle.setAttribute("aria-pressed", enabled);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (!enabled || event.defaultPrevented || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return;
    const focused = document.activeElement;
    if (focused !== document.body && !inbox.contains(focused)) return;
    if (actions[event.key.toLowerCase()]?.()) event.preventDefault();
  });
}

/** Say who else has this claim open: asked after three seconds, then every twenty. */
function watchReaders() {
  const readersOf = () => document.querySelector("[data-here]");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!readersOf() || !token) return;
  const ask = async () => {
    if (document.hidden) return;
    try {
      const headers = { "X-CSRFToken": token.value };
      const answer = await fetch(readersOf().dataset.here, { method: "POST", headers });
      const html = answer.ok ? await answer.text() : "";
      const readers = readersOf(); // the panel around it may have been replaced
      if (readers.innerHTML !== html) readers.innerHTML = html;
    } catch {
      // No network: the next look says it.
    }
  };
  setTimeout(ask, FIRST_LOOK);
  setInterval(ask, NEXT_LOOK);
}
