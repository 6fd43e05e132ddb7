"""Store scanned pages, arrange them, split them into letters, and queue each for sorting.

One letter becomes one ``Intake`` that waits for a person. The files stay as they came; what is
handed on is a new PDF of the chosen pages. A page that carries the code of a letter of ours, or the
number of a registered one, begins a letter and knows which it is.
"""

import contextlib
import hashlib
import json
from datetime import date, datetime, time

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from portal.file_types import HEAD, FileType, recognise
from requests.attachments import page_images
from requests.attachments.uploads import CheckedFile, Refused, check, run_isolated, store
from requests.channels import marks, reasons
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.kit.choices import Channel
from requests.letters import actions as letters
from requests.letters.layout import BadNumber, clean_number
from requests.letters.models import Letter, Scan, ScanFile, ScanPage

MOST_FILES = 20
MOST_PAGES = 300
LOCKED = _("this PDF is locked by a password. Save it without, or scan the letter again.")
TOO_MANY = _("this PDF has more than 120 pages. Scan fewer letters at once.")
PROGRAM = _("this PDF holds a program or other files. Scan the paper instead.")
TOO_MANY_FILES = _("20 files at once are enough. Send the others afterwards.")
SENT_BEFORE = _("this file was sent before.")
WHY = {page_images.LOCKED: LOCKED, page_images.TOO_MANY: TOO_MANY, page_images.PROGRAM: PROGRAM}


class NotPossible(Exception):
    """The step no longer fits the current state; ``str()`` says why."""


def describe_pages(found: CheckedFile) -> list[dict]:
    """Return the pages of one checked file.

    Each has ``words``, ``blank``, ``thumb`` (JPEG bytes or b"") and ``codes``, what its codes say.
    """
    answer = run_isolated(page_images, found.file_type, found.name, found.data, WHY)
    head, _end, rest = answer.partition(b"\n")
    start, pages = 0, []
    for row in json.loads(head)["pages"]:
        row["thumb"], start = rest[start : start + row["thumb"]], start + row["thumb"]
        row["words"] = "".join(c for c in row["words"] if c.isprintable() or c == "\n").strip()
        pages.append(row)
    return pages


def receive(
    *, uploads, membership, received_on: date, now: datetime
) -> tuple[Scan | None, list[str]]:
    """Store the valid files of ``uploads`` as one scan; return it, and the refusals as text.

    A bad file does not affect the others; the scan is None when no file was stored. The first page
    of each file is set as the beginning of a letter; blank pages are set as left out.
    """
    kept: list[tuple[CheckedFile, str, list[dict]]] = []
    refusals: list[str] = []
    seen: set[str] = set()
    pages = 0
    for upload in uploads:
        try:
            if len(kept) >= MOST_FILES:
                raise Refused(upload.name, str(TOO_MANY_FILES))
            found = check(upload)
            digest = hashlib.sha256(found.data).hexdigest()
            if digest in seen or _is_known(digest, membership):
                raise Refused(found.name, str(SENT_BEFORE))
            rows = describe_pages(found)
            pages += len(rows)
            if pages > MOST_PAGES:
                raise Refused(found.name, str(TOO_MANY))
        except Refused as refused:
            refusals.append(str(refused))
            continue
        seen.add(digest)
        kept.append((found, digest, rows))
    if not kept:
        return None, refusals
    with transaction.atomic():
        scan = Scan.objects.create(
            unit=membership.unit, by=membership.user, at=now, received_on=received_on
        )
        place, last = 0, None
        for number, (found, digest, rows) in enumerate(kept, 1):
            file = _keep_file(scan, number, found, digest)
            for page, row in enumerate(rows, 1):
                place += 1
                ours = letter_of_codes(row["codes"])
                begins = page == 1 or (ours is not None and ours != last)
                last = ours or (None if page == 1 else last)
                _keep_page(file, page, place, row, begins=begins, letter=ours)
    return scan, refusals


def _is_known(digest: str, membership) -> bool:
    return ScanFile.objects.of(scan__unit=membership.unit).filter(sha256=digest).exists()


def _keep_file(scan: Scan, place: int, found: CheckedFile, digest: str) -> ScanFile:
    file = ScanFile(
        scan=scan,
        place=place,
        name=found.name,
        content_type=found.content_type,
        size=len(found.data),
        sha256=digest,
    )
    store(file.file, found.data, found.name)
    file.save()
    return file


def letter_of_codes(codes: list[str]) -> Letter | None:
    """Return the posted letter that one of the codes names: ours, or a registered number."""
    named = [pk for pk in map(marks.printed_delivery, codes) if pk is not None]
    numbers = []
    for code in codes:
        with contextlib.suppress(BadNumber):
            numbers.append(clean_number(code))
    rows = Letter.objects.system("codes on scanned pages").filter(posted_on__isnull=False)
    # Our own code is signed; a number is only what the post office prints.
    return (
        rows.filter(delivery__in=named).first()
        if named
        else rows.filter(registered=True, number__in=numbers).first()
        if numbers
        else None
    )


def _keep_page(
    file: ScanFile, number: int, place: int, row: dict, *, begins: bool, letter: Letter | None
) -> None:
    page = ScanPage(
        scan=file.scan,
        file=file,
        number=number,
        place=place,
        begins=begins,
        letter=letter,
        left_out=row["blank"],
        blank=row["blank"],
        words=row["words"],
    )
    if row["thumb"]:
        page.thumb.save("", ContentFile(row["thumb"]), save=False)
    page.save()


