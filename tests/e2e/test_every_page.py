"""Every page of the project, for every audience: found by itself, looked at from all sides."""

import re
import zlib

import pytest
from django.http import HttpResponse

from portal.access import Role
from tests import trust
from tests.e2e import checks, site
from tests.e2e.places import Place
from tests.e2e.shots import shoot
from tests.e2e.urls import (
    FILING,
    ORDER,
    REDIRECTS,
    VISITOR,
    NoValue,
    addresses,
    audiences,
)
from tests.e2e.walker import PLACES, Walker, named, report

pytestmark = pytest.mark.trust

TAG = re.compile(r"<([a-z][a-z0-9-]*)\b([^>]*)>")
ATTRIBUTE = re.compile(r"""([\w:-]+)(?:=["']([^"']*)["'])?""")
# Width and theme of each look at a loaded page, in an order that changes one thing at a time. In
# the dark and in English a page is drawn at one width: colours and names are those of the other.
DRAWINGS = {
    "fr": ((1280, "light"), (320, "light"), (320, "dark")),
    "en": ((320, "light"),),
    "": ((320, "light"),),  # a quicker look
}
RULES = {
    ("fr", "light"): checks.TAGS,
    ("fr", "dark"): checks.COLOURS,
    ("en", "light"): checks.NAMING,
}
# The drawing on which every rule of axe, half of the time of a page, is tried; a short run tries
# one of the others too, another one for each address.
FIRST = ("fr", 1280, "light")
OTHERS = [
    (lang, *drawn) for lang in ("fr", "en") for drawn in DRAWINGS[lang] if (lang, *drawn) != FIRST
]
TOLD = frozenset({"class", "role", "type"})  # attributes whose values change what is drawn


def kind(response: HttpResponse) -> str:
    """What a GET answered: page, fragment of one, redirect, post-only, refused, absent or file."""
    status = response.status_code
    if status == 405:
        return "post-only"
    if 300 <= status < 400:
        return "redirect"
    if status in (401, 403):
        return "refused"
    if status in (404, 410):
        return "absent"
    if status >= 500:
        return "broken"
    html = response.headers.get("Content-Type", "").startswith("text/html")
    if html and not response.content.lstrip().lower().startswith(b"<!doctype"):
        return "fragment"
    inline = "attachment" not in response.headers.get("Content-Disposition", "")
    return "page" if html and inline else "file"


def shape(html: str) -> set[tuple]:
    """The kinds of elements in a page's own part: two readers of the same kinds see one drawing."""
    own = html.partition("<main")[2].partition("</main>")[0]
    return {
        (tag, *((name, value if name in TOLD else "") for name, value in ATTRIBUTE.findall(rest)))
        for tag, rest in TAG.findall(own)
    }


def tried(path: str, drawing: tuple[str, int, str]) -> bool:
    """Whether axe judges this drawing of the page; ``make walk`` lets it judge all of them."""
    address = re.sub(r"[0-9a-f-]{36}|\d+", "", path)  # keys differ from run to run
    turn = OTHERS[zlib.crc32(address.encode()) % len(OTHERS)]
    return trust.WHOLE or drawing in (FIRST, turn)


def look(walker: Walker, role: str, path: str, *, full: bool = True) -> list[str]:
    """All findings on one page; ``full`` False is a quicker look for the page's other readers.

    In French every rule at both widths, and the rules on colours once more in the dark; in
    English what another length or language of the words can change, where room is scarce.
    """
    page = walker.page(role)
    walker.complaints.clear()
    found: list[str] = []

    def add(where: str, lines: list[str]) -> None:
        found.extend(f"{role} {path} [{where}] {line}" for line in lines)

    for language in ("fr", "en") if full else ("fr",):
        drawings = DRAWINGS[language] if full else DRAWINGS[""]
        walker.speak(role, language)
        # Loaded wide in one language and narrow in the other: what moves depends on the width.
        first = drawings[0][0]
        walker.draw(role, first, "light")
        page.goto(path)
        if full:
            told = checks.loaded(page)
            add(f"{language} {first}", checks.shift(told, first))
            if language == "fr":
                add("weight", checks.weight(page, told))
        checks.prepare(page)
        add(language, checks.structure(page, language))
        add(language, checks.untranslated(page, language, walker.names))
        for width, theme in drawings:
            walker.draw(role, width, theme)
            if theme == "light":
                add(f"{language} {width}", checks.targets(page))
                add(f"{language} {width}", checks.overflow(page) if width == 320 else [])
            if not full or tried(path, (language, width, theme)):
                found_by_axe = checks.axe(page, RULES[language, theme], walker.contrasts)
                add(f"{language} {theme} {width}", found_by_axe)
            shoot(page, role or "visitor", path, language, theme, str(width))
    add("browser", walker.complaints)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_page(walker, place: Place):
    """Somebody sees the page, and whoever sees it differently sees it drawn well too."""
    found: list[str] = []
    kinds: set[str] = set()
    drawn: set[tuple] = set()
    for number, role in enumerate(audiences(place)):
        if kinds == {"post-only"}:
            break  # a view that has no GET has it for nobody
        full = number == 0 or role == FILING
        for path in addresses(place, role)[: None if full else 1]:
            answer = walker.client(role).get(path)
            what = kind(answer)
            kinds.add(what)
            assert what != "broken", f"{role}: {path} answers {answer.status_code}"
            if what != "page":
                continue
            if role == FILING and kind(walker.client(VISITOR).get(path)) == "page":
                continue  # the same page for somebody who has not begun
            shown = shape(answer.content.decode())
            if not shown <= drawn:
                found += look(walker, role, path, full=full)
            drawn |= shown
    report(found)
    assert kinds & {"page", "fragment", "file", "post-only"} or place.name in REDIRECTS, (
        f"{place} ({place.name}) gives only {kinds}: give tests/e2e/urls.py an object or an "
        "audience that opens it, or add it to REDIRECTS with the reason."
    )


@pytest.mark.parametrize("role", ORDER)
def test_first_screen(walker, role: str):
    """Each role's own screen and menu, which the look at a page's other readers leaves out."""
    # The administrator begins in Django's admin, drawn and checked by its authors.
    path = "/health/" if role == Role.ADMIN else walker.client(role).get("/enter/").url
    report(look(walker, role, path))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (VISITOR, "/nowhere/"),
        (VISITOR, "/talk/?place=%00"),
        ("agent", "/nowhere/"),
        ("agent", "/head-office/"),
        ("agent", "/agency/help/1/end/"),
    ],
    ids=named,
)
def test_refusals_are_pages_too(walker, role, path):
    assert walker.client(role).get(path).status_code in (400, 403, 404, 405)
    found = [line for line in look(walker, role, path) if "Failed to load resource" not in line]
    report(found)


def test_an_unknown_argument_is_named():
    """The walk says how to add what it cannot fill."""
    place = Place("x/<int:planet>/", "x:y", ("planet",), site.account)
    with pytest.raises(NoValue, match="x:y:planet.*FILLS"):
        addresses(place, VISITOR)
