"""Help between units: asked, agreed by both, lent claim by claim, ended by date or by a person."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from agencies.models import Desk, Unit
from portal.actor import Actor
from portal.clock import not_before
from requests.claims.events import Event
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.kit.choices import State
from requests.teamwork.assignment_models import Charge
from requests.teamwork.models import Help, LentClaim


class NotPossible(Exception):
    """Somebody decided meanwhile, or the same help is asked already."""


@transaction.atomic
def ask(
    *, desk: Desk, helper: Unit, number: int, until: datetime, words: str, by, now: datetime
) -> Help:
    """Ask ``helper`` to help the unit of ``desk`` until an aware instant. Raises NotPossible."""
    row = Desk.objects.select_for_update().get(pk=desk.pk)
    same = Help.objects.filter(desk=row, helper=helper, state__in=["asked", "accepted"])
    if same.exists() or helper.pk == desk.unit_id:
        raise NotPossible
    return Help.objects.create(
        desk=row,
        helper=helper,
        number=number,
        until=until,
        words=words,
        asked_by=by,
        asked_at=now,
    )


@transaction.atomic
def answer(*, help: Help, accept: bool, words: str, by, now: datetime) -> Help:
    """Agree or decline for the other side, in words. Raises NotPossible.

    Agreed: the desk's unassigned claims are lent, the soonest promises first; never
    confidential ones. Each one keeps the event.
    """
    row = _locked(help, Help.State.ASKED)
    if accept and row.until <= now:
        raise NotPossible
    row.state = Help.State.ACCEPTED if accept else Help.State.DECLINED
    row.answer, row.answered_by, row.answered_at = words, by, now
    row.save()
    if not accept:
        return row
    taken = Charge.objects.filter(claim=OuterRef("pk"), ends_at__isnull=True)
    claims = (
        Claim.objects.system("help between units")
        .select_for_update(of=("self",), skip_locked=True)
        .filter(
            ~Exists(taken),
            owner=row.desk_id,
            **NOT_CONFIDENTIAL,
            state__in=[State.RECEIVED, State.IN_REVIEW],
        )
        .order_by("promise_at", "filed_at", "pk")[: row.number]
    )
    for claim in claims:
        LentClaim.objects.create(help=row, claim=claim)
        _record(claim, Event.LENT, row, by, now)
    return row


@transaction.atomic
def withdraw(*, help: Help, by, now: datetime) -> Help:
    """Withdraw a request for help, for the unit that asked. Raises NotPossible."""
    row = _locked(help, Help.State.ASKED)
    row.state, row.ended_by, row.ended_at = Help.State.WITHDRAWN, by, now
    row.save()
    return row


@transaction.atomic
def end(*, help: Help, now: datetime, by=None) -> Help:
    """End the help, for either side or at its date (``by`` None); return the helpers' claims.

    Raises NotPossible.
    """
    row = _locked(help, Help.State.ACCEPTED)
    row.state, row.ended_by, row.ended_at = Help.State.ENDED, by, now
    row.save()
    claims = Claim.objects.system("help between units").filter(lendings__help=row)
    Charge.objects.filter(
        claim__in=claims, membership__unit=row.helper_id, ends_at__isnull=True
    ).update(ends_at=not_before("starts_at", now))
    for claim in claims:
        _record(claim, Event.LENT_BACK, row, by, now)
    return row


def sweep(*, now: datetime) -> int:
    """End every help that reached its date; return how many.

    The scopes check the date themselves.
    """
    over = list(Help.objects.filter(state=Help.State.ACCEPTED, until__lte=now))
    for help in over:
        try:
            end(help=help, now=now)
        except NotPossible:
            continue  # another worker ended it
    return len(over)


def _locked(help: Help, state: str) -> Help:
    row = Help.objects.select_for_update(of=("self",)).get(pk=help.pk)
    if row.state != state:
        raise NotPossible
    return row


def _record(claim: Claim, name: str, help: Help, by, now: datetime) -> None:
    """Write on the claim that it was lent or came back, with whose help."""
    actor, helper = Actor.system(by), str(help.helper)
    record(claim, name, actor=actor, now=now, help=help.pk, reason=helper)
