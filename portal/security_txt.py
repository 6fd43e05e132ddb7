"""`/.well-known/security.txt` (RFC 9116): where somebody who finds a weakness writes."""

from datetime import timedelta, timezone

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.access import PUBLIC, audience
from portal.clock import now
from portal.http_types import PortalRequest

# The RFC asks for less than a year; the file is made anew at each reading.
GOOD_FOR = timedelta(days=180)


@audience(PUBLIC)
@require_GET
def security_txt(request: PortalRequest) -> HttpResponse:
    """Answer the file; 404 where the installation gave no contact."""
    if not settings.PALIER_SECURITY_CONTACT:
        raise Http404
    ends = (now() + GOOD_FOR).astimezone(timezone.utc).date()
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    lines = [
        *(f"Contact: {contact}" for contact in settings.PALIER_SECURITY_CONTACT),
        f"Expires: {ends.isoformat()}T00:00:00Z",
        f"Preferred-Languages: {languages}",
        f"Canonical: {settings.PALIER_URL}{reverse('security_txt')}",
    ]
    if settings.PALIER_SECURITY_POLICY:
        lines.append(f"Policy: {settings.PALIER_SECURITY_POLICY}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
