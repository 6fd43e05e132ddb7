"""File a claim: every channel calls ``file_claim``."""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Building, Dwelling, Residence, Staircase
from portal.actor import Actor
from requests.attachments import uploads
from requests.catalogue.models import Category
from requests.catalogue.urgency import raise_urgency
from requests.claims import links
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.household import is_sorted_at_filing
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import EMERGENCIES, Channel, Urgency
from requests.suggestions import danger
from requests.suggestions.danger import Danger
from tenants.models import Tenant

# Without 0 O 1 I L U V, which are easily confused when read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
# With ten million claims one draw in 60 is taken; five in a row are, once in 780 million filings.
DRAWS = 5
DANGER = 120  # characters of the words heard that are kept


class KeyReused(Exception):
    """The same idempotency key came with different content (answered with 422)."""


@dataclass(frozen=True)
class Filing:
    """The input of ``file_claim``, from every channel. ``key`` makes a repeated call harmless.

    ``dwelling``, ``staircase``, ``building``, ``residence`` are row ids: the smallest known place
    is enough. ``same_as`` is the id of the neighbours' claim that this one joins ("me too").
    ``confidential``: the author alone reads it in the home. ``no_danger``: a person who spoke with
    the author says that the words, whatever they sound like, mean none. ``sent_anyway``: the tenant
    first read that this repair is normally theirs. ``session`` names the draft files to join (see
    ``uploads``).
    """

    channel: str
    key: str
    category: str
    words: str = ""
    dwelling: int | None = None
    staircase: int | None = None
    building: int | None = None
    residence: int | None = None
    place_note: str = ""
    tenant: str | None = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    language: str = "fr"
    availability: list[str] = field(default_factory=list)
    same_as: str | None = None
    sent_anyway: bool = False
    confidential: bool = False
    no_danger: bool = False
    session: str = ""

    def digest(self) -> str:
        """Return a hash of the content, without ``session``."""
        content = {k: v for k, v in asdict(self).items() if k != "session"}
        for choice in ("confidential", "no_danger"):
            if not content[choice]:  # as before there was the choice: old keys keep their digest
                del content[choice]
        body = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(body.encode()).hexdigest()


def new_reference() -> str:
    """Return six random characters for reading aloud; they identify but never give access."""
    return "".join(secrets.choice(ALPHABET) for _ in range(6))


def file_claim(filing: Filing, *, actor: Actor, now: datetime) -> Claim:
    """Write the claim, its first message, its event and the routing job in one transaction.

    A reference that another claim has, or takes at the same moment, is drawn again. Returns the
    claim already filed under this channel and key, if any. Raises ``KeyReused`` if that claim had
    different content, ``Category.DoesNotExist`` for an unknown code.
    """
    digest = filing.digest()
    known = _known(filing)
    if known is None:
        category = Category.objects.get(code=filing.category)
        for draw in range(1, DRAWS + 1):
            reference = new_reference()
            try:
                with transaction.atomic():
                    return _write(filing, reference, digest, category, actor, now)
            except IntegrityError:
                known = _known(filing)
                if known is not None:
                    break
                if draw == DRAWS or not _is_taken(reference):
                    raise
    assert known is not None  # the loop returns, raises or finds it
    if known.digest != digest:
        raise KeyReused(filing.key)
    return known


def _known(filing: Filing) -> Claim | None:
    """Return the claim already filed under this channel and key."""
    claims = Claim.objects.system("filing")
    return claims.filter(channel=filing.channel, key=filing.key).first()


def _is_taken(reference: str) -> bool:
    """Return whether another claim has the reference."""
    return Claim.objects.system("filing").filter(reference=reference).exists()


def _tenant(filing: Filing) -> Tenant | None:
    """Return the tenant, or the record into which it was merged; locked against a merge."""
    if not filing.tenant:
        return None
    rows = Tenant.objects.system("filing").select_for_update(of=("self",), no_key=True)
    tenant = rows.filter(pk=filing.tenant).first()
    return tenant.current if tenant else None


