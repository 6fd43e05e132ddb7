"""The demo landlord is whole at any moment: nothing fails, and nobody's first pages are empty."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpResponse
from django.test import override_settings
from django.utils import translation

from requests.attachments import uploads
from requests.catalogue.actions import load_catalogue
from requests.demo import pictures, seed
from requests.kit import pdf as documents
from requests.letters import scans
from tests import moments, trust
from tests.e2e import site
from tests.e2e.urls import ORDER

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.trust]
DWELLINGS = 40
# Each weekday at each hour (UTC): before and after the clocks change, in the working day, and
# when Paris is already on the next day.
HOURS = ((0, 30), (1, 30), (9, 30), (23, 15))
SPECIAL = ((2026, 3, 29), (2026, 10, 25), (2026, 12, 31), (2028, 2, 29))  # Sunday twice, Thu, Tue
PLAIN = ((2026, 11, 23), (2026, 11, 25), (2026, 11, 27), (2026, 11, 28))  # Mon, Wed, Fri, Sat
MOMENTS = [datetime(*day, *hour, tzinfo=UTC) for day in (*SPECIAL, *PLAIN) for hour in HOURS]
# When a landlord is made: at each moment in ``make trust``; else once a day, on the special days
# before the clocks change, on the others at each hour once.
MADE = trust.sample(
    [datetime(*day, *HOURS[0], tzinfo=UTC) for day in SPECIAL]
    + [datetime(*day, *hour, tzinfo=UTC) for day, hour in zip(PLAIN, HOURS, strict=True)],
    MOMENTS,
)
ROLES = ORDER
EVERY = 3  # moments after which the pages of a role's menu are opened again
EMPTY = re.compile(r'{% empty %}[^%]*{% translate "([^"]+)" %}')
LINK = re.compile(r'<a[^>]* href="(/[^"#]*)"')
# What may be empty in a whole landlord.
MAY_BE = frozenset(
    {
        "as long as the team works here; to be decided",
        "No mailbox is set.",
        "No check waits for you.",
        "Nothing to call about, nothing to check.",
        "No week is written yet. Add one below.",
        "No desk has clearly more open claims than it usually has.",
    }
)


@cache
def nothing_here() -> frozenset[str]:
    """What the pages say, in French, in the place of a list without a row."""
    folder = Path(django_settings.BASE_DIR) / "templates/requests"
    texts = {t for path in folder.rglob("*.html") for t in EMPTY.findall(path.read_text())}
    with translation.override("fr"):
        return frozenset(translation.gettext(text) for text in texts - MAY_BE)


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker, tmp_path_factory):
    """The catalogue, and what is the same at each moment: decoded pictures, drawn PDFs."""
    drawn = {}
    pdf, draw_all, run_isolated = documents.pdf, pictures.draw_all, uploads.run_isolated
    decoded = cache(lambda script, argument, data: run_isolated(script, argument, "", data, {}))

    def once(template: str, context: dict) -> bytes:
        if template not in drawn:
            drawn[template] = pdf(template, context)
        return drawn[template]

    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with (
        django_db_blocker.unblock(),
        media,
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        found = draw_all()
        patch.setattr(pictures, "draw_all", lambda: found)
        patch.setattr(documents, "pdf", once)
        for module in (uploads, scans):
            patch.setattr(
                module,
                "run_isolated",
                lambda script, argument, _name, data, _why: decoded(script, argument, data),
            )
        load_catalogue()
        yield
        transaction.set_rollback(True)


def test_each_weekday_and_each_special_day_is_there():
    assert {moment.weekday() for moment in MOMENTS} == set(range(7))
    before, after = (datetime(2026, 3, 29, hour, tzinfo=UTC) for hour in (0, 2))
    assert after - before == timedelta(hours=2)


@pytest.mark.parametrize("moment", MADE, ids=lambda m: f"{m:%a-%d-%b-%Hh%M}")
def test_a_whole_landlord(prepared, moment):
    found: list[str] = []
    opened: set[str] = set()
    with moments.at(moment):
        seed.build(seed=1, dwellings=DWELLINGS, now=moment)
    for later in visits(moment):
        turn = MADE.index(moment) % EVERY
        with moments.at(later):
            for number, role in enumerate(ROLES):
                whole = later == moment and number % EVERY == turn
                found += [f"{later:%a %Hh%M} {said}" for said in walk(role, opened, whole=whole)]
    assert not found, "\n".join(found)
    assert len(opened) > 25


def visits(made: datetime) -> list[datetime]:
    """Return when the first pages are opened: when made, and the last of ``HOURS`` within a day."""
    if trust.WHOLE:
        return [made]
    days = (made, made + timedelta(days=1))
    every = [datetime(*day.timetuple()[:3], *hour, tzinfo=UTC) for day in days for hour in HOURS]
    return [at for at in every if at >= made][: len(HOURS) : len(HOURS) - 1]


def walk(role: str, opened: set[str], *, whole: bool) -> list[str]:
    """Open the first page of ``role``; if ``whole`` what its menu leads to that is in no other's.

    A page that several menus lead to is the first role's: others may find it empty.
    """
    client = site.signed_in(role)
    first = client.get("/enter/", follow=True)
    path = first.request["PATH_INFO"]
    header = first.content.decode().partition("<header")[2].partition("</header>")[0]
    links = {unescape(link) for link in LINK.findall(header)} - opened - {path, "/"}
    # Django's own pages do not depend on the day.
    links = {link for link in links if not link.startswith(("/settings/", "/accounts/"))}
    opened |= links | {path}
    found = wrong(role, path, first)
    for link in sorted(links if whole else ()):
        found += wrong(role, link, client.get(link, follow=True))
    return found


def wrong(role: str, path: str, answer: HttpResponse) -> list[str]:
    if answer.status_code != 200:
        return [f"{role} {path}: {answer.status_code}"]
    text = unescape(answer.content.decode())
    return [f"{role} {path}: {said}" for said in nothing_here() if said in text]
