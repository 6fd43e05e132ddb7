"""Head office: counts, the floor of ten, their claims, and a safe CSV."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.access import Role
from portal.clock import now
from requests.models import Claim
from tests.requests.views.test_agency import make_claim, make_unit, member

pytestmark = pytest.mark.django_db


def test_figures_and_their_claims(client):
    nord, sud = make_unit("nord"), make_unit("sud")
    for number in range(12):
        make_claim(nord[1], nord[2], promise_at=now() - timedelta(hours=1))
        if number < 9:
            make_claim(sud[1], sud[2])
    member(client, make_unit("siege", "head_office")[0], Role.HEAD_OFFICE)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(reverse("head_office:overview"))
    assert len(seen) <= 8, [q["sql"][:90] for q in seen]
    rows = {line["row"].unit.code: line["row"] for line in answer.context["table"]}
    assert list(rows) == ["nord", "siege", "sud"]
    assert rows["nord"].counts["late"] == 12
    assert rows["sud"].counts["received"] is None
    listed = client.get(reverse("head_office:claims"), {"unit": "nord", "figure": "late"})
    assert listed.context["page_obj"].paginator.count == 12
    for figure in ("received", "open", "closed", "reopened", "fixed", "answered"):
        page = client.get(reverse("head_office:claims"), {"figure": figure, "days": "x"})
        assert page.status_code == 200
    text = client.get(reverse("head_office:csv")).content.decode("utf-8-sig")
    assert "Sud;<10" in text


def test_median_of_ten_closed_claims(client):
    unit, desk, residence = make_unit("nord")
    for days in range(11):
        claim = make_claim(desk, residence)
        Claim.objects.system("test").filter(pk=claim.pk).update(
            state="closed", filed_at=now() - timedelta(days=days), ended_at=now()
        )
    member(client, unit, Role.AGENCY_MANAGER)
    table = client.get(reverse("head_office:overview")).context["table"]
    assert table[0]["row"].median_days == 5.0


def test_a_manager_sees_their_own_unit_and_an_agent_nothing(client):
    unit, other = make_unit("nord")[0], make_unit("sud")
    make_claim(other[1], other[2])
    member(client, unit, Role.AGENCY_MANAGER)
    table = client.get(reverse("head_office:overview")).context["table"]
    assert [line["row"].unit for line in table] == [unit]
    page = client.get(reverse("head_office:claims"), {"unit": "sud"})
    assert page.context["page_obj"].paginator.count == 0
    member(client, unit)
    assert client.get(reverse("head_office:overview")).status_code == 403
