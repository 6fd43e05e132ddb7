"""Fetch the photos whose addresses an application gives, from its own hosts only.

Anybody may write an address into a report: without hosts named with the application's key, it stays
among the words (docs/adr/0061-open311-photos.md).
"""

import logging
import time
from urllib.parse import urlsplit

import httpx2

from portal import http
from portal.file_types import HEAD, recognise
from requests.attachments import inbound_files
from requests.attachments.inbound_files import CleanFile
from requests.attachments.uploads import LARGEST
from requests.channels.models import Intake
from requests.open311.models import Open311Key
from requests.open311.reports import links_of
from requests.open311.validation import MOST

log = logging.getLogger(__name__)
MOST_SECONDS = 60.0  # for all photos of a report: a worker waits


def fetch_photos(intake: Intake) -> dict[str, CleanFile]:
    """Return the photos of a stored report by their addresses; call it outside a transaction.

    What cannot be fetched at once is left out: a report never waits for its photo.
    """
    links = links_of(intake)[:MOST]
    hosts = _hosts_of(intake) if links else []
    found = {}
    end = time.monotonic() + MOST_SECONDS
    for link in links:
        if time.monotonic() > end:
            log.warning("the other photos of an Open311 report were not fetched: it took too long")
            break
        if data := _fetch(link, hosts):
            name = urlsplit(link).path.rpartition("/")[2] or "photo"
            found[link] = inbound_files.clean(name, data)
    return found


def _hosts_of(intake: Intake) -> list[str]:
    """Return the hosts of the key by which the report came."""
    number = intake.external_id.partition("/")[0]
    key = Open311Key.objects.filter(pk=number).first() if number.isdecimal() else None
    return key.hosts if key else []


def _fetch(link: str, hosts: list[str]) -> bytes:
    try:
        host = urlsplit(link).netloc.lower()
        if host not in hosts:
            return b""
        answer = http.request("GET", link, largest=LARGEST, hosts=hosts)
    except (http.Refused, httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        log.warning("a photo of an Open311 report was not fetched: %r", error)
        return b""
    if answer.status_code != 200 or recognise(answer.content[:HEAD]) not in inbound_files.PICTURES:
        return b""
    return answer.content
