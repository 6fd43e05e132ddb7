"""Letters that leave on paper: which wait, the day's batch, their drawing, posting and return.

A letter is a delivery like any other; what differs is that people carry it. Each step writes the
delivery's own state (``outgoing``), so that a letter that came back makes the next channel
speak. Nothing is printed twice by accident: a delivery has one letter, in one batch.
"""

from datetime import date, datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies import landlord
from portal.access import Role
from requests.attachments.models import Attachment
from requests.channels import marks
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit import pdf
from requests.kit.choices import Channel
from requests.letters import annexes as annexes_
from requests.letters import layout as paper
from requests.letters.models import Letter, LetterBatch
from requests.letters.postal import DoesNotFit
from requests.notifications import contact_routes, message_files, outgoing
from requests.notifications import events as notifications
from requests.notifications.claim_messages import paragraph
from requests.notifications.models import Delivery
from tenants.models import ContactPoint

MOST = 60  # letters in one batch; the others go into the next one
RELATED = ("claim__category", "claim__tenant", "claim__owner__unit", "claim__residence", "event")
BLAMES_ADDRESS = {Letter.Return.UNKNOWN, Letter.Return.ADDRESS}


class NotPossible(Exception):
    """The step no longer fits the current state; ``str()`` says why."""


class FilesWait(Exception):
    """An annex is not released yet: the letter is drawn a little later."""


def waiting_deliveries(membership, now: datetime) -> QuerySet[Delivery]:
    """Return letters to print that the member may see, the oldest first; one row per event."""
    return (
        Delivery.objects.system("making letters")
        .filter(
            channel=Channel.LETTER,
            state=Delivery.State.QUEUED,
            carried_by__isnull=True,
            letter__isnull=True,
            due_at__lte=now,
            claim__in=Claim.objects.visible_to(membership),
        )
        .select_related(*RELATED)
        .order_by("created_at", "pk")
    )


def first_waiting(membership, now: datetime) -> list[Delivery]:
    """Return the oldest letters to print, those of one batch and one more where more wait.

    Their keys first, then what the list shows of these: joined, it would be of all that wait.
    """
    keys = list(waiting_deliveries(membership, now).values_list("pk", flat=True)[: MOST + 1])
    rows = Delivery.objects.system("making letters").filter(pk__in=keys)
    return list(rows.select_related(*RELATED).order_by("created_at", "pk"))


def visible_letters(membership) -> QuerySet[Letter]:
    """Return letters about claims that the member may see."""
    return Letter.objects.of(
        delivery__claim__in=Claim.objects.visible_to(membership)
    ).select_related("batch__unit", *(f"delivery__{name}" for name in RELATED))


def batches(membership) -> QuerySet[LetterBatch]:
    """Return the batches of the member's unit, or all for head office."""
    rows = LetterBatch.objects.select_related("unit", "made_by")
    if membership.role == Role.HEAD_OFFICE:
        return rows
    return rows.filter(unit=membership.unit_id)


def last_batches(membership, most: int) -> QuerySet[LetterBatch]:
    """Return the newest ``most`` of them, each with its letters: how many, and how far they are.

    Whoever sees the batch sees these; through the policies of their claims each would be looked up.
    """
    rows = Letter.objects.system("how far the letters of a batch are").order_by("place")
    return batches(membership).prefetch_related(Prefetch("letters", rows))[:most]


