"""Three years of invented claims: by season, by frequency, with their conversations and photos."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from agencies.models import Desk
from portal.access import Role
from requests import routing
from requests.catalogue.models import Category
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.demo import landlord, openings, pictures, stories
from requests.demo.claim_history import ClaimHistory
from requests.demo.landlord import Home
from requests.demo.people import Holder
from requests.demo.world import WeightedChoice, World
from requests.filing.actions import ALPHABET
from requests.kit.choices import Channel, Responsible, Urgency
from requests.promises import deadlines

PER_DWELLING = 2.5  # claims in three years
OPEN_SHARE = 0.012  # of the dwellings have an open claim
LATE_SHARE = 0.05  # of the open claims are past their promise
IN, OUT, NOTE = Message.Direction.IN, Message.Direction.OUT, Message.Direction.NOTE
DAY = timedelta(days=1)
SHORT_OF_STAFF, SINCE = 3, timedelta(days=180)  # the agency of the hills

TAKERS = {Channel.PHONE: Role.CALL_TAKER, Channel.COUNTER: Role.AGENT, Channel.LETTER: Role.AGENT}
# Why a claim is refused, by who is responsible for the fault: a lift is never a tenant's upkeep.
REFUSALS = {
    Responsible.TENANT: WeightedChoice({"tenant_upkeep": 90, "already_done": 5, "other": 5}),
    Responsible.SHARED: WeightedChoice({"tenant_upkeep": 60, "already_done": 25, "other": 15}),
    Responsible.THIRD_PARTY: WeightedChoice({"not_ours": 90, "other": 10}),
}
OUR_REFUSALS = WeightedChoice({"already_done": 60, "other": 40})
REFUSABLE = frozenset({Urgency.U3, Urgency.U4, Urgency.U5})  # repairs that can wait
OFFICE = frozenset({Urgency.A1, Urgency.A2, Urgency.A3, Urgency.A4})  # nobody visits for these


STAGES = WeightedChoice(
    {"received": 30, "in_review": 26, "planned": 20, "waiting": 12, "in_progress": 6, "done": 6}
)


def build(world: World) -> int:
    """Write ended claims of three years, then the open ones of today; return how many."""
    rng = world.rng
    for _ in range(int(len(world.homes) * PER_DWELLING)):
        build_ended_claim(world)
    for home in rng.sample(world.homes, max(6, int(len(world.homes) * OPEN_SHARE))):
        # The first agency's claims of the morning are in working_day.py.
        if home.unit or rng.random() < 0.15:
            build_open_claim(world, home)
    return world.filed


def file(
    world: World,
    home: Home,
    holder: Holder | None,
    category: Category,
    at: datetime,
    channel: str,
    words: str,
) -> tuple[ClaimHistory, int | None]:
    """Return a claim filed and routed by the product's own rules, and the unit that owns it."""
    rng = world.rng
    reference = ""
    while not reference or reference in world.references:
        reference = "".join(rng.choices(ALPHABET, k=6))
    world.references.add(reference)
    world.filed += 1
    asset = category.asset
    history = ClaimHistory(
        world.bulk,
        rng,
        at,
        category=category.code,
        reference=reference,
        channel=str(channel),
        key=f"demo-{world.filed}",
        digest="demo",
        category_id=category.pk,
        urgency=category.urgency,
        tenant_id=holder.tenant if holder else None,
        identified_at=at if holder else None,
        contact_name=holder.name if holder else "",
        contact_email=holder.email if holder and channel in {"web", "email"} else "",
        contact_phone=holder.phone if holder else "",
        language=holder.language if holder else "fr",
        residence_id=home.residence,
        building_id=home.building if asset != "residence" else None,
        staircase_id=home.staircase if asset != "residence" else None,
        dwelling_id=home.dwelling if asset == "dwelling" else None,
        words=words,
    )
    taker = TAKERS.get(Channel(channel))
    unit = None if taker == Role.CALL_TAKER else home.unit
    if taker:
        history.event(Event.FILED, taker, world.member(unit, taker))
    else:
        history.event(Event.FILED, Role.TENANT)
    first = history.say(IN, channel, words) if words else None
    subject = pictures.FAMILIES.get(category.family.code)
    if subject and channel in {"web", "email"} and rng.random() < 0.3:
        for picture in rng.sample(world.photos[subject], rng.choice([1, 1, 2])):
            history.photo(picture, first)
    facts = routing.RoutingInput(
        category=category.code,
        urgency=category.urgency,
        handled_by=category.handled_by,
        unit=landlord.unit_code(home.unit),
        unit_open=deadlines.is_open(at, world.calendar),
    )
    decision = routing.decide(facts)
    owner = home.unit if decision.unit else None
    desk = world.desks[owner, str(decision.desk)]
    on_call = decision.desk == Desk.Kind.ON_CALL
    history.add_decision(decision, facts, desk, world.promise(category, at, on_call=on_call))
    return history, owner


