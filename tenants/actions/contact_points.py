"""Add, learn, prove, prefer and remove contact points; each change is an event of the record.

No other module but the import of files writes where a point comes from and what proves it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from tenants.matching import normal_contact
from tenants.models import ContactPoint, PersonChange, Tenant

REASON = "contact points"
What, By = PersonChange.What, PersonChange.By


def record(
    tenant: Tenant, what: str, *, side: str, by, now: datetime, state: str = "done", **facts: Any
) -> PersonChange:
    """Write one event of the person's record."""
    account = by if getattr(by, "pk", None) else None
    return PersonChange.objects.create(
        tenant=tenant, what=what, side=side, by=account, at=now, state=state, facts=facts
    )


def _points(tenant: Tenant):
    return ContactPoint.objects.system(REASON).filter(tenant=tenant)


def lock(tenant: Tenant) -> Tenant:
    """Lock the record, so that two changes at once see each other."""
    return (
        Tenant.objects.system(REASON).select_for_update(of=("self",), no_key=True).get(pk=tenant.pk)
    )


@transaction.atomic
def learn(
    *, tenant: Tenant, kind: str, value: str, proven: bool, by, now: datetime
) -> dict[str, Any]:
    """Remember that ``tenant`` writes from ``value``, as a colleague says; return how to undo it.

    ``proven``: the channel proved that the message came from there. An empty answer: nothing new.
    """
    lock(tenant)
    proof = ContactPoint.Proof.COLLEAGUE if proven else ""
    point = _points(tenant).filter(kind=kind, value=value).first()
    if point is None:
        point = ContactPoint.objects.create(
            tenant=tenant,
            kind=kind,
            value=value,
            origin=ContactPoint.Origin.LEARNED,
            proof=proof,
            confirmed_at=now,
        )
        was = None
    elif point.failing or not point.proof and not point.verified:
        was = {
            "proof": point.proof,
            "failing": point.failing,
            "asked_at": point.asked_at.isoformat() if point.asked_at else None,
        }
        point.proof, point.failing, point.asked_at = proof, False, None
        point.save(update_fields=["proof", "failing", "asked_at"])
    else:
        return {}
    change = record(tenant, What.POINT_LEARNED, side=By.STAFF, by=by, now=now, value=str(point))
    return {"point": point.pk, "was": was, "change": change.pk}


@transaction.atomic
def unlearn(learned: dict[str, Any]) -> None:
    """Take back what ``learn`` wrote; nothing when the point has changed since."""
    if not learned:
        return
    PersonChange.objects.system(REASON).filter(pk=learned["change"]).delete()
    rows = ContactPoint.objects.system(REASON).filter(pk=learned["point"], verified=False)
    was = learned["was"]
    if was is None:
        rows.filter(origin=ContactPoint.Origin.LEARNED).delete()
        return
    asked = datetime.fromisoformat(was["asked_at"]) if was["asked_at"] else None
    rows.update(proof=was["proof"], failing=was["failing"], asked_at=asked)


@transaction.atomic
def told(*, tenant: Tenant, member, value: str, by, now: datetime) -> ContactPoint | None:
    """Note the number that somebody calls from, as staff were told; None when it is known.

    Only of people who live in the member's stock today: of others they learn nothing.
    """
    value = normal_contact(value)
    here = Tenant.objects.at_home_with(member).filter(pk=tenant.pk)
    if not value or not here.exists() or _points(lock(tenant)).filter(value=value).exists():
        return None
    kind = ContactPoint.Kind.EMAIL if "@" in value else ContactPoint.Kind.PHONE
    point = ContactPoint.objects.create(
        tenant=tenant, kind=kind, value=value, origin=ContactPoint.Origin.TOLD, confirmed_at=now
    )
    record(tenant, What.POINT_ADDED, side=By.STAFF, by=by, now=now, value=str(point))
    return point


@transaction.atomic
def prove(point: ContactPoint, *, proof: str, by, now: datetime) -> None:
    """Write that the person reads ``point``: they copied a code, or opened a link sent there."""
    rows = ContactPoint.objects.system(REASON).filter(pk=point.pk)
    changed = rows.filter(verified=False).update(verified=True)
    rows.update(proof=proof, failing=False, proposed=False, confirmed_at=now, asked_at=None)
    if changed:
        record(point.tenant, What.POINT_PROVED, side=By.PERSON, by=by, now=now, value=str(point))
