"""Tenants and leases for an administrator: references and dates, never the content by default.

Names, addresses and phone numbers are shown on the screens of the staff who serve the person.
"""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from portal.settings_site import Group, ReadOnly
from tenants.models import ContactPoint, Lease, Tenant


def _people(occupancies) -> str:
    """Return lease, person's reference, capacity and dates, a line each."""
    return format_html_join(
        "\n",
        "<p>{} · {} · {} · {} – {}</p>",
        (
            (
                occupancy.lease.reference,
                occupancy.tenant.external_ref or "—",
                occupancy.get_capacity_display(),
                full_day(occupancy.starts),
                full_day(occupancy.ends) or "…",
            )
            for occupancy in occupancies.select_related("lease", "tenant")
        ),
    )


class ReferencesOnly(ReadOnly):
    """Titles show the reference; the history page, which shows names, is closed."""

    change_form_template = "admin/references_only.html"

    @admin.display(description=_("lease, person, capacity, dates"))
    def occupancies(self, row: Tenant | Lease) -> str:
        return _people(row.occupancies.order_by("starts")) or "—"

    def history_view(self, request, object_id, extra_context=None):
        raise PermissionDenied


@admin.register(Tenant)
class TenantAdmin(ReferencesOnly):
    group, position = Group.TENANTS, 1
    about = _("References, dates and languages. Names and contacts are not shown here.")
    list_display = ["reference", "language", "has_account"]
    list_filter = ["language"]
    search_fields = ["external_ref"]
    fields = ["reference", "language", "has_account", "contacts", "occupancies"]

    @admin.display(description=_("reference"), ordering="external_ref")
    def reference(self, tenant: Tenant) -> str:
        return tenant.external_ref or "—"

    @admin.display(description=_("has an account"), boolean=True)
    def has_account(self, tenant: Tenant) -> bool:
        return tenant.user_id is not None

    @admin.display(description=_("ways to be reached"))
    def contacts(self, tenant: Tenant) -> str:
        kinds = [c.get_kind_display() for c in ContactPoint.objects.of(tenant=tenant)]
        return ", ".join(f"{kind} (•••)" for kind in kinds) or "—"


@admin.register(Lease)
class LeaseAdmin(ReferencesOnly):
    group, position = Group.TENANTS, 2
    about = _("References and dates of the leases.")
    list_display = ["reference", "starts", "ends"]
    list_filter = [("ends", admin.EmptyFieldListFilter)]
    search_fields = ["reference"]
    fields = ["reference", "dwelling", "starts", "ends", "occupancies"]
