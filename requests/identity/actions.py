"""Merge two people's records and undo it: move their claims, with an event on each.

Undoing a merge gives back the claims that moved, and those filed since then that name the absorbed
record or that its account filed. Every other claim stays with the kept record. Messages stay with
their claim.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.actor import Actor
from portal.scope import system_scope
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.claims.transitions import record
from tenants.actions import record_merge
from tenants.models import IdentityMerge, Tenant

Conflict, Refused = record_merge.Conflict, record_merge.Refused


def moved_claims(absorbed: Tenant) -> QuerySet[Claim]:
    """Return the claims that a merge moves.

    Confidential claims move only together with their author's account; without an account they stay
    with the absorbed record (docs/principles.md, T2: author only).
    """
    claims = absorbed.claims.all()
    return claims if absorbed.user_id else claims.filter(**NOT_CONFIDENTIAL)


@system_scope("what a merge would show to whom")
def preview(kept: Tenant, absorbed: Tenant) -> record_merge.Preview:
    """Return ``tenants.actions.record_merge.preview`` with one more refusal, ``confidential``.

    It applies when the absorbed account would be shown confidential claims that it did not file.
    """
    plan = record_merge.preview(kept, absorbed)
    if absorbed.user_id and kept.claims.exclude(**NOT_CONFIDENTIAL).exists():
        plan.refusals.append("confidential")
    return plan


@system_scope("what a merge moves")
def digest(plan: record_merge.Preview) -> str:
    """Return the SHA-256 of all that the person read: the plan and the claims that move."""
    claims = sorted(str(key) for key in moved_claims(plan.absorbed).values_list("pk", flat=True))
    return hashlib.sha256("".join([plan.digest, *claims]).encode()).hexdigest()


@transaction.atomic
def merge(
    *, kept: Tenant, absorbed: Tenant, seen: str, reason: str, actor: Actor, now: datetime
) -> IdentityMerge:
    """Merge the records and move the claims, with an event on each.

    ``seen`` is the ``digest`` that the person read. Raises ``Refused``, or ``Conflict`` when the
    records were merged or changed since; nothing is then written.
    """
    kept, absorbed = record_merge.lock_tenants(kept, absorbed)
    if kept.merged_into_id or absorbed.merged_into_id:
        raise Conflict
    plan = preview(kept, absorbed)
    if not plan.refusals and digest(plan) != seen:
        raise Conflict
    claims = list(moved_claims(absorbed).select_for_update(of=("self",)).order_by("pk"))
    made = record_merge.merge(plan, reason=reason, by=actor.user, now=now)
    made.snapshot["claims"] = [str(claim.pk) for claim in claims]
    made.save(update_fields=["snapshot"])
    _give(claims, kept, Event.IDENTITY_MERGED, made, actor=actor, now=now)
    return made


@transaction.atomic
def undo(*, merge: IdentityMerge, actor: Actor, now: datetime) -> IdentityMerge:
    """Give both records back what they had, claims included. Raises ``Conflict``."""
    undone = record_merge.undo(merge=merge, by=actor.user, now=now)
    rows = Claim.objects.system("undo of a merge").filter(tenant=undone.kept)
    since = rows.filter(
        Q(events__in=_filed_by_the_absorbed(undone)), filed_at__gte=undone.at
    ).values("pk")
    claims = list(
        rows.filter(Q(pk__in=undone.snapshot["claims"]) | Q(pk__in=since))
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    _give(claims, undone.absorbed, Event.IDENTITY_UNMERGED, undone, actor=actor, now=now)
    return undone


def _filed_by_the_absorbed(merge: IdentityMerge) -> QuerySet[ClaimEvent]:
    """Return the filings for the absorbed record, for one merged into it, or by its account."""
    family, found = {merge.absorbed_id}, {merge.absorbed_id}
    people = Tenant.objects.system("undo of a merge")
    while found:
        found = set(people.filter(merged_into__in=found).values_list("pk", flat=True)) - family
        family |= found
    by_record = Q(facts__filed_for__in=[str(key) for key in family])
    account = people.get(pk=merge.absorbed_id).user_id
    by_account = Q(actor=account) if account else Q(pk__in=[])
    return ClaimEvent.objects.system("undo of a merge").filter(
        by_record | by_account, name=Event.FILED
    )


def _give(claims: list[Claim], tenant: Tenant, name: str, merge: IdentityMerge, **who) -> None:
    """Set the claims' owner only, not state or version, and record the event on each."""
    keys = [claim.pk for claim in claims]
    Claim.objects.system("merging").filter(pk__in=keys).update(tenant=tenant)
    for claim in claims:
        record(claim, name, merge=str(merge.key), **who)
