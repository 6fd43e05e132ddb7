/**
 * The dialog of the staff's search: one request for each pause in typing, and old answers dropped.
 * Arrows go through the results, which are links; Enter in the field opens the first.
 */
const PAUSE = 180; // ms without a key before the server is asked

let dialog;

/** Open the dialog; `link` is that of the page header, `tools` what palier.js lends. */
export function open(link, tools) {
  dialog ||= build(link, tools);
  if (dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input");
  input.select();
  dialog.dispatchEvent(new Event("search"));
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function build(link, { announce }) {
  const { search: url, label, close, hint, unsaid } = link.dataset;
  const input = element("input", {
    type: "search",
    name: "q",
    id: "find-dialog-q",
    maxlength: "120",
    autocomplete: "off",
    spellcheck: "false",
  });
  const form = element(
    "form",
    { role: "search", action: link.href, "data-no-busy": "" },
    element("label", { for: input.id }, label),
    input,
  );
  const button = element("button", { type: "button", class: "btn btn--secondary" }, close);
  const results = element("div", { class: "find" });
  const foot = element("p", { class: "find__foot" }, element("span", {}, hint), button);
  const made = element(
    "dialog",
    { class: "find-dialog", "aria-label": label },
    form,
    results,
    foot,
  );
  document.body.append(made);

  let timer;
  let calls = 0;
  const links = () => [...results.querySelectorAll("a")];

  const ask = async () => {
    calls += 1;
    const call = calls;
    const words = input.value.trim();
    let html = null;
    try {
      const address = `${url}?${new URLSearchParams({ q: words })}`;
      const answer = await fetch(address, { credentials: "same-origin" });
      // A redirect leads to the sign-in page.
      if (answer.ok && !answer.redirected) html = await answer.text();
    } catch {
      html = null;
    }
    if (call !== calls) return; // a later question has overtaken it
    if (html === null) results.replaceChildren(element("p", { class: "find__said" }, unsaid));
    else results.innerHTML = html;
    links()[0]?.classList.add("find__hit--first");
    announce(results.querySelector("[data-said]")?.textContent.trim());
    results.dataset.for = words;
  };
  const askNow = () => {
    clearTimeout(timer);
    return ask();
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  made.addEventListener("search", askNow);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // What stands there may be the answer to fewer letters.
    if (results.dataset.for !== input.value.trim()) await askNow();
    const first = links()[0];
    if (first) first.click();
    else if (input.value.trim())
      location.assign(`${link.href}?${new URLSearchParams(new FormData(form))}`);
  });
  made.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // A search field would first empty itself.
      event.preventDefault();
      made.close();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const found = links();
    if (step && found.length) {
      event.preventDefault();
      const next = found.indexOf(document.activeElement) + step; // -1 is the field
      if (next < 0) input.focus();
      else found[Math.min(next, found.length - 1)].focus();
    } else if (event.key.length === 1 && document.activeElement.tagName === "A") {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) input.focus(); // goes on typing
    }
  });
  button.addEventListener("click", () => made.close());
  // A press beside the dialog closes it; its own padding belongs to it.
  made.addEventListener("mousedown", (event) => {
    const box = made.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX <= box.right &&
      event.clientY >= box.top &&
      event.clientY <= box.bottom;
    if (event.target === made && !inside) made.close();
  });
  return made;
}
