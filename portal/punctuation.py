"""Marks that differ from language to language: French has a space before a colon."""

from django.utils.translation import gettext as _


def with_colon(label: object, said: object) -> str:
    """Return « label : said » in the active language."""
    return _("%(label)s: %(said)s") % {"label": label, "said": said}


def percent(number: object) -> str:
    """Return « 86 % » in the active language, of a number or of its words."""
    return _("%(number)s%%") % {"number": number}
