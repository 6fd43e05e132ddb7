"""Two agents on one list, steps drawn by a seed, each from what its agent last saw.

After each step: no text is lost, nothing was done twice, and the list says what the rows say.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from agencies.models import Membership
from portal.actor import Actor
from portal.clock import now
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from requests.kit.choices import OPEN
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Snooze
from tests import trust
from tests.requests.fixtures.desk import make_claim, make_unit, url

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.trust]
STEPS = trust.size(60, 200)
INBOX = "/agency/"


def rows():
    return Claim.objects.system("test")


@dataclass
class Agent:
    """A person with a browser: ``seen`` is the version of each claim that they last looked at."""

    member: Membership
    client: Any
    seen: dict = field(default_factory=dict)
    undo: str = ""

    def look(self, claim) -> None:
        page = self.client.get(url("claim", claim), headers={"X-Pane": "claim"})
        if page.status_code == 200:
            self.seen[claim.pk] = page.context["claim"].version
            done = [toast["undo"] for toast in page.context["toasts"] if toast["undo"]]
            self.undo = done[-1] if done else self.undo


def fresh(claim) -> Claim:
    return rows().get(pk=claim.pk)


class Desk:
    """The two at work, and the checks after each step."""

    def __init__(self, agents: list[Agent], claims: list[Claim], other, luck: random.Random):
        self.agents, self.claims, self.other, self.luck = agents, claims, other, luck
        self.done: dict[str, int] = {}

    def step(self, number: int) -> None:
        agent = self.luck.choice(self.agents)
        claim = fresh(self.luck.choice(self.claims))
        # Half the time from an older look, as when a colleague was quicker.
        if claim.pk not in agent.seen or self.luck.random() < 0.5:
            agent.look(claim)
        name = self.luck.choice(WHAT)
        kind = DO[name](self, agent, claim, f"Texte {number}, étape {name}.")
        self.done[f"{name}: {kind}"] = self.done.get(f"{name}: {kind}", 0) + 1
        self.check_list(self.agents[number % 2])

    def post(self, agent, claim, address: str, words: str, may: bool, **given) -> str:
        """Post a form as it was last seen; check what became of its text and of the claim."""
        before, version = fresh(claim), agent.seen.get(claim.pk, 0)
        answer = agent.client.post(address, {"version": version, **given})
        after = fresh(claim)
        written = Message.unscoped.filter(text=words).count() if words else 0
        if answer.status_code == 302:
            # Done once, and only from what stands now.
            assert before.version == version, "done from an older look"
            assert may
            assert after.version > before.version
            assert written == bool(words)
            agent.look(claim)
            return "done"
        if answer.status_code == 404:
            visible = Claim.objects.visible_to(agent.member).filter(pk=claim.pk)
            assert not visible.exists()
            return "gone"
        assert answer.status_code in (409, 422)
        assert before.version != version or not may, answer.content.decode()[:2000]
        assert (after.version, after.state) == (before.version, before.state)
        assert not written
        assert not words or words in unescape(answer.content.decode()), "the text is lost"
        return "refused"

    def act(self, agent, claim, step: str, text: str, **given) -> str:
        may = step in workflow.allowed(claim.state, agent.member.role)
        given |= {"text": text} if text else {}
        return self.post(agent, claim, url("act", claim, step), text, may, **given)

    def take(self, agent, claim, _text) -> str:
        return self.act(agent, claim, "take_charge", "")

    def ask(self, agent, claim, text) -> str:
        return self.act(agent, claim, "ask", text)

    def answer(self, agent, claim, text) -> str:
        return self.act(agent, claim, "answer", text)

    def reply(self, agent, claim, text) -> str:
        given = {"kind": "out", "channel": "web", "text": text}
        return self.post(agent, claim, url("message", claim), text, True, **given)

    def note(self, agent, claim, text) -> str:
        given = {"kind": "note", "channel": "web", "text": text}
        return self.post(agent, claim, url("message", claim), text, True, **given)

    def hand_over(self, agent, claim, text) -> str:
        if self.luck.random() < 0.7:
            return "kept"
        due = "2026-11-27T10:00"
        may = claim.state in OPEN
        address = url("act", claim, "hand_over")
        return self.post(agent, claim, address, "", may, desk=self.other.pk, reason="X", due=due)

    def give(self, agent, claim, _text) -> str:
        to = self.luck.choice(self.agents).member.pk
        return self.post(agent, claim, url("give", claim), "", claim.state in OPEN, to=to)

    def put_aside(self, agent, claim, _text) -> str:
        until = now() + timedelta(hours=self.luck.choice([2, 5, 200]))
        within = claim.promise_at is None or until < claim.promise_at
        given = {"until": f"{timezone.localtime(until):%Y-%m-%dT%H:%M}", "why": "part"}
        may = claim.state in OPEN and within
        return self.post(agent, claim, url("put_aside", claim), "", may, **given)

    def bulk(self, agent, _claim, text) -> str:
        """Three rows as last seen: what is done is done once for each, the rest says why."""
        what = self.luck.choice(["take_charge", "ask", "assign"])
        picked = [c for c in self.luck.sample(self.claims, 3) if c.pk in agent.seen]
        if not picked:
            return "nothing ticked"
        before = {claim.pk: fresh(claim).version for claim in picked}
        picks = [f"{claim.pk}:{agent.seen[claim.pk]}" for claim in picked]
        given = {"text": text, "to": agent.member.pk, "go": "1"}
        page = agent.client.post(reverse("agency:bulk"), {"what": what, "pick": picks, **given})
        if page.status_code == 404:
            return "gone"
        failed = page.context["picked"]
        for claim, _said in page.context["results"]:
            stands = fresh(claim).version
            if claim.pk in failed:
                assert stands == before[claim.pk]
            else:
                assert before[claim.pk] == agent.seen[claim.pk]
                assert stands > before[claim.pk]
        done = len(page.context["results"]) - len(failed)
        assert Message.unscoped.filter(text=text).count() == (done if what == "ask" else 0)
        agent.undo = page.context["toasts"][0]["undo"] or agent.undo
        return "done" if done else "refused"

    def take_back(self, agent, _claim, _text) -> str:
        """Undo one's last step: its text is in the event, and in no message."""
        if not agent.undo:
            return "nothing"
        answer = agent.client.post(reverse("agency:undo"), {"events": agent.undo})
        assert answer.status_code == 302
        keys, agent.undo = agent.undo.split(","), ""
        events = ClaimEvent.everything.filter(pk__in=keys, undone_at__isnull=False)
        for event in events:
            if "message" in event.facts:
                assert event.facts["text"].startswith("Texte"), "the text is lost"
                assert not Message.unscoped.filter(pk=event.facts["message"]).exists()
        return "undone" if events else "too late"

    def tenant_writes(self, _agent, claim, text) -> str:
        if claim.state not in OPEN:
            return "over"
        conversation.from_tenant(claim=claim, text=text, actor=Actor.TENANT, now=now())
        assert Message.unscoped.filter(text=text).count() == 1
        return "wrote"

    def check_list(self, agent: Agent) -> None:
        """The list, its number and « mine » say what the rows say, by a rule written anew."""
        moment = now()
        page = agent.client.get(INBOX)
        shown = {claim.pk for claim in page.context["page_obj"].object_list}
        expected, mine = set(), set()
        for claim in rows().filter(Q(owner__unit=agent.member.unit_id)):
            aside = self.is_aside(claim, moment)
            late = claim.promise_at is not None and claim.promise_at < moment
            elsewhere = claim.state in {"waiting_tenant", "planned", "in_progress"}
            if (claim.state in {"received", "in_review"} or (elsewhere and late)) and not aside:
                expected.add(claim.pk)
        for charge in Charge.objects.filter(ends_at=None, membership=agent.member):
            claim = rows().get(pk=charge.claim_id)
            if claim.state in OPEN and not self.is_aside(claim, moment):
                mine.add(claim.pk)
        assert shown == expected
        counts = {chip["name"]: chip["count"] for chip in page.context["chips"]}
        assert counts["todo"] == len(expected)
        assert counts.get("mine", 0) == len(mine)
        assert Charge.objects.filter(ends_at=None).count() == len(
            set(Charge.objects.filter(ends_at=None).values_list("claim", flat=True))
        )

    @staticmethod
    def is_aside(claim, moment) -> bool:
        put = Snooze.objects.filter(claim=claim, ended_at=None, until__gt=moment).first()
        if put is None or (claim.promise_at and claim.promise_at < moment):
            return False
        said = Message.unscoped.filter(claim=claim, direction="in", at__gt=put.starts_at)
        return not said.exists()


