"""Files from outside: recognised by their bytes, cleaned, stored as drafts, joined to a claim.

A draft belongs to a random word that only the sender's own session knows (``Attachment.session``)
and lives for an hour; it joins the claim when that is filed (docs/principles.md, T4, T9).
"""

import hashlib
import logging
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from types import ModuleType
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import QuerySet, Sum
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import form_keys
from portal.file_types import HEAD, MEDIA_TYPES, FileType, recognise
from requests.attachments import decoder, file_names, pdf_cleaner
from requests.attachments.models import Attachment
from requests.claims.event_models import Message
from requests.claims.models import Claim

log = logging.getLogger(__name__)
MOST = 6
LARGEST = 12 * 1024 * 1024
PER_CLAIM = 40
DRAFT_LIFE = timedelta(hours=1)
# All drafts of all visitors together: strangers cannot fill the disk.
ALL_DRAFTS = 2 * 1024**3
# One process of ours opens few foreign files at once: each may take 300 MB.
DECODERS = threading.BoundedSemaphore(2)
DECODER_WAIT = 20  # seconds
# Types that are opened; every other kind of file, SVG included, is refused.
PHOTOS = frozenset({FileType.JPEG, FileType.PNG, FileType.WEBP, FileType.HEIF})
TAKEN = PHOTOS | {FileType.PDF}


class Refused(Exception):
    """A file that cannot be stored.

    ``str()`` says which one, what is wrong and how to correct it.
    """

    def __init__(self, name: str, why: str | Promise) -> None:
        super().__init__(_("“%(name)s”: %(why)s") % {"name": name, "why": why})


EMPTY = _("this file is empty. Choose it again.")
TOO_LARGE = _("this file is larger than 12 MB. Take a smaller photo, or send it without.")
FOREIGN = _("we can open photos (JPEG, PNG, WebP, HEIC) and PDF only. Send a photo of it instead.")
NO_PHOTO = _("we can open photos only (JPEG, PNG, WebP, HEIC). Take it again, or send none.")
UNREADABLE = _("we cannot open this file. Take the photo again, or send a screenshot of it.")
LOCKED = _("this PDF is locked by a password. Send it without one, or a photo of its pages.")
TOO_MANY_PIXELS = _("this picture has more than 40 million points. Send a smaller one.")
TOO_MANY_FILES = _("6 files are enough. Remove one to add this one.")
BUSY = _("too many files arrive just now. Send it again in a minute.")
FULL = _("we have no room for files just now. Send your request without it, then add it later.")


def run_isolated(
    script: ModuleType, argument: str, name: str, data: bytes, why: Mapping[int, str | Promise]
) -> bytes:
    """Return what ``script`` answers about a foreign file, from a process of its own with limits.

    ``why`` words its exit statuses. Raises Refused with the reason, for a file called ``name``.
    """
    if not DECODERS.acquire(timeout=DECODER_WAIT):
        raise Refused(name, BUSY)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(script.__file__), argument],
            input=data,
            capture_output=True,
            timeout=script.SECONDS * 2,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(name, UNREADABLE) from error
    except OSError as error:  # no memory, no processes
        raise Refused(name, BUSY) from error
    finally:
        DECODERS.release()
    if done.returncode != 0 or not done.stdout:
        raise Refused(name, why.get(done.returncode, UNREADABLE))
    return done.stdout


def clean_picture(name: str, data: bytes, kind: str) -> tuple[bytes, int, int]:
    """Return the picture as a clean JPEG with its size, decoded in another process.

    Raises Refused.
    """
    clean = run_isolated(decoder, kind, name, data, {decoder.TOO_MANY_PIXELS: TOO_MANY_PIXELS})
    if len(clean) < 9:
        raise Refused(name, UNREADABLE)
    width, height = struct.unpack(">II", clean[:8])
    return clean[8:], width, height


def clean_pdf(name: str, data: bytes) -> bytes:
    """Return the pages of a PDF as a new one, copied in another process. Raises Refused."""
    return run_isolated(pdf_cleaner, "PDF", name, data, {pdf_cleaner.LOCKED: LOCKED})


def decode(files: Iterable[Any]) -> None:
    """Decode uploaded files for ``check``; call it before the transaction that keeps them.

    A photo takes a second, forty a minute. In the transaction of a form it is done before that.
    """
    files = [upload for upload in files if not hasattr(upload, "decoded")]
    if files:
        form_keys.require_before(_decode_files_of)
    for upload in files:
        upload.seek(0)
        try:
            upload.decoded = _decoded(shown_name(upload.name), upload.read(LARGEST + 1))
        except Refused as refused:
            upload.decoded = refused


def _decode_files_of(request: HttpRequest) -> None:
    decode(chain.from_iterable(sent for _name, sent in request.FILES.lists()))


