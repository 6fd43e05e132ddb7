"""Find which letters of ours somebody photographed: each page carries a signed code.

Whoever photographs a letter holds it; that says nothing of who writes. The code therefore brings
the message to the request of the letter, as the mark of a mail does, and makes nobody one of its
people (docs/adr/0085-photos-of-our-letters.md).
"""

import contextlib
import json
import time
from dataclasses import replace

from portal.file_types import MEDIA_TYPES, FileType
from requests.attachments import page_images
from requests.attachments.inbound_files import CleanFile
from requests.attachments.uploads import Refused, run_isolated
from requests.channels import marks
from requests.inbound.reply import Reply
from requests.inbound.time_cap import TooLong, time_cap

MOST = 6  # files of one message that are looked at
KINDS = {MEDIA_TYPES[kind]: kind for kind in (FileType.JPEG, FileType.PDF)}


def find(reply: Reply, limit: float) -> Reply:
    """Return ``reply`` with the letters whose codes its photos and PDFs show (``printed``).

    ``reply`` has its files cleaned; ``limit`` is in seconds. What answers a mail of ours, or came
    back, is not looked at.
    """
    if reply.deliveries or reply.marked or reply.bounce:
        return reply
    files = [file for file in reply.clean if file.content_type in KINDS][:MOST]
    end = time.monotonic() + limit
    codes: list[str] = []
    with contextlib.suppress(TooLong), time_cap(limit):
        for file in files:
            if time.monotonic() > end:
                break
            codes += _codes(file)
    named = map(marks.printed_delivery, codes)
    return replace(reply, printed=list(dict.fromkeys(key for key in named if key)))


def _codes(file: CleanFile) -> list[str]:
    """Return what the codes on a clean file say, read in a process with limits; [] for none."""
    task = f"codes {KINDS[file.content_type].value}"
    try:
        return json.loads(run_isolated(page_images, task, file.name, file.data, {}))
    except Refused:
        return []
