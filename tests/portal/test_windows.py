"""Lists in windows: each row once and in order, however deep, and a place from elsewhere opens."""

import base64
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Lower
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from portal import windows
from portal.clock import now
from portal.models import User
from tests.factories import member

pytestmark = pytest.mark.django_db
ORDER = ("-date_joined", "-pk")


@pytest.fixture
def people(monkeypatch) -> list:
    """Eleven people, of whom three joined at the same instant, the newest first."""
    monkeypatch.setattr(windows, "MOST", 4)
    at = now()
    for number in range(11):
        joined = at - timedelta(hours=min(number, 8))
        User.objects.create(email=f"p{number}@example.test", date_joined=joined)
    return list(User.objects.order_by(*ORDER).values_list("pk", flat=True))


def page(query: str = "", order=ORDER):
    request = RequestFactory().get("/?" + query)
    return windows.page(request, User.objects.order_by(*order), 3)


def walk(order=ORDER) -> tuple[list, list[int]]:
    """Return the keys of all pages in turn, and what each counted."""
    seen, query, counts = [], "", []
    while query is not None:
        found = page(query, order)
        seen += [one.pk for one in found.object_list]
        counts.append(found.paginator.count)
        kept = f"from={found.paginator.begun}&" if found.paginator.begun else ""
        if found.has_next():
            query = f"{kept}page={found.next_page_number()}"
        elif found.paginator.behind:
            query = f"from={found.paginator.behind}"
        else:
            query = None
    return seen, counts


def test_pages_and_windows_show_each_row_once(people):
    assert walk() == (people, [4, 4, 4, 4, 3])


def test_a_list_may_have_smaller_windows(people):
    request = RequestFactory().get("/")
    found = windows.page(request, User.objects.order_by(*ORDER), 3, most=2)
    assert [one.pk for one in found.object_list] == people[:2]
    assert found.paginator.told == "2+"


@pytest.mark.parametrize(
    "order",
    [
        ("last_login",),
        ("-last_login", "pk"),
        (F("last_login").asc(nulls_first=True), "-date_joined", "pk"),
        (F("last_login").desc(nulls_last=True), "is_active", "-pk"),
        ("-is_active", "last_name", "date_joined"),
        ("last_name", "-date_joined"),
        (Lower("last_name").desc(), "pk"),
        ("memberships__unit__name", "-pk"),
    ],
)
def test_any_order_goes_on_where_it_stopped(people, order):
    """Rising and falling at once, empty values first and last, what is computed, what is joined."""
    for number, key in enumerate(people):
        User.objects.filter(pk=key).update(
            last_login=None if number % 3 == 0 else now() - timedelta(hours=number // 2),
            is_active=number % 2 == 0,
            last_name="ÉeZ"[number % 3],
        )
    falls = isinstance(order[-1], str) and order[-1].startswith("-")
    whole = [*order] if "pk" in str(order[-1]) else [*order, "-pk" if falls else "pk"]
    expected = list(User.objects.order_by(*whole).values_list("pk", flat=True))
    assert walk(order)[0] == expected


def test_a_far_page_reads_what_the_first_one_reads(people):
    """No statement skips rows: each begins behind its place."""
    with CaptureQueriesContext(connection) as near:
        behind = page().paginator.behind
    with CaptureQueriesContext(connection) as far:
        page(f"from={behind}")
    assert len(far) == len(near) == 2
    assert "OFFSET" not in str(near.captured_queries + far.captured_queries)


def test_a_number_beyond_a_window_says_so(people):
    assert page().paginator.told == "4+"
    assert windows.page_of_list(RequestFactory().get("/"), people, 3).paginator.told == "11"


def test_a_query_is_never_cut_as_a_list():
    with pytest.raises(TypeError):
        windows.page_of_list(RequestFactory().get("/"), User.objects.all(), 3)


@pytest.mark.parametrize("given", ["", "x", "W10", "e30", "WyJ4IiwgInkiXQ", "WyIxIl0", "%00", "é"])
def test_a_place_that_is_none_is_the_beginning(people, given):
    assert [one.pk for one in page(f"from={given}").object_list] == people[:3]


def test_shares_that_overlap_are_one_list(people):
    everyone = User.objects.all()
    some = everyone.filter(pk__in=people[::2])
    found = windows.merged([some, everyone], ORDER, None, 5)
    assert [key for _at, key in found] == people[:5]
    behind = windows.merged([some, everyone], ORDER, found[-1], 50)
    assert [key for _at, key in behind] == people[5:]


@pytest.mark.parametrize(
    "values",
    [
        ("-5",),
        (str(2**64),),
        ("2026-11-18T09:30:00", "7"),
        ("0001-01-01T00:00:00+00:00", "7"),
        ("x",),
    ],
)
def test_a_place_that_no_list_gave_out_is_its_beginning(people, values):
    """A negative number, one beyond eight bytes, a moment without a zone or of another age."""
    query = f"from={windows.place(*values)}"
    request = RequestFactory().get(f"/?{query}")
    kinds = (windows.number,) if len(values) == 1 else (windows.moment, windows.number)
    assert windows.place_of(request, *kinds) is None
    assert [row.pk for row in page(query)] == people[:3]


@pytest.mark.parametrize("told", ["[Infinity]", "[1e999]", "[5]", "[true]", "[{}]", "[[]]"])
@pytest.mark.parametrize("kind", [windows.number, windows.moment, UUID])
def test_a_place_of_no_text_is_none(told, kind):
    given = base64.urlsafe_b64encode(told.encode()).decode()
    assert windows.place_of(RequestFactory().get("/", {"from": given}), kind) is None


def test_the_inbox_opens_whatever_place_is_named(client, landlord):
    client.force_login(member(landlord["north"], "agent").user)
    for values in (("-5",), (str(2**64),), ("2026-11-18T09:30:00", str(uuid4()))):
        for view in ("todo", "all", "ended"):
            given = {"view": view, "from": windows.place(*values)}
            assert client.get("/agency/", given).status_code == 200
