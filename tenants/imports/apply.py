"""Compare a file of tenants and leases with the register, then write the difference.

Only reads until ``plan.save()``. Nothing is deleted: who left is given a date, and who is no
longer in the file is reported, not removed. What a file does not say never erases anything. What
a person corrected since stays: a new number or address of theirs becomes a proposal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.imports.addresses import address_of, bare
from agencies.imports.kind import Kind
from agencies.imports.plan import MOST_DEPARTURES, Plan, Progress
from agencies.imports.rpls import parse_floor
from agencies.imports.tables import Reject, Table, canonical
from agencies.models import Dwelling
from portal.clock import now
from tenants.bill_codes import bill_code
from tenants.imports.persons import LeaseRow, ignored_columns, read_leases, template
from tenants.models import AccessEnd, ContactPoint, Lease, Need, Occupancy, PersonChange, Tenant

# A file that tells of so many of the known stays is one of the whole stock: who is not in it left.
WHOLE = 0.5
LEVELS = (Tenant, ContactPoint, Lease, Occupancy, Need, PersonChange)
What = PersonChange.What
# What a person changed by hand -> what of a file no longer changes it.
BY_HAND = {
    What.POINT_ADDED: "points",
    What.POINT_REMOVED: "points",
    What.POINT_PROVED: "points",
    What.LANGUAGE: "language",
    What.NEED_ADDED: "needs",
    What.NEED_ENDED: "needs",
}
NEED_LASTS = timedelta(days=365)


def tenants(table: Table, *, progress: Progress | None = None, **unused) -> Plan:
    """Return the plan of an opened file, as the stock's readers do."""
    plan = plan_tenants(read_leases(table), today=now().date(), progress=progress)
    if aside := ignored_columns(table):
        plan.notes.insert(0, _("Columns that are not read: %s.") % ", ".join(aside))
    return plan


TENANTS = Kind(
    "tenants",
    gettext_lazy("Tenants and leases"),
    gettext_lazy("CSV or XLSX with one person and lease a line. Rights are never imported."),
    tenants,
    template,
)


def plan_tenants(
    results: Iterable[LeaseRow | Reject], *, today: date, progress: Progress | None = None
) -> Plan:
    """Compare the rows with the register; reads only. ``today`` is when needs begin to run.

    Raises :class:`~agencies.imports.tables.WrongFile` when the file breaks off or is empty.
    """
    plan = Plan(LEVELS, (Occupancy, Tenant))
    register = _Register(plan, today)
    for row in plan.rows(results, progress):
        register.merge(row)
    register.finish()
    plan.rejects.sort(key=lambda reject: reject.line)
    return plan


