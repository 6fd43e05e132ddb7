"""Carry out the rules of retention: what is due, a dry run, batches under a job's lease."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.models import User
from requests.complaints.recourse import months_after
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.privacy.models import PersonExport, RetentionRule, RetentionRun
from requests.privacy.retention_kinds import KINDS, Kind

BATCH = 100
EXAMPLES = 5
# Between two batches, so that people's work goes first.
PAUSE = timedelta(seconds=2)
NIGHT = 3  # o'clock, Europe/Paris


@dataclass(frozen=True)
class DryRun:
    """What a rule would do now: how many rows, how many stay back, some of them."""

    due: int
    kept: int
    examples: list[str]


def rules() -> list[tuple[Kind, RetentionRule]]:
    """Return every kind with its rule: the officer's, or what is proposed, not in force."""
    rows = {rule.kind: rule for rule in RetentionRule.objects.select_related("changed_by")}
    return [(kind, rows.get(code) or _proposed(kind)) for code, kind in KINDS.items()]


def _proposed(kind: Kind) -> RetentionRule:
    return RetentionRule(
        kind=kind.code, months=kind.months, action=kind.action, source=str(kind.source)
    )


def rule_of(code: str) -> RetentionRule:
    """Return the rule of one kind. Raises KeyError."""
    kind = KINDS[code]
    return RetentionRule.objects.filter(kind=code).first() or _proposed(kind)


def change(
    *, code: str, months: int, source: str, active: bool, by: User, now: datetime
) -> RetentionRule:
    """Write the officer's decision on one kind. Raises KeyError."""
    kind = KINDS[code]
    values = {"months": months, "source": source, "active": active}
    values |= {"action": kind.action, "changed_by": by, "changed_at": now}
    rule, _new = RetentionRule.objects.update_or_create(kind=code, defaults=values)
    return rule


def _began_before(months: int, now: datetime) -> datetime:
    day = months_after(timezone.localdate(now), -months)
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def due(kind: Kind, months: int, now: datetime) -> tuple[QuerySet, QuerySet]:
    """Return the rows whose time is over: those to act on, and those that stay back."""
    rows = kind.due(_began_before(months, now), now)
    if kind.held is None:
        return rows, rows.none()
    held = kind.held(now)
    return rows.exclude(held), rows.filter(held)


def dry_run(code: str, months: int, now: datetime) -> DryRun:
    """Return what the rule would do now. Changes nothing. Raises KeyError."""
    rows, kept = due(KINDS[code], months, now)
    examples = [describe(row) for row in rows[:EXAMPLES]]
    return DryRun(rows.count(), kept.count(), examples)


def describe(row) -> str:
    """Return one line that lets the officer find the row without reading what it says."""
    claim = getattr(row, "claim", None)
    if claim is not None:
        return _("%(what)s of the request %(reference)s") % {
            "what": row._meta.verbose_name,
            "reference": claim.reference,
        }
    reference = getattr(row, "reference", None)
    return f"{row._meta.verbose_name} {reference or str(row.pk)[:8]}"


def plan(now: datetime) -> int:
    """Order today's run of every rule in force, from three o'clock on; return how many are new."""
    local = timezone.localtime(now)
    if local.hour < NIGHT:
        return 0
    new = 0
    for rule in RetentionRule.objects.filter(active=True, kind__in=KINDS):
        with transaction.atomic():
            _run, made = RetentionRun.objects.get_or_create(
                kind=rule.kind,
                day=local.date(),
                defaults={"months": rule.months, "action": rule.action, "began_at": now},
            )
            if made:
                new += 1
                enqueue(
                    Job.Kind.RETENTION,
                    f"{rule.kind}:{local.date()}:0",
                    code=rule.kind,
                    day=str(local.date()),
                )
    return new


def run_batch(*, key: str, now: datetime, code: str, day: str) -> None:
    """Act on one batch of one rule and order the next; the job's handler.

    A rule that was put out of force or made longer meanwhile stops the run.
    """
    with transaction.atomic():
        run = RetentionRun.objects.select_for_update().get(kind=code, day=date.fromisoformat(day))
        rule = RetentionRule.objects.filter(kind=code, active=True).first()
        number = int(key.rpartition(":")[2])
        if run.ended_at or run.batches > number:
            return
        touched = 0
        kept: QuerySet | None = None
        kind = KINDS[code]
        if rule is not None and rule.months >= 1:
            rows, kept = due(kind, rule.months, now)
            keys = list(rows.values_list("pk", flat=True)[:BATCH])
            batch = rows.model._base_manager.filter(pk__in=keys)
            touched = kind.act(batch, now) if keys else 0
        run.batches = F("batches") + 1
        run.touched = F("touched") + touched
        if not touched or len(keys) < BATCH:
            run.ended_at = now
            run.kept_back = {"held": kept.count() if kept is not None else 0}
        else:
            following = f"{code}:{day}:{number + 1}"
            enqueue(Job.Kind.RETENTION, following, delay=PAUSE, code=code, day=day)
        run.save()


def drop_old_copies(now: datetime) -> int:
    """Delete the files of persons' copies whose days are over; return how many."""
    number = 0
    for copy in PersonExport.objects.filter(ends_at__lt=now).exclude(file=""):
        copy.file.delete(save=False)
        copy.file = ""
        copy.save(update_fields=["file"])
        number += 1
    return number
