"""The tables of people that belong to the audit trail (portal/audit/, T16)."""

from django.utils.translation import gettext_lazy as _

from portal.audit.sources import Personal, Source
from tenants.models import PersonChange

SOURCES = (
    Source(
        "person_change",
        _("change of a record"),
        PersonChange,
        (
            Personal("actor", ("by_id",), (("user", "by_id"),)),
            Personal("about", ("tenant_id", "facts"), (("tenant", "tenant_id"),)),
        ),
    ),
)
