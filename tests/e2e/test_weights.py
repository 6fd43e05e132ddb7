"""What travels over the wire with an empty cache, and what then moves while fonts arrive.

Every page is weighed where it is looked at (``checks.weight``), by what the browser tells of each
answer. Here the wire itself is read, on one page of each layout.
"""

import pytest

from portal.access import Role
from tests.e2e import checks
from tests.e2e.urls import VISITOR
from tests.e2e.walker import named, report

WATCH_SHIFTS = """window.shift = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => {
  if (!e.hadRecentInput) window.shift += e.value;
})).observe({type: 'layout-shift', buffered: true});"""
ROLES = [VISITOR, Role.TENANT, Role.AGENT, Role.CONTRACTOR, Role.HEAD_OFFICE, Role.CARETAKER]


def travel(page, path: str) -> dict[str, int]:
    """Load a page and count what came over the wire: bytes with headers, and answers."""
    done = []

    def note(request) -> None:
        done.append(request)

    page.on("requestfinished", note)
    page.goto(path)
    page.remove_listener("requestfinished", note)
    sizes = [request.sizes() for request in done if not request.url.startswith("data:")]
    sizes = [size["responseBodySize"] + size["responseHeadersSize"] for size in sizes]
    return {"bytes": sum(sizes), "answers": sum(size > 0 for size in sizes)}


@pytest.fixture
def fresh(walker):
    """Make a page with an empty cache, signed in as somebody."""
    contexts = []

    def open_page(role: str):
        context = walker.browser.new_context(base_url=walker.url, locale="fr-FR")
        contexts.append(context)
        context.add_cookies(walker.page(role).context.cookies())
        page = context.new_page()
        page.add_init_script(WATCH_SHIFTS)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("role", ROLES, ids=named)
def test_what_travels(walker, fresh, role):
    path = walker.client(role).get("/enter/").url if role else "/"
    page = fresh(role)
    first, shift = travel(page, path), page.evaluate("window.shift")
    again = travel(page, path)
    staff = page.evaluate("document.body.classList.contains('staff')")
    assert first["bytes"] <= (checks.STAFF if staff else checks.FIRST_TENANT)
    assert first["answers"] <= checks.REQUESTS
    assert again["bytes"] <= checks.NEXT_TENANT or staff
    assert again["answers"] < first["answers"]
    assert shift <= checks.SHIFT


def test_what_the_browser_tells_is_what_travels(fresh):
    """The sizes that every page is weighed by, cached or not, agree with the wire."""
    page, path = fresh(Role.AGENT), "/stock/"  # which fetches nothing once it is loaded
    first = travel(page, path)
    for _cached in range(2):
        told = [size + checks.HEADERS for _name, size in page.evaluate(checks.LOADED)["answers"]]
        assert len(told) == first["answers"]
        assert sum(told) == pytest.approx(first["bytes"], rel=0.05)
        page.goto(path)
    report(checks.weight(page, checks.loaded(page)))


def test_a_heavy_page_is_found(fresh, monkeypatch):
    page = fresh(VISITOR)
    page.goto("/")
    monkeypatch.setattr(checks, "FIRST_TENANT", 40_000)
    monkeypatch.setattr(checks, "REQUESTS", 3)
    assert [line.partition(":")[0] for line in checks.weight(page, checks.loaded(page))] == [
        "requests",
        "bytes",
    ]


def test_a_page_is_drawn_once_it_is_whole(fresh):
    """A table that a slow computer draws row by row changes its columns with each."""
    page = fresh(VISITOR)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 20})
    for _look in range(2):
        page.goto("/demo/")  # the visitor's page with the widest table
        assert page.evaluate("window.shift") == 0
