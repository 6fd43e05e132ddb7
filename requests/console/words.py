"""Lengths of time, numbers and phones in plain words."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.phones import national_format

DAY = Decimal(24)


def number(value: Decimal) -> str:
    """Return a number without needless zeros, with the comma of the language."""
    return number_format(format(Decimal(value).normalize(), "f"))


def phone(value: str) -> str:
    """Return a number for a cell of a table: in pairs that stay on one line."""
    return national_format(value).replace(" ", "\N{NO-BREAK SPACE}") if value else "—"


def duration(hours: Decimal) -> str:
    """Return hours as people say them: « 30 minutes », « 2 h 24 », « 4 heures », « 3 jours »."""
    minutes = round(Decimal(hours) * 60)
    whole, left = divmod(minutes, 60)
    if not whole:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if left and whole < DAY:
        return _("%(hours)s h %(minutes)s") % {"hours": whole, "minutes": f"{left:02}"}
    days = Decimal(minutes) / 60 / DAY
    if days == int(days):
        return ngettext("%(n)s day", "%(n)s days", int(days)) % {"n": int(days)}
    if left:
        # Days in the catalogue have at most two decimals.
        return ngettext("%(n)s day", "%(n)s days", 2) % {"n": number(round(days, 2))}
    return ngettext("%(n)s hour", "%(n)s hours", whole) % {"n": whole}
