/* Inbox shortcuts: J K A C D T R / ?. Only while the inbox has focus; the switch turns them off. */
(function () {
  'use strict';
  var d = document, box = d.querySelector('.inbox'), toggle = d.querySelector('[data-shortcuts]');
  if (!box) return;
  function store(area, key, value) {
    try {
      if (value === undefined) return window[area].getItem(key);
      if (value === null) window[area].removeItem(key); else window[area].setItem(key, value);
    } catch (x) { /* blocked storage */ }
    return null;
  }
  var on = store('localStorage', 'palier:shortcuts') !== 'off';
  function show() { if (toggle) { toggle.hidden = false; toggle.setAttribute('aria-pressed', on); } }
  show();
  if (toggle) toggle.addEventListener('click', function () {
    on = !on;
    store('localStorage', 'palier:shortcuts', on ? null : 'off');
    show();
  });
  var list = box.querySelector('.inbox__list'), current = box.querySelector('.inbox__item[aria-current]');
  if (store('sessionStorage', 'palier:moved')) {
    store('sessionStorage', 'palier:moved', null);
    (current || box).focus();
  }
  if (current && list) list.scrollTop = Math.max(0, current.offsetTop - list.clientHeight / 2);

  /* Leaving for another list or claim: the list says that it is loading. */
  function loading(on) {
    if (!list) return;
    if (on) list.setAttribute('aria-busy', 'true'); else list.removeAttribute('aria-busy');
    d.getElementById('status').textContent = on ? list.getAttribute('data-loading') : '';
  }
  if (list) {
    list.addEventListener('click', function (e) {
      if (e.target.closest('a[href]') && !e.defaultPrevented && !e.ctrlKey && !e.metaKey && !e.button) loading(true);
    });
    list.addEventListener('submit', function () { loading(true); });
  }
  window.addEventListener('pageshow', function () { loading(false); });

  /* The offer to undo leaves with its half minute. */
  Array.prototype.forEach.call(d.querySelectorAll('[data-hold]'), function (toast) {
    setTimeout(function () {
      if (toast.contains(d.activeElement)) (current || box).focus();
      toast.remove();
    }, 1000 * toast.getAttribute('data-hold'));
  });

  function open(id) {
    var el = d.getElementById(id);
    if (!el) return;
    el.open = true;
    (el.querySelector('select,a,input:not([type=hidden])') || el.firstElementChild).focus();
    el.scrollIntoView({block: 'nearest'});
  }
  box.addEventListener('click', function (e) {
    var link = e.target.closest('[data-opens]');
    if (link) { e.preventDefault(); open(link.getAttribute('data-opens')); }
  });
  /* A ready-made reply goes where the caret is; without this the link reloads with it. */
  box.addEventListener('click', function (e) {
    var link = e.target.closest('[data-insert]'), field = d.getElementById('message_text');
    if (!link || !field) return;
    e.preventDefault();
    var words = d.getElementById(link.getAttribute('data-insert')).textContent;
    field.setRangeText(words, field.selectionStart, field.selectionEnd, 'end');
    field.focus();
    field.dispatchEvent(new Event('input', {bubbles: true}));
  });
  function move(step) {
    var items = Array.prototype.slice.call(box.querySelectorAll('.inbox__item'));
    var next = items[current ? items.indexOf(current) + step : step > 0 ? 0 : items.length - 1];
    if (!next) return;
    store('sessionStorage', 'palier:moved', '1');
    next.click();
  }
  d.addEventListener('keydown', function (e) {
    if (!on || e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
    if (d.activeElement !== d.body && !box.contains(d.activeElement)) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && e.target.type !== 'checkbox') return;
    var key = e.key.toLowerCase(), target;
    if (key === 'j' || key === 'k') { e.preventDefault(); move(key === 'j' ? 1 : -1); return; }
    if (key === '/') {
      target = d.getElementById('q-header');
      if (target) { e.preventDefault(); target.focus(); target.select(); }
      return;
    }
    if (key === '?') {
      target = box.querySelector('[data-keys]');
      if (target) { e.preventDefault(); target.open = !target.open; target.querySelector('summary').focus(); }
      return;
    }
    if (key === 'r') { if (d.getElementById('canned')) { e.preventDefault(); open('canned'); } return; }
    if (key === 't') { if (d.getElementById('call')) { e.preventDefault(); open('call'); } return; }
    if (key === 'c') {
      target = d.getElementById('others');
      if (!target) return;
      e.preventDefault();
      target = target.parentNode.querySelector('summary') || target;
      target.focus();
      target.scrollIntoView({block: 'nearest'});
      return;
    }
    if (key !== 'a' && key !== 'd') return;
    target = box.querySelector('[data-key=' + key + ']');
    if (!target) return;
    e.preventDefault();
    store('sessionStorage', 'palier:moved', '1');
    target.click();
  });

  /* Who else has this claim open: asked now and every twenty seconds. */
  var here = d.querySelector('[data-here]'), token = d.querySelector('input[name=csrfmiddlewaretoken]');
  function ask() {
    if (d.hidden) return;
    fetch(here.getAttribute('data-here'), {method: 'POST', headers: {'X-CSRFToken': token.value}})
      .then(function (r) { return r.ok ? r.text() : ''; })
      .then(function (text) { if (here.innerHTML !== text) here.innerHTML = text; })
      .catch(function () { /* the next one tells */ });
  }
  // Passing by is not reading: the first word goes out once the page has been open a moment.
  if (here && token && window.fetch) { setTimeout(ask, 3000); setInterval(ask, 20000); }
})();
