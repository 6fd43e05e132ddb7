"""Photos of text messages (MMS): fetched from the provider, whose addresses staff cannot open.

Source: twilio.com/docs/messaging/api/media-resource. The provider leads on to where the file lies;
a second call goes there without our account, and only to a host that the settings name.
"""

import logging
import mimetypes
from urllib.parse import urljoin, urlsplit

import httpx2
from django.conf import settings

from portal import http
from portal.network import Refused

log = logging.getLogger(__name__)
LARGEST = 6 * 1024 * 1024  # bytes; the provider takes 5 MB
MOST = 10


def fetch(addresses: list[str]) -> tuple[list[tuple[str, str, bytes]], list[str]]:
    """Return the files (name, type, bytes), and the addresses that could not be fetched."""
    files: list[tuple[str, str, bytes]] = []
    left = []
    for address in addresses[:MOST]:
        try:
            kind, data = _fetch(address)
        except (Refused, httpx2.HTTPError, ValueError) as error:
            log.warning("a file of a text message: %r", error)
            left.append(address)
            continue
        ending = mimetypes.guess_extension(kind) or ".bin"
        files.append((f"mms-{len(files) + 1}{ending}", kind, data))
    return files, left


def _fetch(address: str) -> tuple[str, bytes]:
    """Return type and bytes. Raises Refused, ValueError or the errors of httpx2."""
    if urlsplit(address)[:2] != urlsplit(settings.PALIER_SMS_URL)[:2]:
        raise Refused("the address is not the provider's")
    account = (settings.PALIER_SMS_ACCOUNT, settings.PALIER_SMS_TOKEN)
    answer = http.request("GET", address, auth=account, largest=LARGEST)
    if answer.is_redirect:
        there = urljoin(address, answer.headers.get("Location", ""))
        answer = http.request("GET", there, largest=LARGEST)
    if answer.status_code != 200:
        raise ValueError(f"status {answer.status_code}")
    return answer.headers.get("Content-Type", "").partition(";")[0].strip(), answer.content
