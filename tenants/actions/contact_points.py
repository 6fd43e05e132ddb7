"""Add, learn, prove, prefer and remove contact points; each change is an event of the record.

No other module but the import of files writes where a point comes from and what proves it.
"""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from tenants.homes import homes_of
from tenants.matching import normal_contact
from tenants.models import ContactPoint, PersonChange, PointCode, Tenant
from tenants.models.changes import PersonChangeQuerySet

REASON = "contact points"
What, By = PersonChange.What, PersonChange.By
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
MOST_POINTS = 12
SHORTEST_ADDRESS = 10
CODE_LASTS = timedelta(hours=24)
CODE_DAY = timedelta(hours=24)
TRIES = 5
ASKED_A_DAY = 5
LEARNED = ("proof", "failing", "asked_at", "bounced_at")


def record(
    tenant: Tenant, what: str, *, side: str, by, now: datetime, state: str = "done", **facts: Any
) -> PersonChange:
    """Write one event of the person's record."""
    account = by if getattr(by, "pk", None) else None
    return PersonChange.objects.create(
        tenant=tenant, what=what, side=side, by=account, at=now, state=state, facts=facts
    )


def decide(change: PersonChange, state: str, *, side: str, by, now: datetime) -> PersonChange:
    """Write what became of a change, as an event of its own. IntegrityError: it is decided."""
    account = by if getattr(by, "pk", None) else None
    return PersonChange.objects.create(
        tenant_id=change.tenant_id,
        what=What.DECIDED,
        side=side,
        by=account,
        at=now,
        state=state,
        decides=change,
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
    elif _is_certain(point):
        return {}
    else:
        was = {name: getattr(point, name) for name in LEARNED}
        point.proof = point.proof if point.verified else proof
        point.failing, point.asked_at, point.bounced_at = False, None, None
        point.save(update_fields=LEARNED)
        was |= {name: was[name] and was[name].isoformat() for name in ("asked_at", "bounced_at")}
    change = record(tenant, What.POINT_LEARNED, side=By.STAFF, by=by, now=now, value=str(point))
    return {"point": point.pk, "was": was, "change": change.pk}


@transaction.atomic
def unlearn(learned: dict[str, Any], *, by, now: datetime) -> None:
    """Take back what ``learn`` wrote; nothing when the point has changed since."""
    if not learned:
        return
    changes = PersonChange.objects.system(REASON).filter(decision__isnull=True)
    if change := changes.filter(pk=learned["change"]).first():
        decide(change, PersonChange.State.UNDONE, side=By.STAFF, by=by, now=now)
    rows = ContactPoint.objects.system(REASON).filter(pk=learned["point"])
    was = learned["was"]
    if was is None:
        rows.filter(origin=ContactPoint.Origin.LEARNED, verified=False).delete()
        return
    moments = {
        name: datetime.fromisoformat(was[name]) if was[name] else None
        for name in ("asked_at", "bounced_at")
    }
    rows.update(**was | moments)


def _is_certain(point: ContactPoint) -> bool:
    """Return whether a colleague's word adds nothing: it is proved or confirmed, and alive."""
    doubts = point.failing or point.asked_at or point.bounced_at
    return bool(point.proof or point.verified) and not doubts


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
def prove(point: ContactPoint, *, proof: str, by, now: datetime, decided: str = By.PERSON) -> None:
    """Write that the person reads ``point``: they copied a code, or opened a link sent there.

    ``decided``: who so decides what waited about it.
    """
    rows = ContactPoint.objects.system(REASON).filter(pk=point.pk)
    changed = rows.filter(verified=False).update(verified=True)
    rows.update(proof=proof, failing=False, proposed=False, confirmed_at=now)
    rows.update(asked_at=None, bounced_at=None)
    _settle(point, PersonChange.State.DONE, side=decided, by=by, now=now)
    if changed:
        record(point.tenant, What.POINT_PROVED, side=By.PERSON, by=by, now=now, value=str(point))


def waiting(point: ContactPoint) -> PersonChangeQuerySet:
    """Return what waits for a person about ``point``; a file names it by its value."""
    named = Q(facts__point=point.pk) | Q(facts__kind=point.kind, facts__raw=point.value)
    rows = PersonChange.objects.system(REASON).filter(tenant=point.tenant)
    return rows.waiting().filter(named)


def _settle(point: ContactPoint, state: str, *, side: str, by, now: datetime) -> None:
    """Decide what waits about ``point`` by what was just done with it."""
    for change in waiting(point).select_for_update(of=("self",)):
        decide(change, state, side=side, by=by, now=now)


class NotPossible(Exception):
    """The change may not be made; ``args[0]``: ``invalid``, ``known``, ``too_many``, ``given_up``,
    ``no_code``, ``wrong_code`` or ``code_expired``."""


@transaction.atomic
def add(*, tenant: Tenant, typed: str, side: str, by, now: datetime) -> ContactPoint:
    """Add a phone or an e-mail; one that was given up comes back, to be proved anew.

    Raises ``NotPossible``: ``invalid``, ``known``, ``too_many``.
    """
    value = normal_contact(typed)
    if not value or ("@" in value and not EMAIL.fullmatch(value)):
        raise NotPossible("invalid")
    kind = ContactPoint.Kind.EMAIL if "@" in value else ContactPoint.Kind.PHONE
    return _add(lock(tenant), kind, value, side=side, by=by, now=now)


@transaction.atomic
def add_address(*, tenant: Tenant, typed: str, side: str, by, now: datetime) -> ContactPoint:
    """Add a postal address beside the home; the former one is no longer used.

    Raises ``NotPossible``.
    """
    lines = [" ".join(line.split()) for line in typed.splitlines()]
    value = "\n".join(line for line in lines if line)[:254]
    if len(value) < SHORTEST_ADDRESS:
        raise NotPossible("invalid")
    locked = lock(tenant)
    point = _add(locked, ContactPoint.Kind.POSTAL, value, side=side, by=by, now=now)
    for old in _points(locked).filter(kind=point.kind, failing=False).exclude(pk=point.pk):
        remove(old, side=side, by=by, now=now)
    return point


def _add(tenant: Tenant, kind: str, value: str, *, side: str, by, now: datetime) -> ContactPoint:
    own = side == By.PERSON
    origin = ContactPoint.Origin.OWN if own else ContactPoint.Origin.TOLD
    point = _points(tenant).filter(kind=kind, value=value).first()
    if point and not (point.failing or point.proposed):
        raise NotPossible("known")
    if point is None:
        if _points(tenant).filter(failing=False).count() >= MOST_POINTS:
            raise NotPossible("too_many")
        point = ContactPoint(tenant=tenant, kind=kind, value=value)
    point.origin, point.proof, point.verified = origin, "", False
    point.failing, point.proposed, point.asked_at = False, False, None
    point.confirmed_at, point.bounced_at = now, None
    point.save()
    _settle(point, PersonChange.State.DONE, side=side, by=by, now=now)
    record(tenant, What.POINT_ADDED, side=side, by=by, now=now, value=str(point))
    return point


@transaction.atomic
def remove(point: ContactPoint, *, side: str, by, now: datetime) -> None:
    """Give a point up: nothing is sent there, it recognises nobody, no file brings it back."""
    rows = ContactPoint.objects.system(REASON).filter(pk=point.pk, failing=False)
    given_up = {"failing": True, "verified": False, "preferred": False, "proof": ""}
    if rows.update(**given_up, proposed=False, asked_at=None):
        _settle(point, PersonChange.State.REFUSED, side=side, by=by, now=now)
        record(point.tenant, What.POINT_REMOVED, side=side, by=by, now=now, value=str(point))


@transaction.atomic
def correct(point: ContactPoint, *, typed: str, side: str, by, now: datetime) -> ContactPoint:
    """Put what is right in the place of a wrong number, address or e-mail, which is given up.

    Raises ``NotPossible``: what ``add`` raises, and ``given_up`` for what is no longer used.
    """
    tenant, who = lock(point.tenant), {"side": side, "by": by, "now": now}
    point = _points(tenant).get(pk=point.pk)
    if point.failing:
        raise NotPossible("given_up")
    if point.kind != ContactPoint.Kind.POSTAL and normal_contact(typed) == point.value:
        raise NotPossible("known")
    first = point.preferred
    remove(point, **who)
    if point.kind == ContactPoint.Kind.POSTAL:
        right = add_address(tenant=tenant, typed=typed, **who)
    else:
        right = add(tenant=tenant, typed=typed, **who)
    if first:
        prefer(right, **who)
        right.refresh_from_db()
    return right


@transaction.atomic
def prefer(point: ContactPoint, *, side: str, by, now: datetime) -> None:
    """Write there first from now on."""
    tenant = lock(point.tenant)
    _points(tenant).filter(preferred=True).exclude(pk=point.pk).update(preferred=False)
    rows = _points(tenant).filter(pk=point.pk, preferred=False, failing=False, proposed=False)
    if rows.update(preferred=True):
        record(tenant, What.POINT_PREFERRED, side=side, by=by, now=now, value=str(point))


# Six figures that prove a point.


@transaction.atomic
def ask_code(point: ContactPoint, now: datetime) -> PointCode:
    """Make the code that goes to ``point``; an earlier one dies. Raises ``NotPossible``."""
    lock(point.tenant)
    code = PointCode.objects.of(point=point).first()
    today = code is not None and code.asked_at > now - CODE_DAY
    if code and today and code.times >= ASKED_A_DAY:
        raise NotPossible("too_many")
    code, _new = PointCode.objects.system(REASON).update_or_create(
        point=point,
        defaults={
            "nonce": secrets.token_hex(16),
            "asked_at": code.asked_at if code and today else now,
            "times": code.times + 1 if code and today else 1,
            "expires_at": now + CODE_LASTS,
            "tries": 0,
            "sent_at": None,
        },
    )
    return code


def digits(code: PointCode) -> str:
    """Return the six figures; computed, so that the table alone reveals none."""
    value = f"{code.point_id}:{code.nonce}"
    digest = salted_hmac("tenants.contact_points", value, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 1_000_000:06}"


def check_code(point: ContactPoint, typed: str, *, by, now: datetime) -> bool:
    """Prove ``point`` by its code; False when a person must look first: another home proved it.

    Raises ``NotPossible``: ``no_code``, ``wrong_code``, ``code_expired``.
    """
    with transaction.atomic():  # the try counts even when it is wrong
        code = PointCode.objects.of(point=point).select_for_update(of=("self",)).first()
        if code is None:
            raise NotPossible("no_code")
        if code.expires_at < now or code.tries >= TRIES:
            raise NotPossible("code_expired")
        code.tries += 1
        code.save(update_fields=["tries"])
        right = constant_time_compare(digits(code), "".join(typed.split()))
    if not right:
        raise NotPossible("wrong_code")
    with transaction.atomic():
        code.delete()
        if _proved_elsewhere(point, now):
            rows = ContactPoint.objects.system(REASON).filter(pk=point.pk)
            rows.update(proposed=True, preferred=False)
            if waiting(point).exists():
                return False
            facts = {"point": point.pk, "value": str(point), "why": "elsewhere"}
            what = What.POINT_PROVED
            record(point.tenant, what, side=By.PERSON, by=by, now=now, state="waits", **facts)
            return False
        prove(point, proof=ContactPoint.Proof.CODE, by=by, now=now)
    return True


def _proved_elsewhere(point: ContactPoint, now: datetime) -> bool:
    """Return whether somebody of another home has proved the same number or address."""
    others = ContactPoint.objects.system(REASON).filter(
        kind=point.kind,
        value=point.value,
        verified=True,
        failing=False,
        tenant__merged_into__isnull=True,
    )
    today = timezone.localdate(now)
    mine = {home.pk for home in homes_of(point.tenant, today)}
    for other in others.exclude(tenant=point.tenant).select_related("tenant"):
        if not mine & {home.pk for home in homes_of(other.tenant, today)}:
            return True
    return False
