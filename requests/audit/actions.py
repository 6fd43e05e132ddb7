"""Write who opened which record; open a claim in an emergency; erase the key of a person."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac

from portal.actor import Actor
from portal.audit import erasure
from portal.models import User
from portal.opened import Listed
from requests.audit import log_memory
from requests.audit.models import ListView, RecordView
from requests.audit.queries import family_of
from requests.claims.models import Claim
from tenants.models import Tenant

Means = RecordView.Means
MARK = "requests.audit.list"


def record_access(
    *,
    actor: Actor,
    now: datetime,
    claims: Iterable[Claim] = (),
    tenants: Iterable[Tenant] = (),
    means: str = Means.PAGE,
    company: str = "",
) -> None:
    """Log that ``actor`` opened these records, in one statement; once in an hour for each."""
    records: list[Claim | Tenant] = [*claims, *tenants]
    write([view_of(record, actor, now, means, company) for record in records])


def view_of(
    record: Claim | Tenant, actor: Actor, now: datetime, means: str, company: str = ""
) -> RecordView:
    """Return the row of the log for one record, not saved."""
    about: dict[str, Any] = {"tenant_id": record.pk}
    if isinstance(record, Claim):
        about = {"claim_id": record.pk, "tenant_id": record.tenant_id}
    member = actor.membership
    works_for = member.contractor if member else None
    return RecordView(
        at=now,
        hour=now.replace(minute=0, second=0, microsecond=0),
        reader=actor.user,
        role=actor.role,
        unit_id=member.unit_id if member else None,
        company=(company or str(works_for or ""))[:120],
        means=means,
        **about,
    )


def write(rows: list[RecordView]) -> None:
    """Add the rows that the hour has not yet."""
    if rows := log_memory.new_ones(rows):
        RecordView.objects.system("log of who read what").bulk_create(rows, ignore_conflicts=True)
        log_memory.remember(rows)


def list_view_of(
    listed: Listed, actor: Actor, now: datetime, *, page: str, query: Mapping[str, list[str]]
) -> ListView:
    """Return the row of the log for one look at a list, not saved."""
    member = actor.membership
    return ListView(
        at=now,
        hour=now.replace(minute=0, second=0, microsecond=0),
        reader=actor.user,
        role=actor.role,
        unit_id=member.unit_id if member else None,
        page=page[:60],
        query=query_mark(query),
        shown=listed.shown,
        found=listed.found,
    )


def query_mark(query: Mapping[str, list[str]]) -> str:
    """Return a keyed hash of the words and filters of a query; "" when there are none."""
    given = sorted((name, value) for name, values in query.items() for value in values if value)
    if not given:
        return ""
    return salted_hmac(MARK, repr(given).lower(), algorithm="sha256").hexdigest()[:16]


def write_list(row: ListView) -> None:
    """Add the row unless the hour has it."""
    if rows := log_memory.new_ones([row]):
        ListView.objects.bulk_create(rows, ignore_conflicts=True)
        log_memory.remember(rows)


def erase_person_key(*, tenant: Tenant, reason: str, by: User | None) -> int:
    """Erase the keys under which a person's values in the audit trail are hashed.

    Those of the records merged into this one, of the account and of the claims go too. Call it
    after ``portal.audit.erasure.redact_rows``; both leave a line in the trail. Return how many.
    """
    people = family_of(tenant)
    claims = Claim.objects.system("erasure").filter(tenant__in=people)
    persons = [f"tenant:{person.pk}" for person in people]
    persons += [f"user:{person.user_id}" for person in people if person.user_id]
    persons += [f"claim:{key}" for key in claims.values_list("pk", flat=True)]
    return erasure.erase_keys(persons, reason=reason, by=by)
