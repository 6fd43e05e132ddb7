/* The round's outbox: each item is written to the phone first, then sent until a receipt comes.
   A label never says more than is known: kept here, being sent, sent (with its number), refused. */
(function () {
  'use strict';
  var d = document, head = d.querySelector('[data-round]');
  if (!head) return;
  var text = head.dataset, net = d.getElementById('net'), list = d.getElementById('outbox');
  var form = d.getElementById('report'), db = null, busy = false, again = false, problem = '', timer, sending = '';
  var SEND = text.home + 'send/', AT = 'palier:round-at', SIDE = 1600, DAY = 86400000;
  function id(name) { return d.getElementById(name); }
  function each(sel, fn) { Array.prototype.forEach.call(d.querySelectorAll(sel), fn); }
  function show(el, on) { if (el) el.hidden = !on; }
  function say(words) { id('status').textContent = words; }
  function memory(value) {
    try {
      if (value) localStorage.setItem(AT, value);
      return localStorage.getItem(AT);
    } catch (x) { return null; }
  }
  function uuid() {
    if (window.crypto.randomUUID) return crypto.randomUUID();
    var b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    var hex = Array.prototype.map.call(b, function (n) { return (n + 256).toString(16).slice(1); }).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  /* The phone's own store. write() is done only when the data is on the disk. */
  function open() {
    return new Promise(function (ok, no) {
      var r = indexedDB.open('palier-round', 1);
      r.onupgradeneeded = function () { r.result.createObjectStore('outbox', { keyPath: 'key' }); };
      r.onsuccess = function () { ok(r.result); };
      r.onerror = function () { no(r.error); };
    });
  }
  function write(change) {
    return new Promise(function (ok, no) {
      var t = db.transaction('outbox', 'readwrite', { durability: 'strict' });
      t.oncomplete = ok;
      t.onerror = t.onabort = function () { no(t.error); };
      change(t.objectStore('outbox'));
    });
  }
  function all() {
    return new Promise(function (ok, no) {
      var r = db.transaction('outbox').objectStore('outbox').getAll();
      r.onsuccess = function () { ok(r.result.sort(function (a, b) { return a.at - b.at; })); };
      r.onerror = function () { no(r.error); };
    });
  }
  function waiting() { return all().then(function (items) { return items.filter(function (i) { return i.state === 'kept'; }); }); }

  /* Drawn anew at 1600 px: what the camera wrote into the file, the place too, stays behind. */
  function smaller(file) {
    var url = URL.createObjectURL(file), img = new Image();
    function bytes(blob, name) {
      return new Response(blob).arrayBuffer().then(function (data) { return { name: name, type: blob.type, data: data }; });
    }
    return new Promise(function (ok, no) { img.onload = ok; img.onerror = no; img.src = url; }).then(function () {
      var k = Math.min(1, SIDE / Math.max(img.naturalWidth, img.naturalHeight)), c = d.createElement('canvas');
      c.width = Math.max(1, Math.round(img.naturalWidth * k));
      c.height = Math.max(1, Math.round(img.naturalHeight * k));
      c.getContext('2d').drawImage(img, 0, 0, c.width, c.height);
      return new Promise(function (ok) { c.toBlob(ok, 'image/jpeg', 0.82); });
    }).then(function (blob) { return bytes(blob, 'photo.jpg'); }).catch(function () {
      // Not for this browser to open: the server cleans it, or says why not.
      return bytes(file, file.name);
    }).then(function (photo) { URL.revokeObjectURL(url); return photo; });
  }
  function queue(f) {
    var fields = [], files = [], pick = f.querySelector('[name=category]:checked');
    var label = pick ? pick.dataset.label : f.dataset.title, words = '';
    new FormData(f).forEach(function (value, name) {
      if (value instanceof File) { if (value.size) files.push(value); return; }
      if (name === 'csrfmiddlewaretoken' || name === 'key') return;
      if (name === 'words') words = value.trim();
      fields.push([name, value]);
    });
    return Promise.all(files.map(smaller)).then(function (photos) {
      return write(function (s) {
        s.put({
          key: uuid(), owner: text.owner, at: Date.now(), label: label, state: 'kept', note: '',
          title: words && f === form ? label + ' · ' + words.slice(0, 60) : label, fields: fields, photos: photos
        });
      });
    });
  }

  /* Sending: one at a time, oldest first; anything but a clear answer leaves the item here. */
  function settle(item, state, note) {
    item.state = state;
    item.note = note;
    if (state === 'sent') { item.title = item.label; item.fields = []; item.photos = []; }
    return write(function (s) { s.put(item); }).then(draw).then(function () { return true; });
  }
  function send(item, token) {
    var body = new FormData(), stop = window.AbortController && new AbortController();
    var late = setTimeout(function () { if (stop) stop.abort(); }, 60000);
    body.append('key', item.key);
    item.fields.forEach(function (f) { body.append(f[0], f[1]); });
    item.photos.forEach(function (p) { body.append('photos', new Blob([p.data], { type: p.type }), p.name); });
    sending = item.key;
    draw();
    return fetch(SEND, {
      method: 'POST', body: body, credentials: 'same-origin', redirect: 'manual', signal: stop ? stop.signal : undefined,
      headers: { Accept: 'application/json', 'X-CSRFToken': token }
    }).then(function (r) {
      clearTimeout(late);
      sending = '';
      if (r.status === 401) { problem = 'login'; return false; }
      if (r.status === 413) return settle(item, 'refused', 'HTTP 413');
      if (r.status !== 200 && r.status !== 422 && r.status !== 404) throw new Error(r.status);
      return r.json().then(function (a) {
        if (r.status === 200) return settle(item, 'sent', a.reference);
        return settle(item, 'refused', a.why);
      });
    });
  }
  function run() {
    return waiting().then(function (items) {
      problem = '';
      if (!items.length) return;
      return fetch(text.token, { headers: { Accept: 'application/json' }, cache: 'no-store', credentials: 'same-origin' }).then(function (r) {
        if (r.status === 401 || r.status === 403) { problem = 'login'; return; }
        if (!r.ok) throw new Error(r.status);
        return r.json().then(function (who) {
          return items.filter(function (i) { return i.owner === String(who.owner); }).reduce(function (before, item) {
            return before.then(function (go) { return go && send(item, who.token); });
          }, Promise.resolve(true));
        });
      });
    }).catch(function () {
      problem = 'offline';
      timer = setTimeout(flush, 30000);
    });
  }
  function flush() {
    if (!db) return Promise.resolve();
    if (busy) { again = true; return Promise.resolve(); }
    busy = true;
    clearTimeout(timer);
    // Two open pages take turns; the server would recognise a double anyway.
    var turn = navigator.locks ? navigator.locks.request('palier-round', run) : run();
    return turn.then(function () {
      busy = false;
      sending = '';
      draw();
      if (again) { again = false; return problem ? null : flush(); }
    });
  }

  /* What the caretaker reads. */
  function words(item) {
    var t = list.dataset;
    if (item.state === 'sent') return t.sent + ' ' + item.note;
    if (item.state === 'refused') return t.refused + ' ' + item.note;
    if (item.owner !== text.owner) return t.other;
    return item.key === sending ? t.sending : t.kept;
  }
  function button(label, act) {
    var b = d.createElement('button');
    b.type = 'button'; b.className = 'btn btn--quiet'; b.textContent = label;
    b.addEventListener('click', act);
    return b;
  }
  function line(item) {
    var li = d.createElement('li'), what = d.createElement('div'), state = d.createElement('strong'), t = list.dataset;
    var when = new Date(item.at).toLocaleTimeString(d.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
    li.className = 'round__item round__item--' + item.state;
    li.dataset.key = item.key;
    what.textContent = item.owner === text.owner ? item.title : '';
    what.appendChild(d.createElement('br'));
    var small = what.appendChild(d.createElement('span'));
    small.className = 'muted';
    small.textContent = when + (item.photos.length ? ' · ' + t.photos + ' ' + item.photos.length : '');
    state.textContent = words(item);
    li.appendChild(what);
    li.appendChild(state);
    if (item.state === 'refused') {
      if (item.photos.length) li.appendChild(button(t.bare, function () { item.photos = []; settle(item, 'kept', '').then(flush); }));
      li.appendChild(button(t.drop, function () { write(function (s) { s.delete(item.key); }).then(draw); }));
    }
    return li;
  }
  function draw() {
    if (!db) return Promise.resolve();
    return all().then(function (items) {
      var sent = items.filter(function (i) { return i.state === 'sent'; });
      var old = sent.filter(function (i, n) { return n < sent.length - 20 || Date.now() - i.at > 2 * DAY; });
      if (old.length) write(function (s) { old.forEach(function (i) { s.delete(i.key); }); });
      items = items.filter(function (i) { return old.indexOf(i) < 0; });
      var kept = items.filter(function (i) { return i.state === 'kept'; }).length;
      if (list) {
        show(id('sent'), items.length);
        list.textContent = '';
        items.reverse().forEach(function (i) { list.appendChild(line(i)); });
      }
      var before = net.textContent, off = problem === 'offline' || !navigator.onLine;
      net.textContent = off ? text.offline + (kept ? ' ' + text.kept + ' ' + kept + '.' : '') : '';
      if (!off && problem === 'login') {
        var a = net.appendChild(d.createElement('a'));
        a.href = text.home; a.textContent = text.login;
      }
      show(net, net.textContent);
      if (net.textContent !== before) say(net.textContent);
    });
  }

  /* The big button: camera, picture, send. */
  function panel(on) {
    each('#rest,#go,#undo', function (el) { show(el, on); });
    each('#camera,#bare,#tenant', function (el) { show(el, !on); });
    if (on) id('rest').scrollIntoView({ block: 'start' });
    else id('shot').textContent = '';
  }
  function preview(files) {
    id('shot').textContent = '';
    Array.prototype.forEach.call(files, function (file) {
      var img = id('shot').appendChild(new Image());
      img.alt = '';
      img.src = URL.createObjectURL(file);
    });
  }
  function missing(f) {
    var no = f.querySelector('[name=fixed][value=no]'), w = f.querySelector('[name=words]'), p = f.querySelector('[type=file]');
    if (f === form && !f.querySelector('[name=category]:checked')) {
      id('pick').textContent = text.pick;
      f.querySelector('[name=category]').focus();
      return true;
    }
    if (no && !w.value.trim() && !p.files.length) { w.focus(); return true; }
    return !f.checkValidity() && f.reportValidity() === false;
  }
  function submit(e) {
    if (!db) return;
    var f = e.target, b = e.submitter || f.querySelector('button');
    e.preventDefault();
    if (f.sendingNow || missing(f)) return;
    f.sendingNow = true;
    if (b) b.setAttribute('aria-busy', 'true');
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    queue(f).then(function () {
      f.sendingNow = false;
      if (b) b.removeAttribute('aria-busy');
      if (f.dataset.back) { location.href = f.dataset.back; return; }
      if (f === form) { var at = f.building.value; f.reset(); f.building.value = at; id('pick').textContent = ''; panel(false); }
      else each('.round__row', function (row) { if (row.contains(f)) Array.prototype.forEach.call(row.querySelectorAll('form,details'), function (x) { x.hidden = true; }); });
      problem = navigator.onLine ? '' : 'offline';
      say(list ? list.dataset.kept : '');
      return draw().then(function () {
        if (list && f === form) id('sent').scrollIntoView({ block: 'center' });
        return flush();
      });
    }).catch(function () {
      // The phone is full or forbids keeping: send it as any form is sent.
      f.sendingNow = false;
      f.submit();
    });
  }
  function leave(e) {
    if (!db) return;
    var f = e.target;
    e.preventDefault();
    flush().then(waiting).then(function (items) {
      items = items.filter(function (i) { return i.owner === text.owner; });
      if (items.length && !f.asked) {
        f.asked = true;
        net.textContent = text.stay;
        show(net, true);
        net.setAttribute('tabindex', '-1');
        net.focus();
        return;
      }
      return fetch(text.token, { headers: { Accept: 'application/json' }, cache: 'no-store' }).then(function (r) {
        return r.ok ? r.json() : {};
      }).then(function (who) {
        if (who.token) f.elements.csrfmiddlewaretoken.value = who.token;
        return window.caches ? caches.delete('round-own') : null;
      }).then(function () { f.submit(); }, function () { problem = 'offline'; draw(); });
    });
  }

  each('[data-place]', function (f) {
    var select = f.elements.at, asked = /[?&]at=/.test(location.search), last = memory();
    var known = last && Array.prototype.some.call(select.options, function (o) { return o.value === last; });
    function place() { if (form) form.building.value = select.value; }
    show(f.querySelector('button'), false);
    if (asked && !('shell' in text)) memory(select.value);
    else if (known && last !== select.value) {
      select.value = last;
      place();
      if (!('shell' in text)) { location.replace(text.home + '?at=' + last); return; }
    }
    select.addEventListener('change', function () {
      memory(select.value);
      place();
      if (!('shell' in text) && navigator.onLine) f.submit();
    });
  });
  if (form) {
    panel(false);
    id('id_photos').addEventListener('change', function (e) { if (e.target.files.length) { preview(e.target.files); panel(true); } });
    id('bare').addEventListener('click', function () { panel(true); id('id_words').focus(); });
    id('undo').addEventListener('click', function () { var at = form.building.value; form.reset(); form.building.value = at; panel(false); });
  }
  each('form[data-outbox]', function (f) { f.addEventListener('submit', submit); });
  each('form[data-leave]', function (f) { f.addEventListener('submit', leave); });
  open().then(function (opened) {
    db = opened;
    d.documentElement.dataset.outbox = 'ready';
    return draw().then(flush);
  }).catch(function () { /* private window: forms are sent at once, as without this script */ });
  window.addEventListener('online', flush);
  window.addEventListener('offline', function () { problem = 'offline'; draw(); });
  d.addEventListener('visibilitychange', function () { if (!d.hidden) flush(); });
  window.addEventListener('pageshow', function (e) { if (e.persisted) flush(); });
  if (navigator.serviceWorker) navigator.serviceWorker.register(text.worker, { scope: text.home }).catch(function () {});
})();
