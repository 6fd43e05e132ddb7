"""The demonstration's own pages: who can sign in, and what mail the portal sent. 404 elsewhere."""

from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

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
def logins(request: HttpRequest) -> HttpResponse:
    """Every demo account with its role and the one password."""
    context = {"logins": landlord.logins(), "password": landlord.PASSWORD}
    return render(request, "requests/demo/logins.html", context)


@audience(PUBLIC)
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """Caught mails, the newest first."""
    page = Paginator(mailcatcher.names(_folder()), PER_PAGE).get_page(request.GET.get("page"))
    found = (mailcatcher.read(_folder(), name) for name in page.object_list)
    context = {"page_obj": page, "mails": [mail for mail in found if mail]}
    return render(request, "requests/demo/mails.html", context)


@audience(PUBLIC)
@require_GET
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its text, and its HTML as text, so that nothing in it acts."""
    caught = mailcatcher.read(_folder(), name)
    if caught is None:
        raise Http404
    return render(request, "requests/demo/mail.html", {"mail": caught})


@audience(PUBLIC)
@require_GET
def phones(request: HttpRequest) -> HttpResponse:
    """Text messages that were caught, the newest first, as on a phone."""
    kept = phonecatcher.messages(Path(settings.PALIER_HOME) / "phones")
    page = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "text": row,
            "channel": Channel(row.channel).label,
            "to": national_format(row.to) if row.channel != Channel.PAGE else "",
            "comment": row.kind == "comment_id",
            "at": parse_datetime(row.at),
        }
        for row in page.object_list
    ]
    return render(request, "requests/demo/phones.html", {"page_obj": page, "rows": rows})
