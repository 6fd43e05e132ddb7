"""Carry the messages that wait during the upgrade over to the one engine of what leaves.

A waiting job of a former sender becomes a delivery, and itself the job that sends it: it keeps
its date, its attempts and its error, so that what was held or dead stays held or dead.
"""

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone, translation
from django.utils.translation import gettext as _

KINDS = [
    ("route", "route a claim"),
    ("notify", "tell the tenant"),
    ("escalate", "climb a late promise"),
    ("deliver", "send a message"),
    ("intake", "read a raw input"),
    ("remind", "remind of a visit"),
    ("closing", "ask again if it is fixed"),
    ("letter", "draw a letter"),
    ("upkeep", "remind of a visit due"),
    ("planned", "tell of planned works"),
    ("renew", "reckon promises again"),
    ("lateness", "tell staff what was passed up to them"),
]
EVENTS = {"an": "announced", "ch": "changed", "ca": "cancelled"}


def carry_over(apps, schema_editor):
    """Convert each waiting job by its kind; the others keep their form."""
    Job = apps.get_model("requests", "Job")
    convert = {
        "deliver": _attempt,
        "lateness": _lateness,
        "planned": _planned,
        "order": _order,
        "invite": _invitation,
        "private": _private,
        "consent": _consent,
    }
    waiting = Job.objects.filter(done_at__isnull=True, kind__in=convert)
    for pk in list(waiting.values_list("pk", flat=True)):
        job = Job.objects.get(pk=pk)
        convert[job.kind](apps, job)
        job.save()


def _attempt(apps, job):
    delivery, attempt, _due = job.key.split(":")
    job.payload = {"delivery": delivery, "attempt": int(attempt)}


def _lateness(apps, job):
    job.payload = {"member": int(job.key.partition(":")[0])}


def _planned(apps, job):
    if ":" in job.key:
        works, version, start = job.key.split(":")
        job.payload = {"works": works, "version": int(version), "event": EVENTS[start]}
        return
    PlannedNotice = apps.get_model("requests", "PlannedNotice")
    found = PlannedNotice._base_manager.select_related("works__residence")
    row = found.get(pk=job.key.partition("@")[0])
    if row.state != "queued":
        return _done(job)
    with translation.override(row.language):
        subject = _("Works at your place")
    _becomes(
        apps,
        job,
        "planned_works",
        row.pk,
        channel=row.channel,
        recipient=row.address,
        subject=subject,
        text=row.text,
        facts={"notice": row.pk},
        unit_id=row.works.residence.unit_id,
        language=row.language,
    )


def _order(apps, job):
    OrderEvent = apps.get_model("requests", "OrderEvent")
    event = OrderEvent._base_manager.select_related("order__claim", "order__contractor").get(pk=job.key)
    order, reference = event.order, event.order.claim.reference
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Order %(ref)s") % {"ref": f"{reference[:3]} {reference[3:]}-{order.number}"}
    _becomes(
        apps,
        job,
        "order",
        event.pk,
        channel="email",
        recipient=order.contractor.email,
        subject=subject,
        facts={"event": event.pk},
        claim_id=order.claim_id,
        urgent=order.emergency,
    )


def _invitation(apps, job):
    user = apps.get_model("portal", "User").objects.get(pk=job.key.split(":")[0])
    holder = apps.get_model("agencies", "Contractor").objects.get(pk=job.key.split(":")[1])
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Access to the orders of %(name)s") % {"name": holder.name}
    _becomes(
        apps,
        job,
        "invitation",
        job.key,
        channel="email",
        recipient=user.email,
        subject=subject,
        facts={"user": str(user.pk), "contractor": holder.pk},
    )


def _private(apps, job):
    number, reading, attempt = job.key.split(":")
    Invitation = apps.get_model("requests", "Invitation")
    row = Invitation._base_manager.select_related("intake").get(pk=number)
    if row.state != "queued":
        return _done(job)
    _becomes(
        apps,
        job,
        "private_reply",
        f"{number}:{reading}",
        attempt=int(attempt),
        channel="page",
        recipient=row.number,
        text=row.text,
        facts={"invitation": number, "answers": row.kind},
        urgent=row.intake.urgent,
        attempts=row.attempts,
    )


def _consent(apps, job):
    ConsentCode = apps.get_model("tenants", "ConsentCode")
    code = ConsentCode._base_manager.select_related("mandate__tenant").filter(pk=job.key).first()
    if code is None or code.sent_at:
        return _done(job)
    _becomes(
        apps,
        job,
        "consent_code",
        code.pk,
        channel="sms",
        recipient=code.phone,
        facts={"code": code.pk},
        urgent=True,
        language=code.mandate.tenant.language,
    )


def _done(job):
    """It was sent; the worker died before it could say so."""
    job.done_at = timezone.now()


def _becomes(apps, job, kind, key, *, attempt=0, **fields):
    """Write the delivery as ``outgoing.queue`` would, and make ``job`` the one that sends it."""
    moment = timezone.now()
    fields = {"language": settings.LANGUAGE_CODE, "due_at": moment, "created_at": moment, **fields}
    Delivery = apps.get_model("requests", "Delivery")
    row, _new = Delivery._base_manager.get_or_create(
        key=f"{kind}:{key}", defaults={"kind": kind, **fields}
    )
    job.kind, job.payload = "deliver", {"delivery": str(row.pk), "attempt": attempt}
    job.key = f"{row.pk}:{attempt}:{int(moment.timestamp())}"


class Migration(migrations.Migration):
    dependencies = [("requests", "0008_outgoing_messages")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10, verbose_name="kind"),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
