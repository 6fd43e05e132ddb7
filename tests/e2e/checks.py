"""What is looked at on a loaded page: accessibility, reflow, targets, words, structure.

Each check returns findings as short lines; no finding is no line.
"""

import gettext
import re
from functools import cache
from pathlib import Path

import allauth
import axe_playwright_python
from django.conf import settings
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The only rules that read colours: enough for the second colour scheme of the same page.
COLOURS = ["color-contrast", "link-in-text-block"]
# The rules that read words: enough for the same page in the other language.
NAMING = [
    "aria-command-name",
    "aria-input-field-name",
    "aria-toggle-field-name",
    "button-name",
    "document-title",
    "empty-heading",
    "empty-table-header",
    "frame-title",
    "html-has-lang",
    "html-lang-valid",
    "image-alt",
    "input-button-name",
    "label",
    "label-content-name-mismatch",
    "link-name",
    "page-has-heading-one",
    "region",
    "select-name",
    "summary-name",
    "table-duplicate-name",
    "valid-lang",
]
# One pass for each distinct drawing: after the first run of ``key`` on a page, only the elements
# that are drawn otherwise than before (shown now, other colours, another size of text, a new
# scroll bar) are looked at again. Rules on the page as a whole ran with the first. Contrast, half
# of the time of all rules, depends on how an element is drawn: where ``known`` has its classes
# and its drawing from another page, it is not measured again.
RUN_AXE = """async ([rules, colours, key, known]) => {
  const drawn = e => {
    const s = getComputedStyle(e);
    let back = s.backgroundColor, opacity = s.opacity;
    for (let at = e.parentElement; at; at = at.parentElement) {
      const its = getComputedStyle(at);
      if (/, 0\\)$/.test(back)) back = its.backgroundColor;
      opacity *= its.opacity;
    }
    const bar = !/visible|hidden|clip/.test(s.overflowX + s.overflowY) &&
      (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight);
    return e.checkVisibility({visibilityProperty: true}) && [s.color, back, s.backgroundImage,
      s.fontSize, s.fontWeight, opacity, s.position, bar].join();
  };
  const named = e => e.localName + '.' + (e.getAttribute('class') || '');
  const says = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const seen = (window.seenByAxe ||= {}), first = !seen[key], before = (seen[key] ||= new Map());
  const fresh = [], unlike = [], looks = new Set(known);
  for (const e of document.body.querySelectorAll('*')) {
    const now = drawn(e), had = before.get(e) || before.set(e, new Set()).get(e);
    if (!now || had.has(now)) continue;
    had.add(now); fresh.push(e);
    const look = [named(e.parentElement), named(e), says(e), now].join(' ');
    if (!looks.has(look)) { looks.add(look); unlike.push(e); }
  }
  const off = Object.fromEntries(colours.map(id => [id, {enabled: false}]));
  const run = async (where, runOnly, rules) => (await axe.run(where, {runOnly, rules,
    resultTypes: ['violations'], preload: false, iframes: false})).violations;
  const found = [], bad = [];
  if (rules.length && (first || fresh.length))
    found.push(...await run(first ? document : {include: fresh}, rules, off));
  if (colours.length && unlike.length) bad.push(...await run({include: unlike}, colours, {}));
  const lines = found.concat(bad).map(v =>
    v.id + ': ' + v.help + ' — ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' [' +
    n.any.concat(n.all, n.none).map(c => c.message).slice(0, 1) + ']').join(' | ') +
    (v.nodes.length > 3 ? ' …' + v.nodes.length : ''));
  return [lines, bad.length ? [] : [...looks].slice(known.length)];
}"""

