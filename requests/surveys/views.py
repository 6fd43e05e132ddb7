"""Plan a wave, watch who answers, read what it found."""

from collections.abc import Iterator
from random import SystemRandom

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, Role, audience
from portal.clock import now
from portal.export import csv_file
from portal.punctuation import percent
from requests.kit import masks
from requests.surveys import actions, results
from requests.surveys.forms import PlanForm
from requests.surveys.models import Survey, SurveyAnswer
from requests.surveys.results_table import channel_name, own_unit, shown_groups, unit_names

READERS = DESK_ROLES | {Role.TENANT_REPRESENTATIVE}


@audience(*READERS)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """List the waves; representatives see those that closed."""
    rows = Survey.objects.all()
    if request.membership.role == Role.TENANT_REPRESENTATIVE:
        rows = rows.filter(closed_at__isnull=False)
    page = {
        "surveys": rows,
        "may_plan": request.membership.role == Role.HEAD_OFFICE,
        "today": timezone.localdate(now()),
    }
    return render(request, "requests/surveys/index.html", page)


@audience(Role.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Plan a wave; the questions of the last one are proposed."""
    last = Survey.objects.prefetch_related("questions").first()
    return _plan(request, Survey(), last.questions.all() if last else ())


@audience(Role.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, pk) -> HttpResponse:
    """Change a wave while nobody was drawn."""
    found = get_object_or_404(Survey, pk=pk)
    if not found.is_planned:
        messages.error(request, _("The sample was drawn: this survey does not change any more."))
        return redirect("surveys:survey", pk=pk)
    return _plan(request, found, found.questions.all())


def _plan(request: StaffRequest, survey: Survey, questions) -> HttpResponse:
    form = PlanForm(
        request.POST if request.method == "POST" else None, instance=survey, questions=questions
    )
    if form.is_bound and form.is_valid():
        try:
            made = actions.plan(
                survey=form.save(commit=False),
                questions=form.questions(),
                by=request.user,
                now=now(),
            )
        except actions.Ended:
            messages.error(request, _("The sample was drawn meanwhile: nothing was changed."))
            return redirect("surveys:survey", pk=survey.pk)
        messages.success(request, _("Planned. The sample is drawn on the day that you gave."))
        return redirect("surveys:survey", pk=made.pk)
    page = {"form": form, "survey": None if survey._state.adding else survey}
    status = 422 if form.errors else 200
    return render(request, "requests/surveys/plan.html", page, status=status)


@audience(Role.HEAD_OFFICE)
@require_http_methods(["GET", "POST"])
def stop(request: StaffRequest, pk) -> HttpResponse:
    """Ask, then end a wave for good and delete what was answered."""
    found = get_object_or_404(Survey, pk=pk)
    if request.method == "POST":
        try:
            actions.stop(survey=found, now=now())
        except actions.Ended:
            messages.error(request, _("This survey is over already."))
        else:
            messages.success(request, _("Stopped. Nobody is asked any more."))
        return redirect("surveys:survey", pk=pk)
    if found.is_over:
        return redirect("surveys:survey", pk=pk)
    return render(request, "requests/surveys/stop.html", {"survey": found})


def _readable(request: StaffRequest, pk) -> Survey:
    """Return a wave; representatives read those that closed."""
    rows = Survey.objects.prefetch_related("questions")
    if request.membership.role == Role.TENANT_REPRESENTATIVE:
        rows = rows.filter(closed_at__isnull=False)
    return get_object_or_404(rows, pk=pk)


@audience(*READERS)
@require_GET
def survey(request: StaffRequest, pk) -> HttpResponse:
    """Show a wave: who was asked and answered; once it closed, what it found."""
    found = _readable(request, pk)
    staff = request.membership.role in DESK_ROLES
    own = own_unit(request.membership)
    lines = found.results.get("rates") if found.closed_at else results.rates(found)
    names = unit_names()
    before = results.wave_before(found) if found.closed_at else None
    page = {
        "survey": found,
        "share": percent(found.share),
        "staff": staff,
        "may_plan": request.membership.role == Role.HEAD_OFFICE,
        "whole": next(iter(results.summed(lines or [])), None),
        "units": [
            (names.get(rate.key, rate.key), rate)
            for rate in results.summed(lines or [], "unit")
            if own in (None, rate.key)
        ],
        "channels": [
            (channel_name(rate.key), rate) for rate in results.summed(lines or [], "channel")
        ],
        "before": before,
        "found": [(one, shown_groups(one, names, own)) for one in results.read(found, before)]
        if found.closed_at
        else [],
        "words": found.results.get("words", 0) >= masks.PERSONS,
        "open": actions.is_open(found, timezone.localdate(now())),
    }
    return render(request, "requests/surveys/survey.html", page)


@audience(*READERS)
@require_GET
def results_csv(request: StaffRequest, pk) -> HttpResponse:
    """Return what a closed wave found, masked like the page."""
    found = _readable(request, pk)
    if not found.closed_at:
        raise Http404
    return csv_file(f"survey-{found.closes}", _lines(found, own_unit(request.membership)))


def _lines(survey: Survey, own: str | None) -> Iterator[list[object]]:
    names = unit_names()
    yield [
        _("Question"), _("By"), _("Group"), _("Answers"), _("Mean"),
        _("Interval from"), _("to"), _("Share of 7 to 10"),
        _("Persons asked"), _("Persons who answered"),
    ]  # fmt: skip
    rates = survey.results.get("rates", [])
    for by, label in (("", _("all")), ("unit", _("agency")), ("channel", _("channel asked by"))):
        for rate in results.summed(rates, by):
            if by == "unit" and own not in (None, rate.key):
                continue
            key = names.get(rate.key, rate.key) if by == "unit" else channel_name(rate.key)
            yield ["", label, key if by else "", *[""] * 5, rate.asked, rate.answered]
    for one in results.read(survey, results.wave_before(survey)):
        text = one.text
        if one.mean is None:
            yield [text, _("all"), "", _("fewer than 5 persons"), *[""] * 6]
            continue
        share = round(100 * one.satisfied[0], 1) if one.satisfied else ""
        yield [text, _("all"), "", one.mean.n, *_mean(one.mean), share, "", ""]
        for name, group in shown_groups(one, names, own):
            n: object = _("fewer than 5 persons") if group.hidden else group.n
            values = _mean(group.mean) if group.mean else [""] * 3
            label = _("agency") if group in one.units else _("channel of the answer")
            yield [text, label, name, n, *values, "", "", ""]


def _mean(mean) -> list[float]:
    return [round(mean.value, 2), round(mean.low, 2), round(mean.high, 2)]


@audience(Role.HEAD_OFFICE)
@require_GET
def words(request: StaffRequest, pk) -> HttpResponse:
    """Show what people wrote, in no order and without where they live."""
    found = get_object_or_404(Survey, pk=pk, closed_at__isnull=False)
    rows = SurveyAnswer.objects.system("words of a closed survey").filter(survey=found)
    rows = rows.exclude(words="")
    texts = list(rows.values_list("words", flat=True))
    if len(texts) < masks.PERSONS:
        raise Http404
    SystemRandom().shuffle(texts)
    return render(request, "requests/surveys/words.html", {"survey": found, "texts": texts})
