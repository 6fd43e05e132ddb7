/* What pages share; more files would be more requests than tests/e2e/test_weights.py allows. */

/** Return the value kept in this browser under `key`, or null; storage may be blocked. */
export function readStored(key, area = "localStorage") {
  try {
    return window[area].getItem(key);
  } catch {
    return null;
  }
}

/** Keep `value` (a string) under `key` in this browser; null removes it. */
export function writeStored(key, value, area = "localStorage") {
  try {
    if (value === null) window[area].removeItem(key);
    else window[area].setItem(key, value);
  } catch {
    // A private window, or storage that is full or blocked: nothing is kept.
  }
}

/** Have screen readers say `text`, through the one permanent status element of the page. */
export function announce(text) {
  const status = document.getElementById("status");
  if (!status || !text) return;
  // Emptied first, so that the same words said twice are announced twice.
  status.textContent = "";
  setTimeout(() => {
    status.textContent = text;
  }, 60);
}

/** Return the time of day as portal/dates.py writes it: "14 h 05", "2:05 PM". */
export function timeOfDay(moment) {
  const at = new Date(moment);
  const [hour, minute] = [at.getHours(), at.getMinutes()];
  const two = String(minute).padStart(2, "0");
  if (!document.documentElement.lang.startsWith("en"))
    return `${hour}\u00a0h${minute ? `\u00a0${two}` : ""}`;
  return `${hour % 12 || 12}${minute ? `:${two}` : ""}\u00a0${hour < 12 ? "AM" : "PM"}`;
}

/** Whether the element takes what is typed, so that a key is not a shortcut. */
export function isTextField(element) {
  return /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox";
}

/** Mark the element as busy, or as ready again. */
export function setBusy(element, busy) {
  if (busy) element.setAttribute("aria-busy", "true");
  else element.removeAttribute("aria-busy");
}

/** Return a random UUID, also in browsers that are older than crypto.randomUUID. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64; // RFC 9562: version 4
  bytes[8] = (bytes[8] & 63) | 128; // and its variant
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Open a store of IndexedDB whose items carry their own `key`; reject where that is forbidden. */
export async function openStore(databaseName, storeName) {
  const request = indexedDB.open(databaseName, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: "key" });
  const database = await resultOf(request);
  return {
    all: () => resultOf(database.transaction(storeName).objectStore(storeName).getAll()),
    /** Have `change` alter the store; done only when the data is on the disk. */
    write: (change) =>
      new Promise((resolve, reject) => {
        const strict = { durability: "strict" };
        const transaction = database.transaction(storeName, "readwrite", strict);
        transaction.oncomplete = resolve;
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = transaction.onerror;
        change(transaction.objectStore(storeName));
      }),
  };
}

const PHOTO_SIDE = 1600; // px
const PHOTO_QUALITY = 0.82;

/**
 * Return a photo as { name, type, data }, drawn anew at 1600 px: what the camera wrote into the
 * file, the position too, stays behind. A file that this browser cannot open stays as it is.
 */
