"""Propose, open, update and close collective incidents, and add claims to them."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from agencies.models import Building, Equipment, Staircase
from portal.actor import Actor
from requests.catalogue.models import Category, Family
from requests.claims import workflow
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance, record
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.incidents import clusters, notices
from requests.incidents.models import Incident, IncidentClaim
from requests.kit.choices import OPEN, Channel, State
from requests.promises.outlook import Outlook
from requests.work_orders.order_proposal import equipment_of

RECENT = timedelta(days=7)  # older reports are not proposed
COLLECTIVE = Q(collective=True) | Q(asset__in=["building", "common"])


def _reports(claims) -> list[clusters.Report]:
    """Return the reports of those families and buildings that have enough of them for a group."""
    rows = _of_groups(claims).select_related("category__family", "building")
    made = []
    for claim in rows.prefetch_related("building__equipment"):
        equipment = equipment_of(claim)
        made.append(
            clusters.Report(
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


def _of_groups(claims):
    """Return those of ``claims`` that can join an incident and do not stand alone at their place.

    Family and building are compared first, on the claims' own columns: most of a week's reports
    are alone, and what surrounds them is not looked up.
    """
    kinds = Category.objects.filter(COLLECTIVE, sensitive=False)
    family_of = dict(kinds.order_by().values_list("pk", "family"))
    open_now = claims.filter(
        state__in=OPEN, building__isnull=False, confidential=False, category__in=list(family_of)
    )
    groups = defaultdict(list)
    for pk, kind, building in open_now.order_by().values_list("pk", "category", "building"):
        groups[family_of[kind], building].append(pk)
    found = [pk for keys in groups.values() if len(keys) >= clusters.REPORTS for pk in keys]
    # Each key went through the scope already; through it again, each would be looked up once more.
    return filter_groupable(Claim.objects.system("the scope found their keys").filter(pk__in=found))


def proposals(membership, now: datetime) -> list[clusters.Cluster]:
    """Return the incidents that the open claims visible to the member suggest."""
    claims = Claim.objects.visible_to(membership).filter(filed_at__gte=now - RECENT)
    return clusters.clusters(_reports(claims))


def open_incident_for(place, category: Category) -> Incident | None:
    """Return the open incident that a tenant at ``place`` is about to report again, or None.

    ``place`` has ``building_id`` and ``staircase_id`` (a claim, a draft), or is a Dwelling or a
    Staircase. Used for the "already reported, me too" question before filing.
    """
    staircase = place if isinstance(place, Staircase) else getattr(place, "staircase", None)
    building: int | None = getattr(place, "building_id", None)
    if building is None and staircase is not None:
        building = staircase.building_id
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
    """Open the incident, put the claims under it and tell every household of the place.

    There may be no claim yet. ``claims`` were fetched as visible to the member. Raises
    IntegrityError when an incident is already open at this place for this family.
    """
    incident = Incident.objects.create(
        building=building,
        family=family,
        staircase=staircase,
        equipment=equipment,
        title=title,
        text=text,
        opened_at=now,
        opened_by=actor.membership.user,
        expected_end=expected_end,
    )
    # The first report first: the others are told its date.
    for claim in sorted(claims, key=lambda claim: (claim.filed_at, claim.pk)):
        add_claim(incident=incident, claim=claim, actor=actor, now=now)
    notices.tell(incident, notices.Said.OPENED)
    return incident


@transaction.atomic
def add_claim(
    *, incident: Incident, claim: Claim, actor: Actor, now: datetime
) -> IncidentClaim | None:
    """Put one claim under an open incident and tell its household; None if it is under one.

    The author of a confidential one is told what we know, in their own conversation, and not that
    it is the neighbours' fault too: a text message is read by others.
    """
    held = _held(incident)
    member, new = IncidentClaim.objects.get_or_create(
        claim=claim, defaults={"incident": held, "at": now, "by": actor.user}
    )
    if not new:
        return None
    if not claim.is_confidential:
        record(claim, Event.JOINED_INCIDENT, actor=actor, now=now, incident=str(held.pk))
    _say(claim, held, actor, now)
    return member


@transaction.atomic
def file_in_incident(filing: Filing, *, incident: str, actor: Actor, now: datetime) -> Claim:
    """File a claim and put it under the incident that its tenant chose ("me too").

    The incident is the open one with key ``incident`` in the claim's building, or else the one of
    the neighbour's claim that the new claim follows. Without either, only file the claim. Raises
    the errors of ``file_claim``.
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


