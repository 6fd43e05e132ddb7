"""Merge two records of one person, and undo it: what moves, what joins, what stays.

The plan is computed once and serves the preview, the merge and its undo, so that they cannot
disagree. Claims are moved by ``requests.identity.actions``, the only caller of ``merge``.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from tenants.models import IdentityMerge, Mandate, Occupancy, Tenant

# The strongest first: the joined occupancy has the stronger capacity of the two.
CAPACITIES = [Occupancy.Capacity.HOLDER, Occupancy.Capacity.JOINT_TENANT]
MOVES, JOINS, STAYS = "moves", "joins", "stays"


class Conflict(Exception):
    """Somebody merged or changed one of the records meanwhile, or a later merge stands."""


class Refused(Exception):
    """These two may not be merged; ``args[0]`` is the reason's code (see ``Preview``)."""


@dataclass(frozen=True)
class Change:
    """Values of one row before and after; ``model`` is its label, values are JSON."""

    model: str
    pk: str
    before: dict
    after: dict


@dataclass(frozen=True)
class Line:
    """One part of the absorbed record, for a person to read: kind, row, and what happens to it."""

    kind: str
    row: models.Model
    outcome: str


@dataclass
class Preview:
    """What merging would do. ``refusals``: ``same``, ``both_accounts``; empty means it may be done.

    ``warnings``: ``two_references`` (the rent system knows two people).
    """

    kept: Tenant
    absorbed: Tenant
    lines: list[Line] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return a digest that changes when the merge would no longer do what the person read."""
        body = [str(self.kept.pk), *([c.model, c.pk, c.before, c.after] for c in self.changes)]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def preview(kept: Tenant, absorbed: Tenant) -> Preview:
    """Say what merging ``absorbed`` into ``kept`` would do; writes nothing."""
    plan = Preview(kept, absorbed)
    if kept.pk == absorbed.pk:
        plan.refusals.append("same")
    if kept.user_id and absorbed.user_id:
        plan.refusals.append("both_accounts")
    if kept.external_ref and absorbed.external_ref:
        plan.warnings.append("two_references")
    for part in (_contacts, _occupancies, _needs, _mandates, _records):
        for line, changes in part(kept, absorbed):
            plan.lines += [line] if line else []
            plan.changes += changes
    return plan


Parts = Iterator[tuple[Line | None, list[Change]]]


def _plain(value):
    """Return dates and identifiers as text, the rest unchanged: what JSON gives back."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _change(row: models.Model, **after) -> Change:
    before = {name: _plain(getattr(row, name)) for name in after}
    return Change(
        row._meta.label, str(row.pk), before, {name: _plain(v) for name, v in after.items()}
    )


def _contacts(kept: Tenant, absorbed: Tenant) -> Parts:
    """Keep each contact once; verified on one side is verified; kept's preference wins."""
    own = {(point.kind, point.value): point for point in kept.contact_points.all()}
    preferring = any(point.preferred for point in own.values())
    for point in absorbed.contact_points.order_by("kind", "value"):
        twin = own.get((point.kind, point.value))
        if twin is None:
            # Written even when unchanged, so that an undo also undoes a later preference.
            after = {"tenant_id": kept.pk, "preferred": point.preferred and not preferring}
            yield Line("contact", point, MOVES), [_change(point, **after)]
        else:
            proves = point.verified or (point.proof and not twin.proof)
            after = {"verified": point.verified, "proof": point.proof}
            changes = [_change(twin, **after)] if proves and not twin.verified else []
            yield Line("contact", point, JOINS), changes


def _occupancies(kept: Tenant, absorbed: Tenant) -> Parts:
    """Move a home; under a lease that both have, widen kept's days to cover both.

    Days between two separate stays are never added: nobody sees the claims of that time.
    """
    related = "lease__dwelling__staircase__building__residence"
    own = {stay.lease_id: stay for stay in kept.occupancies.all()}
    for stay in absorbed.occupancies.select_related(related).order_by("starts", "pk"):
        twin = own.get(stay.lease_id)
        if twin is None:
            yield Line("home", stay, MOVES), [_change(stay, tenant_id=kept.pk)]
        elif _apart(stay, twin) or _apart(twin, stay):
            yield Line("home", stay, STAYS), []
        else:
            ends = max(stay.ends, twin.ends) if stay.ends and twin.ends else None
            after: dict[str, object] = {"starts": min(stay.starts, twin.starts), "ends": ends}
            stronger = [c for c in CAPACITIES if c in (stay.capacity, twin.capacity)]
            after["capacity"] = str(stronger[0]) if stronger else twin.capacity
            change = _change(twin, **after)
            yield Line("home", stay, JOINS), [change] if change.before != change.after else []


def _apart(first: Occupancy, second: Occupancy) -> bool:
    """Return whether at least a day lies between the end of one stay and the next start."""
    return first.ends is not None and second.starts > first.ends + timedelta(days=1)


def _needs(kept: Tenant, absorbed: Tenant) -> Parts:
    """Keep a need that both have until the later date."""
    own = {need.code: need for need in kept.needs.all()}
    for need in absorbed.needs.order_by("code"):
        twin = own.get(need.code)
        if twin is None:
            yield Line("need", need, MOVES), [_change(need, tenant_id=kept.pk)]
        else:
            later = need.expires > twin.expires
            yield Line("need", need, JOINS), [_change(twin, expires=need.expires)] if later else []


