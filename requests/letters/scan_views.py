"""Pages of letters received: scan, arrange and split the pages, then file each letter."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from portal import opened
from portal.access import DESK_ROLES, audience
from portal.clock import now
from portal.identifiers import uuid_of
from requests.attachments import uploads as uploading
from requests.attachments.responses import pdf, serve, with_safe_headers
from requests.channels.intake import note_opening
from requests.channels.models import Intake
from requests.claims import search
from requests.claims.models import Claim
from requests.identity.callers import callers
from requests.inbound import letter, tray
from requests.kit.choices import Channel
from requests.letters import scans
from requests.letters.forms import ReceivedForm, ReturnedForm, ScanForm
from requests.letters.models import Letter, Scan, ScanFile, ScanPage
from tenants.models import Tenant

SHOWN = 50
FOUND = 8


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def upload(request: StaffRequest) -> HttpResponse:
    """Upload scanned files; list the scans to arrange and the letters to sort."""
    sent = request.method == "POST"
    form = ScanForm(request.POST, request.FILES) if sent else ScanForm()
    if sent and form.is_valid():
        scan, refusals = scans.receive(
            uploads=form.cleaned_data["files"],
            membership=request.membership,
            received_on=form.cleaned_data["received_on"],
            now=now(),
        )
        if scan is not None:
            for refusal in refusals:
                messages.warning(request, refusal)
            return redirect("letters:arrange", scan.pk)
        for refusal in refusals:
            form.add_error("files", refusal)
    mine = scans.visible_scans(request.membership)
    context = {
        "form": form,
        "open": mine.filter(split_at__isnull=True).prefetch_related("pages")[:SHOWN],
        "unsorted": _letters(request).filter(state=Intake.State.FAILED)[:SHOWN],
    }
    return render(request, "requests/letters/scan.html", context, status=422 if sent else 200)


def _letters(request: StaffRequest):
    """Return letters from the scans of the member's unit, the oldest first."""
    pages = ScanPage.objects.of(scan__in=scans.visible_scans(request.membership))
    return (
        Intake.objects.system("letters of the tray")
        .filter(channel=Channel.LETTER, pk__in=pages.values("intake"))
        .defer("raw")
        .order_by("received_at", "external_id")
    )


def _scan(request: StaffRequest, pk) -> Scan:
    return get_object_or_404(scans.visible_scans(request.membership), pk=pk)


def _wanted(request: StaffRequest, pages: list[ScanPage]) -> dict:
    """Return order, beginnings and omissions by page id; an invalid order keeps the place."""
    begins, left_out = request.POST.getlist("begins"), request.POST.getlist("left_out")
    wanted = {}
    for page in pages:
        place = request.POST.get(f"place_{page.pk}", "").strip()
        number = int(place) if place.isdecimal() and len(place) < 5 else page.place
        # A page moved to a taken place goes before the page there when it moves forward, and
        # after it otherwise.
        shift = (number < page.place) - (number > page.place)
        wanted[page.pk] = (number - shift / 2, str(page.pk) in begins, str(page.pk) in left_out)
    return wanted


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def arrange(request: StaffRequest, pk) -> HttpResponse:
    """Show the pages with thumbnails; on POST, save order, beginnings and omissions."""
    scan = _scan(request, pk)
    if request.method == "POST":
        pages = list(scan.pages.all())
        try:
            scans.arrange(scan=scan, wanted=_wanted(request, pages))
            if request.POST.get("then") == "split":
                return _split(request, scan)
        except scans.NotPossible as error:
            messages.warning(request, str(error))
        return redirect("letters:arrange", pk)
    return _arrange_page(request, scan)


def _arrange_page(request, scan: Scan, problem: str = "", status: int = 200) -> HttpResponse:
    pages = list(scan.pages.select_related("file", "intake__claim").defer("intake__raw"))
    letters = scans.split_pages(pages)
    first = {group[0].pk: number for number, group in enumerate(letters, 1)}
    for page in pages:
        page.letter_number = first.get(page.pk)
    context = {
        "scan": scan,
        "pages": pages,
        "letters": len(letters),
        "files": scan.files.all(),
        "problem": problem,
        "intakes": _letters(request)
        .filter(scan_pages__scan=scan)
        .select_related("claim")
        .distinct(),
    }
    return render(request, "requests/letters/arrange.html", context, status=status)


def _split(request: StaffRequest, scan: Scan) -> HttpResponse:
    try:
        made = scans.split(scan=scan, now=now())
    except (scans.NotPossible, uploading.Refused) as error:
        return _arrange_page(request, scan, str(error), 422)
    said = ngettext("%(n)s letter to sort.", "%(n)s letters to sort.", len(made))
    messages.success(request, said % {"n": len(made)})
    return redirect("letters:sort", made[0].pk)


@audience(*DESK_ROLES)
@require_GET
def original(request: StaffRequest, pk) -> HttpResponseBase:
    """Return a file as it was sent."""
    mine = scans.visible_scans(request.membership)
    file = get_object_or_404(ScanFile.objects.of(scan__in=mine), pk=pk)
    return serve(file)  # a ScanFile has what serve() reads


