"""Hand out a person's copy, once, by a POST that is written down."""

from datetime import datetime

from django.http import FileResponse, Http404, HttpResponseBase

from portal.models import User
from requests.attachments.responses import with_safe_headers
from requests.privacy import exports
from requests.privacy.models import PersonExport


def archive(copy: PersonExport, *, by: User, now: datetime) -> HttpResponseBase:
    """Answer with the ZIP. Raises Http404 when it is not made yet, or its days are over."""
    if not exports.is_open(copy, now):
        raise Http404
    try:
        stored = copy.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    exports.downloaded(copy=copy, by=by, now=now)
    name = f"palier-{copy.made_at:%Y-%m-%d}.zip" if copy.made_at else "palier.zip"
    response = FileResponse(
        stored, as_attachment=True, filename=name, content_type="application/zip"
    )
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return with_safe_headers(response)
