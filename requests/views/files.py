"""Files that came with claims: never run, never cached, never guessed from their address."""

from django.http import FileResponse, Http404

from requests.models import Attachment


def serve(attachment: Attachment) -> FileResponse:
    """The file of an attachment that the caller was already allowed to fetch; 404 when lost."""
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
