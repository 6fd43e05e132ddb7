"""Record visits required by law or contract, find those due, and remind the companies."""

from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import upkeep
from agencies.models import Contractor, Equipment, UpkeepReminder, UpkeepVisit
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.kinds import DeliveryKind, failure_text
from requests.notifications.models import Delivery

BATCH = 500


class AlreadyRecorded(Exception):
    """The same visit is on record for that day."""


@transaction.atomic
def record_visit(
    *, equipment: Equipment, what: str, done_on: date, company: str, note: str, by, now: datetime
) -> UpkeepVisit:
    """Record one visit that was made. Raises ``AlreadyRecorded``."""
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
    """Find visits that are due or missed, once each; return how many reminders were written.

    Equipment without any visit on record is skipped, so that a new import does not send a reminder
    for every lift.
    """
    today = timezone.localdate(now)
    known = (
        Equipment.objects.filter(visits__isnull=False)
        .select_related("building__residence")
        .distinct()
        .order_by("pk")
    )
    written, equipment_list = 0, list(known[:BATCH])
    while equipment_list:
        written += _notice(equipment_list, today, now)
        equipment_list = list(known.filter(pk__gt=equipment_list[-1].pk)[:BATCH])
    return written


def _notice(equipment_list: list[Equipment], today: date, now: datetime) -> int:
    said = set(
        UpkeepReminder.objects.filter(equipment__in=equipment_list).values_list(
            "equipment", "what", "due_on", "stage"
        )
    )
    written = 0
    for pk, rows in upkeep.due(equipment_list, today).items():
        for row in rows:
            if (
                row.due_on is None
                or row.state not in UpkeepReminder.Stage
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


@transaction.atomic
def send_reminder(*, key: str, now: datetime) -> None:
    """Queue the mail of reminder ``key`` to the company under contract, once.

    Runs as a job, which looks up the company and whether the visit is still due.
    """
    row = _reminder(int(key))
    due = _still_due(row, timezone.localdate(now))
    contract = upkeep.contract_of(row.equipment, upkeep.contracts_on(timezone.localdate(now)))
    if row.sent_at or contract is None or due is None:
        return
    equipment = row.equipment
    with translation.override(settings.LANGUAGE_CODE):
        page = {"reminder": row, "due": due, "equipment": equipment, "contract": contract}
        page["link"] = settings.PALIER_URL + reverse(
            "equipment:public", args=[equipment.label_code]
        )
        outgoing.queue(
            kind=Delivery.Kind.MAINTENANCE,
            key=str(row.pk),
            channel=Channel.EMAIL,
            recipient=contract.contractor.email,
            subject=_("%(what)s: %(equipment)s")
            % {"what": row.get_what_display(), "equipment": equipment.label},
            text=render_to_string("requests/equipment/reminder.txt", page),
            facts={"reminder": row.pk, "contractor": contract.contractor_id},
            unit=equipment.building.residence.unit,
            now=now,
        )


def _reminder(number: int) -> UpkeepReminder:
    rows = UpkeepReminder.objects.select_related(
        "equipment__building__residence__unit", "equipment__staircase"
    )
    return rows.get(pk=number)


def _still_due(row: UpkeepReminder, today: date) -> upkeep.Due | None:
    """Return the visit that ``row`` reminds of, or None once it was made."""
    equipment = row.equipment
    owed = {due.what: due for due in upkeep.due([equipment], today)[equipment.pk]}
    due = owed.get(row.what)
    return due if due and due.due_on == row.due_on else None


class UpkeepReminderKind(DeliveryKind):
    """A reminder of a visit required by law or contract, sent to the company that owes it.

    A company may have hundreds of visits due on one day.
    """

    kind = Delivery.Kind.MAINTENANCE
    most_an_hour = 300

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return False once the visit was recorded."""
        row = _reminder(delivery.facts["reminder"])
        return _still_due(row, timezone.localdate(now)) is not None

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        UpkeepReminder.objects.filter(pk=delivery.facts["reminder"]).update(
            sent_to=delivery.recipient, sent_at=now
        )

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Clear the record that the company was reminded."""
        UpkeepReminder.objects.filter(pk=delivery.facts["reminder"]).update(
            sent_to="", sent_at=None
        )

    def advice(self, delivery: Delivery) -> str:
        """Return whom to call about which visit."""
        row = _reminder(delivery.facts["reminder"])
        company = Contractor.objects.get(pk=delivery.facts["contractor"])
        words = {
            "what": row.get_what_display(),
            "equipment": row.equipment.label,
            "name": company.name,
            "phone": company.phone,
        }
        next_step = _("Call %(name)s on %(phone)s: %(what)s, %(equipment)s.") % words
        return f"{failure_text(delivery)} {next_step}"