def _holder(world: World, home: Home, at: datetime) -> Holder | None:
    """Return who lived there at that moment."""
    for holder in world.holders.get(home.dwelling, ()):
        if holder.since <= at.date() and (holder.until is None or at.date() <= holder.until):
            return holder
    return None


def _working(at: datetime, world: World) -> datetime:
    """Return the same instant, or the next office morning (UTC is close enough for the past)."""
    while at.weekday() > 4 or not 7 <= at.hour < 16:
        later = at.hour >= 16 or at.weekday() > 4
        at = at.replace(hour=7, minute=world.rng.randrange(30, 60)) + (
            DAY if later else timedelta()
        )
    return at


class Course:
    """Place the steps of one claim in time: a share of the span each, staff in office hours."""

    def __init__(
        self,
        world: World,
        history: ClaimHistory,
        category: Category,
        unit: int | None,
        span: timedelta,
    ) -> None:
        self.world, self.history, self.unit, self.span = world, history, unit, span
        self.category = category
        self.start = history.at
        self.role = Role.AGENT if unit is not None else Role.HEAD_OFFICE
        self.agent = world.member(unit, self.role)
        self.channel = history.claim["channel"]

    def wait(self, share: float, *, office: bool = True) -> None:
        at = max(self.start + self.span * share, self.history.at + timedelta(minutes=7))
        self.history.at = _working(at, self.world) if office else at

    def staff(self, step: str, share: float, **facts: object) -> None:
        self.wait(share)
        self.history.step(step, self.role, self.agent, **facts)

    def tenant(self, step: str, share: float, **facts: object) -> None:
        self.wait(share, office=False)
        self.history.step(step, Role.TENANT, None, **facts)

    def write(self, share: float, text: str) -> None:
        """Write to the tenant."""
        self.wait(share)
        key = self.history.say(OUT, self.channel, text, self.agent)
        self.history.event(Event.MESSAGE_OUT, self.role, self.agent, message=str(key))

    def hear(self, share: float, text: str) -> None:
        """Write a message of the tenant."""
        self.wait(share, office=False)
        key = self.history.say(IN, self.channel, text)
        self.history.event(Event.MESSAGE_IN, Role.TENANT, message=str(key))

    def note(self, share: float) -> None:
        self.wait(share)
        self.history.say(NOTE, Channel.WEB, self.world.rng.choice(stories.NOTES), self.agent)

    def send(self, step: str, share: float, text: str, **facts: object) -> None:
        """Make a transition whose text goes to the tenant."""
        self.wait(share)
        self.history.say(OUT, self.channel, text, self.agent)
        self.history.step(step, self.role, self.agent, text=text, **facts)

    def visit(self, share: float, *, after: timedelta | None = None) -> None:
        """Plan a visit; news is promised for the day after it."""
        self.wait(share)
        visit = _working(self.history.at + (after or self.span * 0.3 + DAY / 2), self.world)
        visit = visit.replace(minute=0, second=0, microsecond=0)
        rng, facts = self.world.rng, {}
        if rng.random() < 0.5:
            facts["proposed"] = {"rule": "visit", "kept": rng.random() < 0.8}
        self.history.step(
            Event.PLAN, self.role, self.agent, visit_at=visit, promise_at=visit + DAY, **facts
        )


