/* Inbox shortcuts: J next, K previous, A take charge, C change. Only while the inbox has focus. */
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
  var current = box.querySelector('.inbox__item[aria-current]');
  if (store('sessionStorage', 'palier:moved')) {
    store('sessionStorage', 'palier:moved', null);
    (current || box).focus();
  }
  function move(step) {
    var items = Array.prototype.slice.call(box.querySelectorAll('.inbox__item'));
    var next = items[current ? items.indexOf(current) + step : step > 0 ? 0 : items.length - 1];
    if (!next) return;
    store('sessionStorage', 'palier:moved', '1');
    next.click();
  }
  d.addEventListener('keydown', function (e) {
    if (!on || e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
    if (!box.contains(d.activeElement) || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    var key = e.key.toLowerCase();
    if (key === 'j' || key === 'k') { e.preventDefault(); move(key === 'j' ? 1 : -1); return; }
    if (key !== 'a' && key !== 'c') return;
    var target = box.querySelector('[data-key=' + key + ']');
    if (!target) return;
    e.preventDefault();
    if (key === 'a') { store('sessionStorage', 'palier:moved', '1'); target.click(); } else target.focus();
  });
})();