def similar_claims(claim: Claim, membership) -> list[Claim]:
    """Return open claims of the same family and building to group with ``claim``.

    Only claims visible to the member are returned; ``claim`` comes first. Returns [] when it cannot
    be grouped or when there is no other.
    """
    if claim.building_id is None or claim.is_confidential:
        return []
    rows = filter_groupable(Claim.objects.visible_to(membership)).filter(
        building=claim.building_id, category__family=claim.category.family_id
    )
    rows = list(rows.select_related("category", "staircase", "dwelling").order_by("filed_at")[:100])
    mine = [row for row in rows if row.pk == claim.pk]
    return mine + [row for row in rows if row.pk != claim.pk] if mine and len(rows) > 1 else []


def is_groupable(claim: Claim) -> bool:
    """Return whether ``filter_groupable`` keeps the claim."""
    alone = getattr(claim, "in_incident", None) is None
    placed = claim.state in OPEN and claim.building_id is not None
    return placed and alone and not claim.is_confidential


def filter_groupable(claims):
    """Return the claims that can join an incident: open, placed, in none yet, not confidential."""
    return claims.filter(
        state__in=OPEN,
        building__isnull=False,
        in_incident__isnull=True,
        **NOT_CONFIDENTIAL,
    )


def _next_news(incident: Incident, now: datetime) -> datetime | None:
    """Return when every household hears of it: at the expected end, when somebody is there."""
    first = _open_members(incident).filter(routed_at__isnull=False).first()
    if first is None or incident.expected_end is None or incident.expected_end <= now:
        return None
    return Outlook(first, now).nearest_attended(incident.expected_end)


def _say(claim: Claim, incident: Incident, actor: Actor, now: datetime) -> None:
    """Tell one household what we know; the expected end is everybody's next news."""
    channel = Channel.EMAIL if claim.contact_email else Channel.WEB
    conversation.write(
        claim=claim,
        text=incident.text,
        direction=Message.Direction.OUT,
        channel=channel,
        actor=actor,
        now=now,
        promise_at=_next_news(incident, now),
    )


def _held(incident: Incident, version: int | None = None) -> Incident:
    """Return the incident's row, locked.

    Raises ``Conflict`` unless it is at ``version``, ``NotAllowed`` once it is closed.
    """
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
def notify_all(
    *,
    incident: Incident,
    text: str,
    actor: Actor,
    now: datetime,
    expected_end: datetime | None = None,
    version: int | None = None,
) -> int:
    """Send one message to every household of the place; return how many conversations it is in.

    The others are told by ``notices.write``, each by its own channel.

    Raises ``Conflict`` when somebody else wrote meanwhile, ``NotAllowed`` once it is closed.
    """
    held = _held(incident, version)
    held.text, held.version = text, held.version + 1
    held.expected_end = expected_end or held.expected_end
    held.save(update_fields=["text", "version", "expected_end"])
    claims = list(_open_members(held))
    for claim in claims:
        _say(claim, held, actor, now)
    notices.tell(held, notices.Said.UPDATED)
    return len(claims)


@transaction.atomic
def close_incident(*, incident: Incident, actor: Actor, now: datetime, version=None) -> int:
    """Close the incident and ask every household whether it is fixed; return how many are asked.

    Those without a request are told that it is, and how to say that it is not.
    """
    held = _held(incident, version)
    held.closed_at, held.version = max(now, held.opened_at), held.version + 1
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
    notices.tell(held, notices.Said.CLOSED)
    return asked
