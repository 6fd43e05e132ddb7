/**
 * The round without network. Kept on the phone: our own files, the offline page, and the shell of
 * the round. Never a list of claims, a tenant or a door. Logging out removes the shell.
 * A Django template: the strings below are filled in by requests/rounds/offline_views.py.
 */
const FILES_CACHE = "round-files-{{ version }}";
const SHELL_CACHE = "round-own"; // round.js deletes it when somebody logs out
const FILES = JSON.parse("{{ files|escapejs }}");
const HOME = "{{ paths.home|escapejs }}";
const SHELL = "{{ paths.shell|escapejs }}";
const OFFLINE = "{{ paths.offline|escapejs }}";
const NETWORK_LIMIT = 8_000; // ms; a network that never answers, as in a cellar, is no network

/** Fetch the shell again; no network, or nobody signed in, leaves the one that is kept. */
async function keepShell() {
  try {
    const answer = await fetch(SHELL, { credentials: "same-origin" });
    // A redirect leads to the sign-in page, which is not the shell.
    if (!answer.ok || answer.redirected) return;
    const cache = await caches.open(SHELL_CACHE);
    await cache.put(SHELL, answer);
  } catch {
    // No network: the next visit tries again.
  }
}

async function install() {
  const cache = await caches.open(FILES_CACHE);
  await cache.addAll(FILES);
  await keepShell();
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("round-files-") && name !== FILES_CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

/** Return the page that stands in for this address without network, if it is kept. */
async function keptPage(url) {
  const shell = url.pathname === HOME && (await caches.match(SHELL, { ignoreVary: true }));
  return shell || caches.match(OFFLINE, { ignoreVary: true });
}

/** Answer from the network; from the phone when the server fails or does not answer in time. */
async function answerPage(event, url) {
  let timer;
  const fromNetwork = async () => {
    const answer = await fetch(event.request);
    clearTimeout(timer);
    if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`);
    const isHome = answer.ok && answer.type !== "opaqueredirect" && url.pathname === HOME;
    if (isHome) event.waitUntil(keepShell());
    return answer;
  };
  const network = fromNetwork();
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("No answer in time")), NETWORK_LIMIT);
  });
  try {
    return await Promise.race([network, tooLate]);
  } catch {
    return (await keptPage(url)) || network;
  }
}

/** Answer from the phone at once, and fetch the file again for the next time. */
async function answerFile(event) {
  const fetchAndKeep = async () => {
    const answer = await fetch(event.request);
    if (answer.ok) {
      const copy = answer.clone();
      const cache = await caches.open(FILES_CACHE);
      event.waitUntil(cache.put(event.request, copy));
    }
    return answer;
  };
  const kept = await caches.match(event.request);
  if (!kept) return fetchAndKeep();
  event.waitUntil(fetchAndKeep().catch(() => null));
  return kept;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const inRound = url.pathname.startsWith(HOME);
  if (request.mode === "navigate") {
    if (inRound && url.pathname !== SHELL) event.respondWith(answerPage(event, url));
  } else if (!inRound && /\.(css|js|svg|woff2|png)$/.test(url.pathname)) {
    event.respondWith(answerFile(event));
  }
});
