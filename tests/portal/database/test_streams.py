"""Rows through a cursor of the server: in turn, as who asked, whatever is read meanwhile."""

from dataclasses import dataclass

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from portal.database import readers, streams
from portal.database.readers import Who
from portal.export import csv_stream
from requests.claims.models import Claim
from tests.portal.database.conftest import CANARY, OWN, needs_roles


@dataclass
class Fixed:
    """A reader who does not change."""

    is_who: Who
    depth: int = 99  # deeper than the transaction of the test, which is no action of theirs

    def who(self) -> Who:
        return self.is_who


def agent_of(unit) -> Fixed:
    return Fixed(Who("unit", unit=unit.pk, today="2026-01-07", now="2026-01-07T09:00:00+00:00"))


def test_rows_come_in_chunks_with_what_they_prefetch(house):
    rows = Claim.objects.system("test").prefetch_related("messages").order_by("words")
    with connection.execute_wrapper(note := Note()):
        found = list(streams.on_server(rows, size=1))
    assert [claim.words for claim in found] == [OWN, CANARY]
    assert all(claim._prefetched_objects_cache["messages"] for claim in found)
    assert len([sql for sql in note.said if "requests_message" in sql]) == 2
    assert [len(chunk) for chunk in streams.in_chunks(rows, size=1)] == [1, 1]
    assert list(streams.on_server(rows.none())) == []


class Note:
    """Notes the statements beside the one of the cursor."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        self.said.append(sql)
        return execute(sql, params, many, context)


@needs_roles
def test_who_asked_reads_long_after_the_request(house):
    def words() -> list[str]:
        for claim in streams.on_server(Claim.unscoped.order_by("words"), size=1):
            # The landlord's own statement in between, as a prefetch of a system row is.
            assert Claim.objects.system("test").count() == 2
            yield claim.words

    with readers.reading_as(agent_of(house["north"])):
        north = streams.Stream(words)
    with readers.reading_as(agent_of(house["south"])):
        south = streams.Stream(words)
    with readers.reading_as(Fixed(Who())):
        nobody = streams.Stream(words)
    # The request is over: no reader is left, and the landlord would see both.
    assert readers.current() is None
    assert (list(north), list(south), list(nobody)) == ([OWN], [CANARY], [])


@needs_roles
def test_each_fetch_tells_the_reader_again(house):
    with readers.reading_as(agent_of(house["north"])):
        rows = streams.on_server(Claim.unscoped.order_by("words"), size=1)
        first = next(rows)
    with readers.reading_as(None):
        assert Claim.unscoped.count() == 2  # tells the landlord's scope in the same transaction
    assert [first.words, *(claim.words for claim in rows)] == [OWN]


def test_a_file_is_sent_while_it_is_read_in_the_language_that_was_asked(house):
    read = []

    def rows():
        for number in range(20_000):
            read.append(number)
            yield [number, gettext("Residence")]

    with translation.override("fr"):
        answer = csv_stream("x", ["n", "r"], rows, 20_000)
    with translation.override("en"):
        parts = iter(answer)
        first = next(parts)
        assert first.startswith(b"\xef\xbb\xbf")
        assert len(read) < 5_000
        text = (first + b"".join(parts)).decode()
    assert text.count("\n") == 20_001
    assert "Résidence" in text
    assert "Residence" not in text
    assert answer["X-Rows"] == "20000"
    assert answer["Content-Disposition"] == 'attachment; filename="x.csv"'
