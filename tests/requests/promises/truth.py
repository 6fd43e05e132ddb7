"""Take every step of a claim, say it by every channel, and list where two sources disagree.

The row after the step is the truth: messages, letters, pages, lists, calls, the API and the proof
must quote it, and what is shown before the step must be what stands after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agencies.models import Desk
from portal.access import Role
from portal.actor import Actor
from portal.dates import clock, day
from portal.dates import moment as moment_text
from requests.api.serializers import ClaimShape
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.claims.workflow import TRANSITIONS, Transition
from requests.closing import dossier
from requests.conversation import actions as conversation
from requests.inbox import triage
from requests.kit.choices import OPEN, Channel, State, Urgency
from requests.notifications import claim_messages, events
from requests.notifications.models import Delivery
from requests.promises import deadlines, store
from requests.promises.outlook import Outlook
from requests.routing.actions import route_claim
from tests import factories, moments

REPLY = Event.MESSAGE_OUT
STEPS = (*TRANSITIONS, REPLY)
URGENCIES = tuple(Urgency)
CHANNELS = tuple(Channel)
PHONE = "06 12 34 56 78"
# A Wednesday morning, the end of that afternoon, a Friday evening, a Sunday night.
BEGINNINGS = tuple(
    datetime(2026, 11, day, hour, minute, 17, tzinfo=UTC)
    for day, hour, minute in ((18, 9, 30), (18, 15, 50), (20, 18, 12), (22, 1, 3))
)
# The steps that lead to a state, each after the one before.
PATHS = {
    State.RECEIVED: (),
    State.IN_REVIEW: (Event.TAKE_CHARGE,),
    State.WAITING_TENANT: (Event.ASK,),
    State.PLANNED: (Event.PLAN,),
    State.IN_PROGRESS: (Event.PLAN, Event.START),
    State.DONE: (Event.REPORT_DONE,),
    State.CLOSED: (Event.REPORT_DONE, Event.SAY_FIXED),
    State.REFUSED: (Event.REFUSE,),
}


@dataclass
class World:
    """A landlord with one category of each urgency, and who acts on its claims."""

    house: dict
    agent: Actor
    other: Desk
    client: Client
    staff: Client
    home: int
    codes: dict[str, str] = field(default_factory=dict)
    filed: int = 0

    @classmethod
    def make(cls, house: dict) -> "World":
        agent = factories.member(house["north"], "agent")
        staff = Client()
        staff.force_login(agent.user)
        made = cls(
            house,
            Actor.member(agent),
            Desk.objects.get(unit=house["north"], kind="clientele"),
            Client(),
            staff,
            house["dwelling"].pk,
        )
        for number, urgency in enumerate(URGENCIES):
            code = f"TST-{number:02}"
            hours, days = ({"U0": (0.25, 0.1), "U1": (1, 0.17), "U2": (4, 1)}).get(urgency, (24, 5))
            factories.category(
                code, urgency, "contractor_direct", ack_hours=hours, resolve_days=days
            )
            made.codes[urgency] = code
        return made

    def file(self, urgency: str, at: datetime, **values) -> Claim:
        self.filed += 1
        key = f"k{self.filed}"
        usual = {"contact_email": f"{key}@example.test", "contact_phone": PHONE, "key": key}
        claim = factories.leak(self.house, at, category=self.codes[urgency], **{**usual, **values})
        route_claim(claim_id=claim.pk, now=at)
        claim.refresh_from_db()
        return claim


def actor_of(world: World, row: Transition | None) -> Actor:
    """Return somebody who may take the step: the agent, else the tenant, else the system."""
    if row is None or Role.AGENT in row.roles:
        return world.agent
    return Actor.TENANT if Role.TENANT in row.roles else Actor.SYSTEM


def facts_of(world: World, step: str, at: datetime) -> dict:
    """Return what the step needs, as its form gives it."""
    given = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris
    visit = at.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    return {
        Event.ASK: {"text": "Une photo ?"},
        Event.ANSWER: {"text": "Voici."},
        Event.REFUSE: {"text": "Voici pourquoi.", "reason": "not_ours"},
        Event.REOPEN: {"text": "Encore."},
        Event.CLOSE_UNANSWERED: {"text": "Trois appels."},
        Event.INFORM: {"text": "Pardon.", "promise_at": given},
        Event.HAND_OVER: {"desk": world.other.pk, "reason": "x", "due": given.isoformat()},
        Event.PLAN: {"visit_at": visit, "visit_until": visit + timedelta(hours=2)},
    }.get(step, {})


def preview_facts(facts: dict) -> dict:
    """Return the dates of the facts under the names of ``Outlook.after``."""
    if "due" in facts:
        return {"given": datetime.fromisoformat(facts["due"])}
    if "promise_at" in facts:
        return {"given": facts["promise_at"]}
    return {name: facts[name] for name in ("visit_at", "visit_until") if name in facts}


def take(world: World, claim: Claim, step: str, at: datetime) -> ClaimEvent:
    """Take the step as its page does, and return its event."""
    if step == REPLY:
        conversation.write(
            claim=claim,
            text="Nous regardons.",
            direction="out",
            channel="email",
            actor=world.agent,
            now=at,
        )
    elif step == Event.MERGE:
        into = world.file("U3", at, contact_email=claim.contact_email)
        triage.merge(claim=claim, into=into, actor=world.agent, now=at)
    elif step == Event.RECLASSIFY:
        # Sooner than all others, so that the promise moves.
        category = type(claim.category).objects.get(code=world.codes["U1"])
        triage.reclassify(
            claim=claim, category=category, urgency="U1", reason="x", actor=world.agent, now=at
        )
    elif step == Event.RELOCATE:
        triage.relocate(
            claim=claim, place=world.house["dwelling"].staircase, actor=world.agent, now=at
        )
    elif step == Event.IDENTIFY:
        person = factories.tenant(factories.dwelling(world.house["dwelling"].staircase, claim.key))
        triage.identify(claim=claim, tenant=person, actor=world.agent, now=at)
    else:
        actor = actor_of(world, TRANSITIONS[step])
        facts = facts_of(world, step, at)
        advance(claim=claim, transition=step, actor=actor, now=at, **facts)
    return claim.events.filter(name=step).latest("at", "pk")


def prepared(world: World, step: str, source: str, urgency: str, at: datetime) -> Claim:
    """Return a claim in a state from which the step may be taken."""
    claim = world.file(urgency, at)
    for minute, earlier in enumerate(PATHS[State(source)], 1):
        take(world, claim, earlier, at + timedelta(minutes=minute))
    claim.refresh_from_db()
    return claim


def disagreements(
    world: World, steps: Iterable[str] = STEPS, urgencies: Iterable[str] = URGENCIES, first: int = 0
) -> tuple[int, list[str]]:
    """Return the number of cases, step × channel × urgency, and what is wrong in them.

    ``first`` is the number of the first urgency: hour, state and pages change with it.
    """
    cases, wrong = 0, []
    for number, step in enumerate(steps):
        row = TRANSITIONS.get(step)
        sources = sorted(row.sources & set(PATHS) if row else OPEN - {State.DONE})
        for turn, urgency in enumerate(urgencies, first):
            begun = BEGINNINGS[(number + turn) % len(BEGINNINGS)]
            source = sources[(number + turn) % len(sources)]
            claim = prepared(world, step, source, urgency, begun)
            at = begun + timedelta(minutes=7)
            before, facts = claim.promise_at, facts_of(world, step, at)
            foreseen = Outlook(claim, at).after(step, **preview_facts(facts))
            event = take(world, claim, step, at)
            claim.refresh_from_db()
            name = f"{step} from {source}, {urgency}"
            if step != Event.RECLASSIFY and foreseen != claim.promise_at:
                wrong.append(f"{name}: foreseen {foreseen}, then {claim.promise_at}")
            wrong += [f"{name}: {said}" for said in _hours(claim, at)]
            wrong += [f"{name}: {said}" for said in _sources(world, claim, event, at)]
            if (number + turn) % len(URGENCIES) == 0:  # one urgency of each step
                wrong += [f"{name}: {said}" for said in _staff_pages(world, claim, at)]
            for channel, faults in _said(event.pk, before).items():
                cases += 1
                wrong += [f"{name} by {channel}: {fault}" for fault in faults]
            wrong += [f"{name}: {said}" for said in _sent(event.pk, turn, at)]
    return cases, wrong


def _hours(claim: Claim, at: datetime) -> list[str]:
    """Return what is wrong with the hour of the promise: over, or nobody there to keep it."""
    due = claim.promise_at
    if due is None:
        return [] if claim.state not in OPEN - {State.WAITING_TENANT, State.DONE} else ["no date"]
    if due <= at:
        return [f"a date that is over: {due}"]
    visited = claim.state in {State.PLANNED, State.IN_PROGRESS} and due == claim.visit_until
    if visited or claim.urgency == "U0" or store.is_on_call(claim.owner):
        return []
    calendar = store.calendar_for(claim, at)
    return [] if deadlines.attended(due, at, calendar) == due else [f"nobody is there: {due}"]


def _said(event_pk: int, before: datetime | None) -> dict[str, list[str]]:
    """Return what is wrong with the text of the event by each channel, in both languages."""
    rows = ClaimEvent.unscoped.select_related("claim__category", "claim__owner__unit", "actor")
    event = rows.get(pk=event_pk)
    claim, name, after = event.claim, events.text_name(event), event.claim.promise_at
    if not name:
        moved = after is not None and after != before
        return {channel: ["the date moved in silence"] if moved else [] for channel in CHANNELS}
    kept = events.event_snapshot(event)
    found: dict[str, list[str]] = {channel: [] for channel in CHANNELS}
    for language in ("fr", "en"):
        with translation.override(language):
            wanted, stale = events.date_words(after), events.date_words(before)
            if event.name == Event.PLAN:
                wanted = events.visit_words(claim.visit_at, claim.visit_until)
        for channel, wrong in found.items():
            text = events.event_paragraph(claim, name, kept, channel, language)
            if after and wanted not in text:
                wrong.append(f"{wanted!r} is not in {text!r}")
            if before and before != after and stale != wanted and stale in text:
                wrong.append(f"the former date is in {text!r}")
    return found


def _sent(event_pk: int, turn: int, at: datetime) -> list[str]:
    """Return what is wrong with the message that really leaves, by e-mail or by SMS in turn."""
    event = ClaimEvent.unscoped.get(pk=event_pk)
    if turn % 2:
        Claim.objects.system("test").filter(pk=event.claim_id).update(contact_email="")
    claim_messages.notify(key=str(event_pk), now=at + timedelta(seconds=30))
    claim = Claim.objects.system("test").select_related("category").get(pk=event.claim_id)
    wrong = []
    for delivery in Delivery.objects.system("test").filter(event=event_pk):
        delivery.claim = claim
        text = claim_messages.paragraph(delivery)
        due = events.date_words(claim.promise_at)
        if event.name == Event.PLAN:
            due = events.visit_words(claim.visit_at, claim.visit_until)
        if claim.promise_at and due not in text:
            wrong.append(f"{delivery.channel} left without {due!r}: {text!r}")
    return wrong


def _sources(world: World, claim: Claim, event: ClaimEvent, at: datetime) -> list[str]:
    """Return what the tenant's page, the API and the proof say otherwise than the row."""
    due, wrong = claim.promise_at, []
    with moments.at(at):
        shape = ClaimShape(claim, context={"staff": True, "user": None})
        told = shape.get_promise_at(claim)
        if (datetime.fromisoformat(told) if told else None) != due:
            wrong.append(f"the API says {told}, the row {due}")
        page = world.client.get(f"/s/{claim.token}/")
        if page.context["promise"] != due:
            wrong.append(f"the page says {page.context['promise']}, the row {due}")
        if due and claim.state != State.DONE and _plain(moment_text(due)) not in _text(page):
            wrong.append(f"the page does not show {moment_text(due)}")
    made = dossier.build(claim, now=at + timedelta(seconds=1))
    coming = {
        datetime.fromisoformat(p["at"]) for p in made["promises"] if p["verdict"] == "to_come"
    }
    if due and due not in coming:
        wrong.append(f"the proof does not hold {due}")
    if due is None and coming:
        wrong.append(f"the proof promises {coming}")
    told = made["events"][-1]["promised"]
    if event.facts.get("promised") and told != due.isoformat():
        wrong.append(f"the proof says {told!r} with the step")
    return wrong


def _staff_pages(world: World, claim: Claim, at: datetime) -> list[str]:
    """Return where list, page and call sentence of staff do not show the promise."""
    due = claim.promise_at
    if due is None or claim.state == State.MERGED:
        return []
    wrong = []
    with moments.at(at):
        world.staff.force_login(world.agent.user)  # the last visit was on another day
        stamp = f'datetime="{timezone.localtime(due).isoformat()}"'
        page = world.staff.get(f"/agency/{claim.pk}/?q={claim.reference}")
        if _text(page).count(stamp) < 2:
            wrong.append(f"list and page of staff do not both show {due}")
        call = world.staff.get(reverse("calls:heard", args=[claim.pk]))
        aloud = claim.visit_at if claim.visit_stands else due
        if _plain(clock(aloud)) not in _text(call) or _plain(day(aloud)) not in _text(call):
            wrong.append(f"the call sentence does not say {aloud}")
    return wrong


def _plain(text: str) -> str:
    return " ".join(text.split())


def _text(answer) -> str:
    return _plain(unescape(answer.content.decode()))
