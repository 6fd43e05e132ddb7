"""Receive what a caretaker sends from the round.

Every item has a key; sending it twice changes nothing.

The phone keeps each item until it has our receipt, so the same item may come twice: the second
answer repeats the first. Only the caretaker's own buildings are accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from agencies.access import caretaker_buildings
from agencies.models import Building, Dwelling
from portal.actor import Actor
from portal.models import User
from requests.attachments import uploads
from requests.catalogue.models import Category
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, record
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.kit.choices import Channel, State
from requests.rounds.queries import CHECKS, REPORTED, claims_found_unfinished, with_last_check
from requests.work_orders.actions import advance_order
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import OrderState, OrderStep
from tenants.contacts import usable
from tenants.homes import holder_of


class PhotoRefused(Exception):
    """A photo cannot be kept; ``str()`` says why. Nothing was filed."""


class NothingToCheck(Exception):
    """The work was checked meanwhile, or is no longer reported as finished."""


@dataclass(frozen=True)
class Report:
    """One item of the round. ``dwelling`` (row id) is set when it is filed for a tenant."""

    key: str
    category: str
    building: int
    dwelling: int | None = None
    words: str = ""
    phone: str = ""


def send_report(
    report: Report, photos: Sequence[UploadedFile], *, actor: Actor, now: datetime
) -> Claim:
    """File what the caretaker saw, or what a tenant told them, once per key.

    Raises Building/Dwelling/Category.DoesNotExist for what is not the caretaker's to name,
    ``PhotoRefused``, and ``KeyReused`` when the key came with another report.
    """
    building = caretaker_buildings(actor.membership).get(pk=report.building)
    home = None
    if report.dwelling:
        home = Dwelling.objects.select_related("staircase").get(
            pk=report.dwelling, staircase__building=building
        )
    category = Category.objects.get(code=report.category, active=True, sensitive=False)
    # The account is part of the key: nobody can repeat another person's item.
    key = f"{actor.membership.user.pk}:{UUID(report.key)}"
    known = Claim.objects.system("round replay").filter(channel=Channel.ROUND, key=key).first()
    if known:
        return _same(known, report, category, building)
    with _PhotoDrafts(photos, now=now, by=actor.membership.user) as session:
        try:
            return file_claim(
                Filing(
                    channel=Channel.ROUND,
                    key=key,
                    category=category.code,
                    words=report.words,
                    building=None if home else building.pk,
                    dwelling=home.pk if home else None,
                    session=session,
                    **_contact(home, report.phone, actor, now),
                ),
                actor=actor,
                now=now,
            )
        except KeyReused:
            known = Claim.objects.system("round replay").get(channel=Channel.ROUND, key=key)
            return _same(known, report, category, building)


def _same(known: Claim, report: Report, category: Category, building: Building) -> Claim:
    said = (known.category_id, known.building_id, known.dwelling_id, known.words)
    if said != (category.pk, building.pk, report.dwelling, report.words):
        raise KeyReused(report.key)
    return known


def _contact(home: Dwelling | None, phone: str, actor: Actor, now: datetime) -> dict:
    """Return whom to inform: the tenant of the dwelling, or the caretaker for the shared parts."""
    if home is None:
        user = actor.membership.user
        return {"contact_name": user.get_full_name() or str(user)}
    holder = holder_of(home, timezone.localdate(now))
    known = {"contact_phone": phone}
    if holder:
        known |= {"tenant": str(holder.pk), "contact_name": str(holder)}
        known |= {"language": holder.language}
        for point in usable(holder).order_by("preferred"):
            if not known.get(f"contact_{point.kind}"):
                known[f"contact_{point.kind}"] = point.value
    return known


class _PhotoDrafts:
    """Store photos as drafts of a session of their own; forget on exit what joined no claim."""

    def __init__(self, photos: Sequence[UploadedFile], *, now: datetime, by: User) -> None:
        self.session = f"round:{uuid4()}"
        self.photos, self.now, self.by = photos, now, by

    def __enter__(self) -> str:
        _kept, refusals = uploads.keep_all(
            self.photos, session=self.session, channel=Channel.ROUND, now=self.now, by=self.by
        )
        if refusals:
            self.__exit__()
            raise PhotoRefused(" ".join(str(refusal) for refusal in refusals))
        return self.session

    def __exit__(self, *_error: object) -> None:
        for draft in uploads.drafts(self.session, self.now):
            uploads.remove(session=self.session, attachment=str(draft.pk), now=self.now)


def check_work(
    *,
    claim: UUID | str,
    key: str,
    fixed: bool,
    words: str,
    photos: Sequence[UploadedFile],
    actor: Actor,
    now: datetime,
) -> ClaimEvent:
    """Record the caretaker's check: ``verified``, or ``not_verified``, which proposes reopening.

    Orders reported done, and not followed by another, are verified with it. The claim's state
    stays: only the tenant closes, and a person at the agency reopens. Raises Claim.DoesNotExist
    outside the own buildings, ``NothingToCheck``, ``PhotoRefused``.
    """
    found = Claim.objects.for_caretaker(actor.membership).get(pk=claim)
    key = f"{actor.membership.user.pk}:{UUID(key)}"
    with _PhotoDrafts(photos, now=now, by=actor.membership.user) as session, transaction.atomic():
        # Lock the order before the claim, as everywhere (work_orders/appointments.py).
        orders = WorkOrder.objects.system("check").select_for_update(of=("self",))
        done = list(orders.filter(claim=found, state=OrderState.DONE, followed_by=None))
        locked = Claim.objects.system("check").select_for_update(of=("self",)).get(pk=found.pk)
        known = locked.events.filter(name__in=CHECKS, facts__key=key).first()
        if known:
            if known.name != CHECKS[not fixed]:
                raise KeyReused(key)
            return known
        rows = with_last_check(Claim.objects.system("check").filter(pk=locked.pk))
        if locked.state != State.DONE or rows.get().checked != REPORTED:
            raise NothingToCheck
        note = None
        if words:
            note = Message.objects.create(
                claim=locked,
                direction=Message.Direction.NOTE,
                channel=Channel.ROUND,
                author=actor.membership.user,
                text=words,
                at=now,
            )
        files = uploads.join(session=session, claim=locked, now=now, message=note)
        noted: dict[str, Any] = {"message": str(note.pk)} if note else {}
        if fixed:
            for order in done:
                advance_order(
                    order=order,
                    transition=OrderStep.VERIFY,
                    actor=actor,
                    now=now,
                )
        return record(
            locked,
            CHECKS[not fixed],
            actor=actor,
            now=now,
            key=key,
            files=files,
            **noted,
        )


def decide_check(*, claim: Claim, reopen: bool, actor: Actor, now: datetime) -> ClaimEvent:
    """Record the agency's answer to "not finished": reopen, or keep as finished; both are events.

    Raises ``NothingToCheck`` when somebody answered meanwhile.
    """
    with transaction.atomic():
        Claim.objects.system("check").select_for_update(of=("self",)).get(pk=claim.pk)
        if not claims_found_unfinished(actor.membership).filter(pk=claim.pk).exists():
            raise NothingToCheck
        if reopen:
            return advance(claim=claim, transition=Event.SEND_BACK, actor=actor, now=now)
        return record(claim, Event.KEPT_DONE, actor=actor, now=now)
