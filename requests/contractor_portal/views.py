"""The contractor's pages of one order, by magic link or signed in. A GET changes nothing.

Both ways lead to the same pages; an ``OrderAccess`` says which order, who acts, and where buttons
lead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest
from portal import opened
from portal.access import PUBLIC, Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.limits import wrong_link
from portal.numbers import number_of
from requests.attachments.responses import serve, with_safe_headers
from requests.attachments.uploads import Refused, keep
from requests.claims import workflow
from requests.claims.transitions import Conflict
from requests.contractor_portal import forms
from requests.kit.choices import Channel
from requests.kit.form_texts import typed_texts
from requests.work_orders import appointments, order_links
from requests.work_orders import workflow as order_workflow
from requests.work_orders.actions import advance_order
from requests.work_orders.contact_details import contact_details_from, may_show_contact_details
from requests.work_orders.models import OrderPhoto, WorkOrder
from requests.work_orders.photos import add_photo
from requests.work_orders.workflow import OrderStep

# Action → the row of the table that allows it, its form, what the page and button say.
ACTIONS = {
    "propose": (OrderStep.UNBOOK, forms.ProposeForm, _("Propose another date")),
    "impossible": (OrderStep.IMPOSSIBLE, forms.ImpossibleForm, _("We cannot do it")),
    "late": (OrderStep.LATE, forms.LateForm, _("We will be late")),
    "no_access": (OrderStep.NO_ACCESS, forms.NoAccessForm, _("No access")),
    "done": (OrderStep.REPORT_DONE, forms.DoneForm, _("The work is done")),
    "more": (OrderStep.VARY, forms.AmountForm, _("More work is needed")),
    "quote": (OrderStep.QUOTE, forms.AmountForm, _("Send a quote")),
}
PHOTOS = {
    "no_access": {"photo": OrderPhoto.Moment.NO_ACCESS},
    "done": {"before": OrderPhoto.Moment.BEFORE, "after": OrderPhoto.Moment.AFTER},
    "more": {"photo": OrderPhoto.Moment.VARIATION},
    "quote": {"photo": OrderPhoto.Moment.VARIATION},
}


@dataclass(frozen=True)
class OrderAccess:
    """How somebody opened an order: ``token`` of a link, or "" when signed in."""

    order: WorkOrder
    actor: Actor
    token: str = ""

    def url(self, name: str = "", *args: object) -> str:
        """Return the address of a page of this order; ``name`` as in ``job_<name>``."""
        if self.token:
            return reverse(f"job_{name}" if name else "job", args=[self.token, *args])
        return reverse(f"jobs:{name or 'order'}", args=[self.order.pk, *args])


def by_link(page: Callable) -> Callable:
    """Open the page for the order of a valid link; any other link gets the same closed page."""

    @wraps(page)
    def view(request: PublicRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        link = order_links.open_link(token, now())
        if link is None:
            return _closed(request, token)
        return page(request, OrderAccess(link.order, Actor.CONTRACTOR, token), *args, **kwargs)

    return view


def by_login(page: Callable) -> Callable:
    """Open the page for an order of the signed-in member's contractor; any other is a 404."""

    @wraps(page)
    def view(request: PublicRequest, pk: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        orders_ = WorkOrder.objects.visible_to(request.membership).filter(
            order_links.readable_condition(now())
        )
        order = get_object_or_404(orders_.select_related(*order_links.SHOWN), pk=pk)
        return page(request, OrderAccess(order, Actor.member(request.membership)), *args, **kwargs)

    return view


def _closed(request: PublicRequest, token: str, sent: bool = False) -> HttpResponse:
    """Show the same page for an expired, replaced or unknown link, with nothing personal on it."""
    page = {"token": token, "sent": sent}
    status = 200 if sent else 410
    return wrong_link(
        render(request, "requests/contractor_portal/closed.html", page, status=status)
    )


def _layout(access: OrderAccess) -> str:
    return "layout/base.html" if access.token else "layout/staff.html"


def _page(
    request: PublicRequest,
    access: OrderAccess,
    *,
    details: dict | None = None,
    changed: bool = False,
    kept: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    order, moment = access.order, now()
    order.refresh_from_db()
    if access.token:
        company = str(order.contractor)
        opened.note(request, order.claim, means="link", role=Role.CONTRACTOR, company=company)
    else:
        opened.note(request, order.claim)
    if order.state in order_links.GONE:
        page = {"order": order, "layout": _layout(access), "kept": kept}
        return render(request, "requests/contractor_portal/gone.html", page, status=status)
    visit = appointments.active_visit(order)
    names = order_workflow.allowed(order.state, Role.CONTRACTOR)
    offer = order.offers.filter(closed_at__isnull=True).first()
    photos = list(order.photos_to_show)
    for item in photos:
        item.url = access.url("photo", item.attachment_id)
    page = {
        "layout": _layout(access),
        "confirm_url": access.url("step", "confirm"),
        "depart_url": access.url("step", "depart"),
        "details_url": access.url("details"),
        "order": order,
        "claim": order.claim,
        "visit": visit,
        "offer": offer,
        "photos": photos,
        "lines": order.lines.all(),
        "details": details,
        "details_open": may_show_contact_details(order, visit, moment),
        "details_from": contact_details_from(visit)
        if visit and moment < contact_details_from(visit)
        else None,
        "may_confirm": OrderStep.CONFIRM in names and visit is not None,
        "may_depart": OrderStep.DEPART in names,
        "actions": [
            (access.url("act", name), label)
            for name, (row, _form, label) in ACTIONS.items()
            if row in names and (name != "quote" or order.purpose == WorkOrder.Purpose.QUOTE)
        ],
        "pending": order.variations.filter(state="pending").first(),
        "changed": changed,
        "kept": kept,
    }
    return render(request, "requests/contractor_portal/job.html", page, status=status)


def _job(request: PublicRequest, access: OrderAccess) -> HttpResponse:
    """Show the order: what, where, when, and one main button."""
    return _page(request, access)


@audience(PUBLIC, repeat="a new link, as seldom as the limit allows")
@require_POST
def renew(request: PublicRequest, token: str) -> HttpResponse:
    """Send a new link to the address on file; the answer never says whether one was sent."""
    order_links.renew(token=token, now=now())
    return _closed(request, token, sent=True)


def _details(request: PublicRequest, access: OrderAccess) -> HttpResponse:
    """Show phone and door code, only while the order allows it; each look is logged."""
    shown = order_links.reveal(order=access.order, now=now(), actor=access.actor)
    return _page(request, access, details=shown, changed=shown is None)


def _step(request: PublicRequest, access: OrderAccess, name: str) -> HttpResponse:
    """Make one of the two steps without a form: confirm the date, leave for the visit."""
    who: dict[str, Any] = {
        "order": access.order,
        "actor": access.actor,
        "now": now(),
        "version": number_of(request.POST.get("version")),
    }
    try:
        if name == "confirm":
            appointments.confirm(**who)
        elif name == "depart":
            advance_order(transition=OrderStep.DEPART, **who)
        else:
            raise Http404
    except (Conflict, workflow.NotAllowed):
        return _page(request, access, changed=True, status=409)
    return redirect(access.url())


def _act(request: PublicRequest, access: OrderAccess, name: str) -> HttpResponse:
    """Make one action with its form; a change made meanwhile answers 409 and keeps the text."""
    if name not in ACTIONS:
        raise Http404
    order = access.order
    row, form_class, label = ACTIONS[name]
    more = {"now": now(), "order": order} if name == "propose" else {}
    if row not in order_workflow.allowed(order.state, Role.CONTRACTOR):
        # An old address: the page of the order says what can be done now.
        if request.method == "GET":
            return redirect(access.url())
        kept = typed_texts(form_class(request.POST, request.FILES, **more))
        return _page(request, access, changed=True, kept=kept, status=409)
    if request.method == "POST":
        form = form_class(request.POST, request.FILES, **more)
    else:
        form = form_class(initial={"version": order.version}, **more)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _do(name, access, form)
                return redirect(access.url())
            except Refused as refused:
                form.add_error(None, str(refused))
            except (Conflict, workflow.NotAllowed):
                status = 409
                form.add_error(None, _("The order changed meanwhile. Read it again below."))
    page = {
        "layout": _layout(access),
        "back": access.url(),
        "order": order,
        "form": form,
        "label": label,
        "name": name,
    }
    return render(request, "requests/contractor_portal/act.html", page, status=status)


def _do(name: str, access: OrderAccess, form: Any) -> None:
    order, data, moment = access.order, form.cleaned_data, now()
    with transaction.atomic():
        if order.version != data["version"]:
            raise Conflict
        for field, when in PHOTOS.get(name, {}).items():
            if data.get(field):
                kept = keep(
                    data[field],
                    claim=order.claim,
                    channel=Channel.WEB,
                    by=access.actor.user,
                    now=moment,
                    photo=True,
                )
                add_photo(order=order, attachment=kept, moment=when)
        who: dict[str, Any] = {"order": order, "actor": access.actor, "now": moment}
        if name == "propose":
            appointments.propose_dates(spans=form.dates(), reason=data["reason"], **who)
        elif name == "late":
            visit = appointments.active_visit(order)
            if visit is None:
                raise Conflict
            until = visit.ends + timedelta(minutes=data["minutes"])
            appointments.running_late(until=until, **who)
        elif name == "no_access":
            appointments.no_access(text=form.text(), **who)
        elif name == "impossible":
            advance_order(transition=OrderStep.IMPOSSIBLE, reason=form.text(), **who)
        elif name == "done":
            advance_order(
                transition=OrderStep.REPORT_DONE,
                text=data["text"],
                materials=data["materials"],
                **who,
            )
        else:
            row = ACTIONS[name][0]
            advance_order(transition=row, amount=data["amount"], text=data["text"], **who)


def _photo(request: PublicRequest, access: OrderAccess, file: UUID) -> HttpResponseBase:
    """Return a photo, fetched through this order."""
    if access.order.state in order_links.GONE:
        raise Http404
    found = get_object_or_404(access.order.photos_to_show, attachment=file)
    if "small" in request.GET:
        return serve(found.attachment, small=True)
    answer = FileResponse(found.attachment.file.open(), content_type="image/jpeg")
    answer["Content-Disposition"] = "inline"
    return with_safe_headers(answer)


FORM = require_http_methods(["GET", "POST"])
LINK, LOGIN = audience(PUBLIC), audience(Role.CONTRACTOR)
job = LINK(never_cache(require_GET(by_link(_job))))
# Shown on the page itself, and logged each time.
details = audience(PUBLIC, repeat="each look is shown and logged")(
    never_cache(require_POST(by_link(_details)))
)
step = LINK(require_POST(by_link(_step)))
act = LINK(never_cache(FORM(by_link(_act))))
photo = LINK(never_cache(require_GET(by_link(_photo))))
own_job = LOGIN(never_cache(require_GET(by_login(_job))))
own_details = LOGIN(never_cache(require_POST(by_login(_details))))
own_step = LOGIN(require_POST(by_login(_step)))
own_act = LOGIN(never_cache(FORM(by_login(_act))))
own_photo = LOGIN(never_cache(require_GET(by_login(_photo))))
