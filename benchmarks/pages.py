"""Measure what a page weighs: itself and its files, compressed as in production.

Limits from the budgets of the design: first tenant page, next one, staff page; eight requests.
"""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from benchmarks.table import Table
from benchmarks.world import Landlord

FIRST, NEXT, STAFF, REQUESTS = 70, 12, 120, 8
PACKED = {".woff2", ".png", ".jpg", ".webp"}
ASSET = re.compile(r"""(?:href|src)=["']/static/([^"'#?]+)""")
FONT = re.compile(r"url\(\.\./([^)]+)\)")


def _wire(body: bytes, name: str = "") -> int:
    return len(body) if Path(name).suffix in PACKED else len(gzip.compress(body, 6))


def _static(name: str) -> bytes:
    found = finders.find(name)
    return Path(found).read_bytes() if found else b""


def _weigh(client: Client, path: str, cached: set[str]) -> tuple[float, int]:
    """Return kilobytes and requests, without what the browser already has."""
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    names = set(ASSET.findall(answer.content.decode()))
    for sheet in [name for name in names if name.endswith(".css")]:
        names |= set(FONT.findall(_static(sheet).decode()))
    new = names - cached
    cached |= names
    total = _wire(answer.content) + sum(_wire(_static(name), name) for name in new)
    return round(total / 1024, 1), 1 + len(new)


def measure(table: Table, landlord: Landlord) -> None:
    cached: set[str] = set()
    tenant = Client()
    for path, limit in (("/", FIRST), ("/file/", NEXT), ("/talk/", NEXT)):
        weight, asked = _weigh(tenant, path, cached)
        table.add(f"weight of {path}", landlord.claims, weight, limit, "KB")
        table.add(f"requests of {path}", landlord.claims, asked, REQUESTS, "requests")
    for login, path in (("sonia", "/agency/"), ("helene", "/head-office/"), ("admin", "/health/")):
        weight, _asked = _weigh(landlord.client(login), path, set())
        table.add(f"weight of {path}", landlord.claims, weight, STAFF, "KB")
