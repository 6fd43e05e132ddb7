"""The page on which every channel of the demonstration can be tried; 404 elsewhere."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from portal.panels import wants_panel
from requests.channels.mailbox_models import Mailbox
from requests.demo import door_results, doors
from requests.demo.forms import CallForm, MailForm, PhoneForm, PostForm, ReportForm
from requests.kit.choices import Channel
from requests.sensors.models import Sensor

FORMS: dict[str, type[forms.Form]] = {
    "mail": MailForm,
    "phone": PhoneForm,
    "call": CallForm,
    "post": PostForm,
    "report": ReportForm,
}
LARGEST = 12 * 1024 * 1024


def _mail(data: dict[str, Any]) -> str:
    photo = data.pop("photo", None)
    kind = (photo.content_type or "application/octet-stream") if photo else ""
    files = [(photo.name, kind, photo.read(LARGEST))] if photo else []
    return doors.send_mail(files=files, **data)


def _phone(data: dict[str, Any]) -> str:
    send = doors.send_chat if data.pop("channel") == Channel.SOCIAL else doors.send_text
    return send(now=now(), **data)


def _call(data: dict[str, Any]) -> str:
    return doors.call(now=now(), **data)


def _post(data: dict[str, Any]) -> str:
    return doors.post(now=now(), **data)


def _report(data: dict[str, Any]) -> str:
    return doors.report(now=now(), **data)


SEND: dict[str, Callable[[dict[str, Any]], str]] = {
    "mail": _mail,
    "phone": _phone,
    "call": _call,
    "post": _post,
    "report": _report,
}


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def doors_page(request: PublicRequest) -> HttpResponse:
    """Show a form for each channel, and hand in what is written."""
    if request.method == "GET":
        return _page(request, {})
    name = request.POST.get("door", "")
    if name not in FORMS:
        return redirect("demo:doors")
    form = FORMS[name](request.POST, request.FILES, prefix=name)
    if not form.is_valid():
        return _page(request, {name: form}, status=422)
    moment = now()
    try:
        key = SEND[name](form.cleaned_data)
    except OSError:
        form.add_error(None, _("The demonstration’s mail server does not answer. Try again."))
        return _page(request, {name: form}, status=503)
    door_results.remember(request.session, name, key, moment)
    messages.success(request, _("Sent. What becomes of it stands under the form."))
    return redirect(f"{reverse('demo:doors')}#{name}")


def _page(request: PublicRequest, bound: dict, status: int = 200) -> HttpResponse:
    sent = door_results.results(request.session, now())
    waiting = any(result.waiting for rows in sent.values() for result in rows)
    if wants_panel(request):
        panel = {"waiting": waiting, "doors": [(name, sent.get(name)) for name in FORMS]}
        return render(request, "requests/demo/_sent.html", panel)
    chosen = {"number": request.GET.get("number", ""), "channel": request.GET.get("channel", "")}
    initial = {name: value for name, value in chosen.items() if value}
    made = {
        name: bound.get(name) or form(prefix=name, initial=initial if name == "phone" else None)
        for name, form in FORMS.items()
    }
    context = {
        "forms": made,
        "form": next(iter(bound.values()), None),
        "sent": sent,
        "waiting": waiting,
        "address": doors.ADDRESS,
        "mailbox": Mailbox.objects.filter(slug=doors.SLUG, active=True).exists(),
        "smtp": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        "sensors": Sensor.objects.select_related("equipment").order_by("slug"),
        "open311": f"{settings.PALIER_URL}/open311/v2",
        "open311_key": doors.OPEN311_KEY,
    }
    return render(request, "requests/demo/doors.html", context, status=status)


@audience(PUBLIC)
@require_POST
def measure(request: PublicRequest, slug: str) -> HttpResponse:
    """Let a sensor send a value: the usual one, or one that makes a request."""
    sensor = get_object_or_404(Sensor, slug=slug)
    value = doors.wrong(sensor) if request.POST.get("wrong") else doors.usual(sensor)
    doors.measure(sensor=sensor, value=value, now=now())
    messages.success(request, _("The sensor has sent %(value)s.") % {"value": localize(value)})
    return redirect(f"{reverse('demo:doors')}#sensors")


@audience(PUBLIC)
@require_GET
def letter(request: PublicRequest) -> HttpResponse:
    """Return a letter to scan in, as a file."""
    answer = HttpResponse(doors.sample_letter(), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="courrier.pdf"'
    return answer