def _decoded(name: str, data: bytes) -> tuple[FileType, bytes, int | None, int | None]:
    """Return the type of a file, the file made anew, and a picture's size. Raises Refused."""
    kind = recognise(data[:HEAD])
    if len(data) > LARGEST or kind not in TAKEN:
        raise Refused(name, TOO_LARGE if len(data) > LARGEST else FOREIGN)
    if kind == FileType.PDF:
        return kind, clean_pdf(name, data), None, None
    return kind, *clean_picture(name, data, kind)


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be stored: a PDF or a picture, both made anew."""

    name: str
    kind: FileType
    data: bytes
    width: int | None = None
    height: int | None = None

    @property
    def file_type(self) -> FileType:
        """Return PDF or JPEG: the type of ``data``."""
        return FileType.PDF if self.kind == FileType.PDF else FileType.JPEG

    @property
    def content_type(self) -> str:
        return MEDIA_TYPES[self.file_type]


def check(upload, *, photo: bool = False) -> CheckedFile:
    """Return one uploaded file (Django's UploadedFile), recognised and cleaned.

    ``photo`` refuses documents. Raises ``Refused``.
    """
    name = shown_name(upload.name)
    if getattr(upload, "no_room", False):  # portal/uploads.py
        raise Refused(name, FULL)
    if upload.size > LARGEST:
        raise Refused(name, TOO_LARGE)
    if not upload.size:
        raise Refused(name, EMPTY)
    upload.seek(0)
    if recognise(upload.read(HEAD)) not in (PHOTOS if photo else TAKEN):
        raise Refused(name, NO_PHOTO if photo else FOREIGN)
    decode([upload])
    if isinstance(upload.decoded, Refused):
        raise upload.decoded
    kind, *made = upload.decoded
    ending = ".pdf" if kind == FileType.PDF else ".jpg"
    return CheckedFile(file_names.with_ending(name, ending), kind, *made)


def keep(
    upload,
    *,
    session: str = "",
    channel: str,
    now: datetime,
    by=None,
    claim: Claim | None = None,
    photo: bool = False,
    place: int = 0,
) -> Attachment:
    """Check and keep one uploaded file: a draft of ``session``, or at once a file of ``claim``.

    ``upload`` is Django's UploadedFile; ``photo`` refuses documents; ``place`` is its place among
    the files that came together. Raises ``Refused``; nothing is then kept.
    """
    found = check(upload, photo=photo)
    name, data = found.name, found.data
    waiting = (
        Attachment.objects.system("files waiting for their claim")
        .filter(claim__isnull=True)
        .aggregate(total=Sum("size"))["total"]
    )
    if (waiting or 0) + len(data) > ALL_DRAFTS:
        raise Refused(name, FULL)
    made = Attachment(
        claim=claim,
        session="" if claim else session,
        kind=Attachment.Kind.DOCUMENT if found.kind == FileType.PDF else Attachment.Kind.PHOTO,
        channel=channel,
        name=name,
        content_type=found.content_type,
        size=len(data),
        width=found.width,
        height=found.height,
        sha256=hashlib.sha256(data).hexdigest(),
        author=by,
        at=now,
        place=place,
    )
    store(made.file, data, name)
    made.save()
    return made


def store(field: FieldFile, data: bytes, name: str) -> None:
    """Write ``data`` as the file of a row that is not saved yet.

    Raises Refused when the disk is full or read-only: the words that came with it are kept.
    """
    try:
        field.save("", ContentFile(data), save=False)
    except OSError as error:
        log.error("a file could not be stored: %s", error.strerror)
        raise Refused(name, FULL) from error


def keep_all(
    uploads, *, session: str, channel: str, now: datetime, by=None
) -> tuple[list[Attachment], list[str]]:
    """Keep what can be kept as drafts of ``session``; returns them and the refusals' words.

    One bad file never costs the others. Sending the same file twice keeps one.
    """
    purge(now)
    present = {draft.sha256 for draft in drafts(session, now)}
    kept, refusals = [], []
    for place, upload in enumerate(uploads):
        try:
            if len(present) >= MOST:
                raise Refused(shown_name(upload.name), TOO_MANY_FILES)
            made = keep(upload, session=session, channel=channel, now=now, by=by, place=place)
        except Refused as refused:
            refusals.append(str(refused))
            continue
        if made.sha256 in present:
            _discard([made])
            continue
        present.add(made.sha256)
        kept.append(made)
    return kept, refusals


def drafts(session: str, now: datetime) -> QuerySet[Attachment]:
    """Return the files that ``session`` may still join to a claim.

    Unattached, under an hour old.
    """
    if not session:
        return Attachment.objects.none()
    return (
        Attachment.objects.opened_by(session=session)
        .filter(claim__isnull=True, at__gt=now - DRAFT_LIFE)
        .order_by("at", "place", "id")
    )


def join(
    *,
    session: str,
    claim: Claim,
    now: datetime,
    message: Message | None = None,
    channel: str = "",
) -> int:
    """Make the drafts of ``session`` files of ``claim``; call it inside the filing transaction.

    ``channel``: by which they leave, when that was not known while they were drafts. Returns how
    many. Files beyond what one claim may hold stay behind and expire.
    """
    sent = {"channel": channel} if channel else {}
    room = max(0, PER_CLAIM - claim.attachments.count())
    chosen = list(drafts(session, now).values_list("pk", flat=True)[:room])
    if not chosen:
        return 0
    return (
        Attachment.objects.system("files waiting for their claim")
        .filter(pk__in=chosen, claim__isnull=True)
        .update(claim=claim, message=message, session="", **sent)
    )


def remove(*, session: str, attachment: str, now: datetime) -> None:
    """Take one's own draft away; another's, or one that was sent, is left alone."""
    _discard(draft for draft in drafts(session, now) if str(draft.pk) == attachment)


def purge(now: datetime, most: int = 20) -> None:
    """Forget drafts that were never sent; a few at a time, whenever somebody sends a file."""
    _discard(
        Attachment.objects.system("files waiting for their claim").filter(
            claim__isnull=True, at__lte=now - DRAFT_LIFE
        )[:most]
    )


def _discard(rows) -> None:
    for row in list(rows):
        gone, _details = (
            Attachment.objects.system("files waiting for their claim")
            .filter(pk=row.pk, claim__isnull=True)
            .delete()
        )
        if gone:
            row.file.delete(save=False)


def shown_name(name: str | None) -> str:
    """Return the sender's name for it, for display only.

    No folders, no controls, 120 characters.
    """
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120] or "photo"
