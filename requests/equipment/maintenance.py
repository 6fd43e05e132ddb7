"""Visits asked for by law or contract: recorded, noticed when due, the company reminded."""

from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from agencies import upkeep
from agencies.models import Equipment, UpkeepReminder, UpkeepVisit
from requests.jobs.models import Job
from requests.jobs.queue import enqueue

BATCH = 500


class AlreadyRecorded(Exception):
    """This visit is on record for that day."""


@transaction.atomic
def record_visit(
    *, equipment: Equipment, what: str, done_on: date, company: str, note: str, by, now: datetime
) -> UpkeepVisit:
    """Write one visit that was made. Raises ``AlreadyRecorded``."""
    try:
        with transaction.atomic():
            return UpkeepVisit.objects.create(
                equipment=equipment,
                what=what,
                done_on=done_on,
                company=company,
                note=note,
                recorded_by=by,
                recorded_at=now,
            )
    except IntegrityError as error:
        raise AlreadyRecorded from error


def sweep(now: datetime) -> int:
    """Notice what comes due or was missed, once each; returns how many reminders were written.

    Machines without any visit on record are left alone: a fresh import must not scold everybody.
    """
    today = timezone.localdate(now)
    known = (
        Equipment.objects.filter(visits__isnull=False)
        .select_related("building__residence")
        .distinct()
        .order_by("pk")
    )
    written, machines = 0, list(known[:BATCH])
    while machines:
        written += _notice(machines, today, now)
        machines = list(known.filter(pk__gt=machines[-1].pk)[:BATCH])
    return written


def _notice(machines: list[Equipment], today: date, now: datetime) -> int:
    said = set(
        UpkeepReminder.objects.filter(equipment__in=machines).values_list(
            "equipment", "what", "due_on", "stage"
        )
    )
    written = 0
    for pk, rows in upkeep.due(machines, today).items():
        for row in rows:
            if (
                row.state not in UpkeepReminder.Stage
                or (pk, row.what, row.due_on, row.state) in said
            ):
                continue
            with transaction.atomic():
                reminder, new = UpkeepReminder.objects.get_or_create(
                    equipment_id=pk,
                    what=row.what,
                    due_on=row.due_on,
                    stage=row.state,
                    defaults={"at": now},
                )
                if new:
                    enqueue(Job.Kind.UPKEEP, reminder.pk)
                    written += 1
    return written


def remind(*, key: str, now: datetime) -> None:
    """Mail the company under contract, once; nothing when the visit was recorded meanwhile.

    SMTP errors raise, so that the job is tried again.
    """
    row = UpkeepReminder.objects.select_related(
        "equipment__building__residence__unit", "equipment__staircase"
    ).get(pk=key)
    today = timezone.localdate(now)
    machine = row.equipment
    owed = {due.what: due for due in upkeep.due([machine], today)[machine.pk]}
    due = owed.get(row.what)
    contract = upkeep.contract_of(machine, upkeep.contracts_on(today))
    if row.sent_at or contract is None or due is None or due.due_on != row.due_on:
        return
    with translation.override(settings.LANGUAGE_CODE):
        page = {"reminder": row, "due": due, "machine": machine, "contract": contract}
        page["link"] = settings.PALIER_URL + reverse("equipment:public", args=[machine.label_code])
        body = render_to_string("requests/equipment/reminder.txt", page)
        subject = translation.gettext("%(what)s: %(machine)s") % {
            "what": row.get_what_display(),
            "machine": machine.label,
        }
    EmailMessage(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [contract.contractor.email],
        headers={
            "Message-ID": f"<upkeep-{row.pk}@palier.invalid>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
    row.sent_to, row.sent_at = contract.contractor.email, now
    row.save(update_fields=["sent_to", "sent_at"])
