"""A person's copy of their data: a ZIP with a page to read, JSON for machines, and their files.

What goes in is what the registry declares exported. What other people said stays out: the words
of others in the home, and the staff's notes unless an officer has read them for that.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from portal.dates import clock, full_day, full_moment
from portal.models import User
from requests.attachments import file_names
from requests.attachments.models import Attachment
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.notifications.models import Delivery
from requests.privacy import registry
from requests.privacy.models import PersonExport, RightsRequest, RightsStep
from requests.privacy.person import addresses_of, records_of
from requests.privacy.registry.kinds import Personal
from requests.privacy.registry.labels import label_of
from tenants.models import Occupancy

ENDINGS = {"image/jpeg": ".jpg", "application/pdf": ".pdf"}


@transaction.atomic
def order(
    *, request: RightsRequest, by: User | None, now: datetime, with_notes: bool = False
) -> PersonExport:
    """Write the copy to be made and its job. The request must still have its person."""
    assert request.tenant is not None
    copy = PersonExport.objects.create(
        request=request, tenant=request.tenant, with_notes=with_notes, asked_at=now, asked_by=by
    )
    enqueue(Job.Kind.EXPORT, copy.pk)
    return copy


def make(*, key: str, now: datetime) -> None:
    """Make the copy, store it, and say so in the request's steps; the job's handler."""
    copy = PersonExport.objects.select_related("tenant", "request").filter(pk=key).first()
    if copy is None or copy.made_at:  # the person was erased meanwhile, or a second try
        return
    with tempfile.TemporaryFile() as packed:
        with translation.override(copy.tenant.language):
            _pack(copy, packed, now)
        digest = hashlib.file_digest(_rewound(packed), "sha256").hexdigest()
        size = packed.tell()
        name = default_storage.save(f"exports/{copy.pk.hex}.zip", File(_rewound(packed)))
    with transaction.atomic():
        days = timedelta(days=settings.PALIER_EXPORT_DAYS)
        PersonExport.objects.filter(pk=copy.pk).update(
            file=name, size=size, sha256=digest, made_at=now, ends_at=now + days
        )
        copy.request.steps.create(name=RightsStep.Name.EXPORT_MADE, at=now)


def _rewound(file):
    file.seek(0)
    return file


def _pack(copy: PersonExport, packed, now: datetime) -> None:
    tables = list(collect(copy))
    files = list(_files(copy))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        data = {
            "made_at": now,
            "person": str(copy.tenant),
            "tables": {table["name"]: table["rows"] for table in tables},
            "files": [name for name, _attachment in files],
        }
        text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        archive.writestr("data.json", text)
        page = {"copy": copy, "tables": tables, "files": files, "moment": now}
        archive.writestr("index.html", render_to_string("requests/privacy/export_file.html", page))
        for name, attachment in files:
            try:
                with attachment.file.open("rb") as stored:
                    archive.writestr(name, stored.read())
            except FileNotFoundError:
                continue


def collect(copy: PersonExport) -> Iterator[dict[str, Any]]:
    """Yield each table with rows of the person: name, title, columns, rows.

    ``rows`` holds JSON values by column; ``lines`` the same as people read them.
    """
    people = records_of(copy.tenant)
    claims = list(
        Claim.objects.system("a person's copy")
        .filter(tenant__in=people)
        .values_list("pk", flat=True)
    )
    for row in registry.PERSONAL.values():
        if not row.shown or not row.exported or not (row.claim or row.person):
            continue
        model = registry.model_of(row)
        where = Q(**{f"{row.claim}__in": claims} if row.claim else {f"{row.person}__in": people})
        if model is Delivery:
            where |= _told(people)
        found = _own(model._base_manager.filter(where), copy)
        rows, lines = [], []
        for item in found.order_by("pk") if not model._meta.ordering else found:
            rows.append(_values(row, item))
            lines.append(_lines(row, item))
        if rows:
            title = str(model._meta.verbose_name_plural)
            yield {"name": row.label, "title": title, "rows": rows, "lines": lines}


def _told(people: list[UUID]) -> Q:
    """Return the condition for news of the building, sent to the person without any request."""
    sent = Q(claim__isnull=True, kind=Delivery.Kind.INCIDENT)
    return sent & Q(recipient__in=addresses_of(people))


def _own(found: models.QuerySet, copy: PersonExport) -> models.QuerySet:
    """Leave out what others said on the person's requests, and notes."""
    others = Q(author__tenant__isnull=False) & ~Q(author__tenant=copy.tenant)
    if found.model is Message:
        found = found.exclude(others)
        return found if copy.with_notes else found.exclude(direction=Message.Direction.NOTE)
    if found.model is Attachment:
        found = found.exclude(others)
        notes = Q(message__direction=Message.Direction.NOTE)
        return found if copy.with_notes else found.exclude(notes)
    return found


def _values(row: Personal, item: models.Model) -> dict[str, Any]:
    """Return the exported columns as JSON values; what points elsewhere by its name."""
    values: dict[str, Any] = {}
    for name in row.exported:
        field = item._meta.get_field(name)
        if isinstance(field, models.FileField):
            continue
        value = getattr(item, name)
        values[name] = str(value) if isinstance(value, models.Model) else value
    if isinstance(item, Occupancy):
        values["home"] = _home(item)
    return values


def _lines(row: Personal, item: models.Model) -> list[tuple[str, str]]:
    """Return label and text of each exported column that says something."""
    lines = []
    for name in row.exported:
        field = item._meta.get_field(name)
        value = getattr(item, f"get_{name}_display", lambda name=name: getattr(item, name))()
        if value in (None, "", [], {}) or isinstance(field, models.FileField):
            continue
        lines.append((label_of(type(item), name), _readable(value)))
    if isinstance(item, Occupancy):
        lines.append((label_of(Claim, "dwelling"), _home(item)))
    return lines


def _readable(value: Any) -> str:
    if isinstance(value, datetime):
        return full_moment(value)
    if isinstance(value, date):
        return full_day(value)
    if isinstance(value, time):
        return clock(value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return str(value)


def _home(stay: Occupancy) -> str:
    dwelling = stay.lease.dwelling
    staircase = dwelling.staircase
    return f"{dwelling}, {staircase.street}, {staircase.building.residence}"


def _files(copy: PersonExport) -> Iterator[tuple[str, Attachment]]:
    """Yield the files of the person's requests, each with its name in the archive."""
    people = records_of(copy.tenant)
    rows = (
        Attachment.objects.system("copy").filter(claim__tenant__in=people).select_related("claim")
    )
    for number, attachment in enumerate(_own(rows, copy).order_by("claim", "at", "place"), 1):
        if not attachment.is_open:  # a virus helps nobody; its line in the table says so
            continue
        ending = ENDINGS.get(attachment.content_type)
        name = (
            file_names.with_ending(attachment.name, ending)
            if ending
            else file_names.with_known_ending(attachment.name)
        )
        yield f"files/{attachment.claim.reference}-{number:03}-{name}", attachment


@transaction.atomic
def downloaded(*, copy: PersonExport, by: User, now: datetime) -> None:
    """Count one download and write who did it."""
    locked = PersonExport.objects.select_for_update().get(pk=copy.pk)
    locked.downloads += 1
    locked.last_at = now
    locked.save(update_fields=["downloads", "last_at"])
    locked.request.steps.create(name=RightsStep.Name.DOWNLOADED, at=now, by=by)


def is_open(copy: PersonExport, now: datetime) -> bool:
    """Return whether the copy is there and its days are not over."""
    return bool(copy.file and copy.ends_at and copy.ends_at > now)
