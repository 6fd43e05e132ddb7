/**
 * The caretaker's round. Each report is written to the phone first, then sent until the server
 * answers with its number. A label never says more than is known: kept here, being sent, sent, or
 * refused with the reason. Without this script the forms are sent like any other.
 */
import {
  announce,
  newKey,
  openStore,
  readStored,
  setBusy,
  shrinkPhoto,
  writeStored,
} from "./palier.js";

const PLACE = "palier:round-at"; // the building seen last
const DATABASE = "palier-round";
const SHELL_CACHE = "round-own"; // filled by the service worker
const SEND_LIMIT = 60_000; // ms
const RETRY_PAUSE = 30_000; // ms

const header = document.querySelector("[data-round]");
const settings = header?.dataset;
const isShell = Boolean(settings && "shell" in settings);
const network = document.getElementById("net");
const list = document.getElementById("outbox");
const reportForm = document.getElementById("report");

let outbox = null; // the store on this phone, once it is open
let sendingKey = "";
let problem = ""; // "offline", "login", or none
let isFlushing = false;
let flushAgain = false;
let retryTimer;

function byId(id) {
  return document.getElementById(id);
}

function show(element, visible) {
  if (element) element.hidden = !visible;
}

async function allItems() {
  return (await outbox.all()).sort((one, other) => one.at - other.at);
}

async function keptItems() {
  return (await allItems()).filter((item) => item.state === "kept");
}

/** Write what the form holds to the outbox. */
async function keep(form) {
  const picture = form.querySelector("[name=category]:checked");
  const label = picture ? picture.dataset.label : form.dataset.title;
  const fields = [];
  const files = [];
  let words = "";
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) {
      if (value.size) files.push(value);
    } else if (!["csrfmiddlewaretoken", "form_key", "key"].includes(name)) {
      if (name === "words") words = value.trim();
      fields.push([name, value]);
    }
  }
  const title = words && form === reportForm ? `${label} · ${words.slice(0, 60)}` : label;
  const photos = await Promise.all(files.map(shrinkPhoto));
  const item = { key: newKey(), owner: settings.owner, at: Date.now(), label, title };
  await outbox.write((store) => store.put({ ...item, state: "kept", note: "", fields, photos }));
}

/* Sending: one at a time, oldest first; anything but a clear answer leaves the item here. */

/** Record what became of the item; nothing but its receipt stays once it is sent. */
async function settle(item, state, note) {
  Object.assign(item, { state, note });
  if (state === "sent") Object.assign(item, { title: item.label, fields: [], photos: [] });
  await outbox.write((store) => store.put(item));
  await draw();
}

/** Send one item; return whether to go on with the next. Throw if the answer is not clear. */
async function send(item, token) {
  const body = new FormData();
  body.append("key", item.key);
  for (const [name, value] of item.fields) body.append(name, value);
  for (const photo of item.photos) {
    body.append("photos", new Blob([photo.data], { type: photo.type }), photo.name);
  }
  sendingKey = item.key;
  draw();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), SEND_LIMIT);
  const answer = await fetch(`${settings.home}send/`, {
    method: "POST",
    body,
    credentials: "same-origin",
    redirect: "manual",
    signal: controller.signal,
    headers: { Accept: "application/json", "X-CSRFToken": token },
  });
  clearTimeout(timer);
  sendingKey = "";
  if (answer.status === 401) {
    problem = "login";
    return false;
  }
  if (answer.status === 413) await settle(item, "refused", "HTTP 413");
  else if (![200, 404, 422].includes(answer.status)) throw new Error(`HTTP ${answer.status}`);
  else {
    const { reference, why } = await answer.json();
    if (answer.status === 200) await settle(item, "sent", reference);
    else await settle(item, "refused", why);
  }
  return true;
}

function fetchToken() {
  const headers = { Accept: "application/json" };
  return fetch(settings.token, { headers, cache: "no-store", credentials: "same-origin" });
}

