"""Pages of letters to print and post: the queue, the batch, its PDF, each letter's outcome."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.clock import now
from portal.identifiers import uuid_of
from requests.attachments.responses import pdf
from requests.channels import reasons
from requests.channels.models import Intake
from requests.inbound import tray
from requests.kit.choices import Channel
from requests.letters import actions as letters
from requests.letters.forms import PostForm, ReceivedForm, ReturnedForm
from requests.letters.models import Letter, LetterBatch

BATCHES = 10


@audience(*DESK_ROLES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the letters to print and the last batches; search among posted letters."""
    rows = letters.first_waiting(request.membership, now())
    query = request.GET.get("q", "").replace("\0", "").strip()[:60]
    context = {
        "rows": rows[: letters.MOST],
        "more": len(rows) > letters.MOST,
        "batches": letters.last_batches(request.membership, BATCHES),
        "q": query,
        "found": letters.search(request.membership, query) if query else [],
    }
    return render(request, "requests/letters/index.html", context)


def _ids(values: list[str]) -> set:
    """Return the valid ids among the values of a form."""
    return {uuid_of(value) for value in values} - {None}


@audience(*DESK_ROLES)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Put the ticked letters into a batch."""
    batch = letters.make_batch(
        membership=request.membership,
        picked=_ids(request.POST.getlist("pick")),
        registered=_ids(request.POST.getlist("registered")),
        now=now(),
    )
    if batch is None:
        messages.warning(request, _("No letter was chosen, or somebody has just taken them."))
        return redirect("letters:index")
    return redirect("letters:batch", batch.pk)


def _batch(request: HttpRequest, pk) -> LetterBatch:
    return get_object_or_404(letters.batches(request.membership), pk=pk)


def _rows(request: HttpRequest, batch: LetterBatch) -> list[Letter]:
    return list(letters.visible_letters(request.membership).filter(batch=batch).order_by("place"))


def _batch_page(request: HttpRequest, batch: LetterBatch, form=None, status=200) -> HttpResponse:
    rows = _rows(request, batch)
    drawn = [row for row in rows if row.file]
    context = {
        "batch": batch,
        "rows": rows,
        "drawn": len(drawn),
        "ready": bool(rows) and len(drawn) == len(rows),
        "to_print": [row for row in rows if not row.printed_at],
        "to_post": [row for row in rows if row.printed_at and not row.posted_on],
        "pages": sum(row.pages for row in rows),
        "form": form or PostForm(letters=[row for row in rows if not row.posted_on]),
    }
    return render(request, "requests/letters/batch.html", context, status=status)


@audience(*DESK_ROLES)
@require_GET
def batch(request: HttpRequest, pk) -> HttpResponse:
    """Show one batch: its PDF, then the steps "printed" and "posted"."""
    return _batch_page(request, _batch(request, pk))


@audience(*DESK_ROLES)
@require_GET
def batch_pdf(request: HttpRequest, pk) -> HttpResponse:
    """Return the cover list and every letter; ``?sides=2`` begins each on a new sheet."""
    found = _batch(request, pk)
    rows = _rows(request, found)
    if not rows or not all(row.file for row in rows):
        raise Http404
    content = letters.as_pdf(found, rows, two_sided=request.GET.get("sides") == "2")
    return pdf(content, f"{found.made_at:%Y-%m-%d}-{len(rows)}.pdf")


@audience(*DESK_ROLES)
@require_POST
def mark_printed(request: HttpRequest, pk) -> HttpResponse:
    """Record that the batch is printed."""
    count = letters.mark_printed(batch=_batch(request, pk), now=now())
    if count:
        said = ngettext("%(n)s letter printed.", "%(n)s letters printed.", count) % {"n": count}
        messages.success(request, said)
    else:
        messages.warning(request, _("These letters were marked as printed before."))
    return redirect("letters:batch", pk)


@audience(*DESK_ROLES)
@require_POST
def mark_posted(request: HttpRequest, pk) -> HttpResponse:
    """Record that the batch was posted."""
    found = _batch(request, pk)
    rows = [row for row in _rows(request, found) if not row.posted_on]
    form = PostForm(request.POST, letters=rows)
    if form.is_valid():
        try:
            count = letters.mark_posted(
                batch=found, on=form.cleaned_data["on"], numbers=form.numbers(), now=now()
            )
        except letters.NotPossible as error:
            form.add_error(None, str(error))
        else:
            said = ngettext("%(n)s letter posted.", "%(n)s letters posted.", count)
            messages.success(request, said % {"n": count})
            return redirect("letters:batch", pk)
    return _batch_page(request, found, form, 422)


def _letter(request: HttpRequest, pk) -> Letter:
    return get_object_or_404(letters.visible_letters(request.membership), pk=pk)


def _letter_page(request, letter, *, received=None, returned=None, status=200) -> HttpResponse:
    context = {
        "letter": letter,
        "on_its_way": letter.state == Letter.State.POSTED,
        "received": received or ReceivedForm(),
        "returned": returned or ReturnedForm(),
        "form": received or returned,
        "scan": uuid_of(request.POST.get("scan", "")) or "",
    }
    return render(request, "requests/letters/letter.html", context, status=status)


@audience(*DESK_ROLES)
@require_GET
def letter(request: HttpRequest, pk) -> HttpResponse:
    """Show one letter: where it is, and the outcome of its delivery."""
    return _letter_page(request, _letter(request, pk))


@audience(*DESK_ROLES)
@require_GET
def letter_pdf(request: HttpRequest, pk) -> HttpResponse:
    """Return the PDF of one letter as it was printed."""
    found = _letter(request, pk)
    if not found.file:
        raise Http404
    claim = found.delivery.claim
    name = claim.reference if claim else str(found.delivery_id)
    return pdf(letters.content(found), f"{name}-{found.place}.pdf")


@audience(*DESK_ROLES)
@require_POST
def mark_received(request: StaffRequest, pk) -> HttpResponse:
    """Record the signed acknowledgement of receipt."""
    found = _letter(request, pk)
    form = ReceivedForm(request.POST)
    if form.is_valid():
        try:
            letters.mark_received(letter=found, on=form.cleaned_data["on"], now=now())
        except letters.NotPossible as error:
            form.add_error("on", str(error))
        else:
            messages.success(request, _("Received: written down."))
            return _after_scan(request, reasons.coded("acknowledged"), pk)
    return _letter_page(request, found, received=form, status=422)


@audience(*DESK_ROLES)
@require_POST
def mark_returned(request: StaffRequest, pk) -> HttpResponse:
    """Record that the envelope came back."""
    found = _letter(request, pk)
    form = ReturnedForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            letters.mark_returned(letter=found, on=data["on"], why=data["why"], now=now())
        except letters.NotPossible as error:
            form.add_error("on", str(error))
        else:
            messages.success(request, _("Returned: written down, and the claim’s owner is told."))
            return _after_scan(request, reasons.coded("letter_returned"), pk)
    return _letter_page(request, found, returned=form, status=422)


def _after_scan(request: StaffRequest, reason: str, pk) -> HttpResponse:
    """Set the scan aside that told of it, if one did, and go to the next or to the letter."""
    scan = uuid_of(request.POST.get("scan", ""))
    waiting = Intake.objects.visible_to(request.membership).filter(channel=Channel.LETTER)
    intake = waiting.filter(pk=scan, scan_pages__letter=pk).first() if scan else None
    if intake is None:
        return redirect("letters:letter", pk)
    tray.discard(intake=intake, reason=reason, now=now(), by=request.user)
    left = waiting.filter(state=Intake.State.FAILED, scan_pages__isnull=False)
    following = left.order_by("received_at", "external_id").first()
    if following:
        return redirect("letters:sort", following.pk)
    return redirect("letters:letter", pk)


@audience(*DESK_ROLES)
@require_POST
def put_back(request: HttpRequest, pk) -> HttpResponse:
    """Take a spoilt letter out of its batch so that it is printed again."""
    found = _letter(request, pk)
    try:
        letters.put_back(letter=found)
    except letters.NotPossible as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("This letter waits again to be printed."))
    return redirect("letters:index")
