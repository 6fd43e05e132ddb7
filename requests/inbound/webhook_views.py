"""Webhooks of the messaging provider and of the public page.

The signed posts are stored before they are read.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.channels import intake as intakes
from requests.channels import signatures
from requests.channels.signatures import body_of
from requests.inbound import public_page, whatsapp
from requests.kit.choices import Channel

CHALLENGE = re.compile(r"[\w.-]{1,100}")


@csrf_exempt
@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def whatsapp_hook(request: PublicRequest) -> HttpResponse:
    """Receive messages and receipts of the messaging provider; a GET is its check."""
    if request.method == "GET":
        return _verification(request, settings.PALIER_WHATSAPP_VERIFY)
    return _store_parts(request, Channel.SOCIAL, settings.PALIER_WHATSAPP_SECRET, whatsapp.parts)


@csrf_exempt
@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def page_hook(request: PublicRequest) -> HttpResponse:
    """Receive what people write on our public page; a GET is the provider's check."""
    if request.method == "GET":
        return _verification(request, settings.PALIER_PAGE_VERIFY)
    return _store_parts(request, Channel.PAGE, settings.PALIER_PAGE_SECRET, public_page.parts)


def _store_parts(
    request: PublicRequest, channel: str, secret: str, parts: Callable
) -> HttpResponse:
    """Store each part of a post that the provider signed with ``secret``."""
    body = body_of(request)
    if body is None:
        return HttpResponse(status=413)
    signature = request.headers.get("X-Hub-Signature-256", "")
    if not signatures.is_genuine_hub(secret, signature, body):
        return HttpResponse(status=401)
    try:
        found = list(parts(body))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    moment = now()
    for number, raw in found:
        intakes.receive(channel=channel, external_id=number, raw=raw, now=moment)
    return HttpResponse(status=200)


def _verification(request: PublicRequest, known: str) -> HttpResponse:
    """Return the provider's challenge to a caller who knows our verification token."""
    word = request.GET.get("hub.verify_token", "")
    challenge = request.GET.get("hub.challenge", "")
    asked = request.GET.get("hub.mode") == "subscribe" and CHALLENGE.fullmatch(challenge)
    if not (asked and known and constant_time_compare(word, known)):
        return HttpResponse(status=404)
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")
