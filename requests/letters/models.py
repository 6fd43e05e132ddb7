"""Letters that we print and post, and scans of letters that people send."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from portal.scope import GuardedManager
from requests.attachments.quarantine import Quarantined, QuarantinedFileField
from requests.channels.models import Intake
from requests.notifications.models import Delivery


def _path(folder: str, row: models.Model) -> str:
    """Return a random path, so that no typed text ever names a file."""
    return f"{folder}/{row.pk.hex[:2]}/{row.pk.hex}"


def letter_path(letter: "Letter", _name: str) -> str:
    return _path("letters", letter)


def scan_path(file: "ScanFile", _name: str) -> str:
    return _path("scans", file)


def thumb_path(page: "ScanPage", _name: str) -> str:
    return _path("thumbs", page)


class LetterBatch(models.Model):
    """Letters printed together by one unit. Its PDF may be fetched any number of times."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="letter_batches")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("batch of letters")
        verbose_name_plural = _("batches of letters")
        ordering = ["-made_at"]


class Letter(models.Model):
    """The paper letter of one delivery, from its batch to the tenant's letter box or back.

    The one-to-one link to the delivery keeps anybody from batching it twice. ``file`` is the PDF as
    printed, drawn once.
    """

    class State(models.TextChoices):
        TO_PRINT = "to_print", _("to print")
        PRINTED = "printed", _("printed")
        POSTED = "posted", _("posted")
        RECEIVED = "received", _("received")
        RETURNED = "returned", _("returned")

    class Return(models.TextChoices):
        """The reasons that the post office ticks; the first two are faults of the address."""

        UNKNOWN = "unknown", _("Addressee unknown at this address (NPAI)")
        ADDRESS = "address", _("No access, or faulty address")
        UNCLAIMED = "unclaimed", _("Advised and not collected")
        REFUSED = "refused", _("Refused by the addressee")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="letter")
    batch = models.ForeignKey(LetterBatch, models.PROTECT, related_name="letters")
    place = models.PositiveSmallIntegerField(_("place in the batch"))
    registered = models.BooleanField(_("registered"), default=False)
    number = models.CharField(_("registered-letter number"), max_length=15, blank=True)
    file = models.FileField(_("file"), upload_to=letter_path, max_length=120, blank=True)
    pages = models.PositiveSmallIntegerField(_("pages"), default=0)
    printed_at = models.DateTimeField(_("printed"), null=True, blank=True)
    posted_on = models.DateField(_("posted on"), null=True, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    returned_on = models.DateField(_("returned on"), null=True, blank=True)
    returned_for = models.CharField(_("returned because"), max_length=10, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="letter_place_once"),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="letter_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number="") | Q(number__regex=r"^[0-9A-Z]{11,15}$"),
                name="letter_number_form",
            ),
            models.CheckConstraint(
                condition=Q(posted_on__isnull=True)
                | Q(printed_at__isnull=False) & (Q(registered=False) | ~Q(number="")),
                name="letter_posted_complete",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True)
                | Q(received_on__gte=F("posted_on"), returned_on__isnull=True),
                name="letter_received_after_posting",
            ),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True, returned_for="")
                | Q(
                    returned_on__gte=F("posted_on"),
                    returned_for__in=["unknown", "address", "unclaimed", "refused"],
                ),
                name="letter_returned_for_a_reason",
            ),
        ]

    @property
    def state(self) -> str:
        """Return where the letter is, from its dates."""
        if self.returned_on:
            return self.State.RETURNED
        if self.received_on:
            return self.State.RECEIVED
        if self.posted_on:
            return self.State.POSTED
        return self.State.PRINTED if self.printed_at else self.State.TO_PRINT

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)

    @property
    def return_label(self) -> str:
        return str(self.Return(self.returned_for).label) if self.returned_for else ""


class Scan(models.Model):
    """Pages scanned together by one unit; a person says which of them make one letter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scans")
    received_on = models.DateField(_("received on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(_("scanned"))
    split_at = models.DateTimeField(_("made into letters"), null=True, blank=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ["-at"]


class ScanFile(Quarantined):
    """One file as it was sent: a PDF unchanged, an image cleaned like every image."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scan = models.ForeignKey(Scan, models.PROTECT, related_name="files")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=160)
    file = QuarantinedFileField(_("file"), upload_to=scan_path, max_length=120)
    content_type = models.CharField(_("type"), max_length=60)
    size = models.PositiveIntegerField(_("size, bytes"))
    sha256 = models.CharField(max_length=64)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("scanned file")
        verbose_name_plural = _("scanned files")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "place"], name="scan_file_place_once"),
            models.UniqueConstraint(fields=["scan", "sha256"], name="scan_file_once"),
        ]


class ScanPage(models.Model):
    """One page: its place, whether a letter begins with it, whether it is left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scan = models.ForeignKey(Scan, models.PROTECT, related_name="pages")
    file = models.ForeignKey(ScanFile, models.PROTECT, related_name="pages")
    number = models.PositiveSmallIntegerField(_("page of its file"))
    place = models.PositiveSmallIntegerField(_("place"))
    begins = models.BooleanField(_("a letter begins here"), default=False)
    left_out = models.BooleanField(_("left out"), default=False)
    blank = models.BooleanField(_("looks blank"), default=False)
    words = models.TextField(_("words read on it"), blank=True)
    thumb = models.FileField(upload_to=thumb_path, max_length=120, blank=True)
    # The letter of ours that the code on the page names; other codes are not kept.
    letter = models.ForeignKey(
        Letter, models.SET_NULL, null=True, blank=True, related_name="scan_pages"
    )
    intake = models.ForeignKey(
        Intake, models.PROTECT, null=True, blank=True, related_name="scan_pages"
    )

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("scanned page")
        verbose_name_plural = _("scanned pages")
        ordering = ["place", "file__place", "number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="scan_page_once"),
        ]
