"""The demonstration's own pages: who can sign in, and what mail the portal sent. 404 elsewhere."""

from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from agencies.http_types import PublicRequest
from portal import windows
from portal.access import PUBLIC, audience
from portal.dev import mailcatcher, phonecatcher
from portal.phones import national_format
from requests.demo import landlord
from requests.kit.choices import Channel

PER_PAGE = 50


def _folder() -> Path:
    return Path(settings.PALIER_HOME) / "mail"


@audience(PUBLIC)
@require_GET
def logins(request: PublicRequest) -> HttpResponse:
    """Show every demo account with its role and the one password."""
    context = {"logins": landlord.logins(), "password": landlord.PASSWORD}
    return render(request, "requests/demo/logins.html", context)


@audience(PUBLIC)
@require_GET
def mails(request: PublicRequest) -> HttpResponse:
    """Show the caught mails, the newest first."""
    page = windows.page_of_list(request, mailcatcher.names(_folder()), PER_PAGE)
    found = (mailcatcher.read(_folder(), name) for name in page.object_list)
    context = {"page_obj": page, "mails": [mail for mail in found if mail]}
    return render(request, "requests/demo/mails.html", context)


@audience(PUBLIC)
@require_GET
def mail(request: PublicRequest, name: str) -> HttpResponse:
    """Show one mail: its text, and its HTML as text, so that nothing in it runs."""
    caught = mailcatcher.read(_folder(), name)
    if caught is None:
        raise Http404
    return render(request, "requests/demo/mail.html", {"mail": caught})


@audience(PUBLIC)
@require_GET
def phones(request: PublicRequest) -> HttpResponse:
    """Show the caught text messages, the newest first, as on a phone."""
    kept = phonecatcher.messages(Path(settings.PALIER_HOME) / "phones")
    page = windows.page_of_list(request, kept, PER_PAGE)
    rows = [
        {
            "text": row,
            "channel": Channel(row.channel).label,
            "to": national_format(row.to) if row.channel != Channel.PAGE else "",
            "answers": urlencode({"number": row.to, "channel": row.channel})
            if row.channel in (Channel.SMS, Channel.SOCIAL) and row.to.startswith("+")
            else "",
            "comment": row.kind == "comment_id",
            "at": parse_datetime(row.at),
        }
        for row in page.object_list
    ]
    return render(request, "requests/demo/phones.html", {"page_obj": page, "rows": rows})
