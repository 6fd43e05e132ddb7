"""Photos that contractors take: decoded, turned upright, re-encoded; nothing else is kept."""

import hashlib
import io
from datetime import datetime

from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from requests.choices import Channel
from requests.models import Attachment, Claim

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDE = 1600  # enough to see a joint, small enough for a phone


class Refused(ValueError):
    """Not a photo we can keep."""


def keep_photo(upload, *, claim: Claim, now: datetime) -> Attachment:
    """Keep one uploaded photo as a clean JPEG of ``claim``; place and device data are dropped.

    Raises ``Refused``; nothing is then kept.
    """
    if upload.size > LARGEST:
        raise Refused
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused
            clean = ImageOps.exif_transpose(picture).convert("RGB")
        clean.thumbnail((SIDE, SIDE))
    except Refused:
        raise
    except Exception as error:  # whatever a decoder says, it is not a photo
        raise Refused from error
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=82)
    data = out.getvalue()
    made = Attachment(
        claim=claim,
        kind=Attachment.Kind.PHOTO,
        channel=Channel.WEB,
        name="photo.jpg",
        content_type="image/jpeg",
        size=len(data),
        width=clean.width,
        height=clean.height,
        sha256=hashlib.sha256(data).hexdigest(),
        at=now,
    )
    made.file.save("", ContentFile(data), save=False)
    made.save()
    return made
