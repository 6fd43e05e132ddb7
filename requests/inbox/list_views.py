"""The list of claims: its page, how it is shown, saved views, and what is done with ticked rows."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal import opened
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.identifiers import uuid_of
from portal.numbers import number_of
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.conversation.panel import COMPOSER
from requests.inbox import actions as inbox
from requests.inbox import bulk as several
from requests.inbox.bulk_forms import AT_ONCE, GROUP, TITLES, BulkForm
from requests.inbox.claim_page import page as claim_page
from requests.inbox.forms import SaveViewForm
from requests.inbox.incident_rows import PREFIX
from requests.inbox.list_page import confirm_done, list_page
from requests.inbox.listing import Listing
from requests.inbox.panes import pane_of
from requests.inbox.sort_order import Display
from requests.incidents.actions import filter_groupable
from requests.teamwork import charges, mail_choices

# Whether list and claim fit side by side, as the browser says it.
SCREEN, WIDE = "screen", "wide"
MOST = 100  # claims of one bulk action
FEW = gettext_lazy("Choose at least two open requests of the same kind in the same building.")

Picks = dict[UUID, int]


@audience(*DESK_ROLES)
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """Show the list, and its first claim beside it where the screen is known to have room.

    A screen tells so by a cookie (static/js/inbox.js): a claim that is not seen is not read. The
    first page of a session is the list alone, whose script then asks for the claim.
    """
    shown = Listing(request)
    wide = not pane_of(request) and request.COOKIES.get(SCREEN) == WIDE
    if wide and (first := _first_claim(shown)):
        opened.note_list(request, shown.context()["page_obj"])
        found = visible_claim(request, first)
        return claim_page(request, found, panel=COMPOSER, listing=shown)
    return list_page(request, listing=shown)


def _first_claim(shown: Listing) -> UUID | None:
    """Return the claim at the top of a list that opens it; None for an incident's row."""
    found = shown.context()
    if not found["opens_first"]:
        return None
    _name, _heading, _number, rows = found["groups"][0]
    return None if getattr(rows[0], "gathered", None) else rows[0].pk


def _back(request: StaffRequest) -> HttpResponse:
    query = request.GET.urlencode()
    return redirect(f"{reverse('agency:inbox')}?{query}" if query else "agency:inbox")


@audience(*DESK_ROLES)
@require_POST
def display(request: StaffRequest) -> HttpResponse:
    """Keep how the member has their lists, and show the list so."""
    chosen = Display.of(
        request.POST.get("sort", ""),
        request.POST.get("group", ""),
        ",".join(request.POST.getlist("columns")[:20]),
    )
    inbox.keep_display(membership=request.membership, display=chosen)
    return _back(request)


@audience(*DESK_ROLES)
@require_POST
def mails(request: StaffRequest) -> HttpResponse:
    """Keep how often the member is told by mail of what is given to them and what they follow."""
    how = request.POST.get("how", "")
    if how not in mail_choices.How.values:
        raise Http404
    mail_choices.choose(membership=request.membership, how=how)
    messages.success(request, _("Kept."))
    return _back(request)


@audience(*DESK_ROLES)
@require_POST
def given_seen(request: StaffRequest) -> HttpResponse:
    """Take note of all that colleagues gave."""
    charges.mark_seen(membership=request.membership, now=now())
    return _back(request)


@audience(*DESK_ROLES)
@require_POST
def save_view(request: StaffRequest) -> HttpResponse:
    """Save the list as shown under a name, or delete one of one's own."""
    if "drop" in request.POST:
        gone = number_of(request.POST["drop"])
        if not inbox.delete_view(membership=request.membership, pk=gone):
            raise Http404
        messages.success(request, _("View forgotten."))
        return redirect("agency:inbox")
    form = SaveViewForm(request.POST)
    query = request.GET.urlencode()[:600]
    if not form.is_valid():
        return list_page(request, save_form=form, form=form, status=422)
    inbox.save_view(membership=request.membership, query=query, **form.cleaned_data)
    messages.success(request, _("View kept."))
    return _back(request)