export async function shrinkPhoto(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
    });
    const { naturalWidth: width, naturalHeight: height } = image;
    const scale = Math.min(1, PHOTO_SIDE / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const toBlob = (resolve) => canvas.toBlob(resolve, "image/jpeg", PHOTO_QUALITY);
    return await storable(await new Promise(toBlob), "photo.jpg");
  } catch {
    // This browser cannot open it: the server cleans it, or says why not.
    return await storable(file, file.name);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Bytes, since some browsers lose the blobs of their database. */
async function storable(blob, name) {
  return { name, type: blob.type, data: await new Response(blob).arrayBuffer() };
}

function focusOn(element) {
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus();
}

function endBusy() {
  for (const element of document.querySelectorAll("[aria-busy=true]")) setBusy(element, false);
}

/* A pressed button is busy: it keeps its label, and a second press sends nothing. */

const BUSY_LIMIT = 15_000; // ms; then the button works again, whatever became of the request

/** Mark a pressed button as busy, for 15 seconds at most. */
export function holdBusy(button) {
  setBusy(button, true);
  setTimeout(() => setBusy(button, false), BUSY_LIMIT);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter || form.querySelector("button:not([type=button])");
  if (!button || form.hasAttribute("data-no-busy") || event.defaultPrevented) return;
  if (button.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  holdBusy(button);
});
// A page that comes back from the browser's own cache was left while it was busy.
window.addEventListener("pageshow", endBusy);

/* Photos are made smaller, and sent with a bar: loaded once somebody chooses a file. */

document.addEventListener("change", async ({ target }) => {
  const isStaff = document.body.classList.contains("staff");
  if (isStaff || !target.matches("input[type=file][data-photos]")) return;
  const photos = await import("./photos.js").catch(() => null); // the form works without it
  photos?.prepare(target, { announce, replaceElements, setBusy, shrinkPhoto });
});

/* Long files show how far they are: loaded with the first one. Otherwise the link is followed. */

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-download]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const files = await import("./download.js").catch(() => null);
  if (files) files.download(link, { announce, setBusy });
  else window.location.assign(link.href);
});

/* Menus, <details data-fold>, close when one goes elsewhere or presses Escape. */

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details[data-fold][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}
document.addEventListener("click", closeMenus);
document.addEventListener("focusin", closeMenus);
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details[data-fold][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopPropagation();
});

/* The search of staff, "/" or Ctrl+K: loaded once somebody asks for it. Its link is a page too. */

const SHORTCUTS = "palier:shortcuts"; // "off" once the member has turned single keys off

async function openSearch(link) {
  const search = await import("./search.js").catch(() => null);
  if (search) search.open(link, { announce });
  else link.click();
}

const searchLink = document.querySelector("a[data-search]");
if (searchLink) {
  document.addEventListener("keydown", (event) => {
    const { key } = event;
    const modified = event.ctrlKey || event.metaKey;
    const isSlash = key === "/" && !modified && !event.altKey && !isTextField(event.target);
    // Pages with a field of their own for this key keep it.
    const taken = document.querySelector("[data-slash]") || readStored(SHORTCUTS) === "off";
    if (!(modified && key.toLowerCase() === "k") && !(isSlash && !taken)) return;
    event.preventDefault();
    openSearch(searchLink);
  });
  searchLink.addEventListener("click", (event) => {
    // A click of a script, or with a key that opens a tab, follows the link.
    if (!event.isTrusted || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openSearch(searchLink);
  });
}

/** Say in a panel that no answer came; what was typed is still there. */
export function sayUnsent(panel) {
  const notice = document.createElement("p");
  notice.className = "notice notice--warn unsent";
  notice.textContent = panel.closest("[data-unsent]").dataset.unsent;
  panel.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
  announce(notice.textContent);
}

/**
 * Put each element of `html` in the place of the one with its id; one that has none is left out.
 * Then focus and announce what went wrong in the first one, or else its heading, unless `quiet`.
 */
export function replaceElements(html, quiet = false) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const replaced = [];
  for (const element of [...body.children]) {
    const old = document.getElementById(element.id);
    if (!old) continue;
    old.replaceWith(element);
    keepDrafts(element);
    replaced.push(element);
  }
  const heading =
    replaced[0]?.querySelector("[role=alert]") || replaced[0]?.querySelector("h1,h2,h3");
  if (!heading || quiet) return;
  focusOn(heading);
  const title = heading.querySelector("h2,strong") || heading;
  announce(title.textContent.trim());
}

/* Drafts: <form data-draft="key">; the page after success carries data-draft-clear="key"
   (portal/form_drafts.py). */

// A visitor's phone may be somebody else's: what they typed ends with their tab. Of staff it is kept
// under their account, and ends when they log out or somebody else logs in on this machine.
const { account } = document.body.dataset;
const DRAFTS = account ? "localStorage" : "sessionStorage";
const keyOf = (name) => (account ? `palier:draft:${account}:${name}` : `palier:${name}`);
const DRAFT_PAUSE = 400; // ms without a key before the draft is written
const withDraft = new WeakSet();
let loggingOut = false;
const unsaved = new Set(); // what keeps the drafts whose last keys are not written yet
window.addEventListener("pagehide", () => {
  for (const save of unsaved) save();
});

