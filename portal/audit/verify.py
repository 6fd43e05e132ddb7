"""Check the whole chain against the rows, and say which one was changed, deleted or cut off."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.audit import digest, sealer
from portal.audit.anchors import Anchor
from portal.audit.sources import Source, sources
from portal.audit_models import AuditBatch, AuditKey, AuditOpening, AuditSeal


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: which row or batch, and a sentence."""

    kind: str
    where: str
    text: str


class Erased:
    """What openings of the trail erased rightfully."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.rows: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
        for what in AuditOpening.objects.values_list("what", flat=True):
            self.keys |= set(what.get("keys", ()))
            for how in ("deleted", "redacted"):
                for code, spans in what.get(how, {}).items():
                    self.rows[how, code] += spans

    def has(self, how: str, code: str, row: int) -> bool:
        """Return whether the row was ``"deleted"`` or ``"redacted"``."""
        return any(first <= row <= last for first, last in self.rows[how, code])


def verify(now: datetime, anchors: Iterable[Anchor] = ()) -> Iterator[Finding]:
    """Yield what is wrong, batch by batch, then what the anchors know and rows without seal."""
    erased, secrets = Erased(), {str(k.pk): bytes(k.secret) for k in AuditKey.objects.all()}
    secrets[sealer.NOBODY[0]] = sealer.NOBODY[1]
    heads: dict[int, str] = {}
    previous: AuditBatch | None = None
    for batch in AuditBatch.objects.order_by("number").iterator():
        expected = previous.number + 1 if previous else 1
        if batch.number != expected:
            gone = f"{expected} to {batch.number - 1}"
            yield Finding("deleted", f"batch {expected}", f"Batches {gone} are missing.")
        elif batch.previous != (previous.head if previous else ""):
            yield Finding(
                "changed",
                f"batch {batch.number}",
                f"Batch {batch.number} does not continue batch {batch.number - 1}.",
            )
        seals = list(batch.seals.all())
        yield from _batch(batch, seals)
        yield from _rows(batch, seals, erased, secrets)
        heads[batch.number], previous = batch.head, batch
    yield from _anchored(anchors, heads)
    yield from _unsealed(previous, now)


def _batch(batch: AuditBatch, seals: list[AuditSeal]) -> Iterator[Finding]:
    where = f"batch {batch.number}"
    if len(seals) < batch.rows:
        text = f"Batch {batch.number} has lost {batch.rows - len(seals)} of its {batch.rows} seals."
        yield Finding("deleted", where, text)
    elif batch.head != sealer.head_of(batch, seals):
        yield Finding("changed", where, f"Batch {batch.number} or one of its seals was changed.")


def _rows(
    batch: AuditBatch, seals: list[AuditSeal], erased: Erased, secrets: dict[str, bytes]
) -> Iterator[Finding]:
    by_source: dict[str, list[AuditSeal]] = defaultdict(list)
    for seal in seals:
        by_source[seal.source].append(seal)
    sealed = f"sealed on {batch.made_at:%Y-%m-%d %H:%M} UTC in batch {batch.number}"
    for code, group in sorted(by_source.items()):
        source = sources().get(code)
        if source is None:
            yield Finding("changed", code, f"The source {code} is unknown, {sealed}.")
            continue
        rows = source.read(seal.row for seal in group)
        for seal in sorted(group, key=lambda seal: seal.row):
            where = f"{source.table} {seal.row}"
            row = rows.get(seal.row)
            if row is None:
                if not erased.has("deleted", code, seal.row):
                    yield Finding("deleted", where, f"{where} was deleted, {sealed}.")
                continue
            if wrong := _wrong(row, source, seal, erased, secrets):
                yield Finding("changed", where, f"{where} was changed ({wrong}), {sealed}.")


def _wrong(
    row: dict[str, Any], source: Source, seal: AuditSeal, erased: Erased, secrets: dict[str, bytes]
) -> str:
    """Return the group of columns that is not what was sealed; "" when all is right."""
    if digest.digest(row, source, seal.marks) != seal.digest:
        return "public columns"
    if erased.has("redacted", source.code, seal.row):
        return ""
    for personal in source.personal:
        key, sealed = seal.marks[personal.group]
        if key in erased.keys:
            continue
        if key not in secrets:
            return f"{personal.group}: its key is gone, and no erasure says so"
        if digest.mark(row, personal, source, secrets[key]) != sealed:
            return personal.group
    return ""


def _anchored(anchors: Iterable[Anchor], heads: dict[int, str]) -> Iterator[Finding]:
    for anchor in anchors:
        where = f"batch {anchor.number}"
        if not anchor.is_signed:
            yield Finding("changed", where, f"The anchor of {anchor.at} is not signed by us.")
        elif anchor.number not in heads:
            last = max(heads, default=0)
            text = f"The chain ends at batch {last}; the anchor of {anchor.at} names {where}."
            yield Finding("truncated", where, text)
        elif heads[anchor.number] != anchor.head:
            text = f"{where.capitalize()} is another one than the anchor of {anchor.at} names."
            yield Finding("changed", where, text)


def _unsealed(last: AuditBatch | None, now: datetime) -> Iterator[Finding]:
    """Yield what should have been sealed long ago: its seal was deleted, or it came too late."""
    if last is None:
        return
    for code, source in sources().items():
        # A transaction that lasted: its rows wait for `audit seal`.
        rows = source.settled(now - sealer.LONGEST_TRANSACTION)
        seals = AuditSeal.objects.filter(source=code).values("row")
        lost = rows.filter(pk__lte=last.upto.get(code, 0)).exclude(pk__in=seals)
        for key in lost.order_by("pk").values_list("pk", flat=True):
            where = f"{source.table} {key}"
            yield Finding("unsealed", where, f"{where} has no seal; later rows have one.")
