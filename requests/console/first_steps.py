"""The first day of a landlord: what is there already, and what comes next.

Each step is ticked by facts, never by hand, so that it says the truth whoever did it and where.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.models import (
    Contractor,
    Dwelling,
    ImportRun,
    Landlord,
    MaintenanceContract,
    Membership,
    OpeningHours,
    Unit,
)
from portal.access import DESK_ROLES
from requests.channels.mailbox_models import Mailbox
from requests.claims.models import Claim
from requests.console.models import StaffInvitation
from requests.notifications.models import Delivery

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Step:
    """One step: ``done`` by facts; ``help`` says what it is for and how long it takes."""

    name: str
    title: "StrOrPromise"
    help: "StrOrPromise"
    address: str
    done: bool
    waits: "StrOrPromise" = ""


def steps() -> list[Step]:
    """Return every step in its order."""
    console = "console:"
    running = ImportRun.objects.filter(state__in=["checking", "approved"]).exists()
    held = ImportRun.objects.filter(state__in=["ready", "held"]).exists()
    mailbox_read = Mailbox.objects.filter(active=True, last_success_at__isnull=False).exists()
    sent = Delivery.objects.system("first day").filter(
        kind=Delivery.Kind.TRIAL, state__in=[Delivery.State.SENT, Delivery.State.DELIVERED]
    )
    asked = StaffInvitation.objects.filter(accepted_at=None).exists()
    return [
        Step(
            "landlord",
            _("Name, phone and look"),
            _("What tenants read at the head of every page and message. 3 minutes."),
            reverse(f"{console}landlord"),
            Landlord.objects.exists(),
        ),
        Step(
            "units",
            _("Agencies and branches"),
            _("Where your people work. Each gets its usual desks by itself. 2 minutes each."),
            reverse(f"{console}units"),
            Unit.objects.exclude(kind=Unit.Kind.HEAD_OFFICE).exists(),
        ),
        Step(
            "stock",
            _("Residences and dwellings"),
            _("Your RPLS file, or Palier’s own layout. You see what it does before it is written."),
            reverse("stock:imports"),
            Dwelling.objects.exists(),
            _("A file is being read.") if running else _("A file waits for you.") if held else "",
        ),
        Step(
            "people",
            _("Your colleagues"),
            _("By mail, one by one or from a file. Begin with whoever confirms roles with you."),
            reverse(f"{console}people"),
            Membership.objects.filter(role__in=DESK_ROLES).exists(),
            _("Some have not signed in yet.") if asked else "",
        ),
        Step(
            "hours",
            _("Opening hours"),
            _("Promises in working days are dated by them. 2 minutes."),
            reverse(f"{console}week"),
            OpeningHours.objects.exists(),
        ),
        Step(
            "contractors",
            _("Contractors and contracts"),
            _("Orders find their company by them. One is enough to begin."),
            reverse(f"{console}contractors" if not Contractor.objects.exists()
                    else f"{console}contracts"),
            MaintenanceContract.objects.exists(),
        ),
        Step(
            "channels",
            _("Mail and text messages"),
            _("Connect a mailbox, and send yourself a test message."),
            reverse(f"{console}channels"),
            mailbox_read or sent.exists(),
        ),
        Step(
            "claim",
            _("A first request"),
            _("File one as a tenant would, and let a colleague take it in charge."),
            reverse("file_what"),
            Claim.objects.system("first day").exclude(state="received").exists(),
            _("It waits for somebody to take it in charge.")
            if Claim.objects.system("first day").filter(Q(state="received")).exists()
            else "",
        ),
    ]  # fmt: skip


def next_step(found: list[Step]) -> Step | None:
    """Return the first step that is not done; None when all are."""
    return next((step for step in found if not step.done), None)