class _Register:
    """The tenants of the database in memory, by the references of the rent system."""

    def __init__(self, plan: Plan, today: date) -> None:
        self.plan, self.today, self.now = plan, today, now()
        rows = Tenant.objects.system("import of tenants")
        self.tenants = {t.external_ref: t for t in rows if t.external_ref}
        self.leases = {lease.reference: lease for lease in Lease.objects.system("import of people")}
        self.codes = {lease.bill_code for lease in self.leases.values()}
        self.occupancies = {
            (o.lease_id, o.tenant_id): o for o in Occupancy.objects.system("import of people")
        }
        self.contacts = {
            (c.tenant_id, c.kind, c.value) for c in ContactPoint.objects.system("import of people")
        }
        self.preferred = set(
            ContactPoint.objects.system("import of people")
            .filter(preferred=True)
            .values_list("tenant_id", flat=True)
        )
        self.by_hand = _by_hand()
        self.kept: set[tuple] = set()
        self.needs = {(n.tenant_id, n.code): n for n in Need.objects.system("import of people")}
        self.dwellings = _Dwellings()
        self.met: set[str] = set()
        self.here: dict[str, list[Occupancy]] = defaultdict(list)  # of the file, by lease
        self.living: dict[int, set[int]] = defaultdict(set)  # by lease
        for occupancy in self.occupancies.values():
            if occupancy.ends is None:
                self.living[occupancy.lease_id].add(occupancy.pk)
        self.open = set().union(*self.living.values())
        self.told: set[int] = set()
        self.left = 0
        self.ended_leases, self.ended_stays = _ended_by_hand()
        plan.known[Tenant] = len(self.tenants)
        plan.known[Occupancy] = len(self.open)

    def merge(self, row: LeaseRow) -> None:
        dwelling = self.dwellings.find(row)
        lease = self.leases.get(row.lease_ref)
        if isinstance(dwelling, str):
            self.plan.rejects.append(Reject(row.line, dwelling, row.raw))
            return
        if lease is not None and lease.dwelling_id != dwelling.pk:
            reason = _("Lease %(lease)s is known for another dwelling.")
            reject = Reject(row.line, reason % {"lease": row.lease_ref}, row.raw)
            self.plan.rejects.append(reject)
            return
        self.plan.rejects += [
            Reject(row.line, _("%(why)s The rest of the line is imported.") % {"why": why}, row.raw)
            for why in row.faults
        ]
        tenant = self.tenant(row)
        lease = lease or self.new_lease(row, dwelling)
        self.occupancy(row, lease, tenant)
        self.contact(tenant, ContactPoint.Kind.EMAIL, row.email)
        for phone in row.phones:
            self.contact(tenant, ContactPoint.Kind.PHONE, phone)
        for code in row.needs:
            self.need(tenant, code, row.needs_until)

    def tenant(self, row: LeaseRow) -> Tenant:
        tenant = self.tenants.get(row.tenant_ref)
        if tenant is None:
            tenant = self.tenants[row.tenant_ref] = self.plan.add(
                Tenant(external_ref=row.tenant_ref)
            )
        if row.tenant_ref not in self.met:  # the first line decides
            self.met.add(row.tenant_ref)
            self.plan.seen[Tenant] += 1
            names = ("civility", "first_name", "last_name", "language")
            told = {name: getattr(row, name) or None for name in names}
            if told["language"] != tenant.language and self.corrected(tenant, "language", told):
                told["language"] = None
            self.plan.update(tenant, **told)
        return tenant

    def new_lease(self, row: LeaseRow, dwelling: Dwelling) -> Lease:
        code = row.bill_code
        if code in self.codes:
            self.plan.notes.append(
                _("line %(line)s: the code on the bill is taken, a new one is made")
                % {"line": row.line}
            )
            code = ""
        while not code or code in self.codes:
            code = bill_code()
        self.codes.add(code)
        lease = Lease(reference=row.lease_ref, dwelling=dwelling, bill_code=code, starts=row.starts)
        self.leases[row.lease_ref] = self.plan.add(lease)
        return lease

    def occupancy(self, row: LeaseRow, lease: Lease, tenant: Tenant) -> None:
        self.plan.seen[Occupancy] += 1
        known = None if lease._state.adding else self.occupancies.get((lease.pk, tenant.pk))
        if known is None:
            known = self.plan.add(
                Occupancy(
                    lease=lease,
                    tenant=tenant,
                    capacity=row.role,
                    starts=row.starts,
                    ends=row.ends,
                )
            )
        else:
            self.told.add(known.pk)
            self.left += known.ends is None and row.ends is not None
            changed = self.plan.update(known, capacity=row.role, starts=row.starts)
            if row.ends is not None or known.pk not in self.ended_stays:
                changed |= self.end(known, row.ends)
            self.plan.unchanged += not changed
        self.here[row.lease_ref].append(known)

    def contact(self, tenant: Tenant, kind: str, value: str) -> None:
        if not value:
            return
        self.plan.seen[ContactPoint] += 1
        if (tenant.pk, kind, value) in self.contacts:
            return
        self.contacts.add((tenant.pk, kind, value))
        if self.corrected(tenant, "points", True):
            self.propose(tenant, kind, value)
            return
        first = tenant.pk not in self.preferred
        self.preferred.add(tenant.pk)
        self.plan.add(ContactPoint(tenant=tenant, kind=kind, value=value, preferred=first))

    def corrected(self, tenant: Tenant, what: str, told: object) -> bool:
        """Return whether a person said something else of ``what`` since; then theirs stays."""
        if not told or (tenant.pk, what) not in self.by_hand:
            return False
        self.kept.add((tenant.pk, what))
        return True

    def propose(self, tenant: Tenant, kind: str, value: str) -> None:
        """Keep what the file says beside what the person said, unused until a person decides."""
        point = ContactPoint(tenant=tenant, kind=kind, value=value, proposed=True)
        self.plan.add(point)
        facts = {"kind": kind, "raw": value, "value": str(point)}
        self.plan.add(
            PersonChange(
                tenant=tenant,
                what=What.POINT_PROPOSED,
                side=PersonChange.By.IMPORT,
                state=PersonChange.State.WAITS,
                at=self.now,
                facts=facts,
            )
        )

    def need(self, tenant: Tenant, code: str, until: date | None) -> None:
        self.plan.seen[Need] += 1
        if self.corrected(tenant, "needs", True):
            return
        need = self.needs.get((tenant.pk, code))
        if need is None:
            expires = until or self.today + NEED_LASTS
            need = self.needs[tenant.pk, code] = Need(tenant=tenant, code=code, expires=expires)
            self.plan.add(need)
        else:
            self.plan.update(need, expires=until)

    def finish(self) -> None:
        """Plan the dates of the leases, from those of their people.

        Count who is not in the file.
        """
        for reference, people in self.here.items():
            lease = self.leases[reference]
            self.plan.seen[Lease] += 1
            last_days = [o.ends for o in people if o.ends is not None]
            ends = max(last_days) if len(last_days) == len(people) else None
            starts = min(o.starts for o in people)
            if lease._state.adding:
                lease.starts, lease.ends = starts, ends
                continue
            self.plan.update(lease, starts=min(starts, lease.starts))
            # Somebody the file does not tell of may still live there.
            if self.living[lease.pk] - {occupancy.pk for occupancy in people}:
                ends = None
            if ends is not None or lease.pk not in self.ended_leases:
                self.end(lease, ends)
        if self.kept:
            number = len({key for key, _what in self.kept})
            kept = _("%(number)s people have corrected what the file says: theirs is kept.")
            self.plan.notes.append(kept % {"number": number})
        self.plan.vanished = len(self.open - self.told)
        self.mark_missing()
        known = self.plan.known[Occupancy]
        if known and self.left > MOST_DEPARTURES * known:
            self.plan.doubts.append(
                _("%(number)s of %(known)s people would leave (over %(most)s %%).")
                % {"number": self.left, "known": known, "most": round(MOST_DEPARTURES * 100)}
            )

    def mark_missing(self) -> None:
        """Note since when the file no longer tells of an open lease: a person decides."""
        whole = bool(self.open) and len(self.open & self.told) >= WHOLE * len(self.open)
        for reference, lease in self.leases.items():
            if lease._state.adding:
                continue
            if reference in self.here or lease.ends is not None:
                since = None
            elif whole:
                since = lease.missing_since or self.today
            else:
                continue
            if lease.missing_since != since:
                lease.missing_since = since
                self.plan.fields[Lease, "missing_since"] += 1
                self.plan.changed[Lease][lease] = None

    def end(self, row: Lease | Occupancy, ends: date | None) -> bool:
        """Set when ``row`` ends; an end taken back by the file is taken back here too."""
        if row.ends == ends:
            return False
        row.ends = ends
        self.plan.fields[type(row), "ends"] += 1
        self.plan.changed[type(row)][row] = None
        return True