DO: dict[str, Callable[..., str]] = {
    "take": Desk.take,
    "ask": Desk.ask,
    "answer": Desk.answer,
    "reply": Desk.reply,
    "note": Desk.note,
    "hand over": Desk.hand_over,
    "give": Desk.give,
    "put aside": Desk.put_aside,
    "bulk": Desk.bulk,
    "undo": Desk.take_back,
    "tenant": Desk.tenant_writes,
}
WHAT = sorted(DO)


def test_two_agents_lose_no_text_and_do_nothing_twice(client):
    unit, desk, residence = make_unit("nord")
    other = make_unit("sud")[1]
    agents = []
    for name in ("Sonia", "Marc"):
        user = get_user_model().objects.create_user(
            email=f"{name}@example.org", first_name=name, password="x" * 14
        )
        member = Membership.objects.create(
            user=user, unit=unit, role="agent", starts=date(2020, 1, 1)
        )
        browser = type(client)()
        browser.force_login(user)
        agents.append(Agent(member, browser))
    claims = [make_claim(desk, residence, number + 2) for number in range(12)]
    pair = Desk(agents, claims, other, random.Random(14))
    for number in range(STEPS):
        pair.step(number)
    print(f"\n{STEPS} steps:", dict(sorted(pair.done.items())))
    # The seed is worth something: things were done, refused to who came second, and undone.
    for kind in ("take: done", "ask: refused", "reply: refused", "undo: undone", "bulk: done"):
        assert pair.done.get(kind), kind
