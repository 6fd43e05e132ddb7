"""Receive readings by webhook; show each sensor's state; switch sensors on and off."""

import hmac

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from requests.channels import signatures
from requests.channels.signatures import body_of
from requests.sensors import actions, readings
from requests.sensors.models import Sensor, SensorFault, SensorSwitch

READERS = DESK_ROLES | {Role.ADMIN}
KEEPERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER, Role.ADMIN)


@csrf_exempt
@audience(PUBLIC)
@require_POST
def hook(request: HttpRequest, slug: str) -> HttpResponse:
    """Receive readings of one sensor, with its own key or signed by the gateway. Idempotent."""
    body = body_of(request)
    if body is None:
        return HttpResponse(status=413)
    moment = now()
    if not _is_authorized(request, slug, body, moment.timestamp()):
        return HttpResponse(status=401)
    try:
        found = readings.parse_readings(body, moment)
        taken = sum(
            actions.record_reading(slug=slug, value=value, at=at, now=moment) for value, at in found
        )
    except actions.UnknownSensor:
        return HttpResponse(status=404)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"taken": taken}, status=202)


def _is_authorized(request: HttpRequest, slug: str, body: bytes, at: float) -> bool:
    """Return whether the call has the sensor's key (``Bearer``) or is signed by the shared key."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        digest = Sensor.objects.filter(slug=slug).values_list("digest", flat=True).first() or ""
        return bool(digest) and hmac.compare_digest(digest, actions.digest_of(key))
    return signatures.is_genuine(settings.PALIER_HOOK_KEY, request.headers, body, at)


def _visible_sensors(request: HttpRequest):
    """Return the sensors of the member's unit, or all for head office and administrators."""
    rows = Sensor.objects.select_related(
        "equipment__building__residence__unit", "building__residence__unit", "category"
    )
    if request.membership.role in {Role.AGENT, Role.AGENCY_MANAGER}:
        unit = request.membership.unit_id
        rows = rows.filter(building__residence__unit=unit) | rows.filter(
            equipment__building__residence__unit=unit
        )
    return rows


@audience(*READERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the sensors with their last reading, their limits and their open fault."""
    still = SensorFault.objects.filter(cleared_at=None).select_related("claim")
    rows = list(
        _visible_sensors(request).prefetch_related(Prefetch("faults", still, to_attr="open_faults"))
    )
    for row in rows:
        row.shown = actions.format_value(row, row.last_value)
        row.limits = [
            (label, actions.format_value(row, limit))
            for label, limit in ((_("above"), row.above), (_("below"), row.below))
            if limit is not None
        ]
    context = {
        "sensors": rows,
        "on": actions.is_on(),
        "last_switch": SensorSwitch.objects.select_related("by").first(),
        "silent": sum(1 for row in rows if row.silent_since),
        "may_switch": request.membership.role in KEEPERS,
        "may_switch_all": request.membership.role in {Role.HEAD_OFFICE, Role.ADMIN},
        "may_read": request.membership.role in DESK_ROLES,
    }
    return render(request, "requests/sensors/index.html", context)


@audience(Role.HEAD_OFFICE, Role.ADMIN)
@require_POST
def switch_all(request: HttpRequest, state: str) -> HttpResponse:
    """Switch all sensors on or off. While off, readings are recorded and open no claim."""
    actions.switch(on=state == "on", by=request.user, now=now())
    messages.success(request, _("Sensors are on.") if state == "on" else _("Sensors are off."))
    return redirect("sensors:index")


@audience(*KEEPERS)
@require_POST
def switch_one(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """Switch one sensor on or off."""
    sensor = get_object_or_404(_visible_sensors(request), pk=pk)
    actions.switch_one(sensor=sensor, on=state == "on")
    said = _("%(name)s is on.") if state == "on" else _("%(name)s is off.")
    messages.success(request, said % {"name": sensor.name})
    return redirect("sensors:index")
