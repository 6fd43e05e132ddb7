"""The questionnaire as the person sees it: by link, or by the code of a letter. Names nobody."""

from contextlib import suppress

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.kit.choices import Channel
from requests.surveys import actions
from requests.surveys.forms import AnswerForm, CodeForm
from requests.surveys.models import SurveyInvitation

State = SurveyInvitation.State


def _invitation(token: str) -> SurveyInvitation:
    rows = SurveyInvitation.objects.opened_by(code=token.upper()).select_related("survey")
    if (found := rows.first()) is None:
        raise Http404
    return found


@audience(PUBLIC, repeat="only leads to the page of a code; nothing is written")
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: PublicRequest) -> HttpResponse:
    """Ask for the code of a letter, then lead to its questionnaire."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        rows = SurveyInvitation.objects.opened_by(code=form.cleaned_data["code"])
        if rows.exists():
            return redirect("survey_answer", token=form.cleaned_data["code"])
        form.add_error("code", _("We do not know this code. Check each letter, or call us."))
    response = render(
        request, "requests/surveys/code.html", {"form": form}, status=422 if form.errors else 200
    )
    response.wrong_link = form.is_bound
    return response


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: PublicRequest, token: str) -> HttpResponse:
    """Show the questionnaire and take its one answer; afterwards say what became of it."""
    found = _invitation(token)
    if not actions.is_open(found.survey, timezone.localdate(now())):
        response = render(
            request, "requests/surveys/ended.html", {"survey": found.survey}, status=410
        )
        response.known_link = True  # no guess: portal/limits.py does not count it
        return response
    if found.state == State.ANSWERED:
        return render(
            request,
            "requests/surveys/thanks.html",
            {"survey": found.survey, "claim": actions.claim_of(found)},
        )
    form = AnswerForm(request.POST if request.method == "POST" else None, survey=found.survey)
    if form.is_bound and form.is_valid():
        # Answered meanwhile, in another window or by phone: the page says so.
        with suppress(actions.Ended):
            actions.answer(
                invitation=found,
                marks=form.marks(),
                words=form.cleaned_data.get("words") or "",
                channel=Channel.WEB,
                now=now(),
            )
        return redirect("survey_answer", token=token)
    page = {
        "form": form,
        "survey": found.survey,
        "token": token,
        "refused": found.state == State.REFUSED
        and not form.is_bound
        and "anyway" not in request.GET,
    }
    return render(request, "requests/surveys/answer.html", page, status=422 if form.errors else 200)


@audience(PUBLIC)
@never_cache
@require_POST
def refuse(request: PublicRequest, token: str) -> HttpResponse:
    """Remember that the person does not want to be asked."""
    with suppress(actions.Ended):  # the page says what is
        actions.refuse(invitation=_invitation(token), now=now())
    return redirect("survey_answer", token=token)
