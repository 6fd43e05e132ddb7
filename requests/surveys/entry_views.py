"""Who is still to ask, and answers that staff write down in the person's name."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from portal import opened, windows
from portal.access import DESK_ROLES, audience
from portal.clock import now
from portal.identifiers import uuid_of
from requests.attachments.responses import pdf
from requests.kit import pdf as documents
from requests.surveys import actions, invitations
from requests.surveys.forms import AnswerForm, CodeForm
from requests.surveys.models import Survey, SurveyInvitation

State = SurveyInvitation.State
PER_PAGE = 50
LETTERS = 200  # in one document


@audience(*DESK_ROLES)
@require_GET
def to_ask(request: StaffRequest, pk) -> HttpResponse:
    """List whom to call and which letters to post, of the member's homes."""
    found = get_object_or_404(Survey, pk=pk)
    rows = SurveyInvitation.objects.visible_to(request.membership).filter(
        survey=found, state__in=(State.TO_CALL, State.TO_POST)
    )
    rows = rows.select_related("tenant", "dwelling__staircase__building__residence")
    page = windows.page(request, rows.order_by("state", "unit_id", "dwelling_id"), PER_PAGE)
    opened.note_list(request, page)
    context = {
        "survey": found,
        "page_obj": page,
        "letters": any(row.state == State.TO_POST for row in page),
        "code": CodeForm(),
        "open": actions.is_open(found, timezone.localdate(now())),
    }
    return render(request, "requests/surveys/to_ask.html", context)


@audience(*DESK_ROLES)
@require_GET
def letters(request: StaffRequest, pk) -> HttpResponse:
    """Return the letters to post as PDF: code, QR code and the questionnaire on paper."""
    found = get_object_or_404(Survey.objects.prefetch_related("questions"), pk=pk)
    rows = SurveyInvitation.objects.visible_to(request.membership).filter(
        survey=found, state=State.TO_POST
    )
    rows = rows.select_related("tenant", "dwelling__staircase__building__residence").order_by(
        "unit", "dwelling"
    )[:LETTERS]
    drawn = [(row, documents.qr_svg(invitations.link_of(row))) for row in rows]
    opened.note_list(request, drawn)
    page = {
        "survey": found,
        "letters": drawn,
        "now": now(),
        "marks": range(11),
        "address": settings.PALIER_URL.partition("://")[2] + reverse("survey_code"),
    }
    return pdf(
        documents.pdf("requests/surveys/letters_pdf.html", page), f"survey-{pk}.pdf", inline=True
    )


@audience(*DESK_ROLES)
@require_POST
def posted(request: StaffRequest, pk) -> HttpResponse:
    """Record that the ticked letters were posted."""
    found = get_object_or_404(Survey, pk=pk)
    keys = [key for key in request.POST.getlist("letter") if uuid_of(key)]
    count = actions.mark_posted(
        invitations=keys, survey=found, membership=request.membership, now=now()
    )
    said = ngettext(
        "%(number)s letter is noted as posted.", "%(number)s letters are noted as posted.", count
    )
    messages.success(request, said % {"number": count})
    return redirect("surveys:to_ask", pk=pk)


@audience(*DESK_ROLES)
@require_POST
def code(request: StaffRequest) -> HttpResponse:
    """Lead to the entry of a paper that came back, by the code on it."""
    form = CodeForm(request.POST)
    if form.is_valid():
        rows = SurveyInvitation.objects.visible_to(request.membership)
        row = rows.filter(code=form.cleaned_data["code"]).first()
        if row is not None:
            return redirect("surveys:enter", pk=row.pk)
        form.add_error("code", _("No invitation of your homes has this code."))
    for error in form.errors.get("code", []):
        messages.error(request, str(error))
    return redirect("surveys:index")


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def enter(request: StaffRequest, pk) -> HttpResponse:
    """Write down the answers of a person who called, came or sent the paper back."""
    rows = SurveyInvitation.objects.visible_to(request.membership)
    rows = rows.select_related("survey", "tenant", "dwelling__staircase__building__residence")
    found = get_object_or_404(rows, pk=pk)
    opened.note(request, found.tenant)
    ready = actions.is_open(found.survey, timezone.localdate(now())) and found.state not in (
        State.ANSWERED,
        State.OVER,
    )
    form = AnswerForm(
        request.POST if request.method == "POST" else None, survey=found.survey, entered=True
    )
    if form.is_bound and ready and form.is_valid():
        try:
            claim = actions.answer(
                invitation=found,
                marks=form.marks(),
                words=form.cleaned_data.get("words") or "",
                channel=form.cleaned_data["channel"],
                now=now(),
                by=request.user,
            )
        except actions.Ended:
            messages.error(request, _("It was answered meanwhile: nothing was written."))
        else:
            _said(request, claim)
        return redirect("surveys:to_ask", pk=found.survey_id)
    page = {"invitation": found, "survey": found.survey, "form": form if ready else None}
    status = 422 if ready and form.errors else 409 if form.is_bound else 200
    return render(request, "requests/surveys/enter.html", page, status=status)


def _said(request: StaffRequest, claim) -> None:
    if claim is None:
        messages.success(request, _("Written down. Nobody sees who answered what."))
        return
    words = _("These words may speak of a danger: request %(number)s was made of them.")
    messages.warning(request, words % {"number": claim.spoken_reference})


@audience(*DESK_ROLES)
@require_POST
def refuse(request: StaffRequest, pk) -> HttpResponse:
    """Remember that the person does not want to be asked."""
    found = get_object_or_404(SurveyInvitation.objects.visible_to(request.membership), pk=pk)
    try:
        actions.refuse(invitation=found, now=now())
    except actions.Ended:
        messages.error(request, _("It was answered, or the survey is over."))
    else:
        messages.success(request, _("Noted. This person is not asked again, in no survey."))
    return redirect("surveys:to_ask", pk=found.survey_id)
