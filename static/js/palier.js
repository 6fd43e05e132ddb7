/* Palier: small enhancements. Every page works without this file. */
(function () {
  'use strict';
  var d = document;
  function each(sel, fn, root) { Array.prototype.forEach.call((root || d).querySelectorAll(sel), fn); }
  function say(text) {
    var s = d.getElementById('status');
    if (!s || !text) return;
    s.textContent = '';
    setTimeout(function () { s.textContent = text; }, 60);
  }
  function focus(el) {
    if (!el.hasAttribute('tabindex')) el.setAttribute('tabindex', '-1');
    el.focus();
  }
  function rest(root) { each('[aria-busy=true]', function (b) { b.removeAttribute('aria-busy'); }, root); }

  /* Busy button: keeps its label, and a second press sends nothing. */
  d.addEventListener('submit', function (e) {
    var f = e.target, b = e.submitter || f.querySelector('button:not([type=button])');
    var hx = f.closest('[hx-post],[hx-get],[hx-put],[hx-boost]');
    if (!b || f.hasAttribute('data-no-busy') || (e.defaultPrevented && !hx)) return;
    if (b.getAttribute('aria-busy') === 'true') { e.preventDefault(); return; }
    b.setAttribute('aria-busy', 'true');
    setTimeout(function () { b.removeAttribute('aria-busy'); }, 15000);
  });
  window.addEventListener('pageshow', function () { rest(d); });

  /* Menus fold when one goes elsewhere: <details data-fold>. */
  function fold(but) {
    each('details[data-fold][open]', function (m) { if (!but || !m.contains(but)) m.open = false; });
  }
  d.addEventListener('click', function (e) { fold(e.target); });
  d.addEventListener('focusin', function (e) { fold(e.target); });
  d.addEventListener('keydown', function (e) {
    var m = e.key === 'Escape' && d.querySelector('details[data-fold][open]');
    if (m) { m.open = false; m.querySelector('summary').focus(); e.stopPropagation(); }
  });

  /* htmx: focus the new heading, announce it. data-quiet on the target says neither. */
  d.addEventListener('htmx:afterRequest', function () { rest(d); });
  d.addEventListener('htmx:afterSettle', function (e) {
    var t = e.target;
    if (!t.querySelector || t.closest('[data-quiet]')) return;
    drafts(t);
    var h = t.querySelector('.error-summary') || (/^H[1-3]$/.test(t.tagName) ? t : t.querySelector('h1,h2,h3'));
    if (h) focus(h);
    var a = t.hasAttribute('data-announce') ? t : t.querySelector('[data-announce]');
    say(a ? a.getAttribute('data-announce') : h && h.textContent.trim());
  });

  /* Drafts: <form data-draft="key">; the page after success carries data-draft-clear="key". */
  function store(k, v) {
    try {
      if (v === undefined) return JSON.parse(localStorage.getItem(k) || 'null');
      if (v === null) localStorage.removeItem(k); else localStorage.setItem(k, JSON.stringify(v));
    } catch (x) { /* private mode, full or blocked storage */ }
    return null;
  }
  function keep(el) { return el.name && !/^(hidden|password|file|submit|button|reset)$/.test(el.type); }
  function drafts(root) {
    each('[data-draft-clear]', function (el) { store('palier:' + el.getAttribute('data-draft-clear'), null); }, root);
    each('form[data-draft]', function (f) {
      if (f.draftOn) return;
      f.draftOn = true;
      var k = 'palier:' + f.getAttribute('data-draft'), old = store(k), timer, els = Array.prototype.filter.call(f.elements, keep);
      if (old && !d.querySelector('.error-summary')) els.forEach(function (el) {
        var v = old[el.name], pick = /radio|checkbox/.test(el.type);
        if (!v) return;
        if (pick) {
          if (!els.some(function (o) { return o.name === el.name && o.defaultChecked; })) el.checked = v.indexOf(el.value) > -1;
        } else if (!el.value) el.value = v[0];
      });
      function save() {
        var out = {};
        els.forEach(function (el) {
          if (/radio|checkbox/.test(el.type) ? el.checked : el.value) (out[el.name] = out[el.name] || []).push(el.value);
        });
        store(k, out);
      }
      f.addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(save, 400); });
      f.addEventListener('submit', save);
    }, root);
  }

  each('.error-summary', focus);
  drafts(d);
  each('[data-print]', function (b) { b.hidden = false; b.addEventListener('click', function () { window.print(); }); });
})();
