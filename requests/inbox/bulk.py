"""One thing done with several claims: each by the rules of the single step, with its own result."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance
from requests.complaints.stages import may_answer
from requests.conversation import actions as conversation
from requests.conversation.promised_date import nearest_kept
from requests.inbox.bulk_forms import ASSIGN, LABEL, SNOOZE
from requests.labels import actions as labels
from requests.labels.forms import TAKE
from requests.promises.store import is_on_call
from requests.teamwork import charges, snoozes


class NobodyThere(Exception):
    """Nobody is at the desk at the hour that would be promised."""


def do(
    *, what: str, claim: Claim, version: int, data: dict, actor: Actor, now: datetime
) -> tuple[ClaimEvent | None, str]:
    """Do ``what`` with one claim; return its event, or why nothing was done."""
    try:
        with transaction.atomic():
            event = DO[what](claim=claim, version=version, data=data, actor=actor, now=now)
    except Conflict:
        return None, _("Changed meanwhile: nothing was done.")
    except workflow.NotAllowed:
        return None, _("Not possible from where it stands.")
    except NobodyThere:
        return None, _("Nobody is there at that time: nothing was done.")
    except labels.NothingToChange:
        return None, _("Nothing to change.")
    except snoozes.BeyondPromise:
        return None, _("News is promised before that: give the tenant a new date first.")
    return event, _("Done.")


def _take(*, data: dict, **common: Any) -> ClaimEvent:
    return advance(transition=Event.TAKE_CHARGE, **common)


def _hand_over(*, claim: Claim, data: dict, **common: Any) -> ClaimEvent:
    due, desk = data["due"], data["desk"]
    if not is_on_call(desk) and nearest_kept(claim, due) != due:
        raise NobodyThere
    facts = {"desk": desk.pk, "reason": data["reason"], "due": due.isoformat()}
    return advance(claim=claim, transition=Event.HAND_OVER, **common, **facts)


def _say(step: Event) -> Callable[..., ClaimEvent]:
    def say(*, claim: Claim, data: dict, actor: Actor, now: datetime, version: int) -> ClaimEvent:
        if step == Event.ANSWER and not may_answer(claim, actor.user):
            raise workflow.NotAllowed
        sent = conversation.write_step_message(claim=claim, text=data["text"], actor=actor, now=now)
        facts = {"text": data["text"], "message": str(sent.pk)}
        return advance(claim=claim, transition=step, actor=actor, now=now, version=version, **facts)

    return say


def _give(*, data: dict, **common: Any) -> ClaimEvent:
    return charges.give(to=data["to"], **common)


def _put_aside(*, data: dict, **common: Any) -> ClaimEvent:
    return snoozes.put_aside(until=data["until"], why=data["why"], **common)


def _label(*, data: dict, **common: Any) -> ClaimEvent:
    chosen = [data["label"]]
    if data["how"] == TAKE:
        return labels.change(take=chosen, **common)
    return labels.change(put=chosen, **common)


DO: dict[str, Callable[..., ClaimEvent]] = {
    Event.TAKE_CHARGE.value: _take,
    Event.HAND_OVER.value: _hand_over,
    Event.ASK.value: _say(Event.ASK),
    Event.ANSWER.value: _say(Event.ANSWER),
    ASSIGN: _give,
    SNOOZE: _put_aside,
    LABEL: _label,
}