# WCAG 1.4.12, doubled text, right to left. A constructed sheet passes the page's own policy.
STRESS = {
    "plain": "",
    "spacing": "*{line-height:1.5!important;letter-spacing:.12em!important;"
    "word-spacing:.16em!important}p{margin-block-end:2em!important}",
    "200 %": "html{font-size:200%!important}",
    "rtl": "",
}
OVERFLOW = """stresses => stresses.map(([how, css, rtl]) => {
  const d = document, root = d.documentElement, dir = root.dir;
  const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
  d.adoptedStyleSheets = [sheet]; if (rtl) root.dir = 'rtl';
  const over = Math.max(root.scrollWidth, d.body.scrollWidth) - root.clientWidth;
  let who = [];
  if (over > 0) who = [...d.body.querySelectorAll('*')].filter(e => {
    const r = e.getBoundingClientRect();
    if (!r.width || (r.right <= root.clientWidth + 1 && r.left >= -1)) return false;
    for (let p = e.parentElement; p && p !== d.body; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== 'visible') return false;
    return true;
  }).slice(-3).map(e => e.tagName.toLowerCase() + (e.className.baseVal === undefined && e.className
    ? '.' + e.className : '') + ' «' + e.textContent.trim().slice(0, 30) + '»');
  d.adoptedStyleSheets = []; root.dir = dir;
  return over > 0 ? `overflow (${how}) ${over} px: ` + who.join(' | ') : '';
}).filter(line => line)"""

TARGETS = """tenant => {
  const out = [], seen = new Set(), q = 'a[href],button,input:not([type=hidden]),select,textarea,' +
    'summary,[role=button],[tabindex="0"]:not(.scroll)';
  for (const e of document.querySelectorAll(q)) {
    if (!e.checkVisibility({visibilityProperty: true})) continue;
    // A mark of a drawing, for pointers alone: the table under it has the same link (WCAG 2.5.8).
    if (e.closest('svg[aria-hidden=true]') && e.tabIndex < 0) continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!box.width || !box.height || box.bottom + scrollY < 0 || box.right < 0) continue;
    let {width, height} = box;
    for (const l of e.labels || []) {
      const r = l.getBoundingClientRect();
      width = Math.max(width, r.width); height = Math.max(height, r.height);
    }
    const words = [...e.parentNode.childNodes].some(n => n !== e && n.nodeType === 3 &&
      /[\\p{L}\\d]/u.test(n.data));
    const inline = style.display === 'inline' && words;
    const least = tenant && e.matches('button,.btn,input[type=submit]') ? 48 : 24;
    if (!inline && (width < least - .5 || height < least - .5)) {
      const line = Math.round(width) + '×' + Math.round(height) + ' < ' + least + ': ' +
        e.tagName.toLowerCase() + ' «' + (e.textContent.trim() || e.name || '').slice(0, 30) + '»';
      if (!seen.has(line)) { seen.add(line); out.push(line); }
    }
  }
  return out;
}"""

STRUCTURE = """lang => {
  const d = document, out = [], h1 = d.querySelectorAll('h1').length;
  if (h1 !== 1) out.push(h1 + ' h1');
  if (!d.title.trim() || d.title.trim() === 'Palier') out.push('no title of its own');
  const html = d.documentElement;  // a letter is in the language of who gets it
  if (html.lang !== lang && !html.dataset.writtenIn) out.push('lang is ' + html.lang);
  const first = d.querySelector('a[href],button,input:not([type=hidden]),select,textarea');
  if (!first || !first.matches('a[href="#main"]') || !d.getElementById('main'))
    out.push('the first stop is not a skip link to #main');
  for (const e of d.querySelectorAll('*')) {
    if (e.hasAttribute('style')) out.push('style attribute on ' + e.tagName.toLowerCase());
    for (const a of e.attributes)
      if (/^on[a-z]/.test(a.name)) out.push(a.name + ' on ' + e.tagName.toLowerCase());
  }
  for (const s of d.querySelectorAll('script:not([src]),style'))
    if (s.type !== 'application/json' && s.textContent.trim()) out.push('inline ' + s.tagName);
  for (const f of d.querySelectorAll('form[method=get]'))
    if (f.querySelector('[name=csrfmiddlewaretoken]')) out.push('token in a GET form');
  return out;
}"""

