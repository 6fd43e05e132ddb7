"""The way in, the exercises in hand, and the renewal of a training landlord."""

from pathlib import Path

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest, StaffRequest
from portal.access import PUBLIC, STAFF_ROLES, Role, audience
from portal.clock import now
from portal.dev import training as installation
from requests.training import guide, people, situations

PARTS = (
    (Role.AGENT, gettext_lazy("Agency: sort requests, answer, order work")),
    (Role.CALL_TAKER, gettext_lazy("Contact centre: answer calls")),
    (Role.ADMIN, gettext_lazy("Administration: people, hours, settings")),
)


class JoinForm(forms.Form):
    """Who comes, and what they want to practise."""

    first_name = forms.CharField(
        label=gettext_lazy("Your first name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={
            "required": gettext_lazy("Type a first name. It signs what you send here.")
        },
    )
    part = forms.ChoiceField(
        label=gettext_lazy("What do you want to practise?"),
        choices=PARTS,
        initial=Role.AGENT,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )


@audience(PUBLIC, repeat="each post makes an account of its own, among invented people")
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: PublicRequest) -> HttpResponse:
    """Let anybody in under a first name; list the exercises of who is in already."""
    found = guide.of(request)
    if found and request.method == "GET":
        return render(request, "requests/training/exercises.html", {"found": found})
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        user = people.join(first_name=data["first_name"], role=data["part"], now=now())
        if request.user.is_authenticated:
            request.session.flush()
        record_authentication(request, user, method="training")
        login = Login(user=user, email_verification="none", redirect_url=reverse("training:start"))
        return perform_login(request, login)
    return render(
        request, "requests/training/start.html", {"form": form}, status=422 if form.errors else 200
    )


@audience(*people.PARTS)
@require_POST
def begin(request: StaffRequest, key: str) -> HttpResponse:
    """File the request that an exercise is about, and lead to where it is done."""
    stage = _stage(request, key)
    exercise = stage.exercise
    if exercise.category:
        situations.file_for(
            request.membership,
            key,
            category=exercise.category,
            words=exercise.words,
            number=stage.number,
            now=now(),
        )
    _skip(request, key, False)
    again = _stage(request, key)
    return redirect(again.address or reverse("enter"))


@audience(*people.PARTS)
@require_POST
def skip(request: StaffRequest, key: str) -> HttpResponse:
    """Leave an exercise out; the list still has it."""
    _skip(request, _stage(request, key).exercise.key, True)
    return redirect("training:start")


@audience(*people.PARTS)
@never_cache
@require_GET
def box(request: StaffRequest) -> HttpResponse:
    """Show the box alone: scripts ask for it after each step, without loading the page."""
    if guide.of(request) is None:
        raise Http404
    return render(request, "requests/training/_guide.html")


@audience(*STAFF_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def renew(request: StaffRequest) -> HttpResponse:
    """Have the training landlord begin anew; not where a demonstration only plays it."""
    if not settings.PALIER_TRAINING:
        raise Http404
    if request.method == "POST":
        installation.ask(Path(settings.PALIER_HOME))
        messages.success(request, _("The training landlord begins anew. Come back in two minutes."))
        return redirect("training:renew")
    return render(request, "requests/training/renew.html")


def _stage(request: StaffRequest, key: str) -> guide.Stage:
    found = guide.of(request)
    for stage in found.stages if found else []:
        if stage.exercise.key == key:
            return stage
    raise Http404


def _skip(request: StaffRequest, key: str, skipped: bool) -> None:
    others = [one for one in request.session.get(guide.SKIPPED, []) if one != key]
    request.session[guide.SKIPPED] = [*others, key] if skipped else others
