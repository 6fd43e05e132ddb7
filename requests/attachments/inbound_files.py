"""Files that came by mail or messaging: nothing that was sent is refused."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile

from portal.file_types import HEAD, MEDIA_TYPES, FileType, recognise
from requests.attachments import file_names, metadata
from requests.attachments.models import Attachment
from requests.attachments.uploads import (
    BUSY,
    LARGEST,
    PHOTOS,
    TOO_LARGE,
    Refused,
    clean_pdf,
    clean_picture,
    shown_name,
)
from requests.claims.event_models import Message
from requests.claims.models import Claim

# What people send by mail, though no form takes it.
PICTURES = PHOTOS | {FileType.GIF, FileType.TIFF}


@dataclass(frozen=True)
class CleanFile:
    """A file that may be kept; ``width`` and ``height`` of a picture."""

    name: str
    data: bytes
    content_type: str
    width: int | None = None
    height: int | None = None


def clean(name: str, data: bytes, *, opened: bool = True) -> CleanFile:
    """Return a file as it may be kept. Call it before a transaction: a photo takes a second.

    Photos and PDFs are cleaned as always; a photo that cannot be loses its metadata alone, a PDF
    its ending, so that nothing opens it by itself. Every other kind of file is kept as it came, but
    for the place where a film or a scan was made. A page may play sounds and films; all else is
    only ever handed out as a download, named by its bytes. ``opened`` False, when no time is left,
    treats a photo or a PDF as one that cannot be cleaned.
    """
    name, ending = shown_name(name), file_names.ending_of(data)
    kind, width, height = recognise(data[:HEAD]), None, None
    content_type = "application/octet-stream"
    # A PDF may begin behind other bytes, and readers find it there (ISO 32000-1, annex H.3.4.1).
    start = data.find(b"%PDF-", 0, 1024) if kind is None else 0
    if kind == FileType.PDF or start > 0:
        try:
            if not opened:
                raise Refused(name, BUSY)
            data, content_type = clean_pdf(name, data[start:]), MEDIA_TYPES[FileType.PDF]
            ending = ".pdf"
        except Refused:
            ending = ".bin"
    if kind in PICTURES:
        try:
            if len(data) > LARGEST or not opened:
                raise Refused(name, TOO_LARGE if opened else BUSY)
            data, width, height = clean_picture(name, data, kind)
            content_type, ending = MEDIA_TYPES[FileType.JPEG], ".jpg"
            if not width:  # a fax: its pages
                content_type, ending, width, height = MEDIA_TYPES[FileType.PDF], ".pdf", None, None
        except Refused:
            data = metadata.strip(data, kind) if kind in PHOTOS else metadata.strip_in_place(data)
    elif kind != FileType.PDF:
        data = metadata.strip_in_place(data)
        content_type = file_names.SOUNDS_AND_FILMS.get(ending, content_type)
    return CleanFile(file_names.with_ending(name, ending), data, content_type, width, height)


def keep(
    found: CleanFile,
    *,
    claim: Claim,
    message: Message | None,
    channel: str,
    now: datetime,
    place: int = 0,
) -> Attachment:
    """Keep one clean file; ``place`` is its place among those that came together."""
    made = Attachment(
        claim=claim,
        message=message,
        kind=Attachment.Kind.PHOTO if found.width else Attachment.Kind.DOCUMENT,
        channel=channel,
        name=found.name,
        content_type=found.content_type,
        size=len(found.data),
        width=found.width,
        height=found.height,
        sha256=hashlib.sha256(found.data).hexdigest(),
        at=now,
        place=place,
    )
    made.file.save("", ContentFile(found.data), save=False)
    made.save()
    return made
