"""The console's pages of webhooks: endpoints, messages with each attempt, buttons."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from portal import setting_changes, setting_values, windows
from portal.access import Role, audience
from portal.clock import now
from requests.webhooks import endpoints, event_types, outbox, signatures
from requests.webhooks.forms import EndpointForm
from requests.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage

PER_PAGE = 50
State = WebhookMessage.State


@audience(Role.ADMIN)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """List the endpoints with how they do."""
    rows = WebhookEndpoint.objects.annotate(
        waiting=Count("messages", filter=Q(messages__state=State.WAITING)),
        failed=Count("messages", filter=Q(messages__state=State.FAILED)),
        last=Max("messages__delivered_at"),
    )
    return render(request, "requests/webhooks/index.html", {"endpoints": rows})


@audience(Role.ADMIN, repeat="the secret is shown on the page, once")
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Make an endpoint and show its secret, for the one time."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = endpoints.make(by=request.user, now=now(), **form.cleaned_data)
        setting_changes.record_addition(made, by=request.user)
        return _secret_page(request, made, endpoints.secret_of(made))
    status = 422 if form.errors else 200
    return render(request, "requests/webhooks/form.html", {"form": form}, status=status)


def _secret_page(request: StaffRequest, row: WebhookEndpoint, secret: str) -> HttpResponse:
    context = {"endpoint": row, "secret": secret}
    return render(request, "requests/webhooks/secret.html", context)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change name, address or events; the secret stays."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    form = EndpointForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_bound and form.is_valid():
        values = setting_values.told(form)
        saved = form.save()
        if values:
            labels = [str(form.fields[name].label) for name in form.changed_data]
            setting_changes.record_change(saved, by=request.user, values=values, labels=labels)
        messages.success(request, _("Saved."))
        return redirect("hooks:endpoint", pk)
    context = {"form": form, "endpoint": row}
    status = 422 if form.errors else 200
    return render(request, "requests/webhooks/form.html", context, status=status)


@audience(Role.ADMIN)
@require_GET
def endpoint(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an endpoint: what it is told, how to check its signatures, every message and attempt."""
    row = get_object_or_404(WebhookEndpoint.objects.select_related("made_by"), pk=pk)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    found = row.messages.filter(state=state) if state else row.messages.all()
    attempts = WebhookAttempt.objects.order_by("-at")
    page = windows.page(
        request, found.prefetch_related(Prefetch("attempts", attempts, to_attr="tried")), PER_PAGE
    )
    for message in page:
        message.label = event_types.label_of(message.kind)
    counts = dict(row.messages.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "endpoint": row,
        "events": [event_types.label_of(kind) for kind in row.events],
        "page_obj": page,
        "query": f"state={state}" if state else "",
        "state": state,
        "states": [(code, label, counts.get(code, 0)) for code, label in State.choices],
        "total": sum(counts.values()),
        "failed": counts.get(State.FAILED, 0),
        "key_lost": _is_lost(row),
    }
    return render(request, "requests/webhooks/endpoint.html", context)


def _is_lost(row: WebhookEndpoint) -> bool:
    try:
        signatures.keys_of(row.salt, row.public)
    except signatures.KeyLost:
        return True
    return False


@audience(Role.ADMIN)
@require_POST
def test(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a test message."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    if not row.active:
        messages.error(request, _("Switch it on first: nothing leaves while it is off."))
    else:
        outbox.send_test(row, now=now())
        messages.success(request, _("The test is on its way: its answer appears below."))
    return redirect("hooks:endpoint", pk)


@audience(Role.ADMIN)
@require_POST
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Switch an endpoint on or off; what waited leaves once it is on."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    before = row.active
    if "on" in request.POST:
        number = endpoints.switch_on(row, now=now())
        said = ngettext(
            "On. %(n)s message that waited leaves now.",
            "On. %(n)s messages that waited leave now.",
            number,
        )
        messages.success(request, said % {"n": number})
    elif row.active:
        endpoints.switch_off(row, why=WebhookEndpoint.Off.PERSON, now=now())
        messages.success(request, _("Off. What happens meanwhile is kept for 30 days."))
    row.refresh_from_db()
    if row.active != before:
        values = {"active": [before, row.active]}
        setting_changes.record_change(row, by=request.user, values=values, labels=[_("active")])
    return redirect("hooks:endpoint", pk)


@audience(Role.ADMIN, repeat="the secret is shown on the page, once")
@never_cache
@require_POST
def renew(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a new secret and show it, for the one time; the old one signs too for a day."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    before = row.public
    secret = endpoints.renew_secret(row, now=now())
    values = {"public": [before, row.public]}
    setting_changes.record_change(row, by=request.user, values=values, labels=[_("secret")])
    return _secret_page(request, row, secret)


@audience(Role.ADMIN)
@require_POST
def replay(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Send one message again."""
    message = get_object_or_404(WebhookMessage.objects.select_related("endpoint"), pk=pk)
    if not message.endpoint.active:
        messages.error(request, _("Switch it on first: nothing leaves while it is off."))
    else:
        outbox.replay(message, now=now())
        messages.success(request, _("It leaves again, under the same number."))
    return redirect("hooks:endpoint", message.endpoint_id)


@audience(Role.ADMIN)
@require_POST
def replay_failed(request: StaffRequest, pk: int) -> HttpResponse:
    """Send again all that was given up."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    if not row.active:
        messages.error(request, _("Switch it on first: nothing leaves while it is off."))
        return redirect("hooks:endpoint", pk)
    number = outbox.replay_failed(row, now=now())
    said = ngettext("%(n)s message leaves again.", "%(n)s messages leave again.", number)
    messages.success(request, said % {"n": number})
    return redirect("hooks:endpoint", pk)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def delete(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then delete an endpoint with what waits for it."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    if request.method == "POST":
        name = row.name
        setting_changes.record_deletion(row, by=request.user)
        row.delete()
        messages.success(
            request, _("%(name)s is deleted: it is told nothing more.") % {"name": name}
        )
        return redirect("hooks:index")
    waiting = row.messages.filter(state=State.WAITING).count()
    context = {"endpoint": row, "waiting": waiting}
    return render(request, "requests/webhooks/delete.html", context)
