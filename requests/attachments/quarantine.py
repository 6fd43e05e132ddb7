"""Keep a file from outside closed until the virus scanner has looked at it.

A model with such files inherits ``Quarantined`` and declares a ``QuarantinedFileField``: where a
scanner is configured, a new row waits from the start and orders its check, whichever door it came
through, and nothing but the check reads its file. A scanner that is away opens nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import antivirus
from portal.error_pages import Explained
from requests.jobs.models import Job
from requests.jobs.queue import enqueue, revive

REASON = "virus check"
MOST = 200  # rows that one sweep orders
WAITS = _("being checked for viruses. Look again in a few minutes.")
REFUSED = _("closed, since our virus scanner found “%(virus)s” in it. A photo can be sent instead.")


class VirusState(models.TextChoices):
    """What is known of a file. ``NONE``: it came while no scanner was configured."""

    NONE = "", _("not checked")
    WAITING = "waiting", _("being checked")
    CLEAN = "clean", _("checked")
    REFUSED = "refused", _("refused")


OPEN = frozenset({VirusState.NONE, VirusState.CLEAN})


class InQuarantine(Explained):
    """The file may not be read; ``str()`` says which one and why."""


def first_state() -> str:
    return VirusState.WAITING if antivirus.is_on() else VirusState.NONE


class QuarantinedFile(FieldFile):
    """A file that opens only once its row says so; saving and deleting need no leave."""

    def _require_file(self) -> None:
        super()._require_file()  # type: ignore[misc]  # every way to read goes through it
        if not self.instance.is_open:
            raise InQuarantine(self.instance.why_closed)


class QuarantinedFileField(models.FileField):
    attr_class = QuarantinedFile


class Quarantined(models.Model):
    """A row whose ``file`` came from outside, with a ``name`` for people and a UUID."""

    virus_state = models.CharField(
        _("virus check"),
        max_length=8,
        choices=VirusState,
        blank=True,
        default=first_state,
        db_default="",
    )
    virus_name = models.CharField(_("virus found"), max_length=200, blank=True, db_default="")
    virus_checked_at = models.DateTimeField(_("checked for viruses"), null=True, blank=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Order the check with the row: both are there, or neither."""
        new = self._state.adding
        super().save(*args, **kwargs)
        if new and self.virus_state == VirusState.WAITING:
            order(self)

    @property
    def is_open(self) -> bool:
        """Return whether people may read the file."""
        return self.virus_state in OPEN

    @property
    def is_refused(self) -> bool:
        return self.virus_state == VirusState.REFUSED

    @property
    def why_closed(self) -> str:
        """Return the sentence for people about a file that is not open."""
        name = getattr(self, "name", "")
        return _("“%(name)s”: %(why)s") % {"name": name, "why": self.closed_reason}

    @property
    def closed_reason(self) -> str | Promise:
        if self.is_refused:
            return REFUSED % {"virus": self.virus_name}
        return WAITS


def order(row: Quarantined, *, again: str = "") -> None:
    """Order the check of one row; ``again`` is a mark of a later check of the same file."""
    key = f"{row.pk}:{again}" if again else row.pk
    enqueue(Job.Kind.VIRUS, key, model=row._meta.model_name, row=str(row.pk))


def checked_models() -> dict[str, Any]:
    """Return the models that keep files from outside, by name."""
    return {str(model._meta.model_name): model for model in Quarantined.__subclasses__()}


def check(*, key: str, now: datetime, model: str, row: str) -> None:
    """Check the file of one row; the job's handler.

    Raises ScannerAway and NotScanned: the file then stays as it is, and the job is tried again.
    """
    rows = checked_models()[model].objects.system(REASON)
    found = rows.filter(pk=row).first()
    if found is None or not found.file.name:
        return  # removed meanwhile
    try:
        stored = found.file.storage.open(found.file.name, "rb")
    except FileNotFoundError:
        return  # erased meanwhile, or lost: then there is nothing to open either
    with stored:
        virus = antivirus.find_virus(stored)
    rows.filter(pk=row).update(
        virus_state=VirusState.REFUSED if virus else VirusState.CLEAN,
        virus_name=virus,
        virus_checked_at=now,
    )


def sweep() -> int:
    """Order what waits without an order, and hurry what failed while the scanner was away.

    Returns how many checks are due again.
    """
    if not antivirus.is_on():
        return 0
    number = 0
    jobs = Job.objects.filter(kind=Job.Kind.VIRUS, key=OuterRef("text"))
    for model in checked_models().values():
        waiting = model.objects.system(REASON).filter(virus_state=VirusState.WAITING)
        waiting = waiting.annotate(text=Cast("pk", models.CharField()))
        for row in waiting.exclude(Exists(jobs)).only("pk")[:MOST]:
            order(row)
            number += 1
    if antivirus.is_up():
        number += revive(Job.Kind.VIRUS, error=antivirus.ScannerAway.__name__)
    return number


def counts() -> Iterator[tuple[str, int]]:
    """Yield each state of files that are not open, and how many are in it."""
    for state in (VirusState.WAITING, VirusState.REFUSED):
        yield (
            state.value,
            sum(
                model.objects.system(REASON).filter(virus_state=state).count()
                for model in checked_models().values()
            ),
        )