def _mandates(kept: Tenant, absorbed: Tenant) -> Parts:
    """Move the mandates; those on both sides lose the confidential requests.

    Consent to show them was given before the other record's were there.
    """
    ordinary = str(Mandate.Scope.ORDINARY)
    for mandate in absorbed.mandates.order_by("asked_at", "pk"):
        change = _change(mandate, tenant_id=kept.pk, scope=ordinary)
        yield Line("mandate", mandate, MOVES), [change]
    for mandate in kept.mandates.filter(scope=Mandate.Scope.ALL).order_by("asked_at", "pk"):
        yield None, [_change(mandate, scope=ordinary)]


def _records(kept: Tenant, absorbed: Tenant) -> Parts:
    """Move the account, the rent system's reference and the parts of the name that kept lacks."""
    given: dict[str, object] = {"merged_into_id": kept.pk}
    taken: dict[str, object] = {}
    if absorbed.user and not kept.user_id:
        given["user_id"], taken["user_id"] = None, absorbed.user_id
        yield Line("account", absorbed.user, MOVES), []
    if absorbed.external_ref and not kept.external_ref:
        given["external_ref"], taken["external_ref"] = "", absorbed.external_ref
    for name in ("civility", "first_name"):
        if getattr(absorbed, name) and not getattr(kept, name):
            taken[name] = getattr(absorbed, name)
    # The absorbed first: account and reference are unique.
    yield None, [_change(absorbed, **given)]
    if taken:
        yield None, [_change(kept, **taken)]


def _units(tenant: Tenant) -> list[int]:
    """Return ids of the units in whose stock somebody lives or lived."""
    path = "lease__dwelling__staircase__building__residence__unit"
    return sorted(set(tenant.occupancies.values_list(path, flat=True)))


def lock_tenants(*tenants: Tenant) -> list[Tenant]:
    """Return the rows as they are now, locked in one fixed order: two merges never deadlock."""
    keys = [tenant.pk for tenant in tenants]
    rows = Tenant.objects.system("merging").select_for_update(of=("self",)).order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=keys)}
    return [found[key] for key in keys]


@transaction.atomic
def merge(plan: Preview, *, reason: str, by, now: datetime) -> IdentityMerge:
    """Do what ``preview`` said of two records locked in this transaction, none merged yet.

    Raises ``Refused`` with the first refusal; ``Conflict`` when a row was deleted meanwhile.
    """
    if plan.refusals:
        raise Refused(plan.refusals[0])
    snapshot = {
        "changes": [vars(change) for change in plan.changes],
        "claims": [],
        "kept_units": _units(plan.kept),
        "absorbed_units": _units(plan.absorbed),
    }
    for change in plan.changes:
        row = _row(change)
        if row is None:
            raise Conflict
        for name, value in change.after.items():
            _set(row, name, value)
        row.save(update_fields=list(change.after))
    return IdentityMerge.objects.system("merging").create(
        kept=plan.kept, absorbed=plan.absorbed, at=now, by=by, reason=reason, snapshot=snapshot
    )


def _row(change: Change) -> models.Model | None:
    """Return the row of a change, locked; None when it was deleted since."""
    rows = apps.get_model(change.model)._default_manager.select_for_update(of=("self",))
    return rows.filter(pk=change.pk).first()


def _set(row: models.Model, name: str, value) -> None:
    column = cast(models.Field, row._meta.get_field(name))
    setattr(row, name, column.to_python(value))


@transaction.atomic
def undo(*, merge: IdentityMerge, by, now: datetime) -> IdentityMerge:
    """Give every row the values it had, the last change first.

    A value that somebody changed since the merge stays as they left it, except to whom the row
    belongs and which contact is preferred. Rows added since stay with the kept record. Raises
    ``Conflict`` when it is undone already or a later merge of one of the two still stands.
    """
    lock_tenants(merge.kept, merge.absorbed)
    merge = IdentityMerge.objects.system("undo").select_for_update(of=("self",)).get(pk=merge.pk)
    if not may_be_undone(merge):
        raise Conflict
    try:
        with transaction.atomic():
            for stored in reversed(merge.snapshot["changes"]):
                _give_back(Change(**stored))
    except IntegrityError as error:  # the account or the reference went elsewhere meanwhile
        raise Conflict from error
    merge.undone_at, merge.undone_by = max(now, merge.at), by
    merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def _give_back(change: Change) -> None:
    row = _row(change)
    if row is None:
        return
    always = {"tenant_id", "preferred"}
    names = [n for n, v in change.after.items() if n in always or _plain(getattr(row, n)) == v]
    for name in names:
        _set(row, name, change.before[name])
    row.save(update_fields=names)


def may_be_undone(merge: IdentityMerge) -> bool:
    """Return whether ``undo`` would not be refused for its order.

    The last of a chain goes first.
    """
    both = [merge.kept_id, merge.absorbed_id]
    return (
        merge.undone_at is None
        and not IdentityMerge.objects.system("undo")
        .filter(Q(kept__in=both) | Q(absorbed__in=both), pk__gt=merge.pk, undone_at__isnull=True)
        .exists()
    )
