"""The one log of what was changed in settings, in words; and its undoing, where that is safe.

It reads Django's history (``LogEntry``), which the console and the emergency settings both write. A
change can be taken back while its values still stand, a deletion while its row is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import setting_changes, setting_values
from requests.catalogue.models import Category
from requests.console.models import CategoryDraft
from requests.console.sections import BY_MODEL, Section
from requests.console.words_forms import publish

SHOWN = 80  # characters of a value
# How notes about roles begin (agencies/roles.py), and how that is said.
NOTES = {
    "Invited": gettext_lazy("invited"),
    "Withdrawn": gettext_lazy("invitation withdrawn"),
    "Confirmed": gettext_lazy("role confirmed"),
    "Confirmed on the server": gettext_lazy("role confirmed on the server"),
    "Refused": gettext_lazy("role refused"),
    "Ended now": gettext_lazy("role ended"),
    "Changed": gettext_lazy("desks or sectors changed"),
    "Renamed": gettext_lazy("renamed"),
    "Left": gettext_lazy("left"),
    "Second factor reset": gettext_lazy("second factors removed"),
}


class CannotUndo(Exception):
    """What stands now is not what the change left."""


@dataclass(frozen=True)
class Line:
    """One entry of the log: who did what to which row; ``values``: (name, before, after)."""

    pk: int
    at: datetime
    who: str
    what: str
    kind: str
    name: str
    values: list[tuple[str, str, str]]
    undo: bool


def entries() -> QuerySet[LogEntry]:
    """Return the whole log, newest first."""
    return LogEntry.objects.select_related("user", "content_type").order_by("-action_time", "-pk")


def about(word: str) -> Q:
    """Return the condition for entries that a word finds: the row, or who changed it."""
    return (
        Q(object_repr__icontains=word)
        | Q(user__first_name__icontains=word)
        | Q(user__last_name__icontains=word)
        | Q(user__email__icontains=word)
    )


def of_row(row: models.Model) -> QuerySet[LogEntry]:
    """Return the log of one row, newest first."""
    kind = ContentType.objects.get_for_model(row)
    return entries().filter(content_type=kind, object_id=str(row.pk))


def lines(found: Any) -> list[Line]:
    """Return entries in words, each with whether it can be undone."""
    return [_line(entry) for entry in found]


def _line(entry: LogEntry) -> Line:
    model = entry.content_type.model_class() if entry.content_type else None
    section = BY_MODEL.get(model) if model else None
    kept = setting_changes.details(entry)
    values = [
        (_name(model, section, name), _shown(model, name, old), _shown(model, name, new))
        for name, (old, new) in kept.get("values", {}).items()
    ]
    return Line(
        pk=entry.pk,
        at=entry.action_time,
        who=str(entry.user),
        what=_what(entry, values),
        kind=capfirst(str(model._meta.verbose_name)) if model else "",
        name=entry.object_repr,
        values=values,
        undo=section is not None and _may_undo(entry, section, kept),
    )


def _what(entry: LogEntry, values: list) -> str:
    """Return what was done, in a few words; older notes stand as they were written."""
    if entry.action_flag == ADDITION:
        return _("added")
    if entry.action_flag == DELETION:
        return _("deleted")
    if values:
        return _("changed")
    said = entry.get_change_message()
    return str(NOTES.get(said.partition(":")[0], said)) or _("changed")


def _field(model: type[models.Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _name(model: type[models.Model] | None, section: Section | None, name: str) -> str:
    field = _field(model, name)
    if field is not None:
        return capfirst(str(getattr(field, "verbose_name", name)))
    return label(section, name, None) if section else name


def label(section: Section, name: str, form: Any) -> str:
    """Return how a field is called: on its form, else on its model."""
    if form is not None and name in form.fields:
        return str(form.fields[name].label or name)
    base = section.form.base_fields.get(name)
    return str(base.label) if base and base.label else name


def _shown(model: type[models.Model] | None, name: str, value: Any) -> str:
    """Return a value in words: rows by their name, choices by their label."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    field = _field(model, name)
    if field is not None and field.is_relation:
        keys = value if isinstance(value, list) else [value]
        found = field.related_model._default_manager.filter(pk__in=keys)
        return ", ".join(map(str, found[:6])) or str(value)
    if field is not None and getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if name == "legal_source":  # its marks are ours, not the reader's
        text = text.replace(" [v]", f" ({_('checked')})").replace(
            " [k]", f" ({_('to be checked')})"
        )
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _may_undo(entry: LogEntry, section: Section, kept: dict) -> bool:
    """Return whether an entry can be taken back now."""
    if entry.action_flag == DELETION:
        row = kept.get("row")
        gone = not section.model._default_manager.filter(pk=entry.object_id).exists()
        return bool(row) and gone
    if entry.action_flag != CHANGE or not kept.get("values"):
        return False
    row = section.model._default_manager.filter(pk=entry.object_id).first()
    return row is not None and _stands(row, kept["values"])


def _stands(row: models.Model, values: dict) -> bool:
    """Return whether every value is a plain one of the row, and still what the change left."""
    for name, (_old, new) in values.items():
        field = _field(type(row), name)
        if field is None or field.many_to_many or not field.concrete:
            return False
        now = setting_values.plain(field.value_from_object(row))
        if now != new:
            return False
    return True


@transaction.atomic
def undo(entry: LogEntry, *, by: Any) -> models.Model:
    """Take an entry back, and write that in the log. Raises CannotUndo."""
    model = entry.content_type.model_class() if entry.content_type else None
    section = BY_MODEL.get(model) if model else None
    kept = setting_changes.details(entry)
    if section is None or not _may_undo(entry, section, kept):
        raise CannotUndo
    try:
        with transaction.atomic():
            if entry.action_flag == DELETION:
                return _bring_back(section, kept["row"], by)
            return _restore(section, entry, kept["values"], by)
    except (IntegrityError, ValidationError) as error:
        raise CannotUndo from error


def _bring_back(section: Section, text: str, by: Any) -> models.Model:
    row = next(serializers.deserialize("json", text)).object
    row.save(force_insert=True)
    setting_changes.record_addition(row, by=by)
    section.after(row)
    return row


def _restore(section: Section, entry: LogEntry, values: dict, by: Any) -> models.Model:
    row = section.model._default_manager.select_for_update(of=("self",)).get(pk=entry.object_id)
    if not _stands(row, values):
        raise CannotUndo
    before = {}
    for name, (old, _new) in values.items():
        field = _field(type(row), name)
        before[name] = getattr(row, field.attname)
        setattr(row, field.attname, None if old is None else field.to_python(old))
    if isinstance(row, Category):
        publish(row, before, by)
    else:
        row.full_clean()
        row.save()
    back = {name: [new, old] for name, (old, new) in values.items()}
    labels = [label(section, name, None) for name in values]
    setting_changes.record_change(row, by=by, values=back, labels=labels, undoes=entry.pk)
    section.after(row)
    return row


def clear_draft(category: Category) -> None:
    """Drop the draft of a category once it is published."""
    CategoryDraft.objects.filter(category=category).delete()
