"""Show the pages at the end of a claim: feedback by link, the proof and its check, attempts."""

from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.access import in_own_buildings
from agencies.http_types import StaffRequest
from portal import opened
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.actor import Actor
from portal.clock import now
from requests.attachments.responses import pdf
from requests.claims import links, workflow
from requests.claims.events import Event
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.closing import actions as closing
from requests.closing import proof
from requests.closing.models import ClosingStep, Feedback, Proof
from requests.kit import pdf as documents
from requests.kit.choices import Channel, State
from requests.promises.models import Kind, Outcome

RATED = frozenset({State.DONE, State.CLOSED})
PROMISED = {"visit": _("Visit"), **dict(Kind.choices)}
VERDICTS = {
    **dict(Outcome.choices),
    "no_access": _("nobody opened"),
    "cancelled": _("cancelled"),
}
# What a dossier says of each event, in the past: a proof tells what was done.
PROOF_WORDS = {
    Event.FILED: _("Request filed"),
    Event.ROUTED: _("Given to the team in charge"),
    Event.TAKE_CHARGE: _("Taken in charge"),
    Event.ASK: _("Question to the tenant"),
    Event.TENANT_ANSWERED: _("Answer of the tenant"),
    Event.MESSAGE_IN: _("Message of the tenant"),
    Event.MESSAGE_OUT: _("Message to the tenant"),
    Event.INFORM: _("News given"),
    Event.PLAN: _("Visit planned"),
    Event.ON_THE_WAY: _("Contractor on the way"),
    Event.START: _("Work begun"),
    Event.REPORT_DONE: _("Work reported finished"),
    Event.ANSWER: _("Answer given"),
    Event.REFUSE: _("Request refused"),
    Event.HAND_OVER: _("Passed to another team"),
    Event.CLOSE_UNANSWERED: _("Closed after attempts to reach the tenant"),
    Event.REOPEN: _("Request reopened"),
    **{
        event: event.label
        for event in (
            Event.VISIT_OFFERED,
            Event.VISIT_REMINDER,
            Event.VISIT_LATE,
            Event.UNPLAN,
            Event.LATE,
            Event.RESCHEDULED,
            Event.CALL_WANTED,
            Event.SAY_FIXED,
            Event.SAY_NOT_FIXED,
            Event.CLOSING_REMINDER,
            Event.CLOSING_ATTEMPT,
            Event.WITHDRAW,
            Event.JOINED_INCIDENT,
            Event.FEEDBACK_ASKED,
            Event.FEEDBACK,
        )
    },
}
SEEN_BY = DESK_ROLES | {Role.CARETAKER}


def _face(score: Feedback.Score) -> str:
    """Return the score's face as an icon, because some phones show an emoji as an empty box."""
    return render_to_string("components/icon.html", {"name": f"face-{score}"})


