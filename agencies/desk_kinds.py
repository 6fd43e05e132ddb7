"""The kinds of desks: a vocabulary that pure rules use too."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeskKind(TextChoices):
    """What a desk looks after."""

    CLIENTELE = "clientele", _("Tenancy desk")
    TECHNICAL = "technical", _("Technical desk")
    CARETAKERS = "caretakers", _("Caretakers’ desk")
    CONTACT_CENTRE = "contact_centre", _("Contact centre")
    ON_CALL = "on_call", _("On call")
    STOCK = "stock", _("Stock direction")
    RENT = "rent", _("Rent and leases")
    ARREARS = "arrears", _("Rent arrears")
    SOCIAL = "social", _("Social support")
    LEGAL = "legal", _("Legal")
    ALLOCATION = "allocation", _("Allocation")