def _planned(course: Course, rng: Random) -> None:
    course.staff(Event.TAKE_CHARGE, 0.02)
    if rng.random() < 0.25:
        course.note(0.05)
    if rng.random() < 0.15:
        course.send(Event.ASK, 0.08, rng.choice(stories.ASKS))
        course.hear(0.15, rng.choice(stories.FOLLOW))
        course.history.step(Event.TENANT_ANSWERED, Role.TENANT)
    if rng.random() < 0.3:
        course.write(0.2, rng.choice(stories.REPLIES))
    if rng.random() < 0.06:
        _hand_over(course, rng, 0.25)
    course.visit(0.3)
    if rng.random() < 0.2:
        course.hear(0.4, rng.choice(stories.FOLLOW))
    course.staff(Event.REPORT_DONE, 0.7)


def _fixed(course: Course, rng: Random) -> None:
    _planned(course, rng)
    if rng.random() < 0.3:
        course.hear(0.85, rng.choice(stories.FOUND))
    course.tenant(Event.SAY_FIXED, 0.9)


def _answered(course: Course, rng: Random) -> None:
    course.staff(Event.TAKE_CHARGE, 0.05)
    texts = stories.ANSWERS if course.category.urgency in OFFICE else stories.ADVICE
    course.send(Event.ANSWER, 0.4, rng.choice(texts))
    course.tenant(Event.SAY_FIXED, 0.8)


def _reopened(course: Course, rng: Random) -> None:
    _fixed(course, rng)
    text = rng.choice(stories.UNMENDED)
    course.wait(0.92, office=False)
    course.history.say(IN, course.channel, text)
    course.history.step(Event.REOPEN, Role.TENANT, text=text)
    course.visit(0.94)
    course.staff(Event.REPORT_DONE, 0.97)
    course.tenant(Event.SAY_FIXED, 1)


def _not_fixed(course: Course, rng: Random) -> None:
    _planned(course, rng)
    course.hear(0.74, rng.choice(stories.UNMENDED))
    course.history.step(Event.SAY_NOT_FIXED, Role.TENANT)
    course.visit(0.78)
    course.staff(Event.REPORT_DONE, 0.9)
    # Half of them answer a second time.
    if rng.random() < 0.5:
        course.tenant(Event.SAY_FIXED, 0.98)
    else:
        course.staff(Event.CLOSE_UNANSWERED, 1, text=stories.UNREACHED)


def _unreached(course: Course, rng: Random) -> None:
    _planned(course, rng)
    course.staff(Event.CLOSE_UNANSWERED, 1, text=stories.UNREACHED)


def _refused(course: Course, rng: Random) -> None:
    if course.category.urgency not in REFUSABLE:
        return _answered(course, rng)
    reason = REFUSALS.get(Responsible(course.category.responsible), OUR_REFUSALS).draw(rng)
    course.staff(Event.TAKE_CHARGE, 0.05)
    course.send(Event.REFUSE, 0.3, stories.REFUSALS[reason], reason=reason)


def _withdrawn(course: Course, rng: Random) -> None:
    if rng.random() < 0.5:
        course.staff(Event.TAKE_CHARGE, 0.1)
    course.tenant(Event.WITHDRAW, 0.4)


def _hand_over(course: Course, rng: Random, share: float) -> None:
    """Hand the claim over to another desk, with a reason and a date that both sides see."""
    kind = rng.choice([Desk.Kind.STOCK, Desk.Kind.RENT, Desk.Kind.SOCIAL])
    course.wait(share)
    due = _working(course.history.at + 4 * DAY, course.world)
    course.history.step(
        Event.HAND_OVER,
        course.role,
        course.agent,
        desk=course.world.desks[None, kind.value],
        reason=rng.choice(stories.HAND_OVERS),
        due=due,
    )
    course.unit, course.role = None, Role.HEAD_OFFICE
    course.agent = course.world.member(None, Role.HEAD_OFFICE)


