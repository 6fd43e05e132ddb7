"""Settings pages that only show: failed jobs, incidents, works, orders, slots, and who looked."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from portal.settings_site import Group, ReadOnly
from requests.channels.models import IntakeView
from requests.incidents.models import Incident
from requests.jobs.models import Job
from requests.planned_works.models import PlannedWorks
from requests.work_orders.appointment_models import Slot
from requests.work_orders.models import AccessView, WorkOrder


@admin.register(Job)
class JobAdmin(ReadOnly):
    """The page of dead letters: undone jobs with many attempts, which may be tried again."""

    group, position = Group.WATCH, 1
    about = _("Work that failed and waits for a person. It can be tried again.")
    list_display = ["kind", "key", "next_at", "attempts", "done_at", "error"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter), "attempts"]
    actions = ["try_again"]

    @admin.action(description=_("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = queryset.filter(done_at__isnull=True).update(attempts=0, next_at=now())
        self.message_user(request, _("%(number)s tried again.") % {"number": count})

    def has_try_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("requests.change_job")

    try_again.allowed_permissions = ["try"]


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    """What neighbours read; the claims under it stay on the staff screens."""

    group, position = Group.WATCH, 2
    about = _("Faults that many households feel. They are opened and closed by the agencies.")
    list_display = ["title", "building", "opened_at", "expected_end", "closed_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "building__residence__unit"]
    search_fields = ["title", "building__residence__name"]
    list_select_related = ["building__residence"]
    date_hierarchy = "opened_at"


@admin.register(PlannedWorks)
class PlannedWorksAdmin(ReadOnly):
    group, position = Group.WATCH, 3
    about = _("Works announced to tenants. They are announced and changed by the agencies.")
    list_display = ["title", "kind", "residence", "starts", "ends", "cancelled_at"]
    list_filter = ["kind", "residence__unit"]
    search_fields = ["title", "residence__name"]
    list_select_related = ["residence"]
    exclude = ["dwellings"]
    date_hierarchy = "starts"


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnly):
    """State and money only: the words and the door code are the tenant's."""

    group, position = Group.WATCH, 4
    about = _("Orders to contractors: how they stand and what they cost. Not whose they are.")
    list_display = ["__str__", "contractor", "state", "amount", "created_at", "done_at"]
    list_filter = ["state", "contractor", "emergency"]
    search_fields = ["claim__reference", "contractor__name"]
    list_select_related = ["claim", "contractor"]
    date_hierarchy = "created_at"
    fields = [
        "contractor",
        "contract",
        "purpose",
        "state",
        "payer",
        "amount",
        "spend_limit",
        "emergency",
        "respond_by",
        "created_at",
        "sent_at",
        "done_at",
        "ended_at",
    ]


@admin.register(Slot)
class SlotAdmin(ReadOnly):
    group, position = Group.WATCH, 5
    about = _("When contractors can come. They publish it themselves, or the agencies do.")
    list_display = ["contractor", "team", "starts", "ends"]
    list_filter = ["contractor"]
    list_select_related = ["contractor"]
    date_hierarchy = "starts"


@admin.register(AccessView)
class AccessViewAdmin(ReadOnly):
    """Who read the phone number and the door code, not what they are."""

    group, position = Group.WATCH, 6
    about = _("Who read the door code or the phone number of an order, and when.")
    list_display = ["order", "at", "role", "actor"]
    list_filter = ["role"]
    search_fields = ["order__claim__reference", "actor__email"]
    list_select_related = ["order__claim", "actor"]
    date_hierarchy = "at"
    fields = ["order", "at", "role", "actor"]


@admin.register(IntakeView)
class IntakeViewAdmin(ReadOnly):
    """Who opened a raw input, not what it holds."""

    group, position = Group.WATCH, 7
    about = _("Who opened a mail, a letter or a post that nobody had sorted, and when.")
    list_display = ["intake", "at", "actor"]
    search_fields = ["actor__email"]
    list_select_related = ["intake", "actor"]
    date_hierarchy = "at"
    fields = ["intake", "at", "actor"]
