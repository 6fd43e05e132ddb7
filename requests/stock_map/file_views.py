"""The landlord's own file of tiles, in the parts that a browser asks for (RFC 9110, ranges)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, Role, audience
from requests.stock_map import background
from requests.stock_map.models import MapBackground

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PART = 256 * 1024  # bytes that are read at once
TYPE = "application/vnd.pmtiles"


def part_of(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that one range names; None for no range or several.

    Raises ValueError for a range beyond the end.
    """
    found = RANGE.fullmatch(header.strip())
    if not found or found[0] == "bytes=-":
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        if found[2] and int(found[2]) < first:
            return None  # no range at all: the whole is answered
    if first > last:
        raise ValueError(header)
    return first, last


def _read(stream: BinaryIO, length: int) -> Iterator[bytes]:
    with stream:
        while length > 0 and (block := stream.read(min(PART, length))):
            length -= len(block)
            yield block


@audience(*DESK_ROLES, Role.ADMIN)
@require_safe
def file(request: StaffRequest) -> HttpResponseBase:
    """Answer the part that is asked, the whole without a range; 416 beyond the end.

    Behind a server that reads files itself, it is told which one (``PALIER_MAP_ACCEL``).
    """
    row = MapBackground.objects.filter(kind=MapBackground.Kind.FILE).first()
    path = background.path_of(row.file) if row else None
    if path is None:
        raise Http404
    if settings.PALIER_MAP_ACCEL:
        answer: HttpResponseBase = HttpResponse(content_type=TYPE)
        answer.headers["X-Accel-Redirect"] = f"{settings.PALIER_MAP_ACCEL}{path.name}"
    else:
        answer = _part(path, request.headers.get("Range", ""))
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _part(path: Path, header: str) -> HttpResponseBase:
    state = path.stat()
    size = state.st_size
    try:
        part = part_of(header, size)
    except ValueError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer: HttpResponseBase
    if part is None:
        answer = FileResponse(path.open("rb"), content_type=TYPE)
    else:
        first, last = part
        stream = path.open("rb")
        stream.seek(first)
        length = last - first + 1
        answer = StreamingHttpResponse(_read(stream, length), status=206, content_type=TYPE)
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        answer.headers["Content-Length"] = str(length)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = quote_etag(f"{state.st_mtime_ns:x}-{size:x}")
    return answer
