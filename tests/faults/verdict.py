"""What a storm left: each acknowledged thing once, nothing waiting, repeats few."""

import json
import re
from collections import Counter

from django.db.models import Count, F
from django.db.models.functions import Now

from requests.channels.models import Intake
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.kit.choices import Channel
from requests.notifications.models import Delivery

# Not the address of who sent it, which a note of ours may name.
MARK = re.compile(r"storm-\d{5}-end(?!@)")
# A mail whose sender is killed after the server took it is sent again, with the same Message-ID.
REPEATS_PER_FAULT = 2


def waiting() -> int:
    """Return how many jobs are due, dead letters included, and raw inputs unread."""
    due = Job.objects.filter(done_at__isnull=True, next_at__lte=Now()).count()
    leased = Job.objects.filter(done_at__isnull=True, attempts__gt=0).count()
    return due + leased + Intake.unscoped.filter(state=Intake.State.NEW).count()


def hurry() -> None:
    """Let the minutes pass after which a delivery that a peer refused is tried again."""
    Delivery.unscoped.filter(state=Delivery.State.RETRYING).update(due_at=F("created_at"))
    refused = Delivery.unscoped.filter(state=Delivery.State.RETRYING).values_list("pk", flat=True)
    Job.objects.filter(
        kind=Job.Kind.DELIVER,
        done_at__isnull=True,
        payload__delivery__in=[str(pk) for pk in refused],
    ).update(next_at=Now())


def judge(stand, clients, result) -> None:
    """Count into ``result`` and write what is wrong there."""
    wrong = result.wrong
    wrong += clients.wrong
    texts = Message.unscoped.values_list("text", flat=True)
    said = Counter(mark for text in texts for mark in set(MARK.findall(text)))
    for text, error in Intake.unscoped.filter(state=Intake.State.FAILED).values_list(
        "raw", "error"
    ):
        for mark in set(MARK.findall(bytes(text).decode(errors="replace"))):
            said[mark] += 1  # not lost, but a person must read what a machine should have
            wrong.append(f"left to a person: {mark}: {error[:200]}")
    lost = [mark for mark in clients.acknowledged if not said[mark]]
    doubled = [mark for mark, times in said.items() if times > 1]
    wrong += [f"lost: {mark} by {clients.acknowledged[mark]}" for mark in lost]
    wrong += [f"doubled: {mark} × {said[mark]}" for mark in doubled]
    claims = Claim.objects.system("test")
    filed = claims.values_list("words", flat=True)
    words = Counter(mark for text in filed for mark in set(MARK.findall(text)))
    wrong += [f"filed {times} times: {mark}" for mark, times in words.items() if times > 1]
    if unrouted := claims.filter(routed_at__isnull=True).count():
        wrong.append(f"{unrouted} claims without a desk")
    routed = ClaimEvent.unscoped.filter(name=Event.ROUTED).values("claim").annotate(n=Count("pk"))
    if twice := routed.filter(n__gt=1).count():
        wrong.append(f"{twice} claims routed twice")
    if result.waiting:
        rows = Job.objects.filter(done_at__isnull=True).values_list("kind", "attempts", "error")
        wrong.append(f"{result.waiting} waiting: {list(rows[:5])}")
    _deliveries(stand, result)
    by = Counter(clients.acknowledged.values())
    result.counts |= {
        "claims": claims.count(),
        "replies": by["reply"] + by["comment"],
        **{name: by[name] for name in ("web", "api", "mail", "sms", "chat")},
    }
    result.answers = dict(clients.answers)


def _deliveries(stand, result) -> None:
    """Compare what was marked sent with what the peers received."""
    sent = Delivery.unscoped.filter(state=Delivery.State.SENT, carried_by__isnull=True)
    mails, texts = stand.mails(), _texts(stand)
    marked = sent.filter(channel=Channel.EMAIL).count()
    if marked > len(mails):
        result.wrong.append(f"{marked} mails marked sent, {len(mails)} arrived")
    said = sent.filter(channel__in=(Channel.SMS, Channel.SOCIAL)).count()
    if said > texts.total():
        result.wrong.append(f"{said} texts marked sent, {texts.total()} arrived")
    repeats = mails.total() - len(mails)
    if repeats > REPEATS_PER_FAULT * sum(result.faults.values()):
        result.wrong.append(f"{repeats} mails repeated")
    result.counts |= {
        "mails": len(mails),
        "mails repeated": repeats,
        "texts": len(texts),
        "texts repeated": texts.total() - len(texts),
    }


def _texts(stand) -> Counter:
    """How often each text was accepted by the provider."""
    found: Counter = Counter()
    for path in (stand.home / "phones").glob("*.json"):
        text = json.loads(path.read_text("utf-8"))
        found[text["to"], text["text"]] += 1
    return found