async function sendKept() {
  try {
    const items = await keptItems();
    problem = "";
    if (!items.length) return;
    const answer = await fetchToken();
    if (answer.status === 401 || answer.status === 403) {
      problem = "login";
      return;
    }
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { owner, token } = await answer.json();
    for (const item of items) {
      if (item.owner === String(owner) && !(await send(item, token))) return;
    }
  } catch {
    problem = "offline";
    retryTimer = setTimeout(flush, RETRY_PAUSE);
  }
}

/** Send what is kept; a call while that goes on makes it look again afterwards. */
async function flush() {
  if (!outbox) return;
  if (isFlushing) {
    flushAgain = true;
    return;
  }
  isFlushing = true;
  clearTimeout(retryTimer);
  // Two open pages take turns; the server would recognise a double anyway.
  if (navigator.locks) await navigator.locks.request(DATABASE, sendKept);
  else await sendKept();
  isFlushing = false;
  sendingKey = "";
  draw();
  const again = flushAgain && !problem;
  flushAgain = false;
  if (again) await flush();
}

/* What the caretaker reads. */

/** Send a refused item again, without its photos. */
async function sendBare(item) {
  item.photos = [];
  await settle(item, "kept", "");
  flush();
}

async function drop(item) {
  await outbox.write((store) => store.delete(item.key));
  draw();
}

async function draw() {
  if (!outbox) return;
  const items = await allItems();
  drawNetwork(items.filter((item) => item.state === "kept").length);
  if (list && (items.length || list.children.length)) await drawItems(items);
}

/** Draw the list, and forget old receipts; a visit with nothing to list does not load how. */
async function drawItems(items) {
  const lines = await import("./round_list.js").catch(() => null);
  if (!lines) return; // neither network nor service worker: drawNetwork says how many are kept
  const old = lines.oldReceipts(items);
  if (old.length) await outbox.write((store) => old.map((item) => store.delete(item.key)));
  const listed = items.filter((item) => !old.includes(item));
  lines.drawList(list, listed, { owner: settings.owner, sendingKey, sendBare, drop });
  show(byId("sent"), listed.length);
}

function drawNetwork(kept) {
  const before = network.textContent;
  const offline = problem === "offline" || !navigator.onLine;
  const waiting = kept ? ` ${settings.kept} ${kept}.` : "";
  network.textContent = offline ? settings.offline + waiting : "";
  if (!offline && problem === "login") {
    const link = document.createElement("a");
    link.href = settings.home;
    link.textContent = settings.login;
    network.append(link);
  }
  show(network, network.textContent);
  if (network.textContent !== before) announce(network.textContent);
}

/* The forms: camera, picture, send. */

function openReport(open) {
  for (const id of ["rest", "go", "undo"]) show(byId(id), open);
  for (const id of ["camera", "bare", "tenant"]) show(byId(id), !open);
  if (open) byId("rest").scrollIntoView({ block: "start" });
  else byId("shot").textContent = "";
}

function closeReport() {
  const building = reportForm.building.value;
  reportForm.reset();
  reportForm.building.value = building;
  openReport(false);
}

function preview(files) {
  const images = Array.from(files, (file) => {
    const image = new Image();
    image.alt = "";
    image.src = URL.createObjectURL(file);
    return image;
  });
  byId("shot").replaceChildren(...images);
}

/** Say what the form still needs; return whether it needs anything. */
function isIncomplete(form) {
  if (form === reportForm && !form.querySelector("[name=category]:checked")) {
    byId("pick").textContent = settings.pick;
    form.querySelector("[name=category]").focus();
    return true;
  }
  const words = form.querySelector("[name=words]");
  const photos = form.querySelector("[type=file]");
  const isRefusal = form.querySelector("[name=fixed][value=no]");
  if (isRefusal && !words.value.trim() && !photos.files.length) {
    words.focus();
    return true;
  }
  return !form.reportValidity();
}

