"""A tenant who left, with one ended request in which every kind of trace was left."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from requests.attachments import uploads
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.notifications.models import Delivery
from tenants.models import Lease, Occupancy
from tests import factories, moments

CANARY = "Canarino"
DAY = moments.MOMENT.date()


@pytest.fixture(autouse=True)
def in_a_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PALIER_ERASURE_JOURNAL = str(tmp_path / "journal" / "erasures.jsonl")


def photo(name: str = f"{CANARY}.jpg") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")


def ended_claim(house: dict, person, *, at=None, key: str = "k1", **values) -> Claim:
    """Return a request of ``person`` with words, a photo and a reply, ended at ``at``."""
    at = at or now()
    claim = factories.leak(
        house,
        at,
        key=key,
        tenant=person.pk,
        words=f"{CANARY} coule",
        contact_name=f"Awa {CANARY}",
        contact_phone="+33639980001",
        contact_email="canarino@example.test",
        place_note=f"chez {CANARY}",
        **values,
    )
    uploads.keep(photo(), claim=claim, channel="web", now=at)
    Message.objects.create(
        claim=claim, direction="out", channel="web", text=f"Bonjour {CANARY}", at=at
    )
    event = ClaimEvent.objects.create(
        claim=claim,
        name="message_out",
        at=at,
        state="closed",
        role="agent",
        facts={"text": f"Bonjour {CANARY}", "desk": 1},
        before={"words": CANARY},
    )
    for number in (1, 2):
        Delivery.objects.create(
            event=event,
            claim=claim,
            recipient=f"canarino{number}@example.test",
            channel="email",
            subject=CANARY,
            text=CANARY,
            due_at=at,
            created_at=at,
            state="sent",
        )
    Claim.objects.system("test").filter(pk=claim.pk).update(state="closed", ended_at=at)
    claim.refresh_from_db()
    return claim


def leave(person, day=DAY) -> None:
    """End the person's stay and lease on ``day``."""
    stays = Occupancy.unscoped.filter(tenant=person)
    Lease.unscoped.filter(occupancies__in=stays).update(ends=day)
    stays.update(ends=day)


@pytest.fixture
def person(landlord):
    who = factories.tenant(landlord["dwelling"], email="canarino@example.test", last_name=CANARY)
    factories.contact(who, "canarino@example.test", verified=True)
    factories.contact(who, "+33639980001")
    return who


@pytest.fixture
def officer(landlord):
    return factories.administrator(landlord["head"], "dpo")


SYSTEM = Actor.SYSTEM
