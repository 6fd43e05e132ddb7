"""Every mail of the corpus, and thousands of damaged ones, through the door: each is kept.

The corpus is of our own making (tests/requests/channels/mails.py). A damaged mail has a number,
which a failure names: ``mutations.mutated(number)`` makes the same one again.
"""

import resource
import time
from collections import Counter
from datetime import timedelta

import pytest

from requests.channels.mail import parser as email
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.inbound import imap, reader
from tests import trust
from tests.requests.channels import mails as made
from tests.requests.channels.mutations import mutated

pytestmark = pytest.mark.long

PART = trust.size(100, 250)  # mails of one test
MUTATED = trust.size(100, 5_000)
EACH = trust.size(8, 1)  # a short run takes one mail of the corpus in eight
# Of processor time for one mail and its files: far above what is needed, far below a hang.
SECONDS = 10
CURATED = made.all_cases()
# Between two mails: a sender has ten requests an hour, and more go to the tray.
PAUSE = timedelta(minutes=7)


def processor_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.fixture
def door(box, clock):
    """Hand a raw mail in as the mail server does, have it read, and see that it is kept."""
    seen: Counter = Counter()

    def come(name: object, raw: bytes) -> None:
        clock.at += PAUSE
        number = seen.total()
        # What the same author wrote in the same words is one mail (docs/principles.md, M2).
        raw = raw.replace(b"<1@tenant.example>", b"<%d@tenant.example>" % number)
        before, began = rows(), processor_time()
        intake, new = imap.store(box, raw, clock())
        reader.work(key="corpus", now=clock(), intake_id=str(intake.pk))
        took = processor_time() - began
        kept = Intake.unscoped.get(pk=intake.pk)
        assert took < SECONDS, f"{name}: {took:.1f} s"
        assert kept.state != Intake.State.NEW, name
        assert bytes(kept.raw) == raw or (
            not new and email.identity(bytes(kept.raw)) == email.identity(raw)
        ), name
        if not new:
            seen["again"] += 1
            return
        seen[kept.state] += 1
        if kept.state == Intake.State.PARSED:
            # In a conversation, with an entry that holds what was read.
            assert kept.claim_id, name
            assert rows() > before, name
            assert (kept.text or kept.subject) in kept.message.text, name
        elif kept.state == Intake.State.DISCARDED:
            assert kept.duplicate_of_id, f"{name}: {kept.error}"
        else:
            assert kept.error, name

    yield come
    print(f"{seen.total()} mails:", dict(seen))
    assert seen[Intake.State.PARSED] > seen.total() / 2


def rows() -> int:
    return Claim.objects.system("test").count() + Message.unscoped.count()


def test_there_are_enough_mails():
    assert len({case.name for case in CURATED}) == len(CURATED) >= 600


@pytest.mark.trust
def test_every_mail_of_the_corpus_is_kept_in_time(door):
    for case in CURATED[::EACH]:
        door(case, case.raw)


@pytest.mark.trust
@pytest.mark.parametrize("first", range(0, MUTATED, PART))
def test_every_damaged_mail_is_kept_in_time(door, first):
    for number in range(first, first + PART):
        door(number, mutated(number))
