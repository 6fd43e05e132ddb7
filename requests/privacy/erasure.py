"""Empty what the registry declares personal: of requests, and of a whole person.

Figures stay true: a request keeps its dates, states, category, urgency and unit. Callers hold a
transaction; files go once it is committed.
"""

import secrets
from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone

from requests.audit.models import EmergencyOpening, RecordView
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.privacy import registry
from requests.privacy.event_erasure import erase_events
from requests.privacy.registry.kinds import Column, Erased, Personal, Then
from requests.work_orders.models import OrderEvent

ANONYMISED = "erased-"
# Rows that point to others of these go first.
FIRST = ("requests.OrderPhoto", "requests.Letter")
# Rows of the audit trail: ``event_erasure`` empties them.
BY_EVENTS = (ClaimEvent, OrderEvent, EmergencyOpening, RecordView)


def anonymised() -> models.Q:
    """Return what finds the claims that were anonymised."""
    return models.Q(key__startswith=ANONYMISED)


@transaction.atomic
def anonymise_claims(claims: Collection[UUID]) -> int:
    """Take every word, name, contact and file out of ``claims``; return how many they are."""
    rows = [row for row in registry.PERSONAL.values() if row.claim]
    for row in sorted(rows, key=lambda row: row.label not in FIRST):
        model = registry.model_of(row)
        if model not in BY_EVENTS:
            found = model._base_manager.filter(**{f"{row.claim}__in": claims})
            empty(row, found)
    erase_events(claims=claims)
    Claim.objects.system("anonymisation").filter(pk__in=claims, link_closed_at__isnull=True).update(
        link_closed_at=timezone.now()
    )
    return len(claims)


def empty(row: Personal, found: models.QuerySet) -> int:
    """Do to the rows ``found`` what the registry declares; return how many there were."""
    number = 0
    if row.then is Then.KEEP:
        return number
    drop_files(row, found)
    if row.then is Then.DELETE:
        return found.delete()[0]
    constant, random = {}, []
    for name, column in row.columns.items():
        if column.erased is Erased.RANDOM:
            random.append(name)
        elif column.erased in (Erased.EMPTY, Erased.NULL, Erased.FILE):
            if column.empty:
                found.exclude(**{name: ""}).update(**{name: column.empty})
            else:
                constant[name] = _empty_value(found.model._meta.get_field(name), column)
    # Random values last: the rows may be found by what they replace.
    keys = list(found.values_list("pk", flat=True))
    rows = found.model._base_manager.filter(pk__in=keys)
    if constant:
        rows.update(**constant)
    if random:
        randomise(rows, random)
    return len(keys)


def randomise(rows: models.QuerySet, names: list[str]) -> None:
    """Give each row other random values in the columns ``names``."""
    for key in list(rows.values_list("pk", flat=True)):
        values = {name: _random_value(rows.model._meta.get_field(name)) for name in names}
        rows.model._base_manager.filter(pk=key).update(**values)


def drop_files(row: Personal, found: models.QuerySet) -> None:
    """Delete the files of the rows once the transaction is committed."""
    for name in row.columns:
        if isinstance(found.model._meta.get_field(name), models.FileField):
            for path in found.exclude(**{name: ""}).values_list(name, flat=True):
                transaction.on_commit(partial(_delete_unused, found.model, name, path))


def _delete_unused(model: type[models.Model], name: str, path: str) -> None:
    if not model._base_manager.filter(**{name: path}).exists():
        default_storage.delete(path)


def _empty_value(field: models.Field, column: Column) -> object:
    if column.erased is Erased.NULL or (field.null and not field.has_default()):
        return None
    if isinstance(field, models.BinaryField):
        return b""
    if isinstance(field, models.JSONField):
        return field.get_default() if field.has_default() else {}
    return ""


def _random_value(field: models.Field) -> str:
    length = field.max_length or 43
    if length < 20:
        return secrets.token_hex(length // 2).upper()[:length]
    return (ANONYMISED + secrets.token_urlsafe(24))[:length]