def _by_hand() -> set[tuple]:
    """Return what persons changed by hand: whose, and what."""
    rows = PersonChange.objects.system("import of people").in_force().filter(what__in=BY_HAND)
    return {
        (tenant, BY_HAND[What(what)])
        for tenant, what in rows.exclude(side=PersonChange.By.IMPORT).values_list("tenant", "what")
    }


def _ended_by_hand() -> tuple[set[int], set[int]]:
    """Return the leases and the occupancies whose end a person set; no file takes it back."""
    leases: set[int] = set()
    stays: set[int] = set()
    for row in AccessEnd.objects.system("import of tenants").standing():
        stays.update(int(number) for number in row.snapshot["stays"])
        if row.lease_id:
            leases.add(row.lease_id)
    return leases, stays


class _Dwellings:
    """Finds the dwelling that a row means: by its reference, else by its address."""

    def __init__(self) -> None:
        self.by_key: dict[str, Dwelling] = {}
        self.by_street: dict[str, list[Dwelling]] = defaultdict(list)
        query = Dwelling.objects.select_related("staircase__building__residence")
        for dwelling in query.iterator(chunk_size=2000):
            self.by_key[dwelling.natural_key] = dwelling
            self.by_street[address_of(dwelling.staircase.street)].append(dwelling)

    def find(self, row: LeaseRow) -> Dwelling | str:
        """Return the dwelling, or the reason why no single one is meant."""
        if row.dwelling_key and (dwelling := self.by_key.get(row.dwelling_key)):
            return dwelling
        if not row.street:
            return _("No dwelling has the reference “%s”.") % row.dwelling_key
        found = self.by_street.get(address_of(f"{row.number} {row.street}"), [])
        found = [dwelling for dwelling in found if _fits(dwelling, row)]
        if not found:
            return _("No dwelling is known at this address.")
        if len(found) > 1:
            reason = _("%(number)s dwellings fit this address: give the building, floor or door.")
            return reason % {"number": len(found)}
        return found[0]


def _fits(dwelling: Dwelling, row: LeaseRow) -> bool:
    """Return whether ``dwelling`` agrees with everything that the row says of its place."""
    building = dwelling.staircase.building
    residence = building.residence
    floor = parse_floor(row.floor) if row.floor else None
    return (
        (not row.postcode or residence.postcode == row.postcode.zfill(5))
        and (not row.commune or canonical(residence.commune) == canonical(row.commune))
        and (not row.building or canonical(bare(building.code)) == canonical(bare(row.building)))
        and (floor is None or dwelling.floor == floor)
        and (not row.door or canonical(bare(dwelling.door)) == canonical(bare(row.door)))
    )
