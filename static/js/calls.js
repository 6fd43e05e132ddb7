/* Calls: search the fault by typing, the sentence while choosing, keys. The page works without. */
(function () {
  'use strict';
  var d = document, form = d.getElementById('call-form');
  function typing(el) { return /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName); }
  d.addEventListener('keydown', function (e) {
    var target;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && form) {
      e.preventDefault();
      form.querySelector('[data-file]').click();
    } else if (e.key === 'F1' || e.key === 'F2') {
      target = d.querySelector('[data-f=' + e.key + ']');
      if (target) { e.preventDefault(); target.click(); }
    } else if (!typing(e.target) && !e.ctrlKey && !e.metaKey && !e.altKey) {
      target = e.key === '/' ? d.getElementById('q') : /^[1-8]$/.test(e.key) && d.querySelector('[data-pick="' + e.key + '"]');
      if (target) { e.preventDefault(); if (e.key === '/') target.focus(); else target.click(); }
    }
  });
  if (!form) return;

  function get(url, then) {
    fetch(url, {credentials: 'same-origin', headers: {'X-Requested-With': 'fetch'}}).then(function (r) {
      return r.ok && !r.redirected ? r.text() : null;
    }).then(function (html) { if (html !== null) then(html); }).catch(function () { /* the sentence comes after filing */ });
  }

  /* The sentence: only the fault, the place kind and the person go out, never the words. */
  var select = form.elements.category, say = d.getElementById('say'), asked = 0;
  function sentence() {
    var mine = ++asked;
    if (!select.value) return;
    get(form.getAttribute('data-sentence') + '?' + new URLSearchParams({
      category: select.value, where: form.elements.where.value, who: form.elements.who.value
    }), function (html) { if (mine === asked) say.innerHTML = html; });
  }
  select.addEventListener('change', sentence);
  form.elements.where.addEventListener('change', sentence);

  /* "Somewhere else" is the only place that must be written. */
  var note = form.elements.place_note.closest('.field');
  function place() { note.hidden = form.elements.where.value !== 'other'; }
  form.elements.where.addEventListener('change', function () { this.touched = true; place(); });

  /* Fault: a combobox over the plain select, which stays the field that is sent. */
  var box = d.createElement('input'), list = d.createElement('ul'), wrap = d.createElement('div'), active = null, moved = false, round = 0, timer;
  box.type = 'text';
  box.id = select.id;
  select.id += '-plain';
  box.setAttribute('role', 'combobox');
  box.setAttribute('autocomplete', 'off');
  box.setAttribute('aria-autocomplete', 'list');
  box.setAttribute('aria-expanded', 'false');
  box.setAttribute('aria-controls', 'faults');
  ['aria-describedby', 'aria-invalid'].forEach(function (name) {
    if (select.hasAttribute(name)) box.setAttribute(name, select.getAttribute(name));
  });
  list.id = 'faults';
  list.className = 'combo__list';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', form.querySelector('label[for="' + box.id + '"]').textContent);
  list.hidden = true;
  wrap.className = 'combo';
  select.parentNode.insertBefore(wrap, select);
  wrap.appendChild(box);
  wrap.appendChild(list);
  select.hidden = true;
  function chosen() { return select.value ? select.options[select.selectedIndex].text : ''; }
  function options() { return list.querySelectorAll('[data-value]'); }
  function mark(el) {
    if (active) active.setAttribute('aria-selected', 'false');
    active = el;
    if (el) {
      el.setAttribute('aria-selected', 'true');
      el.scrollIntoView({block: 'nearest'});
      box.setAttribute('aria-activedescendant', el.id);
    } else box.removeAttribute('aria-activedescendant');
  }
  function close() { list.hidden = true; box.setAttribute('aria-expanded', 'false'); mark(null); }
  function pick(el) {
    clearTimeout(timer);
    round++;
    select.value = el.getAttribute('data-value');
    box.value = chosen();
    close();
    /* Shared faults are in the staircase, unless someone chose a place already. */
    var where = form.elements.where, stair = where.querySelector('[value=staircase]');
    if (stair && !where.touched) {
      where.value = el.getAttribute('data-asset') === 'dwelling' ? 'dwelling' : 'staircase';
      place();
    }
    select.dispatchEvent(new Event('change', {bubbles: true}));
    select.dispatchEvent(new Event('input', {bubbles: true}));
  }
  function look() {
    var mine = ++round;
    get(form.getAttribute('data-faults') + '?' + new URLSearchParams({q: box.value}), function (html) {
      if (mine !== round) return;
      /* A list that comes late never moves what somebody has gone to with the arrows. */
      var at = moved && active && active.getAttribute('data-value');
      active = null;
      list.innerHTML = html;
      list.hidden = !list.firstElementChild;
      box.setAttribute('aria-expanded', String(!list.hidden));
      mark(at && list.querySelector('[data-value="' + at + '"]') || options()[0] || null);
    });
  }
  box.addEventListener('input', function () {
    select.value = '';
    moved = false;
    clearTimeout(timer);
    if (box.value.trim()) timer = setTimeout(look, 120); else { round++; close(); }
  });
  box.addEventListener('keydown', function (e) {
    var all = Array.prototype.slice.call(options()), at = all.indexOf(active);
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      if (list.hidden && box.value.trim()) look();
      else if (all.length) { moved = true; mark(all[(at + (e.key === 'ArrowDown' ? 1 : all.length - 1) + all.length) % all.length]); }
    } else if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey) {
      e.preventDefault();
      if (active) pick(active);
    } else if (e.key === 'Escape') close();
    else if (e.key === 'Tab' && active && !list.hidden) pick(active);
  });
  list.addEventListener('mousedown', function (e) { e.preventDefault(); });
  list.addEventListener('click', function (e) { var el = e.target.closest('[data-value]'); if (el) pick(el); });
  box.addEventListener('blur', function () { setTimeout(close, 150); if (!box.value.trim()) select.value = ''; });
  window.addEventListener('pageshow', function () { box.value = chosen(); place(); sentence(); });
  box.value = chosen();
  place();
  sentence();
  if (!d.querySelector('.error-summary')) box.focus();

  /* What the words may mean: asked when the field is left, chosen by a person only. */
  var advice = d.getElementById('suggested'), said = '';
  form.elements.words.addEventListener('change', function () {
    var words = said = this.value, body = new FormData();
    body.append('words', words);
    body.append('csrfmiddlewaretoken', form.elements.csrfmiddlewaretoken.value);
    fetch(advice.getAttribute('data-suggested'), {method: 'POST', body: body, credentials: 'same-origin'}).then(function (r) {
      return r.ok && !r.redirected ? r.text() : '';
    }).then(function (html) { if (words === said) advice.innerHTML = html; }).catch(function () { /* the list of faults still works */ });
  });
  advice.addEventListener('click', function (e) { var el = e.target.closest('[data-value]'); if (el) pick(el); });

  /* The draft itself is kept by palier.js; here is only when. */
  var kept = d.querySelector('[data-kept]');
  form.addEventListener('input', function () {
    var at = new Date();
    kept.textContent = kept.getAttribute('data-text') + ' ' + at.toLocaleTimeString(d.documentElement.lang, {hour: '2-digit', minute: '2-digit'});
  });
})();
