"""The contractor's pages behind a magic link: one order per link. A GET never acts."""

from datetime import timedelta

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access import PUBLIC, audience
from portal.clock import now
from requests import orders, workflow
from requests.actions import appointment, links
from requests.actions._advance import Conflict
from requests.actions.photos import Refused, keep_photo
from requests.actions.work import CONTRACTOR, add_photo, advance_order
from requests.forms import contractor as forms
from requests.models import OrderLink, OrderPhoto

# Action → the row of the table that allows it, its form, what the page and button say.
ACTIONS = {
    "propose": ("unbook", forms.ProposeForm, _("Propose another date")),
    "impossible": ("impossible", forms.ImpossibleForm, _("We cannot do it")),
    "late": ("late", forms.LateForm, _("We will be late")),
    "no_access": ("no_access", forms.NoAccessForm, _("No access")),
    "done": ("report_done", forms.DoneForm, _("The work is done")),
    "more": ("vary", forms.AmountForm, _("More work is needed")),
    "quote": ("quote", forms.AmountForm, _("Send a quote")),
}
PHOTOS = {
    "no_access": {"photo": OrderPhoto.Moment.NO_ACCESS},
    "done": {"before": OrderPhoto.Moment.BEFORE, "after": OrderPhoto.Moment.AFTER},
    "more": {"photo": OrderPhoto.Moment.VARIATION},
    "quote": {"photo": OrderPhoto.Moment.VARIATION},
}


def _closed(request: HttpRequest, token: str, sent: bool = False) -> HttpResponse:
    """Expired, replaced or unknown: the same page, with nothing personal on it."""
    page = {"token": token, "sent": sent}
    return render(request, "requests/contractor/closed.html", page, status=200 if sent else 410)


def _page(request, link: OrderLink, *, details=None, changed=False, status=200) -> HttpResponse:
    order, moment = link.order, now()
    if order.state in links.GONE:
        return render(request, "requests/contractor/gone.html", {"order": order})
    visit = appointment.active_visit(order)
    names = orders.allowed(order.state, CONTRACTOR.role)
    offer = order.offers.filter(closed_at__isnull=True).first()
    page = {
        "link": link,
        "order": order,
        "claim": order.claim,
        "visit": visit,
        "offer": offer,
        "photos": order.photos.select_related("attachment"),
        "lines": order.lines.all(),
        "details": details,
        "details_open": appointment.details_open(order, visit, moment),
        "may_confirm": "confirm" in names and visit is not None,
        "may_depart": "depart" in names,
        "actions": [
            (name, label)
            for name, (row, _form, label) in ACTIONS.items()
            if row in names and (name != "quote" or order.purpose == "quote")
        ],
        "pending": order.variations.filter(state="pending").first(),
        "changed": changed,
    }
    return render(request, "requests/contractor/job.html", page, status=status)


@audience(PUBLIC)
@never_cache
@require_GET
def job(request: HttpRequest, token: str) -> HttpResponse:
    """The order: what, where, when; one main button."""
    link = links.open_link(token, now())
    return _page(request, link) if link else _closed(request, token)


@audience(PUBLIC)
@require_POST
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """A new link goes to the address on file; the answer never says whether one was sent."""
    links.renew(token=token, now=now())
    return _closed(request, token, sent=True)


@audience(PUBLIC)
@never_cache
@require_POST
def details(request: HttpRequest, token: str) -> HttpResponse:
    """Phone and door code, in the window only; each look is logged."""
    link = links.open_link(token, now())
    if link is None:
        return _closed(request, token)
    shown = links.reveal(order=link.order, now=now())
    return _page(request, link, details=shown, changed=shown is None)


@audience(PUBLIC)
@require_POST
def step(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """The two steps without a form: confirm the date, leave for the visit."""
    link = links.open_link(token, now())
    if link is None:
        return _closed(request, token)
    version = request.POST.get("version", "")
    known = int(version) if version.isdigit() else 0
    try:
        if name == "confirm":
            appointment.confirm(order=link.order, actor=CONTRACTOR, now=now(), version=known)
        elif name == "depart":
            advance_order(
                order=link.order, transition="depart", actor=CONTRACTOR, now=now(), version=known
            )
        else:
            raise Http404
    except (Conflict, workflow.NotAllowed):
        return _page(request, links.open_link(token, now()), changed=True, status=409)
    return redirect("job", token=token)


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """One action with its form; a change made meanwhile answers 409 and keeps what was typed."""
    link = links.open_link(token, now())
    if link is None:
        return _closed(request, token)
    if name not in ACTIONS:
        raise Http404
    order = link.order
    row, form_class, label = ACTIONS[name]
    more = {"now": now()} if name == "propose" else {}
    if row not in orders.allowed(order.state, CONTRACTOR.role):
        return _page(request, link, changed=request.method == "POST", status=409)
    if request.method == "POST":
        form = form_class(request.POST, request.FILES, **more)
    else:
        form = form_class(initial={"version": order.version}, **more)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _do(name, order, form)
                return redirect("job", token=token)
            except Refused:
                form.add_error(None, _("We cannot open this photo. Take it again, or send none."))
            except (Conflict, workflow.NotAllowed):
                status = 409
                form.add_error(None, _("The order changed meanwhile. Read it again below."))
    page = {"link": link, "order": order, "form": form, "label": label, "name": name}
    return render(request, "requests/contractor/act.html", page, status=status)


def _do(name: str, order, form) -> None:
    data, moment = form.cleaned_data, now()
    with transaction.atomic():
        if order.version != data["version"]:
            raise Conflict
        for field, when in PHOTOS.get(name, {}).items():
            if data.get(field):
                kept = keep_photo(data[field], claim=order.claim, now=moment)
                add_photo(order=order, attachment=kept, moment=when)
        who = {"order": order, "actor": CONTRACTOR, "now": moment}
        if name == "propose":
            appointment.propose_dates(spans=form.dates(), reason=data["reason"], **who)
        elif name == "late":
            visit = appointment.active_visit(order)
            until = visit.ends + timedelta(minutes=data["minutes"])
            appointment.running_late(until=until, **who)
        elif name == "no_access":
            appointment.no_access(text=form.text(), **who)
        elif name == "impossible":
            advance_order(transition="impossible", reason=form.text(), **who)
        elif name == "done":
            advance_order(
                transition="report_done", text=data["text"], materials=data["materials"], **who
            )
        else:
            row = ACTIONS[name][0]
            advance_order(transition=row, amount=data["amount"], text=data["text"], **who)


@audience(PUBLIC)
@never_cache
@require_GET
def photo(request: HttpRequest, token: str, pk) -> HttpResponse:
    """A photo of this very order, resolved through it."""
    link = links.open_link(token, now())
    if link is None or link.order.state in links.GONE:
        raise Http404
    found = get_object_or_404(link.order.photos.select_related("attachment"), attachment=pk)
    answer = FileResponse(found.attachment.file.open(), content_type="image/jpeg")
    answer["Content-Disposition"] = "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
