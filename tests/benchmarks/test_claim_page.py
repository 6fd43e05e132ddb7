"""The page of a claim asks once for each kind of thing, and a panel that asks more is named."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from benchmarks.house import House
from portal.clock import now
from portal.database.related_rows import kept
from requests.claim_rows import CLAIM_ROWS
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.claims.related import read_whole
from requests.closing.models import Feedback
from requests.complaints.models import FormalNotice
from requests.conversation.models import Mention
from requests.inbox import claim_page
from tests import databases
from tests.e2e import site

pytestmark = pytest.mark.long

# Statements by the panel that sends them; "page" is the rest: session, account, membership, the
# claim and all that hangs on it, the form of who is there today, the menu, the log, and the list
# beside (six, none with the header X-Pane). A new line, or a larger number, needs its reason.
ASKED = {
    "page": 11,
    "work": 3,  # earlier repairs around, contracts of the place, the leader of an incident
    "decision": 1,  # what wrote by messaging and what fails
    "call": 1,  # whether the person lives in the member's stock
    "place": 1,  # the claims around
    "planned": 1,
    "access": 1,
}


# What a small demo landlord has none of.
RARE = {
    "charges__membership__absences__replacement__absences",
    "complaint__stages__reviewer__user",
    "deliveries__letter__batch",
}


@pytest.fixture(scope="module")
def landlord(django_db_setup, django_db_blocker) -> Iterator[None]:
    name = f"{connection.settings_dict['NAME']}_claim_page"
    with django_db_blocker.unblock():
        databases.copy(site.seeded(), name)
        with databases.use(name):
            yield
        databases.drop(name)


@pytest.fixture
def asked(monkeypatch) -> Iterator[Counter]:
    """Count statements by the panel whose context is computed."""
    found: Counter = Counter()
    panel = ["page"]

    def shown(panels, page) -> list:
        rows = []
        for one in panels:
            panel[0] = one.name
            rows.append((one, one.context(page)))
        panel[0] = "page"
        return rows

    def count(execute, sql, params, many, context):
        found[panel[0]] += 1
        return execute(sql, params, many, context)

    monkeypatch.setattr(claim_page, "_shown", shown)
    with connection.execute_wrapper(count):
        yield found


def claims() -> list[Claim]:
    """Return claims of each state, channel and matter, with everything that a claim may have."""
    rows = Claim.objects.system("test").order_by("pk")
    chosen: dict[str, Claim] = {}
    for name in ("orders", "complaint", "complaints", "formal_notices", "in_incident", "lendings"):
        chosen |= {f"{name} {c.pk}": c for c in rows.filter(**{f"{name}__isnull": False})[:4]}
    for name in ("snoozes", "charges__membership__absences", "mentions", "attachments", "feedback"):
        chosen |= {f"{name} {c.pk}": c for c in rows.filter(**{f"{name}__isnull": False})[:4]}
    for state in rows.order_by().values_list("state", flat=True).distinct():
        chosen |= {f"{state} {c.pk}": c for c in rows.filter(state=state)[:3]}
    return list({claim.pk: claim for claim in chosen.values()}.values())


def add_rare_ones() -> None:
    """Add a mention, a score and a formal notice to a claim with messages."""
    message = Message.objects.system("test").exclude(author=None).order_by("pk").first()
    claim, day = message.claim, now().date()
    Mention.objects.create(message=message, claim=claim, user=message.author)
    Feedback.objects.create(claim=claim, score=3, channel="web", at=now())
    given = {"kind": "notice", "channel": "letter", "words": "x", "logged_at": now()}
    FormalNotice.objects.create(claim=claim, dated=day, received=day, **given)


def walked(claim: Claim, path: str) -> list:
    """Return the objects at the end of a lookup, as Django finds them."""
    objects = [claim]
    for name in path.split("__"):
        found = []
        for one in objects:
            try:
                value = getattr(one, name)
            except ObjectDoesNotExist:
                continue
            found += list(value.all()) if hasattr(value, "all") else [value] if value else []
        objects = found
    return objects


def told(one) -> dict:
    """Return the columns of an object that were read; a memoryview as its bytes."""
    left = one.get_deferred_fields()
    names = [f.attname for f in one._meta.concrete_fields if f.attname not in left]
    values = {name: getattr(one, name) for name in names}
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in values.items()
    }


def test_what_is_read_at_once_is_what_django_finds(landlord):
    own = CLAIM_ROWS.conditions
    lookups = [path for path in CLAIM_ROWS.lookups if path.split("__")[0] not in own]
    compared: Counter = Counter()
    add_rare_ones()
    for claim in claims():
        plain = Claim.objects.system("test").get(pk=claim.pk)
        joined = Claim.objects.system("test").select_related(*CLAIM_ROWS.joined)
        whole = read_whole(joined.get(pk=claim.pk))
        for path in lookups:
            with connection.execute_wrapper(refuse):
                mine = walked(whole, path)
                columns = [told(one) for one in mine]
            theirs = walked(plain, path)
            assert [one.pk for one in mine] == [one.pk for one in theirs], (claim.pk, path)
            for one, read in zip(theirs, columns, strict=True):
                usual = told(one)
                assert {name: usual[name] for name in read} == read, (claim.pk, path)
            compared[path] += len(mine)
        assert kept(whole, "landlord")
    # So that the comparison says something of each: the demo has rows of nearly every kind.
    assert {path for path in lookups if not compared[path]} <= RARE


def refuse(execute, sql, params, many, context):
    raise AssertionError(f"asked again: {sql[:200]}")


def test_a_panel_that_asks_more_is_named(landlord, asked):
    house = House()
    client, path = house.client("sonia"), f"/agency/{house.opened.pk}/"
    client.get(path)
    asked.clear()
    assert client.get(path).status_code == 200
    assert dict(asked) == ASKED


def test_a_reader_who_may_not_see_the_claim_is_given_nothing(landlord):
    house = House()
    other = Claim.objects.system("test").exclude(owner__unit=house.unit)
    foreign = other.exclude(residence__unit=house.unit).filter(residence__isnull=False).first()
    assert house.client("sonia").get(f"/agency/{foreign.pk}/").status_code == 404
    who = f"unit|{house.client('sonia').session['_auth_user_id']}|{house.unit.pk}||||"
    for scope, rows in (("reader", 0), ("", 0), ("system", 1)):
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT set_config('palier.scope', %s, true)", [scope])
            cursor.execute("SELECT set_config('palier.who', %s, true)", [who])
            # Past the engine, which would tell its own scope.
            super(type(cursor.cursor), cursor.cursor).execute(
                "SELECT count(*) > 0 FROM requests_claim_rows(%s, NULL, '{}')", [str(foreign.pk)]
            )
            assert cursor.fetchone()[0] == bool(rows), scope
            cursor.execute("ROLLBACK")
