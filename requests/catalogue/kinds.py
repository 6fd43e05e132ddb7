"""What kind of matter a category is: it decides which questions are asked and how it ends. Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

NEIGHBOURS = "VOI"  # the family of matters between neighbours
INSPECTIONS = "INS"  # the family of what the landlord itself has looked at


class Kind(TextChoices):
    """A fault is repaired, a question answered, a matter between neighbours settled.

    An inspection ends with a report; no tenant asked for it.
    """

    FAULT = "fault", _("fault")
    QUESTION = "question", _("question or paper")
    NEIGHBOUR = "neighbour", _("matter between neighbours")
    INSPECTION = "inspection", _("inspection")


def kind_of(family: str, urgency: str) -> Kind:
    """Return the kind of a category of the family with this code; urgencies A are paperwork."""
    if family == INSPECTIONS:
        return Kind.INSPECTION
    if urgency.startswith("A"):
        return Kind.QUESTION
    return Kind.NEIGHBOUR if family == NEIGHBOURS else Kind.FAULT


# What the tenant is asked at the end: the question, what we think, yes, no.
ENDINGS = {
    Kind.FAULT: (
        _("Is it fixed?"),
        _("The company says that the work is done. Please confirm."),
        _("Yes, it is fixed"),
        _("No, not fixed"),
    ),
    Kind.QUESTION: (
        _("Does this answer you?"),
        _("We have answered you. Please tell us if something is missing."),
        _("Yes, thank you"),
        _("No, something is missing"),
    ),
    Kind.NEIGHBOUR: (
        _("Is it settled?"),
        _("We think that it is settled. Please tell us."),
        _("Yes, it is settled"),
        _("No, not settled"),
    ),
    # Nobody is asked: the company's report ends it.
    Kind.INSPECTION: (_("Report received"), "", "", ""),
}
# The state "done" in the words of each kind; a fault keeps the state's own.
DONE_LABELS = {
    Kind.QUESTION: _("Answered"),
    Kind.NEIGHBOUR: _("Settled, we think"),
    Kind.INSPECTION: _("Report received"),
}