/** Clear what was just kept off the page. */
function finish(form) {
  if (form === reportForm) {
    byId("pick").textContent = "";
    closeReport();
    return;
  }
  const row = form.closest(".round__row");
  for (const part of row?.querySelectorAll("form,details") || []) part.hidden = true;
}

const beingKept = new WeakSet();

async function submitReport(event) {
  if (!outbox) return;
  event.preventDefault();
  const form = event.target;
  const button = event.submitter || form.querySelector("button");
  if (beingKept.has(form) || isIncomplete(form)) return;
  beingKept.add(form);
  if (button) setBusy(button, true);
  navigator.storage?.persist?.();
  try {
    await keep(form);
  } catch {
    // The phone is full or forbids keeping: send it as any form is sent.
    form.submit();
    return;
  } finally {
    beingKept.delete(form);
    if (button) setBusy(button, false);
  }
  if (form.dataset.back) {
    location.href = form.dataset.back;
    return;
  }
  finish(form);
  problem = navigator.onLine ? "" : "offline";
  announce(list?.dataset.kept);
  await draw();
  if (list && form === reportForm) byId("sent").scrollIntoView({ block: "center" });
  flush();
}

let hasWarned = false;

/** Log out, once the caretaker knows of what is not sent yet; the shell leaves the phone too. */
async function logOut(event) {
  if (!outbox) return;
  event.preventDefault();
  const form = event.target;
  await flush();
  const own = (await keptItems()).filter((item) => item.owner === settings.owner);
  if (own.length && !hasWarned) {
    hasWarned = true;
    network.textContent = settings.stay;
    show(network, true);
    network.tabIndex = -1;
    network.focus();
    return;
  }
  try {
    const answer = await fetchToken();
    // The page may come from the phone, with the token of an earlier session.
    if (answer.ok) form.elements.csrfmiddlewaretoken.value = (await answer.json()).token;
    await window.caches?.delete(SHELL_CACHE);
    form.submit();
  } catch {
    problem = "offline";
    draw();
  }
}

/** Show the building of the last visit, unless the address names one. */
function followPlace(form) {
  const select = form.elements.at;
  const setBuilding = () => {
    if (reportForm) reportForm.building.value = select.value;
  };
  const last = readStored(PLACE);
  const isKnown = [...select.options].some((option) => option.value === last);
  show(form.querySelector("button"), false);
  if (!isShell && new URLSearchParams(location.search).has("at")) writeStored(PLACE, select.value);
  else if (isKnown && last !== select.value) {
    select.value = last;
    setBuilding();
    if (!isShell) location.replace(`${settings.home}?at=${last}`);
  }
  select.addEventListener("change", () => {
    writeStored(PLACE, select.value);
    setBuilding();
    if (!isShell && navigator.onLine) form.submit();
  });
}

function followReport() {
  openReport(false);
  byId("id_photos").addEventListener("change", (event) => {
    if (!event.target.files.length) return;
    preview(event.target.files);
    openReport(true);
  });
  byId("bare").addEventListener("click", () => {
    openReport(true);
    byId("id_words").focus();
  });
  byId("undo").addEventListener("click", closeReport);
}

async function start() {
  for (const form of document.querySelectorAll("[data-place]")) followPlace(form);
  if (reportForm) followReport();
  for (const form of document.querySelectorAll("form[data-outbox]")) {
    form.addEventListener("submit", submitReport);
  }
  for (const form of document.querySelectorAll("form[data-leave]")) {
    form.addEventListener("submit", logOut);
  }
  window.addEventListener("online", flush);
  window.addEventListener("offline", () => {
    problem = "offline";
    draw();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) flush();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) flush();
  });
  navigator.serviceWorker?.register(settings.worker, { scope: settings.home }).catch(() => {});
  try {
    outbox = await openStore(DATABASE, "outbox");
  } catch {
    return; // a private window: forms are sent at once
  }
  document.documentElement.dataset.outbox = "ready";
  await draw();
  flush();
}

if (header) start();
