"""Who is told by mail of what was given to them or is followed, when, and what is still to tell."""

from datetime import datetime, time, timedelta

from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from agencies.models import Membership
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import OPEN
from requests.teamwork import charges
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import MailChoice, Watch

How = MailChoice.How
MORNING = time(8)
SATURDAY = 5
GATHERED = timedelta(minutes=5)  # "at once" gathers what comes within these


def choice_of(membership: Membership) -> str:
    """Return how often the member wants mails; once a day when they never chose."""
    chosen = MailChoice.objects.filter(membership=membership).values_list("how", flat=True)
    return chosen.first() or How.DAILY


def choose(*, membership: Membership, how: str) -> None:
    """Keep how often the member wants mails."""
    MailChoice.objects.update_or_create(membership=membership, defaults={"how": how})


def next_mail(how: str, now: datetime) -> datetime | None:
    """Return when the next mail of a person leaves; None when they want none.

    Within five minutes, or at eight on the next working morning.
    """
    if how == How.NEVER:
        return None
    local = timezone.localtime(now)
    if how == How.AT_ONCE:
        floor = local.replace(minute=local.minute - local.minute % 5, second=0, microsecond=0)
        return floor + GATHERED
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, MORNING))


def told_of(event: ClaimEvent) -> QuerySet[Membership]:
    """Return whom an event is news to: who was given the claim, and who follows it.

    Never who did it.
    """
    wanted = Q(watches__claim=event.claim)
    if event.name == Event.ASSIGNED:
        wanted |= Q(pk=event.facts.get("to"))
    return (
        Membership.objects.filter(wanted)
        .exclude(user=event.actor_id)
        .select_related("mail_choice")
        .order_by("pk")
        .distinct()
    )


def _readable(member: Membership) -> QuerySet[Claim]:
    return Claim.objects.visible_to(member).filter(state__in=OPEN)


def given(member: Membership) -> QuerySet[Charge]:
    """Return what colleagues gave to the member, that they have neither seen nor been told of."""
    return (
        charges.unseen(member)
        .filter(mailed_at__isnull=True, claim__in=_readable(member))
        .select_related("claim__category", "by__user")
        .order_by("starts_at", "pk")
    )


def news(member: Membership) -> QuerySet[Watch]:
    """Return what the member follows and others went on with since they looked or were told.

    Each has ``last``, the name of the last event.
    """
    happened = ClaimEvent.objects.of(claim=OuterRef("claim")).filter(at__gt=OuterRef("known_at"))
    happened = happened.exclude(actor=member.user_id).order_by("-at", "-pk")
    return (
        Watch.objects.filter(membership=member, claim__in=Claim.objects.visible_to(member))
        # Of two instants the later; PostgreSQL leaves NULL out.
        .annotate(known_at=Greatest(F("seen_at"), F("mailed_at"), output_field=DateTimeField()))
        .annotate(last=Subquery(happened.values("name")[:1]))
        .filter(last__isnull=False)
        .select_related("claim__category")
        .order_by("pk")
    )
