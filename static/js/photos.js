/** Photos in a form: made smaller before they travel, sent with a bar, tried again on a bad line. */

const PAUSES = [2_000, 5_000, 10_000]; // ms before each new try
const SILENCE = 60_000; // ms without a byte going out: the line is dead
const ready = new WeakMap(); // input → promise of smaller files
let page; // functions of palier.js, which loads this module: two that import each other get no hash
const sentByBrowser = new WeakSet();

/** Make the chosen photos smaller and take over the sending of their form. */
export function prepare(input, helpers) {
  page = helpers;
  if (!input.files.length) return;
  if (!input.form.dataset.uploads) {
    input.form.dataset.uploads = "1";
    input.form.addEventListener("submit", takeOver);
  }
  ready.set(input, shrink(input));
}

async function shrink(input) {
  const chosen = [...input.files];
  say(input, input.dataset.preparing);
  const files = await Promise.all(chosen.map(smaller));
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  say(input, input.dataset.ready.replace("{size}", sizeOf(bytes)));
}

/** Return the photo drawn anew, under its own name; a PDF or what would only grow stays. */
async function smaller(file) {
  if (!file.type.startsWith("image/")) return file;
  const { type, data } = await page.shrinkPhoto(file);
  if (data.byteLength >= file.size) return file;
  return new File([data], file.name, { type });
}

function sizeOf(bytes) {
  const unit = bytes < 1e6 ? "kilobyte" : "megabyte";
  const number = bytes < 1e6 ? Math.ceil(bytes / 1e3) : bytes / 1e6;
  const style = { style: "unit", unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(number);
}

/** Show a line under the input, with a bar while something is sent. */
function say(input, text, percent = null) {
  let line = input.nextElementSibling;
  if (!line?.matches(".sending")) {
    line = document.createElement("p");
    line.className = "sending";
    input.after(line);
  }
  line.textContent = text;
  if (percent === null) {
    page.announce(text);
    return;
  }
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = percent;
  bar.setAttribute("aria-label", text);
  line.append(" ", bar);
}

function takeOver(event) {
  const form = event.target;
  const input = form.querySelector("input[data-photos]");
  if (event.defaultPrevented || sentByBrowser.has(form) || !input?.files.length) return;
  event.preventDefault();
  if (form.dataset.uploads === "sending") return;
  send(form, input, event.submitter);
}

async function send(form, input, button) {
  form.dataset.uploads = "sending";
  if (button) page.setBusy(button, true);
  await ready.get(input)?.catch(() => {}); // what cannot be made smaller goes as it is
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  const address =
    button?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  const answer = await tried(address, body, input);
  form.dataset.uploads = "1";
  if (button) page.setBusy(button, false);
  if (!answer) say(input, input.dataset.unsent);
  else finish(answer, form, button);
}

/** Return the server's answer, or null after the last try. A form sent twice is done once. */
async function tried(address, body, input) {
  for (const pause of [...PAUSES, 0]) {
    const answer = await post(address, body, input);
    if (answer) return answer;
    if (!pause) return null;
    say(input, input.dataset.again);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function post(address, body, input) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let silence;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      listen();
      const percent = Math.floor((100 * loaded) / total);
      say(input, input.dataset.sending.replace("{percent}", percent), percent);
    });
    request.addEventListener("loadend", () => {
      clearTimeout(silence);
      resolve(request.status && request.status < 500 ? request : null);
    });
    request.open("POST", address);
    request.setRequestHeader("X-Panel", "1");
    listen();
    request.send(body);
  });
}

function finish(answer, form, button) {
  const place = answer.getResponseHeader("X-Location");
  if (place) {
    const here = new URL(place, location.href);
    const isSame = here.href.split("#")[0] === location.href.split("#")[0];
    location.assign(here);
    if (isSame) location.reload();
    return;
  }
  const answered = new DOMParser().parseFromString(answer.responseText, "text/html");
  const main = answered.getElementById("main");
  if (main) {
    page.replaceElements(main.outerHTML);
  } else {
    sentByBrowser.add(form);
    form.requestSubmit(button);
  }
}
