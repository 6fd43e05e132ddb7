"""What travels: bytes on the wire and requests of every page, first seen and seen next."""

import pytest

from tests.e2e.urls import FILING, addresses, audiences, kind
from tests.e2e.walker import PLACES, named, report

# Bytes, headers included (docs/principles.md, D9).
FIRST_TENANT = 70_000
NEXT_TENANT = 12_000
STAFF = 120_000
REQUESTS = 8
SCRIPTS = 20_000
STYLES = 14_000
SHIFT = 0.02

WATCH_SHIFTS = """window.shift = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => {
  if (!e.hadRecentInput) window.shift += e.value;
})).observe({type: 'layout-shift', buffered: true});"""


def travel(page, path: str) -> dict:
    """Load a page and count what came over the wire, by kind."""
    done = []

    def note(request) -> None:
        done.append(request)

    page.on("requestfinished", note)
    page.goto(path)
    page.remove_listener("requestfinished", note)
    counted: dict = {"all": 0, "script": 0, "stylesheet": 0, "requests": 0, "urls": []}
    for request in done:
        sizes = request.sizes()
        size = sizes["responseBodySize"] + sizes["responseHeadersSize"]
        if request.url.startswith("data:") or size <= 0:
            continue
        # The scans and photos of a claim are as many as its sender attached.
        own = request.resource_type != "image" or "/static/" in request.url
        counted["requests"] += own
        counted["urls"].append(request.url)
        counted["all"] += size
        if request.resource_type in counted:
            counted[request.resource_type] += size
    return counted


CASES = [
    (place, role)
    for place in PLACES
    for role in audiences(place)[:2]
    if role in (FILING, audiences(place)[0])
]


@pytest.mark.parametrize(("place", "role"), CASES, ids=named)
def test_weight(walker, place, role):
    path = next(iter(addresses(place, role)), None)
    if path is None or kind(walker.client(role).get(path)) != "page":
        return
    found = []
    context = walker.browser.new_context(base_url=walker.url, locale="fr-FR")
    try:
        context.add_cookies(walker.page(role).context.cookies())
        page = context.new_page()
        page.add_init_script(WATCH_SHIFTS)
        first = travel(page, path)
        staff = page.evaluate("document.body.classList.contains('staff')")
        budgets = {
            "all": STAFF if staff else FIRST_TENANT,
            "requests": REQUESTS,
            "stylesheet": STYLES,
            **({} if staff else {"script": SCRIPTS}),
        }
        found += [
            f"{path}: {name} {first[name]} > {most}"
            for name, most in budgets.items()
            if first[name] > most
        ]
        if found:
            found += first["urls"]
        shift = page.evaluate("window.shift")
        if shift > SHIFT:
            found.append(f"{path}: layout shift {shift:.3f}")
        again = travel(page, path)
        if not staff and again["all"] > NEXT_TENANT:
            found.append(f"{path}: next page {again['all']} > {NEXT_TENANT}")
    finally:
        context.close()
    report(found)


def test_the_scale_is_not_stuck(walker):
    """A page that is heavy weighs more than nothing, and the second time less."""
    context = walker.browser.new_context(base_url=walker.url)
    page = context.new_page()
    first, again = travel(page, "/"), travel(page, "/")
    context.close()
    assert first["all"] > 10_000
    assert first["stylesheet"] > 1_000
    assert 0 < again["all"] < first["all"]
