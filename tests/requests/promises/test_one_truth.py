"""One truth for the promise: text = row = screen = API = proof, whatever the step.

The walk is in truth.py. A walk that cannot fail proves nothing: each mutant below quotes an old
promise somewhere, and the walk must notice.
"""

import pytest

from requests.claims.events import Event
from requests.notifications import events
from requests.promises import outlook, store
from tests import trust
from tests.requests.promises import truth

pytestmark = pytest.mark.django_db
EVERY = list(enumerate(truth.URGENCIES))


@pytest.fixture
def world(landlord) -> truth.World:
    return truth.World.make(landlord)


@pytest.mark.long
@pytest.mark.trust
@pytest.mark.parametrize(("first", "urgency"), trust.sample(EVERY[::4], EVERY))
def test_every_step_says_the_promise_that_stands_after_it(world, first, urgency):
    cases, wrong = truth.disagreements(world, urgencies=[urgency], first=first)
    print(f"{cases} cases: step × channel")
    assert "\n".join(wrong) == ""
    assert cases == len(truth.STEPS) * len(truth.CHANNELS)
    assert cases * len(truth.URGENCIES) >= 2_500


def told_before(event) -> str:
    """The mutant: the text quotes the promise as it stood before the step."""
    return event.before.get("promise_at") or ""


def stands_still(self, _event, **_given):
    """The mutant: what is shown before the step takes no account of it."""
    return self.claim.promise_at


def said_at_once(claim):
    """The mutant: the page, the API and the messages show a promise that a step kept."""
    first = claim.promises.filter(due_at__isnull=False).order_by("made_at", "pk").first()
    return first.due_at if first else None


def not_written(_claim, _told) -> None:
    """The mutant: the row keeps the date that was told before."""


MUTANTS = [
    (events, "promise_of", told_before, Event.TAKE_CHARGE, "is not in"),
    (outlook.Outlook, "after", stands_still, Event.TAKE_CHARGE, "foreseen"),
    (events, "promise_said", said_at_once, truth.REPLY, "is not in"),
    (store, "write_shown_date", not_written, truth.REPLY, "the proof does not hold"),
    (
        events,
        "text_name",
        lambda event: event.name * (event.name in events.TABLE),
        Event.TENANT_ANSWERED,
        "in silence",
    ),
]


@pytest.mark.mutant
@pytest.mark.parametrize(("module", "name", "mutant", "step", "said"), MUTANTS)
def test_a_mutant_that_quotes_another_promise_is_noticed(
    world, monkeypatch, module, name, mutant, step, said
):
    monkeypatch.setattr(module, name, mutant)
    _cases, wrong = truth.disagreements(world, [step], ["U3"])
    assert said in "\n".join(wrong)
