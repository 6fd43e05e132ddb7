"""Lengths of time and codes in plain words. Pure."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import ngettext

DAY = Decimal(24)


def number(value: Decimal) -> str:
    """Return a number without needless zeros, with the comma of the language."""
    return number_format(format(Decimal(value).normalize(), "f"))


def duration(hours: Decimal) -> str:
    """Return hours as people say them: « 30 minutes », « 4 heures », « 3 jours »."""
    hours = Decimal(hours)
    if hours < 1:
        minutes = round(hours * 60)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if hours >= DAY and hours % DAY == 0:
        days = int(hours / DAY)
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    plural = 1 if hours < 2 else 2
    return ngettext("%(n)s hour", "%(n)s hours", plural) % {"n": number(hours)}
