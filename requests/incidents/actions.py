"""Collective incidents: proposed from reports, told to every household, closed by each of them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from agencies.models import Building, Equipment, Staircase
from portal.actor import Actor
from requests.catalogue.models import Category, Family
from requests.claims import workflow
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance, record
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.incidents import grouping
from requests.incidents.models import Incident, IncidentClaim
from requests.kit.choices import OPEN, Channel, State
from requests.work_orders.order_proposal import equipment_of

RECENT = timedelta(days=7)  # reports older than this are no news
COLLECTIVE = Q(category__collective=True) | Q(category__asset__in=["building", "common"])


def _reports(claims) -> list[grouping.Report]:
    rows = groupable(claims).filter(COLLECTIVE).select_related("category__family", "building")
    made = []
    for claim in rows:
        equipment = equipment_of(claim)
        made.append(
            grouping.Report(
                claim=str(claim.pk),
                family=claim.category.family.code,
                filed=claim.filed_at,
                building=claim.building_id,
                staircase=claim.staircase_id,
                equipment=equipment.pk if equipment else None,
                household=str(claim.dwelling_id or claim.tenant_id or claim.contact_phone or ""),
            )
        )
    return made


def proposals(membership, now: datetime) -> list[grouping.Cluster]:
    """Incidents that the open claims a member sees look like."""
    claims = Claim.objects.visible_to(membership).filter(filed_at__gte=now - RECENT)
    return grouping.clusters(_reports(claims))


def open_incident_for(place, category: Category) -> Incident | None:
    """The open incident a tenant at ``place`` is about to report again, or None.

    ``place`` has ``building_id`` and ``staircase_id`` (a claim, a draft), or is a Dwelling or a
    Staircase. For the "already reported, me too" question before filing.
    """
    staircase = getattr(place, "staircase", place if isinstance(place, Staircase) else None)
    building = getattr(place, "building_id", None) or (staircase and staircase.building_id)
    if building is None:
        return None
    here = Q(staircase__isnull=True)
    if staircase is not None:
        here |= Q(staircase=staircase)
    return (
        Incident.objects.filter(
            here, family=category.family_id, building=building, closed_at__isnull=True
        )
        .order_by("-opened_at")
        .first()
    )


@transaction.atomic
def open_incident(
    *,
    building: Building,
    family: Family,
    title: str,
    text: str,
    actor: Actor,
    now: datetime,
    claims=(),
    staircase: Staircase | None = None,
    equipment: Equipment | None = None,
    expected_end: datetime | None = None,
) -> Incident:
    """Open the incident, put the claims under it and tell each household. IntegrityError if open.

    ``claims`` are rows fetched as visible to the member.
    """
    incident = Incident.objects.create(
        building=building,
        family=family,
        staircase=staircase,
        equipment=equipment,
        title=title,
        text=text,
        opened_at=now,
        opened_by=actor.user,
        expected_end=expected_end,
    )
    for claim in claims:
        add_claim(incident=incident, claim=claim, actor=actor, now=now)
    return incident


@transaction.atomic
def add_claim(
    *, incident: Incident, claim: Claim, actor: Actor, now: datetime
) -> IncidentClaim | None:
    """Put one claim under an open incident and tell its household; None if it is under one."""
    held = _held(incident)
    member, new = IncidentClaim.objects.get_or_create(
        claim=claim, defaults={"incident": held, "at": now, "by": actor.user}
    )
    if not new:
        return None
    record(claim, Event.JOINED_INCIDENT, actor=actor, now=now, incident=str(held.pk))
    _say(claim, held.text, actor, now)
    return member


@transaction.atomic
def file_under(filing: Filing, *, incident: str, actor: Actor, now: datetime) -> Claim:
    """File a claim and put it under the incident its tenant said it belongs to ("me too").

    That is the open incident with key ``incident`` in the claim's building, or the one of the
    neighbours' claim it joins; without any it is a claim like others. Raises as ``file_claim``.
    """
    claim = file_claim(filing, actor=actor, now=now)
    rows = Incident.objects.filter(closed_at__isnull=True, building=claim.building_id)
    if incident:
        found = rows.filter(pk=incident).first()
    else:
        found = rows.filter(members__claim=claim.follows_id).first() if claim.follows_id else None
    if found and found.family_id == claim.category.family_id:
        add_claim(incident=found, claim=claim, actor=actor, now=now)
    return claim


def alike(claim: Claim, membership) -> list[Claim]:
    """Open claims of the same family in the same building that a member could group with it.

    ``claim`` comes first when it can be grouped; [] when it cannot, or is alone.
    """
    if claim.building_id is None or claim.category.sensitive:
        return []
    rows = groupable(Claim.objects.visible_to(membership)).filter(
        building=claim.building_id, category__family=claim.category.family_id
    )
    rows = list(rows.select_related("category", "staircase", "dwelling").order_by("filed_at")[:100])
    mine = [row for row in rows if row.pk == claim.pk]
    return mine + [row for row in rows if row.pk != claim.pk] if mine and len(rows) > 1 else []


def groupable(claims):
    """Those that are open, placed, under no incident, and not for their author alone."""
    return claims.filter(
        state__in=OPEN,
        building__isnull=False,
        in_incident__isnull=True,
        category__sensitive=False,
    )


def _say(claim: Claim, text: str, actor: Actor, now: datetime) -> None:
    channel = Channel.EMAIL if claim.contact_email else Channel.WEB
    said = {"text": text, "direction": Message.Direction.OUT, "channel": channel}
    conversation.write(claim=claim, actor=actor, now=now, **said)


def _held(incident: Incident, version: int | None = None) -> Incident:
    """The row, locked. Raises ``Conflict`` unless at ``version``, ``NotAllowed`` once closed."""
    held = Incident.objects.select_for_update().get(pk=incident.pk)
    if version is not None and held.version != version:
        raise Conflict
    if held.closed_at:
        raise workflow.NotAllowed("this incident is closed")
    return held


def _open_members(incident: Incident):
    claims = Claim.objects.system("incident").filter(in_incident__incident=incident, state__in=OPEN)
    return claims.order_by("filed_at")


@transaction.atomic
def tell_all(
    *,
    incident: Incident,
    text: str,
    actor: Actor,
    now: datetime,
    expected_end: datetime | None = None,
    version: int | None = None,
) -> int:
    """One message to every household, each by its own channel; returns how many.

    Raises ``Conflict`` when somebody else wrote meanwhile, ``NotAllowed`` once it is closed.
    """
    held = _held(incident, version)
    held.text, held.version = text, held.version + 1
    held.expected_end = expected_end or held.expected_end
    held.save(update_fields=["text", "version", "expected_end"])
    claims = list(_open_members(held))
    for claim in claims:
        _say(claim, text, actor, now)
    return len(claims)


@transaction.atomic
def close_incident(*, incident: Incident, actor: Actor, now: datetime, version=None) -> int:
    """The fault is repaired, we think: every household is asked for itself; returns how many."""
    held = _held(incident, version)
    held.closed_at, held.version = now, held.version + 1
    held.save(update_fields=["closed_at", "version"])
    asked = 0
    for claim in _open_members(held).exclude(state=State.DONE):
        advance(
            claim=claim,
            transition=Event.REPORT_DONE,
            actor=actor,
            now=now,
            incident=str(held.pk),
        )
        asked += 1
    return asked
