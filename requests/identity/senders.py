"""Who probably wrote a request that has no author yet, for staff to confirm by one click."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.database.statement_cache import compiled
from portal.phones import national_format
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.identity.authors import ruled_out, ruled_out_of
from requests.kit.choices import OPEN, Channel
from tenants.actions import senders
from tenants.contact_strength import Grade, Sender
from tenants.matching import normal_contact
from tenants.models import ContactPoint, Tenant

BY_NUMBER = frozenset({Channel.SMS, Channel.SOCIAL})
MOST_TOGETHER = 20
SPOKEN = frozenset({Channel.PHONE, Channel.COUNTER})


@dataclass(frozen=True)
class Written:
    """What a request came from: ``value`` in its normal form, and whether the channel proved it."""

    kind: str
    value: str
    proven: bool

    def __str__(self) -> str:
        return national_format(self.value) if self.kind == ContactPoint.Kind.PHONE else self.value


@dataclass(frozen=True)
class Guess:
    """Who it probably is: ``people`` whom the member may see, ``others`` whom they may not.

    ``together`` are further requests of the same sender that one click may link as well.
    """

    sender: Sender
    people: list[Tenant]
    others: bool
    said: str
    together: list[Claim] = field(default_factory=list)

    @property
    def one_person(self) -> bool:
        """Return whether nobody but one person has the number or address."""
        return len(self.sender.people) == 1


def written_from(claim: Claim) -> Written | None:
    """Return the number or address that the request itself came from.

    None for what was typed into a form: it says how to answer, not who wrote.
    """
    if claim.channel in BY_NUMBER | SPOKEN:
        value = normal_contact(claim.contact_phone)
        proven = claim.channel in BY_NUMBER
        return Written(ContactPoint.Kind.PHONE, value, proven) if value else None
    if claim.channel != Channel.EMAIL or not claim.contact_email:
        return None
    value = claim.contact_email.lower()
    proved = Intake.objects.of(claim=claim).filter(sender=value, verified=True).exists()
    return Written(ContactPoint.Kind.EMAIL, value, proved)


def _values(claim: Claim) -> list[str]:
    given = (claim.contact_phone, claim.contact_email)
    return [value for value in map(normal_contact, given) if value]


def guess(claim: Claim, membership: Membership, now: datetime) -> Guess | None:
    """Return who probably wrote ``claim``; None when it has an author or nobody is known."""
    if claim.tenant_id:
        return None
    written = written_from(claim)
    values = [written.value] if written else _values(claim)
    found = senders.find_all(values, now, proven=bool(written and written.proven))
    sender = next((found[value] for value in values if value in found), Sender())
    not_them = ruled_out(claim) if sender.people else set()
    sender = replace(sender, people=tuple(p for p in sender.people if p not in not_them))
    if not sender.people:
        return None
    rows = Tenant.objects.at_home_with(membership).filter(pk__in=sender.people)
    people = list(rows.order_by("last_name", "first_name", "pk"))
    others = len(people) < len(sender.people)
    together = waiting_together(claim, membership, now) if people else []
    return Guess(sender, people, others, _said(sender, written), together)


def waiting_together(claim: Claim, membership: Membership, now: datetime) -> list[Claim]:
    """Return the other open requests without author that came from the same number or address.

    Only what the channel proved, and nothing when people of several homes have it: there the
    next message may be the other home's.
    """
    written = written_from(claim)
    if written is None or not written.proven:
        return []
    found = senders.find_all([written.value], now).get(written.value, Sender())
    if found.grade == Grade.SHARED:
        return []
    rows = Claim.objects.visible_to(membership).filter(tenant=None, state__in=OPEN)
    if written.kind == ContactPoint.Kind.PHONE:
        said = {written.value, claim.contact_phone}
        rows = rows.filter(channel__in=BY_NUMBER, contact_phone__in=said)
    else:
        rows = rows.filter(channel=Channel.EMAIL, contact_email__iexact=written.value)
    rows = rows.exclude(pk=claim.pk).select_related("category").order_by("filed_at", "pk")
    return [row for row in rows[:MOST_TOGETHER] if written_from(row) == written]


def _said(sender: Sender, written: Written | None) -> str:
    """Return in one sentence how sure it is, and why."""
    if sender.grade == Grade.SHARED:
        return _("People of several homes have it. Ask who writes before you say anything.")
    if len(sender.people) > 1:
        said = _("Several people of one home have it.")
    elif sender.proved:
        said = _("They have proved that it is theirs.")
    else:
        said = _("It stands in their record; nobody has confirmed it yet.")
    if written is None:
        return _("Typed into a form: anybody can do so.") + " " + said
    return said if written.proven else _("Nothing proves the sender.") + " " + said


def likely_names(claims: Sequence[Claim], membership: Membership, now: datetime) -> dict[UUID, str]:
    """Return the name of who probably wrote each of ``claims``; for a list."""
    asked = {
        claim.pk: values
        for claim in claims
        if claim.tenant_id is None and claim.state in OPEN and (values := _values(claim))
    }
    if not asked:
        return {}
    values = sorted({value for values in asked.values() for value in values})
    rows = _points_of_list(membership, now, claims=list(asked), values=values)
    names = {str(row.tenant_id): str(row.tenant) for row in rows if row.seen}
    found = senders.decide(rows, now)
    likely: dict[UUID, str] = {}
    for key, values in asked.items():
        people = {person for v in values if v in found for person in found[v].people}
        people -= {str(row.tenant_id) for row in rows if key in row.not_by}
        if len(people) == 1 and (name := names.get(people.pop())):
            likely[key] = name
    return likely


@compiled
def _points_of_list(
    member: Membership, moment: datetime, *, claims: Sequence[UUID], values: Sequence[str]
) -> QuerySet:
    """Return the points with ``values``, and of which of ``claims`` their people are ruled out."""
    here = Tenant.objects.system("names in a list").at_home_with(member)
    points = senders.points(values, moment)
    seen = Exists(here.filter(pk=OuterRef("tenant")))
    not_by = ruled_out_of(claims, "tenant")
    return points.annotate(seen=seen, not_by=not_by).select_related("tenant")
