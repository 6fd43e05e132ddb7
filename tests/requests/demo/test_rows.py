"""The rows of the demo landlord: consistent with the table, plausible, harmless when used."""

from collections import Counter

import pytest
from django.utils import timezone

from agencies.models import Dwelling, Membership, Residence
from requests.attachments.models import Attachment
from requests.claims import workflow
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.demo import landlord, pictures
from requests.demo.looks import UNNAMED
from requests.jobs.models import Job
from requests.kit.choices import ENDED, OPEN, State
from requests.promises.models import Promise
from tenants.models import ContactPoint, Need, Occupancy, Tenant
from tests.e2e import site
from tests.moments import MOMENT

pytestmark = [pytest.mark.django_db, pytest.mark.long]
SUBJECTS = sorted(set(pictures.FAMILIES.values()))


def claims():
    return Claim.objects.system("test")


def test_the_proof_of_an_ended_claim_shows_what_became_of_its_promise(demo):
    ended = claims().filter(state__in=ENDED)
    dated = ended.filter(promise_at__isnull=False)
    assert not dated.filter(promises__isnull=True).exists()
    assert dated.count() > 0.9 * ended.count()
    became = Counter(p.outcome(MOMENT) for p in Promise.objects.filter(claim__in=ended))
    assert became["kept"] > became["not_kept"] > 0
    assert not became["to_come"]


def test_every_life_follows_the_table_and_queues_nothing(demo):
    assert claims().count() > 600
    assert not Job.objects.exists()
    for claim in claims().prefetch_related("events"):
        events = list(claim.events.all())
        assert [event.name for event in events[:2]] == [Event.FILED, Event.ROUTED]
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[-1].at <= MOMENT
        state = "received"
        for event in events:
            row = workflow.TRANSITIONS.get(event.name)
            if row:
                assert state in row.sources
                assert event.role in row.roles
                state = row.target or state
            assert event.state == state
        assert claim.state == state
        assert (claim.ended_at is not None) == (state in ENDED)


def test_promises_are_mostly_kept(demo):
    open_ones = claims().filter(state__in=OPEN)
    late = open_ones.filter(promise_at__lt=MOMENT).count()
    assert late < open_ones.count() / 10


def test_the_first_agency_has_its_working_day(demo):
    mine = claims().filter(residence__unit__name="Agence Nord", state__in=OPEN)
    todo = mine.exclude(state__in=[State.WAITING_TENANT, State.DONE])
    assert 11 <= todo.count() <= 20
    assert {State.WAITING_TENANT, State.PLANNED, State.DONE} <= set(
        mine.values_list("state", flat=True)
    )
    leak = mine.get(tenant__last_name="Traoré", tenant__first_name="Awa")
    assert leak.category.code == "PLO-03"
    assert {m.direction for m in leak.messages.all()} == {"in", "out", "note"}
    assert leak.attachments.count() == 2
    today = timezone.localdate(MOMENT)
    days = Counter((timezone.localdate(c.promise_at) - today).days for c in todo)
    assert days[0] >= 4
    assert days[0] < todo.count()


def test_people_are_plausible(demo):
    assert Dwelling.objects.count() == site.DWELLINGS + UNNAMED
    capacities = Counter(Occupancy.unscoped.values_list("capacity", flat=True))
    assert capacities["joint_tenant"] > 40
    assert capacities["occupant"] > 5
    assert Need.unscoped.exists()
    assert Occupancy.unscoped.filter(ends__isnull=False).exists()
    assert set(Tenant.objects.system("test").values_list("civility", flat=True)) == {"M.", "Mme"}
    for phone in ContactPoint.unscoped.filter(kind="phone"):
        assert phone.value.startswith("+3363998")  # kept for fiction by the regulator
    assert Residence.objects.count() == len({r.name for r in Residence.objects.all()})
    roles = Counter(Membership.objects.values_list("role", flat=True))
    assert roles["agent"] >= 3 * 7
    assert roles["agency_manager"] == 7
    caretakers = Membership.objects.filter(role="caretaker")
    assert all(member.sectors.count() == 1 for member in caretakers)
    assert len(landlord.logins()) == Membership.objects.count() + 1


def test_a_claim_belongs_to_who_lived_there(demo):
    for claim in claims().exclude(tenant=None).exclude(dwelling=None):
        stay = Occupancy.unscoped.get(tenant=claim.tenant, lease__dwelling=claim.dwelling)
        assert stay.starts <= claim.filed_at.date()
        assert stay.ends is None or claim.filed_at.date() <= stay.ends


def test_seasons_and_conversations_show(demo):
    heating = claims().filter(category__family__code="CHA", state__in=ENDED)
    winter = heating.filter(filed_at__month__in=[10, 11, 12, 1, 2, 3]).count()
    assert winter > heating.count() * 0.7
    wasps = claims().filter(category__code="NUI-05")
    assert all(claim.filed_at.month in range(4, 11) for claim in wasps)
    assert claims().filter(reopened__gte=1).exists()
    assert claims().filter(events__name=Event.HAND_OVER).exists()
    refusals = claims().filter(state=State.REFUSED)
    assert all(c.events.get(name=Event.REFUSE).facts["reason"] for c in refusals)
    assert Message.unscoped.count() > 1.5 * claims().count()


def test_photos_are_files_that_open(demo, settings):
    assert Attachment.unscoped.count() > 10
    names = {attachment.file.name for attachment in Attachment.unscoped.all()}
    assert names <= {f"attachments/demo/{s}-{n}.jpg" for s in SUBJECTS for n in range(1, 5)}
    assert len(list((settings.MEDIA_ROOT / "attachments/demo").iterdir())) == 40
    one = Attachment.unscoped.first()
    assert one.file.size == one.size < 60_000