def visible_scans(membership) -> QuerySet[Scan]:
    """Return the scans of the member's unit."""
    return Scan.objects.of(unit=membership.unit)


def split_pages(pages) -> list[list[ScanPage]]:
    """Split ordered pages into letters, without the pages left out."""
    found: list[list[ScanPage]] = []
    begins = True
    for page in pages:
        # When the first page of a letter is left out, the letter begins with the next one.
        begins = begins or page.begins
        if page.left_out:
            continue
        if begins:
            found.append([])
        found[-1].append(page)
        begins = False
    return found


@transaction.atomic
def arrange(*, scan: Scan, wanted: dict) -> None:
    """Save order, beginnings and omissions: ``{page id: (place, begins, left_out)}``.

    Raises NotPossible once the letters were made.
    """
    _open(scan)
    pages = [page for page in scan.pages.select_related("file") if page.pk in wanted]
    pages.sort(key=lambda page: (wanted[page.pk][0], page.place))
    for place, page in enumerate(pages, 1):
        _asked, page.begins, page.left_out = wanted[page.pk]
        page.place = place
    ScanPage.objects.system("splitting a scan").bulk_update(pages, ["place", "begins", "left_out"])


def _open(scan: Scan) -> Scan:
    row = Scan.objects.system("splitting a scan").select_for_update().get(pk=scan.pk)
    if row.split_at:
        raise NotPossible(gettext("The letters of this scan were made already."))
    return row


def split(*, scan: Scan, now: datetime) -> list[Intake]:
    """Create one intake per letter to sort. Raises NotPossible, or Refused for a file.

    The PDFs are bound before the scan is locked; if it was rearranged meanwhile, nothing is
    written.
    """
    wanted = split_pages(scan.pages.select_related("file"))
    if not wanted:
        raise NotPossible(gettext("Every page is left out. Keep at least one."))
    bound = [bind(pages) for pages in wanted]
    with transaction.atomic():
        row = _open(scan)
        again = split_pages(row.pages.select_related("file"))
        if [[p.pk for p in g] for g in again] != [[p.pk for p in g] for g in wanted]:
            raise NotPossible(gettext("Somebody has changed the order meanwhile. Look again."))
        row.split_at = now
        row.save(update_fields=["split_at"])
        return [
            _intake(row, number, pages, pdf, now)
            for number, (pages, pdf) in enumerate(zip(wanted, bound, strict=True), 1)
        ]


def bind(pages: list[ScanPage]) -> bytes:
    """Return the chosen pages as one new PDF."""
    files = list({page.file_id: page.file for page in pages}.values())
    places = {file.pk: place for place, file in enumerate(files)}
    contents = [_content(file) for file in files]
    head = {
        "files": [
            [len(content), recognise(content[:HEAD]) == FileType.PDF] for content in contents
        ],
        "pages": [[places[page.file_id], page.number] for page in pages],
    }
    pack = json.dumps(head).encode() + b"\n" + b"".join(contents)
    return run_isolated(page_images, "bind", files[0].name, pack, WHY)


def _content(file: ScanFile) -> bytes:
    if not file.is_open:
        raise Refused(file.name, file.closed_reason)
    with file.file.open("rb") as stored:
        return stored.read()


def _intake(scan: Scan, number: int, pages: list, pdf: bytes, now: datetime) -> Intake:
    noon = timezone.make_aware(datetime.combine(scan.received_on, time(12)))
    with translation.override(settings.LANGUAGE_CODE):
        day = full_day(scan.received_on)
        subject = gettext("Letter received on %(day)s") % {"day": day}
        text = translation.ngettext(
            "Letter received on %(day)s, %(n)s page.",
            "Letter received on %(day)s, %(n)s pages.",
            len(pages),
        ) % {"day": day, "n": len(pages)}
        ours = next((page.letter for page in pages if page.letter_id), None)
    error = _waits_because(ours)
    intake = Intake.objects.create(
        channel=Channel.LETTER,
        unit=scan.unit,
        external_id=f"scan/{scan.pk}/{number}",
        raw=pdf,
        received_at=min(noon, now),
        state=Intake.State.FAILED,
        error=error,
        subject=subject,
        text=text,
        folded="\n\n".join(page.words for page in pages if page.words)[:20_000],
    )
    ScanPage.objects.system("splitting a scan").filter(pk__in=[page.pk for page in pages]).update(
        intake=intake
    )
    return intake


def _waits_because(ours: Letter | None) -> str:
    """Return why a scanned letter waits for a person, and what its code says."""
    said = reasons.coded("letter")
    claim = ours.delivery.claim if ours else None
    if ours is None or claim is None:
        return f"{said}\n{reasons.coded('letter_no_code')}"
    known = {"ref": claim.spoken_reference, "day": ours.posted_on}
    return f"{said}\n{reasons.coded('letter_code', **known)}"


def letter_on_pages(intake: Intake, membership) -> Letter | None:
    """Return the letter of ours that came back on these pages, if the member may see it."""
    named = intake.scan_pages.filter(letter__isnull=False).values("letter")
    return letters.visible_letters(membership).filter(pk__in=named).first()


def claims_on_pages(intake: Intake, membership) -> list[Claim]:
    """Return visible claims whose reference is in the words of the letter, at most five."""
    references = marks.named_references(intake.folded)
    claims = Claim.objects.visible_to(membership).filter(reference__in=references[:20])
    return list(claims.select_related("category", "tenant")[:5])
