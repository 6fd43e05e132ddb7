/* The round without network. Kept here: our own files, the offline page, and the shell of the
   round. Never a list of claims, a tenant or a door. Logging out removes the shell. */
'use strict';
var KEEP = 'round-files-{{ version }}', OWN = 'round-own', PATIENCE = 8000;
var FILES = [{% for file in files %}'{{ file|escapejs }}'{% if not forloop.last %}, {% endif %}{% endfor %}];
var HOME = '{{ paths.home }}', SHELL = '{{ paths.shell }}', OFFLINE = '{{ paths.offline }}';

function keepShell() {
  return fetch(SHELL, { credentials: 'same-origin' }).then(function (r) {
    // A sign-in page is not the shell.
    if (!r.ok || r.redirected) return null;
    return caches.open(OWN).then(function (c) { return c.put(SHELL, r); });
  }).catch(function () { return null; });
}
self.addEventListener('install', function (e) {
  e.waitUntil(caches.open(KEEP).then(function (c) { return c.addAll(FILES); }).then(keepShell).then(function () { return self.skipWaiting(); }));
});
self.addEventListener('activate', function (e) {
  e.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.map(function (n) { return n.indexOf('round-files-') === 0 && n !== KEEP ? caches.delete(n) : null; }));
  }).then(function () { return self.clients.claim(); }));
});
function kept(url) {
  return (url.pathname === HOME ? caches.match(SHELL, { ignoreVary: true }) : Promise.resolve()).then(function (r) { return r || caches.match(OFFLINE, { ignoreVary: true }); });
}
function page(e, url) {
  var late;
  var answer = fetch(e.request).then(function (r) {
    clearTimeout(late);
    if (r.status >= 500) throw new Error('server');
    if (r.ok && r.type !== 'opaqueredirect' && url.pathname === HOME) e.waitUntil(keepShell());
    return r;
  });
  // A network that never answers, as in a cellar, is no network.
  var patience = new Promise(function (_ok, fail) { late = setTimeout(fail, PATIENCE); });
  return Promise.race([answer, patience]).catch(function () {
    return kept(url).then(function (r) { return r || answer; });
  });
}
function file(e) {
  return caches.match(e.request).then(function (old) {
    var fresh = fetch(e.request).then(function (r) {
      if (r.ok) { var copy = r.clone(); e.waitUntil(caches.open(KEEP).then(function (c) { return c.put(e.request, copy); })); }
      return r;
    });
    if (!old) return fresh;
    e.waitUntil(fresh.catch(function () { return null; }));
    return old;
  });
}
self.addEventListener('fetch', function (e) {
  var url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (e.request.mode === 'navigate') {
    if (url.pathname.indexOf(HOME) === 0 && url.pathname !== SHELL) e.respondWith(page(e, url));
  } else if (/\.(css|js|svg|woff2|png)$/.test(url.pathname) && url.pathname.indexOf(HOME) !== 0) e.respondWith(file(e));
});