function isDrafted(field) {
  return field.name && !/^(hidden|password|file|submit|button|reset)$/.test(field.type);
}

function isChoice(field) {
  return field.type === "radio" || field.type === "checkbox";
}

function readDraft(key) {
  try {
    return JSON.parse(readStored(key, DRAFTS));
  } catch {
    return null;
  }
}

/** Fill what is still empty; what the server has already filled in stays, but choices of a `whole` draft. */
function restoreDraft(fields, draft, whole) {
  for (const field of fields) {
    const values = draft[field.name];
    if (!values) continue;
    if (!isChoice(field)) {
      if (!field.value) field.value = values[0];
    } else if (
      whole ||
      !fields.some((other) => other.name === field.name && other.defaultChecked)
    ) {
      field.checked = values.includes(field.value);
    }
  }
}

function draftOf(fields) {
  const draft = {};
  for (const field of fields) {
    if (isChoice(field) ? !field.checked : !field.value) continue;
    draft[field.name] = [...(draft[field.name] || []), field.value];
  }
  return draft;
}

function keepDraft(form) {
  if (withDraft.has(form)) return;
  withDraft.add(form);
  const key = keyOf(form.dataset.draft);
  const fields = [...form.elements].filter(isDrafted);
  const draft = readDraft(key);
  const whole = form.dataset.draftWhole !== undefined;
  const typed = draft && fields.some((field) => field.type === "textarea" && draft[field.name]);
  if (draft && (typed || !whole) && !document.querySelector(".error-summary")) {
    restoreDraft(fields, draft, whole);
  }
  let timer;
  const save = () => {
    clearTimeout(timer);
    unsaved.delete(save);
    if (loggingOut) return;
    writeStored(key, JSON.stringify(draftOf(fields)), DRAFTS);
  };
  const saveSoon = () => {
    clearTimeout(timer);
    unsaved.add(save);
    timer = setTimeout(save, DRAFT_PAUSE);
  };
  form.addEventListener("input", saveSoon);
  // A choice may stand outside of its form, where no event of it passes.
  for (const field of fields.filter(isChoice)) field.addEventListener("change", saveSoon);
  form.addEventListener("submit", save);
}

/** Forget what is kept of a form that was sent. */
export function forgetDraft(form) {
  if (form.dataset.draft) writeStored(keyOf(form.dataset.draft), null, DRAFTS);
}

function keepDrafts(root) {
  for (const element of root.querySelectorAll("[data-draft-clear]")) {
    for (const key of element.dataset.draftClear.split(" ")) {
      writeStored(keyOf(key), null, DRAFTS);
    }
  }
  for (const form of root.querySelectorAll("form[data-draft]")) keepDraft(form);
}

/** Forget the drafts of staff on this machine, but those of the account `mine`. */
function forgetStaffDrafts(mine) {
  // The others are those of before drafts had an account.
  const isDraft = /^palier:(draft:|claim-|call-|rule)/;
  try {
    for (const key of Object.keys(localStorage))
      if (isDraft.test(key) && !(mine && key.startsWith(keyOf("")))) localStorage.removeItem(key);
  } catch {} // storage is blocked: nothing was kept
}

if (account) forgetStaffDrafts(account);
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("form[data-logout]")) return;
  loggingOut = true; // what is on the page is not written again as it goes
  forgetStaffDrafts();
});

/* Quick exit: forget what is kept here, and let Back not lead to this page. */

function forgetDrafts() {
  try {
    sessionStorage.clear();
  } catch {
    // Storage is blocked: nothing was kept.
  }
}

for (const form of document.querySelectorAll("form[data-quick-exit]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
    forgetDrafts();
    location.replace(form.dataset.quickExit);
  });
}

for (const summary of document.querySelectorAll(".error-summary")) focusOn(summary);
keepDrafts(document);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
