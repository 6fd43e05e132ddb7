"""The values of a setting before and after a change, as JSON. Pure but for the form it reads."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models
from django.forms import BaseForm

# Never written down, whatever form changes them.
SECRET = frozenset({"password", "secret", "token", "digest", "key"})
LONGEST = 2000  # characters of one value


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: rows by their key, dates and decimals as text."""
    if isinstance(value, models.Model):
        return plain(value.pk)
    if isinstance(value, models.QuerySet | list | tuple | set):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:LONGEST]


def told(form: BaseForm) -> dict[str, list]:
    """Return ``{field: [before, after]}`` for what a valid form changes; files and secrets not."""
    found = {}
    for name in form.changed_data:
        after = form.cleaned_data.get(name)
        if name in SECRET or hasattr(after, "read") or isinstance(after, bytes | tuple):
            continue
        before = form.get_initial_for_field(form.fields[name], name)
        if isinstance(before, str) and isinstance(after, list):  # lines of text, parsed
            after = (form[name].data or "").replace("\r\n", "\n")
        found[name] = [plain(before), plain(after)]
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}