def _picks(request: StaffRequest) -> tuple[Picks, int]:
    """Return the ticked claims with the version shown, and how many of the list are left over."""
    found: Picks = {}
    incidents: Picks = {}
    for pick in request.POST.getlist("pick")[:MOST]:
        key, _colon, version = pick.partition(":")
        if not (version.isascii() and version.isdecimal()):
            continue
        if key.startswith(PREFIX) and (pk := uuid_of(key.removeprefix(PREFIX))):
            incidents[pk] = int(version[:9])
        elif pk := uuid_of(key):
            found[pk] = int(version[:9])
    left = 0
    if incidents:
        found |= dict(islice(_of_incidents(request, incidents), MOST - len(found)))
    if request.POST.get("all"):
        keys, number = Listing(request).keys(MOST)
        for pk, stands in keys:
            if len(found) < MOST:
                found.setdefault(pk, stands)
        left = max(0, number - len(found))
    return found, left


def _of_incidents(request: StaffRequest, ticked: Picks) -> Iterator[tuple[UUID, int]]:
    """Yield the claims that the list holds of ticked incidents, each with the version shown.

    When one of them changed since, none counts as shown: each is then refused as changed.
    """
    shown = Listing(request)
    rows = [row for row in shown.incidents.values() if row.incident in ticked]
    keys = [key for row in rows for key in row.keys]
    stands = dict(shown.claims.filter(pk__in=keys).values_list("pk", "version"))
    for row in rows:
        same = row.versions == ticked[row.incident]
        for key in row.keys:
            yield key, stands.get(key, 0) if same else 0


@audience(*DESK_ROLES)
@require_POST
def bulk(request: StaffRequest) -> HttpResponse:
    """Do one thing with the ticked claims; what needs words or a date asks for them first.

    Search, filters and ticks stay, whatever becomes of it.
    """
    what = request.POST.get("what", "")
    if what not in TITLES:
        raise Http404
    picks, left = _picks(request)
    form = BulkForm(request.POST, what=what, membership=request.membership)
    if not picks:
        form.full_clean()
        form.errors.clear()
        form.add_error(None, FEW if what == GROUP else _("Tick at least one request in the list."))
        return list_page(request, form=form, status=422)
    if what == GROUP:
        return _group(request, picks, form)
    shown: dict[str, Any] = {
        "bulk_picks": [f"{pk}:{v}" for pk, v in picks.items()],
        "picked": set(picks),
    }
    if what not in AT_ONCE and "go" not in request.POST:
        asked = BulkForm(what=what, membership=request.membership)
        asked.left = left
        return list_page(request, bulk=asked, **shown)
    if not form.is_valid():
        form.left = left
        return list_page(request, bulk=form, form=form, status=422, **shown)
    return _do(request, what, picks, form)


def _do(request: StaffRequest, what: str, picks: Picks, form: BulkForm) -> HttpResponse:
    visible = Claim.objects.visible_to(request.membership).filter(pk__in=picks)
    here = set(visible.values_list("pk", flat=True))
    if not here:
        raise Http404
    done, failed, events, moment = [], [], [], now()
    for pk, version in picks.items():
        if pk not in here:
            continue  # another unit has it now: it is counted, and not named
        claim = visible_claim(request, pk)
        event, said = several.do(
            what=what,
            claim=claim,
            version=version,
            data=form.cleaned_data,
            actor=Actor.member(request.membership),
            now=moment,
        )
        if event is None:
            failed.append((claim, said))
        else:
            events.append(event)
            done.append((claim, said))
    confirm_done(request, _("Done for %(number)s.") % {"number": len(events)}, *events)
    if gone := len(picks) - len(here):
        messages.warning(request, _("No longer yours to see: %(number)s.") % {"number": gone})
    return list_page(
        request, results=[*failed, *done], picked={claim.pk for claim, _said in failed}
    )


def _group(request: StaffRequest, picks: Picks, form: BulkForm) -> HttpResponse:
    """Go to the page that groups them under an incident; say what is wrong when it cannot."""
    mine = filter_groupable(Claim.objects.visible_to(request.membership)).filter(pk__in=picks)
    places = set(mine.values_list("category__family", "building"))
    if mine.count() < 2 or len(places) != 1:
        form.full_clean()
        form.errors.clear()
        form.add_error(None, FEW)
        return list_page(request, form=form, picked=set(picks), status=422)
    query = urlencode([("pick", str(pk)) for pk in picks])
    return redirect(f"{reverse('incident_group')}?{query}")