ENDINGS: WeightedChoice = WeightedChoice(
    {
        _fixed: 60,
        _answered: 14,
        _unreached: 7,
        _refused: 6,
        _not_fixed: 5,
        _reopened: 4,
        _withdrawn: 4,
    }
)
OFFICE_ENDINGS: WeightedChoice = WeightedChoice({_answered: 92, _withdrawn: 8})


def build_ended_claim(
    world: World,
    home: Home | None = None,
    category: Category | None = None,
    at: datetime | None = None,
) -> None:
    """Write a claim that came to its end.

    What is not given is drawn; ``at`` is ten days ago or more.
    """
    rng = world.rng
    home = home or rng.choice(world.homes)
    category = category or world.categories.draw(rng)
    at = at or world.moment(category)
    channel = world.channels.draw(rng)
    words = openings.opening(rng, category.code)
    history, unit = file(world, home, _holder(world, home, at), category, at, channel, words)
    usual = (float(category.resolve_days) + 0.3) * _slowness(world, home, at, channel)
    span = timedelta(days=usual * rng.lognormvariate(0.2, 0.6))
    course = Course(world, history, category, unit, min(span, (world.now - at) * 0.5))
    endings = OFFICE_ENDINGS if category.urgency in OFFICE else ENDINGS
    ending: Callable = endings.draw(rng)
    ending(course, rng)
    history.write()


def _slowness(world: World, home: Home, at: datetime, channel: str) -> float:
    """Return how much longer than usual it took, so that boards have something to tell.

    One agency has two posts vacant since half a year; letters wait for who opens them.
    """
    short_of_staff = home.unit == SHORT_OF_STAFF and world.now - at < SINCE
    return (2.2 if short_of_staff else 1.0) * (1.5 if channel == Channel.LETTER else 1.0)


def advance_to_stage(world: World, history: ClaimHistory, unit: int | None, stage: str) -> None:
    """Bring an open claim to ``stage`` between its filing and now, promises in the future."""
    rng = world.rng
    role = Role.AGENT if unit is not None else Role.HEAD_OFFICE
    agent = world.member(unit, role)
    soon = _working(world.now + DAY * rng.uniform(1, 6), world).replace(
        minute=0, second=0, microsecond=0
    )

    def tick() -> None:
        history.at += (world.now - history.at) * 0.4

    if stage == "received":
        return
    tick()
    history.step(Event.TAKE_CHARGE, role, agent)
    if stage == "in_review":
        return
    tick()
    if stage == "waiting":
        text = rng.choice(stories.ASKS)
        history.say(OUT, history.claim["channel"], text, agent)
        history.step(Event.ASK, role, agent, text=text, promise_at=soon)
        return
    history.step(Event.PLAN, role, agent, visit_at=soon, promise_at=soon + DAY)
    if stage in {"in_progress", "done"}:
        tick()
        history.step(Event.START, role, agent)
    if stage == "done":
        tick()
        history.step(Event.REPORT_DONE, role, agent)


def build_open_claim(world: World, home: Home) -> None:
    """Write a claim that is being worked on now; few are past their promise."""
    rng = world.rng
    category = world.categories.draw(rng)
    late = rng.random() < LATE_SHARE
    at = world.recent(category, rng.uniform(1.1, 1.6) if late else rng.uniform(0.05, 0.9))
    holder = _holder(world, home, world.now)
    words = openings.opening(rng, category.code)
    history, unit = file(world, home, holder, category, at, world.channels.draw(rng), words)
    if not late:
        advance_to_stage(world, history, unit, STAGES.draw(rng))
    history.write()