def _page(request: StaffRequest, pk) -> ScanPage:
    tray = Intake.objects.visible_to(request.membership).filter(state__in=Intake.SORTABLE)
    own = scans.visible_scans(request.membership)
    mine = Q(scan__in=own) | Q(intake__in=tray.values("pk"))
    return get_object_or_404(
        ScanPage.objects.system("letters of the tray").filter(mine).select_related("file"), pk=pk
    )


@audience(*DESK_ROLES)
@require_GET
def page(request: StaffRequest, pk) -> HttpResponse:
    """Return one page alone as PDF."""
    found = _page(request, pk)
    try:
        content = scans.bind([found])
    except uploading.Refused as error:
        raise Http404 from error
    return pdf(content, f"page-{found.place}.pdf")


@audience(*DESK_ROLES)
@require_GET
def thumb(request: StaffRequest, pk) -> HttpResponse:
    """Return the thumbnail of one page."""
    found = _page(request, pk)
    if not found.thumb:
        raise Http404
    with found.thumb.open("rb") as stored:
        response = HttpResponse(stored.read(), content_type="image/jpeg")
    return with_safe_headers(response)


def _intake(request: StaffRequest, pk) -> Intake:
    """Return a letter of the member's unit, or of the tray that the member sorts."""
    own = Q(pk__in=_letters(request).order_by().values("pk"))
    tray = Q(pk__in=Intake.objects.visible_to(request.membership).values("pk"))
    rows = Intake.objects.system("letters of the tray").filter(
        own | tray & Q(state__in=Intake.SORTABLE),
        channel=Channel.LETTER,
        scan_pages__isnull=False,
    )
    return get_object_or_404(rows.select_related("claim").distinct().defer("raw"), pk=pk)


@audience(*DESK_ROLES)
@require_GET
def sort(request: StaffRequest, pk) -> HttpResponse:
    """Show one letter beside a search for its claim or its sender."""
    intake = _intake(request, pk)
    note_opening(intake, request.user, now())
    query = request.GET.get("q", "").replace("\0", "").strip()[:200]
    claims, near, people = [], False, []
    if query:
        rows, near = search.find(Claim.objects.visible_to(request.membership), query)
        claims = list(rows.select_related("category", "tenant").order_by("-filed_at")[:FOUND])
        people = callers(request.membership, query)
        opened.note_list(request, [*claims, *people])
    waits = intake.state in Intake.SORTABLE
    ours = scans.letter_on_pages(intake, request.membership)
    named = scans.claims_on_pages(intake, request.membership) if waits and not query else []
    if ours:
        named = [claim for claim in named if claim != ours.delivery.claim]
    left = _letters(request).filter(state=Intake.State.FAILED).exclude(pk=intake.pk)
    context = {
        "intake": intake,
        "pages": intake.scan_pages.select_related("file"),
        "q": query,
        "claims": claims,
        "near": near,
        "people": people,
        "named": named,
        "ours": ours,
        "on_its_way": ours is not None and ours.state == Letter.State.POSTED,
        "returned": ReturnedForm(),
        "received": ReceivedForm(),
        "waits": waits,
        "left": left.count(),
    }
    return render(request, "requests/letters/sort.html", context)


@audience(*DESK_ROLES)
@require_GET
def paper(request: StaffRequest, pk) -> HttpResponse:
    """Return the letter as one PDF."""
    intake = _intake(request, pk)
    note_opening(intake, request.user, now())
    return pdf(bytes(intake.raw), f"{intake.received_at:%Y-%m-%d}.pdf")


def _next(request: StaffRequest, claim: Claim | None) -> HttpResponse:
    """Redirect to the next letter to sort, or to the claim after the last one."""
    following = _letters(request).filter(state=Intake.State.FAILED).first()
    if claim is None:
        messages.warning(request, _("Somebody has sorted it meanwhile."))
    if following:
        return redirect("letters:sort", following.pk)
    return redirect("agency:claim", claim.pk) if claim else redirect("letters:scan")


@audience(*DESK_ROLES)
@require_POST
def attach(request: StaffRequest, pk) -> HttpResponse:
    """Add the letter to a claim."""
    intake = _intake(request, pk)
    claim = get_object_or_404(
        Claim.objects.visible_to(request.membership), pk=uuid_of(request.POST.get("claim", ""))
    )
    done = tray.attach(
        intake=intake, reply=letter.read(intake), claim=claim, now=now(), by=request.user
    )
    if done:
        said = _("Added to request %(ref)s.") % {"ref": claim.spoken_reference}
        messages.success(request, said)
    return _next(request, claim if done else None)


@audience(*DESK_ROLES)
@require_POST
def file_new(request: StaffRequest, pk) -> HttpResponse:
    """File the letter as a new claim of the recognised person, or of nobody yet."""
    intake = _intake(request, pk)
    person = None
    if request.POST.get("tenant"):
        person = get_object_or_404(
            Tenant.objects.visible_to(request.membership), pk=uuid_of(request.POST["tenant"])
        )
    claim = tray.file_new(
        intake=intake, reply=letter.read(intake), now=now(), by=request.user, tenant=person
    )
    if claim is None:
        return _next(request, None)
    messages.success(request, _("A new claim was made of it. Say what it is about."))
    return redirect("agency:claim", claim.pk)