@transaction.atomic
def make_batch(*, membership, picked: set, registered: set, now: datetime) -> LetterBatch | None:
    """Put the deliveries ``picked`` into one batch; those also in ``registered`` are registered.

    Other deliveries waiting for the same person about the same claim go into the same envelope.
    Return None when none of them waits any more, because somebody else was faster.
    """
    wanted = waiting_deliveries(membership, now).filter(pk__in=picked).order_by().values("pk")
    locked = (
        Delivery.objects.system("making letters")
        .select_for_update()
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    rows = {row.pk: row for row in locked.select_related(None)}
    # Read again under the lock, because a second press waited for the first.
    free = list(waiting_deliveries(membership, now).filter(pk__in=rows)[:MOST])
    batch = None
    place = 0
    taken: set = set()
    for delivery in free:
        if delivery.pk in taken:
            continue
        batch = batch or LetterBatch.objects.create(
            unit=membership.unit, made_by=membership.user, made_at=now
        )
        others = [d.pk for d in _same_envelope(delivery, membership, now)]
        taken |= set(others)
        Delivery.objects.system("making letters").filter(pk__in=others).update(carried_by=delivery)
        place += 1
        letter = Letter.objects.create(
            delivery=delivery,
            batch=batch,
            place=place,
            registered=delivery.pk in registered or bool(registered & set(others)),
        )
        enqueue(Job.Kind.LETTER, letter.pk)
    return batch


def _same_envelope(delivery: Delivery, membership, now: datetime) -> QuerySet[Delivery]:
    return (
        Delivery.objects.system("making letters")
        .select_for_update(of=("self",))
        .filter(pk__in=waiting_deliveries(membership, now).order_by().values("pk"))
        .filter(claim=delivery.claim_id, recipient=delivery.recipient)
        .exclude(pk=delivery.pk)
    )


def draw(*, key: str, now: datetime) -> None:
    """Draw the PDF of letter ``key`` once and store it, so that every printing is identical."""
    letter = (
        Letter.objects.system("making letters")
        .filter(pk=key)
        .select_related("batch", *(f"delivery__{name}" for name in RELATED))
        .first()
    )
    if letter is None or letter.file:
        return
    files = message_files.files_of(_events_of(letter))
    if not message_files.is_checked(files):
        raise FilesWait(_("A file for this letter is still being checked for viruses."))
    annexes = [annexes_.sheets(file) for file in message_files.inside(files, Channel.LETTER)]
    try:
        content = paper.draw(_compose(letter, files))
    except DoesNotFit as error:
        _refuse(letter, str(error), now)
        return
    if any(annexes):
        content = paper.bind([content, *(part for part in annexes if part)])
    letter.file.save("", ContentFile(content), save=False)
    kept = (
        Letter.objects.system("making letters")
        .filter(pk=letter.pk, file="")
        .update(file=letter.file.name, pages=paper.pages_of(content))
    )
    if not kept and not Letter.objects.system("making letters").filter(pk=letter.pk).exists():
        letter.file.delete(save=False)  # it was taken out of its batch meanwhile


@transaction.atomic
def _refuse(letter: Letter, why: str, now: datetime) -> None:
    """Take a letter that no envelope can show out of its batch; its owner reads why.

    The next channel speaks, as after any failure.
    """
    delivery = letter.delivery
    letter.delete()
    outgoing.record_late_receipt(delivery, "lost", why, now)


def _rows_of(letter: Letter) -> list[Delivery]:
    """Return what goes into the envelope, in the order in which it happened."""
    rows = [letter.delivery, *letter.delivery.carries.select_related("event")]
    rows.sort(key=lambda row: (row.event.at if row.event else row.created_at, row.event_id or 0))
    return rows


def _events_of(letter: Letter) -> list[ClaimEvent]:
    return [row.event for row in _rows_of(letter) if row.event]


def _compose(letter: Letter, files: list[Attachment]) -> paper.Letter:
    """Return the contents of the letter: the stored texts, and the landlord's letterhead."""
    delivery = letter.delivery
    claim, ours = delivery.claim, landlord.current()
    assert claim is not None  # waiting_deliveries() returns only messages about a claim
    rows = _rows_of(letter)
    last = rows[-1]
    unit = claim.owner.unit if claim.owner else None
    known = dict(settings.LANGUAGES)
    language = delivery.language if delivery.language in known else settings.LANGUAGE_CODE
    blocks = list(dict.fromkeys(paragraph(row) if row.event else row.text for row in rows))
    with translation.override(language):
        words = notifications.placeholder_values(claim, last.facts, Channel.LETTER)
        said = message_files.sentence(files, Channel.LETTER)
    blocks += [said] if said else []
    head = [*ours.address.splitlines(), ours.phone, ours.email, ours.website]
    office = [unit.name, *unit.address.splitlines(), unit.phone] if unit else []
    who = last.facts.get("who", "")
    return paper.Letter(
        to=delivery.recipient.split("\n"),
        sender=ours.name,
        sender_lines=[line for line in head if line],
        office_lines=[line for line in office if line],
        dated=timezone.localdate(letter.batch.made_at),
        subject=str(words["what"]),
        reference=claim.spoken_reference,
        promise=words["promise"],
        paragraphs=[part for text in blocks for part in text.split("\n\n")],
        signature=[line for line in (who, str(unit or ""), ours.name) if line],
        link=words["link"],
        phone=(unit.phone if unit else "") or ours.phone,
        language=language,
        registered=letter.registered,
        logo=ours.paper_logo,
        code=marks.printed_code(delivery.pk),
    )


def content(letter: Letter) -> bytes:
    """Return the stored PDF of one letter."""
    with letter.file.open("rb") as stored:
        return stored.read()


def as_pdf(batch: LetterBatch, letters: list[Letter], *, two_sided: bool = False) -> bytes:
    """Return the cover list and then every letter as one PDF to print."""
    cover = pdf.pdf("requests/letters/cover_pdf.html", {"batch": batch, "letters": letters})
    return paper.bind([cover, *(content(row) for row in letters)], two_sided=two_sided)


@transaction.atomic
def mark_printed(*, batch: LetterBatch, now: datetime) -> int:
    """Record that the batch is printed; return how many letters were not recorded before."""
    return batch.letters.filter(printed_at__isnull=True).exclude(file="").update(printed_at=now)


@transaction.atomic
def put_back(*, letter: Letter) -> None:
    """Take a letter out of its batch to print it again, if it has not been posted.

    Raises NotPossible.
    """
    row = _locked(letter)
    if row.posted_on:
        raise NotPossible(_("This letter was posted already."))
    storage, name = row.file.storage, row.file.name
    row.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _locked(letter: Letter) -> Letter:
    """Return the row, locked until the end of the transaction. Raises NotPossible when deleted."""
    row = Letter.objects.system("making letters").select_for_update().filter(pk=letter.pk).first()
    if row is None:
        raise NotPossible(_("Somebody has changed this letter meanwhile."))
    return row


@transaction.atomic
def mark_posted(*, batch: LetterBatch, on: date, numbers: dict, now: datetime) -> int:
    """Record that the batch was posted on the day ``on``; return how many letters.

    ``numbers`` gives the registered-letter number of each registered letter by its id. Raises
    NotPossible, and writes nothing, when the batch is not printed, or a number is missing or was
    used before.
    """
    rows = list(batch.letters.select_for_update(of=("self",)).filter(posted_on__isnull=True))
    if any(row.printed_at is None for row in rows):
        raise NotPossible(_("Say first that the letters are printed."))
    for row in rows:
        row.posted_on = on
        if row.registered:
            row.number = numbers.get(row.pk, "") or row.number
            if not row.number:
                raise NotPossible(_("Give the number of every registered letter."))
        try:
            with transaction.atomic():
                row.save(update_fields=["posted_on", "number"])
        except IntegrityError as error:
            raise NotPossible(
                _("The number %(number)s is another letter’s.") % {"number": row.number}
            ) from error
        outgoing.settle(row.delivery_id, Receipt(True, provider_id=row.number), now)
    return len(rows)


@transaction.atomic
def mark_received(*, letter: Letter, on: date, now: datetime) -> None:
    """Record the acknowledgement of receipt, signed on the day ``on``. Raises NotPossible."""
    row = _posted_letter(letter, on)
    row.received_on = on
    row.save(update_fields=["received_on"])
    outgoing.record_late_receipt(row.delivery, "delivered", "", now)


@transaction.atomic
def mark_returned(*, letter: Letter, on: date, why: str, now: datetime) -> None:
    """Record that the envelope came back on ``on``; try the next channel and tell the owner.

    An unknown addressee or a faulty address marks the postal address as failing; a letter that was
    refused or not collected does not. Raises NotPossible.
    """
    row = _posted_letter(letter, on)
    row.returned_on, row.returned_for = on, why
    row.save(update_fields=["returned_on", "returned_for"])
    with translation.override(settings.LANGUAGE_CODE):
        answer = str(Letter.Return(why).label)
    if why in BLAMES_ADDRESS:
        _failing_point(row.delivery)
    outgoing.record_late_receipt(
        row.delivery, "hard" if why in BLAMES_ADDRESS else "lost", answer, now
    )


def _posted_letter(letter: Letter, on: date) -> Letter:
    row = _locked(letter)
    if not row.posted_on or row.received_on or row.returned_on:
        raise NotPossible(_("This letter is not on its way."))
    if on < row.posted_on:
        raise NotPossible(_("This day is before the letter was posted."))
    return row


def _failing_point(delivery: Delivery) -> None:
    """Mark the postal contact point printed on the envelope as failing, if there is one."""
    tenant = delivery.claim.tenant if delivery.claim else None
    if tenant is None:
        return
    address = delivery.recipient.split("\n")[1:]
    for point in tenant.contact_points.filter(kind=ContactPoint.Kind.POSTAL):
        if contact_routes.envelope_lines(point.value) == address:
            point.failing = True
            point.save(update_fields=["failing"])


def of_claim(claim: Claim) -> list[dict]:
    """Return the letters of one claim for its conversation, with state and label."""
    found = []
    for row in claim.deliveries.all():
        if row.channel != Channel.LETTER or row.carried_by_id is not None:
            continue
        letter = getattr(row, "letter", None)
        state = letter.state if letter else Letter.State.TO_PRINT
        found.append(
            {"delivery": row, "letter": letter, "state": state, "label": Letter.State(state).label}
        )
    return found


def search(membership, text: str) -> list[Letter]:
    """Return posted letters by registered number, claim reference or words of the address."""
    plain = "".join(text.split()).upper()
    if len(plain) < 3:
        return []
    by = Q(number__contains=plain) | Q(delivery__claim__reference=plain)
    by |= Q(delivery__recipient__icontains=text.strip())
    return list(
        visible_letters(membership).filter(by, posted_on__isnull=False).order_by("-posted_on")[:20]
    )