WORDS = """lang => {
  const out = [], walker = document.createTreeWalker(document.documentElement, 1 | 4);
  const own = e => { const l = e.closest('[lang]'); return !l || l.lang === lang; };
  for (let n = walker.currentNode; n; n = walker.nextNode()) {
    if (n.nodeType === 3) {
      const p = n.parentElement;
      if (p && !/^(SCRIPT|STYLE|TEXTAREA)$/.test(p.tagName) && own(p)) out.push(n.data);
    } else if (own(n)) for (const a of ['aria-label', 'placeholder', 'title', 'alt'])
      if (n.getAttribute(a)) out.push(n.getAttribute(a));
  }
  const flat = out.map(t => t.replace(/\\s+/g, ' ').trim());
  return [...new Set(flat.filter(t => /\\p{L}{2}/u.test(t)))];
}"""
# Budgets of a page seen for the first time, and of the next one, whose assets are in the cache
# (docs/principles.md, D9): bytes on the wire, and requests.
FIRST_TENANT = 70_000
FIRST_AT_WORK = 75_000  # of caretakers and contractors, on a phone
NEXT_TENANT = 12_000
STAFF = 120_000
REQUESTS = 8
PICTURE = 25_000
SCRIPTS = 20_000
STYLES = 14_000
SHIFT = 0.02
NARROW_SHIFT = 0.05  # at 320 px a word that wraps as fonts arrive moves more
HEADERS = 600  # of one answer, about; the browser tells the size of a body, cached or not
LOADED = """() => new Promise(done => {
  let shift = 0;
  const sum = list => list.getEntries().forEach(e => { if (!e.hadRecentInput) shift += e.value; });
  new PerformanceObserver(sum).observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => setTimeout(() => done({
    shift,
    staff: document.body.classList.contains('staff'),
    works: 'account' in document.body.dataset,
    answers: performance.getEntries().filter(e => e.encodedBodySize)
      .map(e => [e.name.split('#')[0], e.encodedBodySize]),
  })));
})"""

# Words that a text of the other language cannot do without; two of them give it away.
ENGLISH = "the of your you is are and to this with for not we be has have"
FRENCH = "les une est et votre vous pour dans pas avec nous"
COMMON = {"fr": frozenset(ENGLISH.split()), "en": frozenset(FRENCH.split())}


