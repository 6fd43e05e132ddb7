"""Three years of invented claims, consistent with the transition table, written in bulk."""

import uuid
from datetime import datetime, timedelta
from random import Random

from agencies.models import Desk, Unit
from requests import routing
from requests.actions.filing import ALPHABET
from requests.choices import Channel, State
from requests.models import Category, Claim, ClaimEvent, Message, RoutingDecision
from requests.workflow import TRANSITIONS
from tenants.models import Occupancy

# How a claim went: the steps after "filed" and "routed", the state they leave, and how often.
COURSES = [
    (["take_charge", "plan", "report_done", "say_fixed"], State.CLOSED, 70),
    (["take_charge", "answer", "say_fixed"], State.CLOSED, 12),
    (["take_charge", "refuse"], State.REFUSED, 6),
    (["withdraw"], State.WITHDRAWN, 3),
]
OPEN_COURSES = [
    ([], State.RECEIVED, 5),
    (["take_charge"], State.IN_REVIEW, 4),
    (["take_charge", "ask"], State.WAITING_TENANT, 2),
    (["take_charge", "plan"], State.PLANNED, 3),
    (["take_charge", "plan", "report_done"], State.DONE, 2),
]
# Finished work that the caretaker of the demo has to look at.
FINISHED_ON_THE_ROUND = 2
TENANT_STEPS = {"say_fixed", "withdraw"}
WORDS = ["Depuis hier soir.", "C'est pire qu'avant.", "Les voisins aussi.", "Merci de passer.", ""]
CHANNELS = [Channel.WEB] * 5 + [Channel.PHONE] * 4 + [Channel.COUNTER, Channel.EMAIL, Channel.SMS]


def build(rng: Random, now: datetime) -> int:
    """About 2.5 claims per dwelling over three years; returns how many were written."""
    categories = list(Category.objects.exclude(urgency="U0").filter(public_rank__isnull=False))
    places = {
        o.lease.dwelling_id: (o.lease.dwelling, o.tenant)
        for o in Occupancy.objects.select_related(
            "tenant",
            "lease__dwelling__staircase__building__residence__unit",
            "lease__dwelling__staircase__building__residence__sector",
        )
    }
    homes = [places[key] for key in sorted(places)]
    round_homes = [pair for pair in homes if _on_the_round(pair[0])]
    desks = {(d.unit.code, d.kind): d for d in Desk.objects.select_related("unit")}
    head = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE).code
    claims, events, decisions, messages = [], [], [], []
    references: set[str] = set()
    for number in range(int(len(homes) * 2.5)):
        home, tenant = rng.choice(homes)
        category = rng.choice(categories)
        recent = number < max(8, len(homes) // 20)
        age = timedelta(hours=rng.uniform(1, 60)) if recent else _age(rng, now)
        steps, state, _ = _pick(rng, OPEN_COURSES if recent else COURSES)
        if number < FINISHED_ON_THE_ROUND:
            home, tenant = round_homes[number % len(round_homes)]
            steps, state, _ = OPEN_COURSES[-1]
        claim = _claim(rng, references, now - age, home, tenant, category, state)
        facts = routing.Facts(
            category.code,
            category.urgency,
            category.handled_by,
            home.staircase.building.residence.unit.code,
            True,
        )
        decision = routing.decide(facts)
        claim.owner = desks[(decision.unit or head, decision.desk)]
        claims.append(claim)
        decisions.append(
            RoutingDecision(
                claim=claim,
                desk=claim.owner,
                rule=decision.rule,
                facts=facts.as_dict(),
                at=claim.routed_at,
            )
        )
        events += _events(rng, claim, steps, age)
        if claim.words:
            messages.append(
                Message(
                    id=_uuid(rng),
                    claim=claim,
                    direction=Message.Direction.IN,
                    channel=claim.channel,
                    text=claim.words,
                    at=claim.filed_at,
                )
            )
    for model, rows in (
        (Claim, claims),
        (ClaimEvent, events),
        (RoutingDecision, decisions),
        (Message, messages),
    ):
        model._default_manager.bulk_create(rows, batch_size=2000)
    return len(claims)


def _on_the_round(home) -> bool:
    """Whether the demo's caretaker looks after this dwelling."""
    residence = home.staircase.building.residence
    return residence.unit.code == "agence-0" and residence.sector.name == "Secteur 1"


def _uuid(rng: Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _pick(rng: Random, courses):
    return rng.choices(courses, weights=[c[2] for c in courses])[0]


def _age(rng: Random, now: datetime) -> timedelta:
    """Between ten days and three years; winter months count double."""
    while True:
        age = timedelta(days=rng.uniform(10, 1095))
        if (now - age).month in {11, 12, 1, 2} or rng.random() < 0.5:
            return age


def _claim(rng, references, filed_at, home, tenant, category, state) -> Claim:
    reference = ""
    while not reference or reference in references:
        reference = "".join(rng.choices(ALPHABET, k=6))
    references.add(reference)
    building = home.staircase.building
    claim = Claim(
        id=_uuid(rng),
        reference=reference,
        token=f"{rng.getrandbits(200):050x}"[:43],
        channel=rng.choice(CHANNELS),
        key=f"demo-{len(references)}",
        digest="demo",
        category=category,
        urgency=category.urgency,
        state=state,
        tenant=tenant,
        contact_name=str(tenant),
        residence=building.residence,
        building=building,
        staircase=home.staircase,
        dwelling=None if category.collective else home,
        words=rng.choice(WORDS),
        filed_at=filed_at,
        routed_at=filed_at + timedelta(seconds=2),
    )
    claim.promise_at = filed_at + timedelta(hours=float(category.ack_hours))
    return claim


def _events(rng: Random, claim: Claim, steps: list[str], age: timedelta) -> list[ClaimEvent]:
    """Filed, routed, then the steps spread over the time there was; sets the closing dates."""
    made = [
        ClaimEvent(claim=claim, name="filed", at=claim.filed_at, role="tenant", state="received"),
        ClaimEvent(
            claim=claim,
            name="routed",
            at=claim.routed_at,
            role="system",
            state="received",
            facts={"desk": claim.owner_id},
        ),
    ]
    at = claim.routed_at
    share = min(age * 0.9, timedelta(days=rng.uniform(2, 20))) / (len(steps) or 1)
    for step in steps:
        at += share * rng.uniform(0.3, 1)
        facts = {}
        if step == "plan":
            claim.visit_at = at + timedelta(days=2)
            facts["visit_at"] = claim.visit_at.isoformat()
        if step in {"ask", "answer", "refuse"}:
            facts["text"] = "Bonjour, voici notre réponse."
        if step == "refuse":
            facts["reason"] = "tenant_upkeep"
        role = "tenant" if step in TENANT_STEPS else "agent"
        target = TRANSITIONS[step].target
        made.append(ClaimEvent(claim=claim, name=step, at=at, role=role, state=target, facts=facts))
    claim.version = 1 + len(steps)
    if claim.state in {State.CLOSED, State.REFUSED, State.WITHDRAWN}:
        claim.ended_at = at
    return made
