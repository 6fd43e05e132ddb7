"""The first page of the console: the first day while it lasts, then what can be set."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.access import Role, audience
from requests.console import first_steps
from requests.console.sections import BY_SLUG

# What stands together, by what people come for: titles of groups, names of pages.
GROUPS = (
    (gettext_lazy("People"), ("people", "invite", "staff", "pending")),
    (
        gettext_lazy("Places and hours"),
        ("landlord", "units", "desks", "sectors", "residences", "week", "closures", "map"),
    ),
    (gettext_lazy("Contractors"), ("contractors", "contracts", "duties", "trades", "on-call")),
    (gettext_lazy("What is promised and said"), ("catalogue", "deadlines", "texts", "recourse")),
    (gettext_lazy("Channels"), ("channels", "mailboxes", "health")),
    (gettext_lazy("Other systems"), ("hooks", "exports")),
    (gettext_lazy("To watch over"), ("log", "technical", "imports", "emergency")),
)


def _pages() -> dict[str, tuple[str, str, str]]:
    """Return address, title and sentence of each page, by name."""
    pages = {
        slug: (reverse(f"console:{slug}"), str(section.title), str(section.about))
        for slug, section in BY_SLUG.items()
    }
    own = {
        "people": (_("People"), _("Who works here, as what, and how they sign in.")),
        "invite": (_("Invite somebody"), _("Account, role and desk at once, by mail.")),
        "staff": (_("Invite from a file"), _("Many people at once, looked at first.")),
        "landlord": (_("Your organisation"), _("Name, phone, logo, colour, legal notices.")),
        "week": (_("Usual week"), _("Opening hours of the units that have none of their own.")),
        "map": (_("Streets of the map"), _("A tile server or a file, with a trial.")),
        "channels": (_("Test the channels"), _("Mailboxes, mail and text messages, by a button.")),
        "log": (_("Log of changes"), _("Who changed what, and the way back where there is one.")),
    }
    pages |= {name: (reverse(f"console:{name}"), *words) for name, words in own.items()}
    pages["pending"] = (
        reverse("teams:pending"),
        _("Roles to confirm"),
        _("What one person gave and another confirms."),
    )
    pages["health"] = (
        reverse("channels:health"),
        _("Follow-up of channels"),
        _("What came in, what left, what failed."),
    )
    pages["technical"] = (
        reverse("operations:health"),
        _("Technical follow-up"),
        _("Workers, backups, work that waits."),
    )
    pages["imports"] = (
        reverse("stock:imports"),
        _("Imports"),
        _("Dwellings and tenants, from files."),
    )
    pages["hooks"] = (
        reverse("hooks:index"),
        _("Webhooks"),
        _("Other systems that are told what happens, and what became of each message."),
    )
    pages["exports"] = (
        reverse("exports:index"),
        _("Exports"),
        _("Figures for your other tools, as files that leave by themselves."),
    )
    pages["emergency"] = (
        reverse("admin:index"),
        _("Emergency settings"),
        _("Everything else, in the language of the database."),
    )
    return pages


@audience(Role.ADMIN)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Show the first day while something is missing, and every page of the console."""
    steps = first_steps.steps()
    pages = _pages()
    if not request.user.is_staff:
        del pages["emergency"]
    context = {
        "steps": steps,
        "next": first_steps.next_step(steps),
        "done": sum(step.done for step in steps),
        "groups": [
            (title, [pages[name] for name in names if name in pages]) for title, names in GROUPS
        ],
        "waiting": Membership.everything.filter(pending=True).count(),
    }
    return render(request, "requests/console/home.html", context)
