/**
 * Sends a form of a panel of a claim, or opens the form of a step in its panel. inbox.js loads it
 * with the first of them, so that the page makes no request more.
 */
const begun = new Map(); // address of a claim -> words begun in the form of a step

/**
 * Post the form by its button, what can be undone being shown at once. Return what `ask` does; unless
 * a page follows, what was shown is put back.
 */
export async function send(form, button) {
  const body = bodyOf(form, button);
  const address = button?.getAttribute("formaction") || form.getAttribute("action");
  const putBack = showAtOnce(form, button, body.get("kind"));
  const answer = await ask(address, { method: "POST", body });
  if (!answer.location) putBack();
  return answer;
}

/** Return the fields of the form; the button that was pressed counts as one. */
function bodyOf(form, button) {
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  return body;
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
    : form.closest("[data-panel]")?.querySelector("[data-says]")?.textContent;
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

/**
 * Show what is at `link` in the panel of `link`, by `replace`, with the words that were begun there.
 * Return whether it is shown.
 */
export async function openStep(link, replace) {
  const panel = link.closest("[data-panel]").id;
  const words = () => document.querySelector(`#${panel} textarea[name=text]`);
  const before = words();
  if (before && before.value !== before.defaultValue) begun.set(link.pathname, before.value);
  const { html } = await ask(link.href, { cache: "no-store" });
  if (!html) return false;
  replace(html);
  const after = words();
  if (after && !after.value) after.value = begun.get(link.pathname) || "";
  return true;
}
