"""Heads of the chain kept elsewhere: one signed line, which a later chain must still contain."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from django.core.signing import BadSignature, Signer

from portal.audit_models import AuditBatch

LINE = re.compile(
    r"palier-audit at=(?P<at>\S+) batch=(?P<number>\d{1,18}) head=(?P<head>[0-9a-f]{64})"
    r" signature=\S+"
)
SIGNER = Signer(salt="palier-audit", sep=" signature=")


@dataclass(frozen=True)
class Anchor:
    """One line that was kept: the head of a batch at a moment, and whether the line is ours."""

    at: str
    number: int
    head: str
    is_signed: bool


def current() -> tuple[int, str]:
    """Return number and head of the last batch; (0, "") before the first."""
    return AuditBatch.objects.order_by("-number").values_list("number", "head").first() or (0, "")


def line(now: datetime) -> str:
    """Return the signed line of the last batch. Raises ValueError before the first."""
    number, head = current()
    if not number:
        raise ValueError("Nothing is sealed yet.")
    at = now.astimezone(timezone.utc).isoformat(timespec="seconds")
    return SIGNER.sign(f"palier-audit at={at} batch={number} head={head}")


def read(lines: Iterable[str]) -> list[Anchor]:
    """Return the anchors among the lines of a file or a mail; other lines are left out."""
    return [
        Anchor(found["at"], int(found["number"]), found["head"], _is_ours(found[0]))
        for text in lines
        if (found := LINE.search(text))
    ]


def _is_ours(text: str) -> bool:
    try:
        SIGNER.unsign(text)
    except BadSignature:
        return False
    return True
