"""The notices that the law wants on every site: who we are, what becomes of the data, cookies."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.access import PUBLIC, audience
from requests.privacy import register
from requests.privacy.registry.kinds import Activity

# What concerns only those who work for the landlord is on the officer's page.
TOLD = tuple(code for code in Activity.values if code not in {Activity.STAFF, Activity.TECHNICAL})


@audience(PUBLIC)
@require_GET
def privacy_notice(request: HttpRequest) -> HttpResponse:
    """Show what becomes of personal data, from the register itself, and the cookies."""
    entries = [entry for entry in register.entries() if entry.code in TOLD]
    page = {"entries": entries, "cookies": _cookies()}
    return render(request, "requests/privacy/notice.html", page)


@audience(PUBLIC)
@require_GET
def legal_notice(request: HttpRequest) -> HttpResponse:
    """Show who publishes and hosts the site."""
    return render(request, "requests/privacy/legal.html")


def _cookies() -> list[tuple[str, str, str]]:
    """Return the cookies that we set: name, what for, how long. None needs a consent."""
    days = settings.SESSION_COOKIE_AGE // 86400
    return [
        (
            settings.SESSION_COOKIE_NAME,
            _("keeps you signed in, and your request while you write it"),
            _("%(days)s days at most; until you log out") % {"days": max(1, days)},
        ),
        (
            settings.CSRF_COOKIE_NAME,
            _("makes sure that a form comes from this site"),
            _("1 year"),
        ),
        (
            "screen",
            _("says to the desk’s lists, for staff, whether a request fits beside them"),
            _("until you close"),
        ),
        (settings.LANGUAGE_COOKIE_NAME, _("remembers your language"), _("until you close")),
        (
            settings.PALIER_DEVICE_COOKIE,
            _("knows a browser in which you signed in, so that nobody shuts you out"),
            _("1 year"),
        ),
    ]
