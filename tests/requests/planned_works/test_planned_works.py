"""Test notice periods, one notice per household and version, changes and cancellation."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.clock import now
from requests.catalogue.models import Category
from requests.jobs.models import Job
from requests.jobs.queue import drain
from requests.planned_works import actions as planned_works
from requests.planned_works import notice_periods, notices
from requests.planned_works.models import PlannedNotice, PlannedWorks
from requests.tasks import HANDLERS
from tests import factories

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # 10:00 in Paris


@pytest.mark.parametrize(
    ("kind", "before", "number"),
    [
        ("water", timedelta(days=2), 0),
        ("water", timedelta(days=1, hours=23), 1),
        ("lift", timedelta(days=13), 1),
        ("dwelling", timedelta(days=8), 0),
        ("dwelling", timedelta(days=7), 1),
    ],
)
def test_notice_periods(kind, before, number):
    ends = MONDAY + timedelta(hours=4)
    assert len(notice_periods.problems(kind, MONDAY, ends, MONDAY - before, ())) == number


def test_no_works_in_a_dwelling_on_a_sunday_or_a_holiday():
    long_ago = MONDAY - timedelta(days=60)
    sunday = MONDAY - timedelta(days=1)
    assert len(notice_periods.problems("dwelling", sunday, MONDAY, long_ago, ())) == 1
    assert len(notice_periods.problems("dwelling", MONDAY, MONDAY, long_ago, {MONDAY.date()})) == 1
    assert notice_periods.problems("water", sunday, MONDAY, long_ago, ()) == []


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


@pytest.fixture
def homes(landlord):
    """Return three homes: told by e-mail, without contact details, without a tenant."""
    stairs = landlord["dwelling"].staircase
    awa = factories.tenant(landlord["dwelling"])
    factories.contact(awa, "awa@example.test")
    second = factories.dwelling(stairs, "13")
    factories.tenant(second, first_name="Omar", last_name="Silent")
    factories.dwelling(stairs, "14")
    return landlord["dwelling"], second


@pytest.fixture
def announce(landlord, agent, homes):
    def make(**values):
        starts = now() + timedelta(days=20)
        fields = {
            "kind": "water",
            "title": "Coupure d'eau",
            "text": "Remplissez une bouteille.",
            "residence": landlord["dwelling"].staircase.building.residence,
            "starts": starts,
            "ends": starts + timedelta(hours=4),
            "membership": agent,
            "now": now(),
            **values,
        }
        return planned_works.announce(**fields)

    return make


def told(works):
    return {n.dwelling.door: n for n in works.notices.filter(version=works.version)}


def test_every_household_is_told_once_by_its_own_channel(announce):
    works = announce()
    drain(HANDLERS, now)
    rows = told(works)
    assert {door: (n.channel, n.state) for door, n in rows.items()} == {
        "12": ("email", "sent"),
        "13": ("letter", "to_hand"),
    }
    assert [message.to for message in mail.outbox] == [["awa@example.test"]]
    assert "Remplissez une bouteille." in mail.outbox[0].body
    again = {"works": str(works.pk), "version": 1, "event": "announced"}
    notices.write(key="again", now=now(), **again)
    drain(HANDLERS, now)
    assert works.notices.count() == 2
    assert len(mail.outbox) == 1


def test_works_in_the_dwelling_are_handed_over(announce, agent, homes):
    works = announce(kind="dwelling", override="urgent", dwellings=[homes[0]])
    drain(HANDLERS, now)
    assert [(n.dwelling.door, n.state) for n in works.notices.all()] == [("12", "to_hand")]
    assert not mail.outbox
    row = works.notices.get()
    assert (
        planned_works.record_handed_notices(works=works, notices=[row.pk], by=agent.user, now=now())
        == 1
    )
    assert (
        planned_works.record_handed_notices(works=works, notices=[row.pk], by=agent.user, now=now())
        == 0
    )
    row.refresh_from_db()
    assert (row.state, row.done_by) == ("handed", agent.user)


def test_too_late_unless_somebody_says_why(announce):
    soon = now() + timedelta(hours=5)
    with pytest.raises(planned_works.TooLate):
        announce(starts=soon, ends=soon + timedelta(hours=2))
    assert not PlannedWorks.objects.exists()
    works = announce(starts=soon, ends=soon + timedelta(hours=2), override="Fuite")
    assert works.override == "Fuite"


def test_a_change_and_a_cancellation_are_told(announce):
    works = announce()
    drain(HANDLERS, now)
    later = works.starts + timedelta(days=1)
    works = planned_works.change(
        works=works, text="Le lendemain.", starts=later, ends=later + timedelta(hours=1), now=now()
    )
    drain(HANDLERS, now)
    assert {n.event for n in told(works).values()} == {"changed"}
    assert "Le lendemain." in mail.outbox[1].body
    works = planned_works.cancel(works=works, reason="Pièce manquante", now=now())
    drain(HANDLERS, now)
    assert {n.event for n in told(works).values()} == {"cancelled"}
    assert "Pièce manquante" in mail.outbox[2].body
    assert len(mail.outbox) == 3
    with pytest.raises(planned_works.NotAllowed):
        planned_works.cancel(works=works, reason="encore", now=now())


def test_a_change_made_before_the_job_ran_tells_once(announce):
    works = announce()
    planned_works.change(works=works, text="Non", starts=works.starts, ends=works.ends, now=now())
    drain(HANDLERS, now)
    assert {n.event for n in PlannedNotice.unscoped.all()} == {"changed"}
    assert len(mail.outbox) == 1


def test_the_database_keeps_one_notice_per_household_and_version(announce, homes):
    works = announce()
    row = dict(works=works, version=1, event="announced", dwelling=homes[0], at=now(), text="x")
    row |= dict(channel="letter", address="x", state="to_hand")
    PlannedNotice.unscoped.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlannedNotice.unscoped.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlannedWorks.objects.filter(pk=works.pk).update(cancelled_at=now())


def form_of(**values):
    local = timezone.localtime(now() + timedelta(days=20)).replace(hour=9, minute=0)
    return {
        "kind": "water",
        "title": "Coupure d'eau",
        "text": "Remplissez une bouteille.",
        "starts": local.strftime("%Y-%m-%dT%H:%M"),
        "ends": (local + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"),
        **values,
    }


def test_the_pages(client, agent, homes, landlord):
    client.force_login(agent.user)
    residence = landlord["dwelling"].staircase.building.residence
    url = f"{reverse('planned_new')}?residence={residence.pk}"
    assert client.get(reverse("planned_new")).status_code == 200
    rules = client.get(url).content.decode()
    unsure = [rule for rule in notice_periods.RULES.values() if not rule.sure]
    assert rules.count("à confirmer par votre service juridique") == len(unsure)
    soon = timezone.localtime(now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    late = client.post(url, form_of(starts=soon, text="Gardez ceci"))
    assert late.status_code == 422
    assert "Gardez ceci" in late.content.decode()
    assert set(late.context["form"].errors) == {"starts", "override"}
    lost = client.post(url, form_of(doors="12, 99"))
    assert lost.status_code == 422
    assert "99" in str(lost.context["form"].errors["doors"])
    answer = client.post(url, form_of(doors="12"))
    works = PlannedWorks.objects.get()
    assert answer.url == reverse("planned", args=[works.pk])
    assert [home.door for home in works.dwellings.all()] == ["12"]
    assert client.get(answer.url).status_code == 200
    assert works.title in client.get(reverse("planned_list")).content.decode().replace(
        "&#x27;", "'"
    )
    for name in ("planned_poster", "planned_letters"):
        assert client.get(reverse(name, args=[works.pk])).content.startswith(b"%PDF")
    change = reverse("planned_change", args=[works.pk])
    assert client.get(change).status_code == 405
    assert client.post(change, form_of(text="", version=1)).status_code == 422
    assert client.post(change, form_of(text="Autre", version=1)).status_code == 302
    late = client.post(change, form_of(text="Vieux", version=1))
    assert (late.status_code, "Vieux" in late.content.decode()) == (409, True)
    works.refresh_from_db()
    assert (works.text, works.version) == ("Autre", 2)
    cancel = reverse("planned_cancel", args=[works.pk])
    assert client.post(cancel, {"version": 2}).status_code == 422
    assert client.post(cancel, {"version": 2, "reason": "Reporté"}).status_code == 302
    assert client.get(answer.url).status_code == 200
    client.logout()
    public = client.get(reverse("planned_public", args=[works.pk])).content.decode()
    assert "Reporté" in public
    assert "Traoré" not in public


def test_another_agency_sees_nothing(client, announce, landlord):
    works = announce()
    client.force_login(factories.member(landlord["south"], "agent").user)
    for name in ("planned", "planned_poster", "planned_letters"):
        assert client.get(reverse(name, args=[works.pk])).status_code == 404
    for name in ("planned_change", "planned_cancel", "planned_handed"):
        assert client.post(reverse(name, args=[works.pk])).status_code == 404
    residence = works.residence_id
    assert client.get(f"{reverse('planned_new')}?residence={residence}").status_code == 404


def test_the_tenant_sees_them_at_home_and_before_filing(client, announce, landlord):
    neighbour = factories.dwelling(landlord["dwelling"].staircase, "15")
    person = factories.tenant(neighbour, email="zoe@example.test")
    category = factories.category(
        "PLO-10", "U1", "oncall_contractor", asset="building", collective=True
    )
    starts = now() + timedelta(hours=1)
    works = announce(starts=starts, ends=starts + timedelta(hours=3), override="Urgence")
    client.force_login(person.user)
    url = reverse("planned_public", args=[works.pk])
    assert url in client.get(reverse("my:home")).content.decode()
    session = client.session
    session["draft"] = {
        "key": "k",
        "category": category.code,
        "home": str(neighbour.pk),
        "done": ["where"],
    }
    session.save()
    page = client.get(reverse("file_already"))
    assert url in page.content.decode()
    answer = client.post(reverse("file_already"), {"same": "another"})
    assert answer.url == reverse("file_words")
    leak = Category.objects.get(code="PLO-03")
    stairs = neighbour.staircase
    assert not planned_works.works_explaining_fault(leak, stairs, neighbour, now())
    assert not planned_works.works_explaining_fault(
        category, stairs, neighbour, now() - timedelta(days=3)
    )


def test_works_behind_one_door_do_not_concern_the_others(announce, homes):
    works = announce(kind="dwelling", override="x", dwellings=[homes[0]])
    rows = PlannedWorks.objects.all()
    assert list(rows.at(homes[0].staircase, homes[0])) == [works]
    assert not rows.at(homes[1].staircase, homes[1])
    assert Job.objects.filter(kind="planned").count() == 1