def prepare(page: Page) -> None:
    """Bring axe into a page that was just loaded; its policy allows no foreign script tag.

    A context that has it as its first script (walker.py) saves sending it for each page.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)


def axe(page: Page, rules: list[str], known: set[str] | None = None) -> list[str]:
    """What breaks ``rules``, which are ids of rules or tags that stand for several.

    Run again with the same rules on the same loaded page, only what is drawn otherwise is judged.
    ``known`` holds the drawings whose contrast is known, of any page; new ones are added.
    """
    known = set() if known is None else known
    colours = [] if rules is NAMING else COLOURS
    others = [rule for rule in rules if rule not in COLOURS]
    key = ",".join(rules)
    lines, learned = page.evaluate(RUN_AXE, [others, colours, key, list(known)])
    known.update(learned)
    return lines


def overflow(page: Page, *hows: str) -> list[str]:
    """Horizontal overflow under some kinds of stress, all unless named; see ``STRESS``."""
    return page.evaluate(OVERFLOW, [[how, STRESS[how], how == "rtl"] for how in hows or STRESS])


def targets(page: Page) -> list[str]:
    tenant = not page.evaluate("document.body.classList.contains('staff')")
    return ["target " + line for line in page.evaluate(TARGETS, tenant)]


def structure(page: Page, language: str) -> list[str]:
    return page.evaluate(STRUCTURE, language)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _pattern(text: str) -> re.Pattern | None:
    """A text with placeholders, as an expression; None when it says too little to be sure."""
    pieces = re.split(r"%\(\w+\)[sd]|%[sd]", _flat(text))
    if len("".join(re.findall(r"[^\W\d_]", "".join(pieces)))) < 6:
        return None
    return re.compile(".+?".join(re.escape(piece) for piece in pieces))


@cache
def _foreign(language: str) -> tuple[dict[str, str], list[re.Pattern]]:
    """Texts that must not show in ``language``: those of the other one where they differ."""
    plain: dict[str, str] = {}
    shaped: list[re.Pattern] = []
    folders = [*settings.LOCALE_PATHS, Path(allauth.__file__).parent / "locale"]
    french: set[str] = set()
    english: set[str] = set()
    pairs = []
    for folder in folders:
        with (Path(folder) / "fr/LC_MESSAGES/django.mo").open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog
        for key, text in catalogue.items():
            msgid = (key[0] if isinstance(key, tuple) else key).rpartition("\x04")[2]
            if msgid and text:
                pairs.append((msgid, text))
                french.add(_flat(text))
                english.add(_flat(msgid))
                if isinstance(key, tuple):
                    english.add(_flat(msgid) + "s")  # the file has no plurals of its keys
    for msgid, text in pairs:
        wrong = msgid if language == "fr" else text
        if _flat(wrong) in (french if language == "fr" else english):
            continue  # a word of both languages
        if "%" in wrong:
            if shape := _pattern(wrong):
                shaped.append(shape)
        else:
            plain[_flat(wrong)] = _flat(msgid)
    return plain, shaped


# Dates and hours that portal/dates.py did not write.
MONTHS = "janv\\. févr\\. avr\\. juil\\. sept\\. oct\\. nov\\. déc\\. "
MONTHS += "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
NOT_OURS = {
    "fr": re.compile(
        r"\b1 (?:" + "|".join(MONTHS.split()) + ")"
        r"|\b\d\d? (?:jan|fév|mar|avr|jui|jul|aoû|sep|oct|nov|déc)\b(?!\.)"
        r"|(?<![\d:+-])\d\d?:\d\d(?![\d:])|\b\d\dh\d\d\b"
        r"|\b\d\d/\d\d/\d{4}\b|\b\d{4}-\d\d-\d\d\b"
    ),
    "en": re.compile(
        r"(?<![\d:+-])\d\d?:\d\d(?![\d:])(?!\s?[AP]M)|\b[ap]\.m\.|\d\s?(?:am|pm)\b"
        r"|\b\d\d? [a-z]{3} \d{4}\b|\b\d\d/\d\d/\d{4}\b|\b\d{4}-\d\d-\d\d\b"
    ),
}
# Pages for machines and for who runs the portal write ISO 8601; forms say how to type a date.
ISO_PAGES = ("/api/", "/health/")


def dates(page: Page, language: str) -> list[str]:
    """Dates and hours on the page that are not written as portal/dates.py writes them."""
    if any(part in page.url for part in ISO_PAGES):
        return []
    said = page.evaluate(WORDS, language)
    found = [(text, NOT_OURS[language].search(text)) for text in said]
    return [f"date «{m.group()}» in «{text[:90]}»" for text, m in found if m]


def loaded(page: Page) -> dict:
    """What the browser tells of a page that was just loaded: see ``LOADED``."""
    return page.evaluate(LOADED)


def weight(page: Page, told: dict) -> list[str]:
    """What travels beyond its budget while the page loads with an empty cache."""
    sizes = {name: size + HEADERS for name, size in told["answers"]}
    # The scans and photos of a claim are as many as its sender attached.
    own = [name for name in sizes if "/static/" in name or name == page.url.split("#")[0]]
    first, nxt = sum(sizes[name] for name in own), sizes.get(page.url.split("#")[0], 0)
    script, style = (
        sum(sizes[n] for n in sizes if n.endswith(ending)) for ending in (".js", ".css")
    )
    measured = [("requests", len(own), REQUESTS), ("style sheets", style, STYLES)]
    measured += [("a picture", sizes[name], PICTURE) for name in sizes if name not in own]
    if told["staff"]:
        measured += [("bytes", first, STAFF)]
    else:
        most = FIRST_AT_WORK if told["works"] else FIRST_TENANT
        measured += [("bytes", first, most), ("bytes of the next page", nxt, NEXT_TENANT)]
        measured += [("scripts", script, SCRIPTS)]
    return [f"{name}: {size} > {most}: {sizes}" for name, size, most in measured if size > most]


def shift(told: dict, width: int) -> list[str]:
    """What moved while the page loaded at this width."""
    most = SHIFT if width > 320 else NARROW_SHIFT
    return [f"layout shift {told['shift']:.3f} > {most}"] if told["shift"] > most else []


@cache
def _is_foreign(text: str, language: str) -> bool:
    """Whether a text is in the other language; most stand on many pages and are judged once."""
    plain, shaped = _foreign(language)
    words = re.findall(r"[^\W\d_]+", text.lower())
    strange = len(words) >= 3 and len(COMMON[language].intersection(words)) >= 2
    return strange or text in plain or any(shape.fullmatch(text) for shape in shaped)


def untranslated(page: Page, language: str, names: frozenset[str]) -> list[str]:
    """Texts of the page that are in the other language without saying so by ``lang``.

    ``names`` are the landlord's own, which no catalogue translates.
    """
    said = page.evaluate(WORDS, language)
    found = [text for text in said if text not in names and _is_foreign(text, language)]
    return [f"not in {language}: «{text[:90]}»" for text in found]