def _write(
    filing: Filing,
    reference: str,
    digest: str,
    category: Category,
    actor: Actor,
    now: datetime,
) -> Claim:
    """Write the claim and everything that comes with it, in the caller's transaction."""
    tenant = _tenant(filing)
    place = _place(filing)
    followed = _followed(filing, place)
    heard = _heard(filing)
    if heard and category.code == settings.PALIER_UNSORTED_CATEGORY:
        category = Category.objects.filter(code=heard.category, active=True).first() or category
    urgency, needs = urgency_for(category, tenant, now)
    if heard and category.code == settings.PALIER_UNSORTED_CATEGORY:
        urgency = Urgency.U0.value  # the landlord offers no such category: a person will sort it
    known = is_sorted_at_filing(
        channel=filing.channel,
        role=actor.role,
        category=filing.category,
        unsorted=settings.PALIER_UNSORTED_CATEGORY,
    )
    claim = Claim.objects.system("filing").create(
        reference=reference,
        token=links.new_token(),
        link_made_at=now,
        link_household=_household(place, now),
        confidential=filing.confidential,
        channel=filing.channel,
        key=filing.key,
        digest=digest,
        category=category,
        urgency=urgency,
        danger=heard.said[:DANGER] if heard else "",
        filed_at=now,
        tenant=tenant,
        identified_at=now if tenant else None,
        sorted_at=now if known else None,
        follows=followed,
        words=filing.words,
        place_note=filing.place_note,
        contact_name=filing.contact_name,
        contact_email=filing.contact_email,
        contact_phone=filing.contact_phone,
        language=filing.language,
        availability=filing.availability,
        **place,
    )
    message = None
    if filing.words:
        message = Message.objects.create(
            claim=claim,
            direction=Message.Direction.IN,
            channel=filing.channel,
            author=actor.user,
            text=filing.words,
            at=now,
        )
    if filing.session:
        uploads.join(session=filing.session, claim=claim, now=now, message=message)
    facts: dict[str, Any] = {}
    if tenant and str(tenant.pk) != str(filing.tenant):
        facts["filed_for"] = str(filing.tenant)
    if actor.mandate:
        facts["proxy"] = str(actor.mandate.pk)
    if filing.sent_anyway:
        facts["sent_anyway"] = True
    if followed:
        facts["same_as"] = str(followed.pk)
    if urgency not in (category.urgency, Urgency.U0):
        facts |= {"usual_urgency": category.urgency, "urgency": urgency, "needs": needs}
    record(claim, Event.FILED, actor=actor, now=now, **facts)
    emergency = urgency in EMERGENCIES or bool(heard)
    enqueue(Job.Kind.ROUTE, claim.pk, emergency=emergency)
    return claim


def _heard(filing: Filing) -> Danger | None:
    """Return the danger that the words may speak of; a sensor's are our own."""
    if filing.no_danger or filing.channel == Channel.SENSOR:
        return None
    return danger.find(filing.words)


def _household(place: dict[str, Any], now: datetime) -> list[int]:
    """Return who lives in the claim's home, to be kept with its link."""
    home = place["dwelling"]
    return links.household_now(home.pk if home else None, timezone.localdate(now))


def _followed(filing: Filing, place: dict[str, Any]) -> Claim | None:
    """Return the neighbours' claim, if it is still open and in the same building."""
    if not filing.same_as or not place["building"]:
        return None
    claims = Claim.objects.shared_in(place["building"].pk)
    return claims.filter(pk=filing.same_as).first()


def urgency_for(category: Category, tenant: Tenant | None, now: datetime) -> tuple[str, list[str]]:
    """Return the urgency of such a claim of ``tenant``, and the codes of their needs.

    Filing and the sentence that a call-taker says before filing both use it.
    """
    needs = _needs(tenant, now)
    return raise_urgency(category.urgency, needs), needs


def _needs(tenant: Tenant | None, now: datetime) -> list[str]:
    """Return the codes of the tenant's needs that have not expired (docs/principles.md, C3)."""
    if tenant is None:
        return []
    today = timezone.localdate(now)
    needs = tenant.needs.filter(expires__gte=today).order_by("code")
    return list(needs.values_list("code", flat=True))


def _place(filing: Filing) -> dict[str, Any]:
    """Return dwelling, staircase, building and residence from the smallest place known."""
    dwelling: Dwelling | None = None
    staircase: Staircase | None = None
    building: Building | None = None
    residence: Residence | None = None
    if filing.dwelling:
        dwelling = Dwelling.objects.select_related("staircase__building__residence").get(
            pk=filing.dwelling
        )
        staircase = dwelling.staircase
    elif filing.staircase:
        staircase = Staircase.objects.select_related("building__residence").get(pk=filing.staircase)
    if staircase:
        building = staircase.building
    elif filing.building:
        building = Building.objects.select_related("residence").get(pk=filing.building)
    if building:
        residence = building.residence
    elif filing.residence:
        residence = Residence.objects.get(pk=filing.residence)
    return {
        "dwelling": dwelling,
        "staircase": staircase,
        "building": building,
        "residence": residence,
    }
