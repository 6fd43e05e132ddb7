"""Tell every household of an incident's place, not only those who filed a request.

Who has a request under the incident reads of it in their conversation. The others get one message
for each version, by their own channel; a household that has none is counted, for the poster.
"""

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from agencies.models import Building, Dwelling, Staircase
from requests.channels import gsm7
from requests.claims.models import Claim
from requests.incidents.models import Incident
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.contact_routes import MAILED, contact_routes
from requests.notifications.kinds import DeliveryKind, failure_text
from requests.notifications.models import Delivery
from tenants.homes import holder_of
from tenants.models import Occupancy


class Said(StrEnum):
    """What a message says: the fault, more about it, or its end."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


def homes(building: Building, staircase: Staircase | None):
    """Return the dwellings of the place."""
    if staircase is not None:
        return Dwelling.objects.filter(staircase=staircase)
    return Dwelling.objects.filter(staircase__building=building)


def number_of_households(building: Building, staircase: Staircase | None, now: datetime) -> int:
    """Return how many homes of the place somebody lives in on the day of ``now``."""
    rows = Occupancy.objects.system("households of an incident").in_force(timezone.localdate(now))
    here = rows.filter(lease__dwelling__in=homes(building, staircase))
    return here.values("lease__dwelling").distinct().count()


def tell(incident: Incident, said: Said) -> None:
    """Enqueue the job that writes to the households of the place, in the caller's transaction."""
    enqueue(
        Job.Kind.INCIDENT,
        f"{incident.pk}:{incident.version}",
        incident=str(incident.pk),
        version=incident.version,
        said=said.value,
    )


@transaction.atomic
def write(*, key: str, now: datetime, incident: str, version: int, said: str) -> None:
    """Queue one message for each household that has no request under the incident.

    Runs as a job; ``key`` only names it. Idempotent: a delivery's key names incident, version and
    home.
    """
    found = (
        Incident.objects.select_for_update(of=("self",))
        .select_related("building__residence__unit", "staircase")
        .get(pk=incident)
    )
    if found.version != version:
        return  # a later version tells every household
    own = Claim.objects.system("households of an incident").filter(in_incident__incident=found)
    in_conversation = set(own.filter(dwelling__isnull=False).values_list("dwelling", flat=True))
    households = told = 0
    today = timezone.localdate(now)
    rows = homes(found.building, found.staircase).select_related("staircase")
    for home in rows.order_by("pk"):
        tenant = holder_of(home, today)
        if tenant is None:
            continue
        households += 1
        if home.pk in in_conversation:
            told += 1
            continue
        # An unsaved claim, because channels are tried in the same order as for a request.
        ways = contact_routes(Claim(tenant=tenant, dwelling=home, channel=Channel.WEB))
        way = next((one for one in ways if one.channel in MAILED), None)
        if way is None:
            continue
        told += 1
        outgoing.queue(
            kind=Delivery.Kind.INCIDENT,
            key=f"{found.pk}:{version}:{home.pk}",
            channel=way.channel,
            recipient=way.address,
            subject=found.title,
            text=text_for(found, said, way.channel, tenant.language),
            facts={"incident": str(found.pk), "version": version, "home": home.pk},
            unit=found.building.residence.unit,
            urgent=True,
            language=tenant.language,
            now=now,
        )
    found.households, found.told = households, told
    found.save(update_fields=["households", "told"])


def text_for(incident: Incident, said: str, channel: str, language: str) -> str:
    """Return the message in the household's language; what staff wrote stays as it was written."""
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(language if language in known else settings.LANGUAGE_CODE):
        page = {
            "incident": incident,
            "said": said,
            "short": channel == Channel.SMS,
            "phone": landlord.current().phone,
            "link": settings.PALIER_URL + reverse("incident_public", args=[incident.pk]),
        }
        text = render_to_string("requests/incidents/notice.txt", page).strip()
    return gsm7.to_gsm7(text) if channel == Channel.SMS else text


class IncidentKind(DeliveryKind):
    """News of an incident to a household without a request under it; never at night."""

    kind = Delivery.Kind.INCIDENT

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once a later message says more."""
        found = Incident.objects.filter(pk=delivery.facts["incident"]).first()
        return found is not None and found.version == delivery.facts["version"]

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Count the household among those that the poster tells."""
        found = Incident.objects.select_for_update().get(pk=delivery.facts["incident"])
        if found.version == delivery.facts["version"] and found.told:
            found.told -= 1
            found.save(update_fields=["told"])

    def advice(self, delivery: Delivery) -> str:
        """Return what failed, and that the poster is to tell the household instead."""
        next_step = _("The poster tells this household: check that it is up.")
        return f"{failure_text(delivery)} {next_step}"
