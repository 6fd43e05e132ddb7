"""What each view of the inbox holds, as conditions on claims."""

from datetime import datetime

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from agencies.models import Membership
from portal.access import Role
from portal.arrays import one_of
from portal.models import User
from requests.claims.models import Claim
from requests.conversation.models import Mention
from requests.kit.choices import CALENDAR_URGENCIES, ENDED, OPEN, State
from requests.promises.models import EscalationTold, open_condition
from requests.teamwork import watches
from requests.teamwork.assignment import held_by_condition
from requests.teamwork.assignment_models import Charge
from requests.teamwork.snoozes import aside_condition
from requests.teamwork.workload import answered_for

ELSEWHERE = {State.WAITING_TENANT, State.PLANNED, State.IN_PROGRESS}
# Views of work: a claim that was handed to another desk is in that desk's.
OF_THE_DESKS = frozenset({"todo", "awaited", "waiting", "closing", "snoozed"})


def in_our_hands(membership: Membership) -> Q:
    """Return the condition for claims that the member's desks have now: owned, lent, or nobody's.

    A desk of the same unit that others serve keeps its own. Whoever is on call also has every
    emergency.
    """
    ours = one_of("owner", answered_for(membership)) | Q(owner__isnull=True)
    ours |= one_of("pk", Claim.objects.lent_to(membership.unit_id))
    if membership.role == Role.ON_CALL:
        ours |= Q(urgency__in=CALENDAR_URGENCIES)
    return ours


def conditions(moment: datetime, user: User | None = None) -> dict[str, Q]:
    """Return what each view holds at ``moment``, in whatever unit's hands.

    ``mentions`` are the unread ones of ``user``.
    """
    late = Q(promise_at__lt=moment)
    # One comparison, true without a promise: of an OR the planner makes two looks into the index,
    # and reads the claims.
    not_late = Q(GreaterThanOrEqual(Coalesce("promise_at", Value(moment)), Value(moment)))
    aside = aside_condition(moment)
    return {
        # What waits for others comes back to us once its promise has passed.
        "todo": (Q(state__in={State.RECEIVED, State.IN_REVIEW}) | Q(state__in=ELSEWHERE) & late)
        & ~aside,
        "awaited": Q(state__in=OPEN - {State.RECEIVED, State.DONE}, last_word="in"),
        "waiting": Q(state__in=ELSEWHERE) & not_late,
        "closing": Q(state=State.DONE) & ~aside,
        "snoozed": Q(state__in=OPEN) & aside,
        "mentions": Q(pk__in=unread_mentions(user).values("claim")),
        "ended": Q(state__in=ENDED),
        "all": Q(),
    }


def unread_mentions(user: User | None) -> QuerySet:
    """Return the notes that name ``user`` and that they have not marked as read."""
    return Mention.objects.order_by().filter(user=user, seen_at__isnull=True)


def conditions_of_member(membership: Membership, moment: datetime) -> dict[str, Q]:
    """Return the views that depend on who asks: assigned to them, escalated to them, followed."""
    mine = Charge.objects.filter(held_by_condition(membership, timezone.localdate(moment)))
    told = EscalationTold.objects.filter(
        open_condition("step__promise__"),
        membership=membership,
    )
    return {
        "mine": Q(state__in=OPEN, pk__in=mine.values("claim")) & ~aside_condition(moment),
        "watched": watches.followed(membership),
        "passed": Q(state__in=OPEN, pk__in=told.values("step__promise__claim")),
    }
