"""The promised numbers of SQL statements; that they do not grow with the rows: make bench."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.models import Dwelling
from benchmarks.statements import FILING, INBOX, OVERVIEW
from portal.actor import Actor
from portal.clock import now
from portal.models import User
from requests.filing.actions import Filing, file_claim

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def statements(client, login: str, path: str) -> int:
    client.force_login(
        User.objects.get(email=f"{login}@demo.palier.example"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as found:
        client.get(path)
    return len(found)


def test_pages_keep_their_budget(client, demo):
    assert statements(client, "sonia", "/agency/?view=all") <= INBOX
    assert statements(client, "helene", "/agency/?view=all") <= INBOX
    assert statements(client, "helene", "/head-office/") <= OVERVIEW


def test_filing_keeps_its_budget(demo, django_assert_max_num_queries):
    filing = Filing(
        channel="web",
        key="k",
        category="PLO-03",
        words="Ça coule.",
        dwelling=Dwelling.objects.earliest("pk").pk,
        contact_email="awa@example.test",
    )
    with django_assert_max_num_queries(FILING):
        file_claim(filing, actor=Actor.TENANT, now=now())
