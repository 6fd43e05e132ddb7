"""Absences, help between agents, complaints and escalations: a little of each for the demo.

Made through the same actions as real ones; their jobs are removed, so that a demo sends nothing by
itself.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import Desk, Membership, Unit
from portal.access import Role
from portal.actor import Actor
from requests.claims.models import Claim
from requests.complaints import actions as complaints
from requests.complaints.models import Route
from requests.jobs.models import Job
from requests.kit.choices import ENDED, OPEN, Channel, State
from requests.promises.models import EscalationStep, EscalationTold, Promise
from requests.teamwork import absences, assignment, assistance, mail_choices, watches
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Snooze
from requests.teamwork.models import Seat, Sharing

COMPLAINTS = (
    "Deux visites annulées sans prévenir. J’ai posé deux demi-journées pour rien.",
    "On m’a dit que c’était réparé, et personne n’est passé vérifier.",
)

ASIDE = timedelta(days=2)


def build(now: datetime) -> int:
    """Write it all for the first agency; return how many claims were added."""
    unit = Unit.objects.filter(kind=Unit.Kind.AGENCY).order_by("pk").first()
    if unit is None:
        return 0
    agents = list(Membership.objects.filter(unit=unit, role=Role.AGENT).order_by("pk"))
    manager = Membership.objects.filter(unit=unit, role=Role.AGENCY_MANAGER).first()
    if len(agents) < 3 or manager is None:
        return 0
    _away(agents, manager, now)
    _in_hand(unit, agents, now)
    _shared_attention(unit, agents, manager, now)
    _passed_up(unit, agents[0], manager, now)
    _shared(unit, agents)
    _helped(unit, manager, now)
    # Another agency, so that the first agency's day stays as its screens are shown.
    other = Unit.objects.filter(kind=Unit.Kind.AGENCY).order_by("pk")[1]
    added = _complained(other, agents[0], now)
    Job.objects.all().delete()
    return added


def _away(agents: list[Membership], manager: Membership, now: datetime) -> None:
    today = timezone.localdate(now)
    spans = (
        (agents[1], today - timedelta(days=1), 4, agents[0]),
        (agents[2], today + timedelta(days=9), 6, None),
    )
    for member, first, days, instead in spans:
        absences.enter(
            member=member,
            first_day=first,
            last_day=first + timedelta(days=days),
            replacement=instead,
            by=manager.user,
            now=now,
        )


def _open(unit: Unit) -> QuerySet[Claim]:
    return (
        Claim.objects.system("demo")
        .filter(state__in=OPEN, owner__unit=unit)
        .order_by("promise_at", "pk")
    )


def _in_hand(unit: Unit, agents: list[Membership], now: datetime) -> None:
    claims = _open(unit).filter(state=State.IN_REVIEW)[:6]
    for number, claim in enumerate(claims):
        assignment.assign(claim, agents[number % 3], why=Charge.Why.TAKEN, now=now)


def _shared_attention(
    unit: Unit, agents: list[Membership], manager: Membership, now: datetime
) -> None:
    """The first agent: one claim given by the manager, one put aside, one followed."""
    agent = agents[0]
    waiting = list(_open(unit).filter(state=State.WAITING_TENANT)[:2])
    visits = list(_open(unit).filter(state=State.PLANNED, promise_at__gt=now + ASIDE)[:1])
    for claim in waiting[:1]:
        assignment.assign(claim, agent, why=Charge.Why.ASSIGNED, now=now, by=manager)
    mail_choices.choose(membership=agent, how=mail_choices.How.AT_ONCE)
    for claim in waiting[1:]:
        watches.follow(claim=claim, membership=agent, now=now)
    for claim in visits:
        until, why = now + ASIDE / 2, Snooze.Why.COMPANY
        Snooze.objects.create(claim=claim, membership=agent, why=why, starts_at=now, until=until)


def _passed_up(unit: Unit, agent: Membership, manager: Membership, now: datetime) -> None:
    promises = Promise.objects.filter(
        claim__in=_open(unit), due_at__isnull=False, kept_at=None, ended_at=None
    ).order_by("due_at", "pk")[:4]
    for promise in promises:
        due = promise.due_at or now
        told = {"before": agent, "due": manager} if due < now else {"before": agent}
        for level, member in told.items():
            step, _new = EscalationStep.objects.update_or_create(
                promise=promise,
                level=level,
                defaults={"due_at": min(due, now), "done_at": now},
            )
            EscalationTold.objects.create(step=step, membership=member, at=now, mailed_at=now)


def _shared(unit: Unit, agents: list[Membership]) -> None:
    desk = Desk.objects.get(unit=unit, kind=Desk.Kind.TECHNICAL)
    Sharing.objects.create(desk=desk, most_in_hand=12)
    for agent in agents:
        Seat.objects.create(desk=desk, membership=agent)
        Seat.objects.create(desk=Desk.objects.get(unit=unit, kind="clientele"), membership=agent)


def _helped(unit: Unit, manager: Membership, now: datetime) -> None:
    desk = Desk.objects.get(unit=unit, kind=Desk.Kind.TECHNICAL)
    others = list(Unit.objects.exclude(pk=unit.pk).filter(kind=Unit.Kind.AGENCY).order_by("pk"))
    words = "Deux absences cette semaine : pouvez-vous prendre quelques fuites ?"
    for number, other in enumerate(others[:2]):
        help = assistance.ask(
            desk=desk,
            helper=other,
            number=3,
            until=now + timedelta(days=10),
            words=words,
            by=manager.user,
            now=now,
        )
        theirs = Membership.objects.filter(unit=other, role=Role.AGENCY_MANAGER).first()
        if number == 0 and theirs:
            assistance.answer(help=help, accept=True, words="Oui.", by=theirs.user, now=now)


def _to_complain_about(unit: Unit) -> list[Claim]:
    """Return claims of tenants: those reported done, then the open ones, then those just ended."""
    whose = {"category__sensitive": False, "tenant__isnull": False}
    ended = Claim.objects.system("demo").filter(owner__unit=unit, state__in=ENDED, **whose)
    claims = [*_open(unit).filter(**whose), *ended.order_by("-ended_at", "pk")[: len(COMPLAINTS)]]
    rank = {State.DONE: 0} | dict.fromkeys(ENDED, 2)
    return sorted(claims, key=lambda claim: rank.get(claim.state, 1))


def _complained(unit: Unit, agent: Membership, now: datetime) -> int:
    about = _to_complain_about(unit)[: len(COMPLAINTS)]
    made = [
        complaints.file(about=claim, words=words, channel=Channel.WEB, actor=Actor.TENANT, now=now)
        for claim, words in zip(about, COMPLAINTS, strict=False)
    ]
    damp = _open(unit).filter(category__family__code="HUM").first()
    if damp:
        today = timezone.localdate(now)
        complaints.record_formal_notice(
            claim=damp,
            kind="decency",
            dated=today - timedelta(days=6),
            received=today - timedelta(days=4),
            answer_by=None,
            channel=Channel.LETTER,
            words="Supprimer l’humidité de la chambre et rendre le logement décent.",
            actor=Actor.member(agent),
            now=now,
        )
    Route.objects.create(
        kind="ombudsman",
        name="Médiateur du logement de Valmer",
        address="BP 12\n99000 Valmer",
        website="https://mediateur.example",
    )
    Route.objects.create(
        kind="conciliation",
        name="Commission de conciliation de Valmer",
        address="Préfecture, 1 place du Marché\n99000 Valmer",
        phone="02 40 00 00 09",
    )
    return len(made)
