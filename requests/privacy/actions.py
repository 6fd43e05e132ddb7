"""Open, extend, answer and withdraw a person's request about their data; put data on hold."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from portal.models import User
from requests.privacy import exports, journal, person, rules
from requests.privacy.models import Hold, PersonExport, RightsRequest, RightsStep
from requests.privacy.notices import tell
from tenants.models import Tenant

Kind, State, Step = RightsRequest.Kind, RightsRequest.State, RightsStep.Name
COPIES = frozenset({Kind.ACCESS, Kind.PORTABILITY})


class NotNow(ValueError):
    """The request is answered already, or its time cannot be extended any more."""


@transaction.atomic
def ask(
    *,
    tenant: Tenant,
    kind: str,
    channel: str,
    words: str,
    received_on: date,
    by: User | None,
    now: datetime,
) -> RightsRequest:
    """Write the request with its clock and tell the person.

    What the person asks on their own page and a machine can give, their copy, is ordered at once.
    """
    made = RightsRequest.objects.system("a person asks").create(
        tenant=tenant.current,
        kind=kind,
        channel=channel,
        words=words,
        received_on=received_on,
        due_on=rules.due(received_on),
        opened_by=by,
    )
    made.steps.create(name=Step.OPENED, at=now, by=by)
    if kind in COPIES and channel == RightsRequest.Channel.PAGE:
        exports.order(request=made, by=by, now=now)
    tell(made, Step.OPENED, now)
    return made


def _waiting(request: RightsRequest) -> RightsRequest:
    """Lock the request. Raises ``NotNow`` when it was answered."""
    row = RightsRequest.objects.system("a person asks").select_for_update().get(pk=request.pk)
    if row.state != State.RECEIVED:
        raise NotNow
    return row


@transaction.atomic
def extend(*, request: RightsRequest, reason: str, by: User, now: datetime) -> None:
    """Give two months more and tell the person why. Raises ``NotNow``."""
    row = _waiting(request)
    if not rules.may_extend(row.received_on, row.due_on, timezone.localdate(now)):
        raise NotNow
    row.due_on = rules.extended(row.received_on)
    row.extended_at, row.extension_reason = now, reason
    row.save()
    row.steps.create(name=Step.EXTENDED, at=now, by=by, text=reason)
    tell(row, Step.EXTENDED, now)


@transaction.atomic
def answer(
    *, request: RightsRequest, granted: bool, text: str, by: User | None, now: datetime
) -> None:
    """Answer, or refuse with the reason, and tell the person. Raises ``NotNow``."""
    row = _waiting(request)
    row.state = State.ANSWERED if granted else State.REFUSED
    row.answer, row.answered_at, row.decided_by = text, now, by
    row.save()
    step = Step.ANSWERED if granted else Step.REFUSED
    row.steps.create(name=step, at=now, by=by, text=text)
    tell(row, step, now)


@transaction.atomic
def withdraw(*, request: RightsRequest, by: User, now: datetime) -> None:
    """Take the request back. Raises ``NotNow``."""
    row = _waiting(request)
    row.state, row.answered_at = State.WITHDRAWN, now
    row.save()
    row.steps.create(name=Step.WITHDRAWN, at=now, by=by)


def note(*, request: RightsRequest, text: str, by: User, now: datetime) -> None:
    """Write a note on the request; the person does not read it."""
    request.steps.create(name=Step.NOTE, at=now, by=by, text=text)


def erase(*, request: RightsRequest, by: User, now: datetime) -> None:
    """Erase the person who asked, answer the request, and write the journal.

    Raises ``person.Blocked`` with the reasons, which stay on the request, or ``NotNow``.
    """
    assert request.tenant is not None
    try:
        with transaction.atomic():
            answer(request=request, granted=True, text="", by=by, now=now)
            request.steps.create(name=Step.ERASED, at=now, by=by)
            person.erase_person(tenant=request.tenant, by=by, why="request", now=now)
    except person.Blocked as blocked:
        text = "\n".join(map(str, blocked.args))
        request.steps.create(name=Step.ERASURE_REFUSED, at=now, by=by, text=text)
        raise
    journal.write(now)


@transaction.atomic
def hold(*, tenant: Tenant, kind: str, reason: str, by: User, now: datetime) -> Hold:
    """Mark the person's data as to be kept; the same kind again changes nothing."""
    made, _new = Hold.objects.get_or_create(
        tenant=tenant, kind=kind, lifted_at=None, defaults={"reason": reason, "at": now, "by": by}
    )
    return made


def lift(*, hold: Hold, by: User, now: datetime) -> bool:
    """Lift a hold; False when it was lifted already."""
    rows = Hold.objects.filter(pk=hold.pk, lifted_at__isnull=True)
    return bool(rows.update(lifted_at=now, lifted_by=by))


def copies_of(request: RightsRequest) -> list[PersonExport]:
    """Return the copies made for the request, the newest first."""
    return list(request.exports.all())
