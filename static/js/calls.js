/**
 * The call desk: keys, a search for the fault, and the sentence to say while it is chosen.
 * The page works without it: the fault is then an ordinary <select>.
 */
import { isTextField, timeOfDay } from "./palier.js";

const SEARCH_PAUSE = 120; // ms without a key before faults are searched
const CLICK_PAUSE = 150; // ms between leaving the field and closing its list

const form = document.getElementById("call-form");
document.addEventListener("keydown", (event) => {
  const target = shortcutTarget(event);
  if (!target) return;
  event.preventDefault();
  if (target.matches("#q")) target.focus();
  else target.click();
});
if (form) start();

/** Return what the key acts on: Ctrl+Enter files, F1 and F2 add, 1 to 8 pick a caller, / searches. */
function shortcutTarget(event) {
  const { key } = event;
  const modified = event.ctrlKey || event.metaKey;
  if (key === "Enter" && modified) return form?.querySelector("[data-file]");
  if (key === "F1" || key === "F2") return document.querySelector(`[data-f=${key}]`);
  if (modified || event.altKey || isTextField(event.target)) return null;
  if (key === "/") return document.getElementById("q");
  return /^[1-8]$/.test(key) ? document.querySelector(`[data-pick="${key}"]`) : null;
}

/** Return the fragment at this address, or null: the desk works without any of them. */
async function fetchFragment(url, options = {}) {
  try {
    const answer = await fetch(url, { credentials: "same-origin", ...options });
    // A redirect leads to the sign-in page.
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Return a fetchFragment whose answer is undefined once a later call has overtaken it. */
function latestOnly() {
  let calls = 0;
  const fetchLatest = async (url, options) => {
    calls += 1;
    const call = calls;
    const html = await fetchFragment(url, options);
    return call === calls ? html : undefined;
  };
  fetchLatest.cancel = () => {
    calls += 1;
  };
  return fetchLatest;
}

function query(url, values) {
  return `${url}?${new URLSearchParams(values)}`;
}

function start() {
  const updateSentence = followSentence();
  const place = followPlace();
  const faults = buildFaultSearch((option) => place.suggest(option.dataset.asset));
  followWords(faults.choose);
  showDraftTime();
  // The browser may have filled the form in again by itself.
  window.addEventListener("pageshow", () => {
    faults.showChosen();
    place.update();
    updateSentence();
  });
  faults.showChosen();
  place.update();
  updateSentence();
  if (!document.querySelector(".error-summary")) faults.focus();
}

/** Show the sentence to say. Only the fault, the place and the person go out, never the words. */
function followSentence() {
  const { category, where, who, channel } = form.elements;
  const sentence = document.getElementById("say");
  const fetchLatest = latestOnly();
  const update = async () => {
    fetchLatest.cancel();
    if (!category.value) return;
    const values = {
      category: category.value,
      where: where.value,
      who: who.value,
      channel: channel.value,
    };
    const html = await fetchLatest(query(form.dataset.sentence, values));
    if (typeof html === "string") sentence.innerHTML = html;
  };
  category.addEventListener("change", update);
  where.addEventListener("change", update);
  for (const choice of channel) choice.addEventListener("change", update);
  return update;
}

/** "Somewhere else" is the only place that must be described. */
function followPlace() {
  const { where, place_note: note } = form.elements;
  let chosen = false;
  const update = () => {
    note.closest(".field").hidden = where.value !== "other";
  };
  where.addEventListener("change", () => {
    chosen = true;
    update();
  });
  /** Faults of shared equipment are in the staircase, unless a person has chosen a place. */
  const suggest = (asset) => {
    if (chosen || !where.querySelector("[value=staircase]")) return;
    where.value = asset === "dwelling" ? "dwelling" : "staircase";
    update();
  };
  return { suggest, update };
}

/** Put a combobox in front of the plain select, which stays the field that is sent. */
function buildFaultSearch(onChoice) {
  const select = form.elements.category;
  const { input, list } = insertCombobox(select);
  const fetchLatest = latestOnly();
  let active = null;
  let movedByKey = false;
  let timer;

  const options = () => [...list.querySelectorAll("[data-value]")];
  const showChosen = () => {
    input.value = select.value ? select.options[select.selectedIndex].text : "";
  };
  const activate = (option) => {
    active?.setAttribute("aria-selected", "false");
    active = option;
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const setOpen = (open) => {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
  };
  const close = () => {
    setOpen(false);
    activate(null);
  };
  const choose = (option) => {
    clearTimeout(timer);
    fetchLatest.cancel();
    select.value = option.dataset.value;
    showChosen();
    close();
    onChoice(option);
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const search = async () => {
    const html = await fetchLatest(query(form.dataset.faults, { q: input.value }));
    if (typeof html !== "string") return;
    // A list that comes late does not move what somebody has gone to with the arrows.
    const kept = movedByKey && active ? active.dataset.value : null;
    active = null;
    list.innerHTML = html;
    setOpen(Boolean(list.firstElementChild));
    const found = options();
    activate(found.find((option) => option.dataset.value === kept) || found[0] || null);
  };
  const moveActive = (step) => {
    const found = options();
    if (list.hidden && input.value.trim()) search();
    else if (found.length) {
      movedByKey = true;
      const from = found.indexOf(active);
      const next = from < 0 && step < 0 ? found.length - 1 : from + step;
      activate(found[(next + found.length) % found.length]);
    }
  };
  const chooseIn = (event) => {
    const option = event.target.closest("[data-value]");
    if (option) choose(option);
  };

  input.addEventListener("input", () => {
    select.value = "";
    movedByKey = false;
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(search, SEARCH_PAUSE);
    else {
      fetchLatest.cancel();
      close();
    }
  });
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step) {
      event.preventDefault();
      moveActive(step);
    } else if (key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (active) choose(active);
    } else if (key === "Escape") {
      close();
    } else if (key === "Tab" && active && !list.hidden) {
      choose(active);
    }
  });
  input.addEventListener("blur", () => {
    setTimeout(close, CLICK_PAUSE);
    if (!input.value.trim()) select.value = "";
  });
  // The field keeps the focus while somebody clicks in its list.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", chooseIn);
  return { choose, focus: () => input.focus(), showChosen };
}

/** Insert the search field and its list, which take over the label and the errors of the select. */
function insertCombobox(select) {
  const input = document.createElement("input");
  input.type = "text";
  input.id = select.id;
  select.id += "-plain";
  const attributes = {
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "faults",
  };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  const list = document.createElement("ul");
  list.id = "faults";
  list.className = "combo__list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector(`label[for="${input.id}"]`).textContent);
  const wrapper = document.createElement("div");
  wrapper.className = "combo";
  wrapper.append(input, list);
  select.before(wrapper);
  select.hidden = true;
  return { input, list };
}

/** Ask what the words may mean when their field is left; only a person chooses one. */
function followWords(choose) {
  const { words, csrfmiddlewaretoken: token } = form.elements;
  const suggestions = document.getElementById("suggested");
  const fetchLatest = latestOnly();
  words.addEventListener("change", async () => {
    const body = new FormData();
    body.append("words", words.value);
    body.append("csrfmiddlewaretoken", token.value);
    const html = await fetchLatest(suggestions.dataset.suggested, { method: "POST", body });
    if (html !== undefined) suggestions.innerHTML = html || "";
  });
  suggestions.addEventListener("click", (event) => {
    const option = event.target.closest("[data-value]");
    if (option) choose(option);
  });
}

/** Say when the draft was kept; palier.js keeps it. */
function showDraftTime() {
  const note = document.querySelector("[data-kept]");
  form.addEventListener("input", () => {
    note.textContent = `${note.dataset.text} ${timeOfDay(Date.now())}`;
  });
}