class FeedbackForm(forms.Form):
    """A score of four and a short comment, for tenants and for staff who write them down."""

    score = forms.TypedChoiceField(
        label=_("How was it, all in all?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the four answers.")},
    )
    word = forms.CharField(
        label=_("In a word"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].choices = [
            (score.value, format_html("{} {}", _face(score), score.label))
            for score in sorted(Feedback.Score, reverse=True)
        ]


class RecordedFeedbackForm(FeedbackForm):
    """Feedback that a tenant gave by voice or on paper, written down by staff."""

    channel = forms.ChoiceField(
        label=_("Said by"),
        choices=[(c.value, c.label) for c in (Channel.PHONE, Channel.COUNTER, Channel.LETTER)],
    )


def _by_token(token: str) -> Claim:
    """Return the claim of a private link. Raises Http404, and ``Gone`` for an ended link."""
    return links.find(token, now(), "residence")


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def feedback(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the tenant for a score, once per end of the claim."""
    claim = _by_token(token)
    given = claim.feedback.filter(turn=claim.reopened).first()
    form = FeedbackForm(request.POST or None)
    status = 200
    if request.method == "POST" and (given or claim.state not in RATED):
        return redirect("feedback", token=token)  # given before, or too early: the page says so
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            closing.give_feedback(
                claim=claim,
                score=data["score"],
                word=data["word"],
                channel=Channel.WEB,
                actor=Actor.TENANT,
                now=now(),
            )
            return redirect("feedback", token=token)
        status = 422
    page = {"claim": claim, "form": form, "given": given, "open": claim.state in RATED}
    return render(request, "requests/work_orders/feedback.html", page, status=status)


@audience(*DESK_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def record_feedback(request: StaffRequest, pk) -> HttpResponse:
    """Write down the feedback that a tenant gave on the phone, at the counter or by letter."""
    claim = visible_claim(request, pk)
    given = claim.feedback.filter(turn=claim.reopened).first()
    open_ = claim.state in RATED and not given
    form = RecordedFeedbackForm(request.POST or None)
    status = 200
    if request.method == "POST" and open_:
        if form.is_valid():
            closing.give_feedback(
                claim=claim, actor=Actor.member(request.membership), now=now(), **form.cleaned_data
            )
            messages.success(request, _("Noted."))
            return redirect("agency:claim", pk=claim.pk)
        status = 422
    page = {"claim": claim, "form": form, "given": given, "open": open_}
    return render(request, "requests/work_orders/said.html", page, status=status)


@audience(PUBLIC, repeat="draws the proof of the moment")
@never_cache
@require_http_methods(["GET", "POST"])
def dossier(request: HttpRequest, token: str) -> HttpResponse:
    """Describe the proof; make and return it on POST, because a GET writes nothing."""
    claim = _by_token(token)
    if request.method == "GET":
        return render(request, "requests/work_orders/dossier.html", {"claim": claim})
    made = proof.make_proof(claim=claim, now=now())
    content = made.content
    link = settings.PALIER_URL + reverse("proof_check", args=[made.sha256])
    body = documents.pdf(
        "requests/work_orders/dossier_pdf.html",
        {
            "claim": claim,
            "proof": made,
            "made_at": made.made_at,
            "events": [
                {
                    **e,
                    "at": datetime.fromisoformat(e["at"]),
                    "label": PROOF_WORDS[e["name"]],
                    "promised": datetime.fromisoformat(e["promised"])
                    if e.get("promised")
                    else None,
                }
                for e in content["events"]
                if e["name"] in PROOF_WORDS
            ],
            "messages_": [
                {**m, "at": datetime.fromisoformat(m["at"])} for m in content["messages"]
            ],
            "photos": [{**p, "at": datetime.fromisoformat(p["at"])} for p in content["photos"]],
            "promises": [
                {
                    "at": datetime.fromisoformat(p["at"]),
                    "what": PROMISED[p["kind"]],
                    "verdict": VERDICTS[p["verdict"]],
                }
                for p in content["promises"]
            ],
            "link": link,
            "qr": documents.qr_svg(link),
        },
    )
    return pdf(body, f"dossier-{claim.reference}.pdf")


@audience(PUBLIC)
@require_GET
def proof_check(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show whether this hash belongs to a dossier that we handed out, without its content."""
    found = Proof.objects.opened_by(sha256=sha256.lower()).first()
    page = {"proof": found, "intact": found and proof.is_intact(found), "sha256": sha256}
    return render(request, "requests/work_orders/proof.html", page, status=200 if found else 404)


class AttemptForm(forms.Form):
    """The outcome of a call or a check."""

    outcome = forms.CharField(
        label=_("What came out of it?"),
        max_length=300,
        error_messages={"required": _("Write what came out of it.")},
    )


def _attempts(request: HttpRequest):
    """Return the calls and checks due on visible claims; for a caretaker, those of their homes."""
    due = ClosingStep.objects.filter(
        state=ClosingStep.State.DUE, claim__state=State.DONE
    ).select_related("claim__category", "claim__staircase", "claim__dwelling")
    member = request.membership
    if member.role == Role.CARETAKER:
        return due.filter(
            in_own_buildings(member, "claim__"),
            kind=ClosingStep.Kind.CHECK,
            claim__category__sensitive=False,
            claim__confidential=False,
        )
    return due.filter(claim__in=Claim.objects.visible_to(member))


@audience(*SEEN_BY)
@require_GET
def attempts(request: HttpRequest) -> HttpResponse:
    """List the calls and checks to make, the oldest first."""
    return _attempts_page(request)


def _attempts_page(request: HttpRequest, bound=None, status=200) -> HttpResponse:
    rows = list(_attempts(request).order_by("due_at")[:100])
    opened.note_list(request, rows)
    for row in rows:
        mine = bound if bound and bound.step == row.pk else None
        row.form = mine or AttemptForm(auto_id=f"step{row.pk}_%s")
    page = {"rows": rows, "form": bound, "desk": request.membership.role in DESK_ROLES}
    return render(request, "requests/work_orders/attempts.html", page, status=status)


@audience(*SEEN_BY)
@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Record one attempt with its outcome."""
    step = get_object_or_404(_attempts(request), pk=pk)
    form = AttemptForm(request.POST, auto_id=f"step{pk}_%s")
    form.step = pk
    if not form.is_valid():
        return _attempts_page(request, bound=form, status=422)
    try:
        closing.record_attempt(
            step=step,
            outcome=form.cleaned_data["outcome"],
            actor=Actor.member(request.membership),
            now=now(),
        )
    except workflow.NotAllowed:
        messages.warning(request, _("This was noted meanwhile."))
    else:
        messages.success(request, _("Noted."))
    return redirect("closing_attempts")
