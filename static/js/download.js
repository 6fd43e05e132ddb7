/* A long file with the number of its lines beside the link, while the server reads them. */

const NAME = /filename="([^"]+)"/;

function bar(link) {
  const old = link.parentElement.querySelector("[data-progress]");
  if (old) return old;
  const made = document.createElement("span");
  made.dataset.progress = "";
  made.className = "muted";
  made.append(document.createElement("progress"), " ", document.createElement("span"));
  link.after(" ", made);
  return made;
}

/** Count the lines of a chunk: a line feed within a cell counts too, so it is about right. */
function linesIn(bytes) {
  let lines = 0;
  for (const byte of bytes) if (byte === 10) lines += 1;
  return lines;
}

function save(parts, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Fetch the file of `link`, show how far it is, and save it. */
export async function download(link, { announce, setBusy }) {
  if (link.getAttribute("aria-busy") === "true") return;
  const shown = bar(link);
  const progress = shown.querySelector("progress");
  const said = shown.querySelector("span");
  const say = (text) => {
    said.textContent = text;
    announce(text);
  };
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  setBusy(link, true);
  progress.hidden = false;
  said.textContent = "";
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const total = Number(answer.headers.get("X-Rows")) || 0;
    if (total) progress.max = total;
    const parts = [];
    let lines = -1; // the first one names the columns
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      lines += linesIn(value);
      if (total) progress.value = Math.min(lines, total);
      said.textContent = link.dataset.download
        .replace("{n}", numbers.format(Math.max(lines, 0)))
        .replace("{total}", numbers.format(total));
    }
    save(parts, NAME.exec(answer.headers.get("Content-Disposition") || "")?.[1] || "palier.csv");
    say(link.dataset.done);
  } catch {
    say(link.dataset.broken);
  }
  progress.hidden = true;
  setBusy(link, false);
}
