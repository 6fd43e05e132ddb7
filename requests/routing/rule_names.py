"""The name of a rule on screen, for written and for built-in rules."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from requests.routing.models import Rule

HOUSE_NAMES = {
    "emergency_when_closed": _("Emergency while the agency is closed"),
    "danger_without_place": _("A danger whose place is not known yet"),
    "head_office_matter": _("A matter for head office"),
    "unknown_place": _("The place is not known yet"),
    "agency_of_the_dwelling": _("The agency that looks after the dwelling"),
    "default": _("No rule fits: the agency’s tenancy desk"),
}


def rule_name(key: str) -> str:
    """Return the name of the rule with this key; a deleted rule has a general name."""
    if key in HOUSE_NAMES:
        return str(HOUSE_NAMES[key])
    try:
        rule = Rule.objects.filter(pk=UUID(key)).first()
    except ValueError:
        rule = None
    return rule.name if rule else str(_("a rule that no longer exists"))
