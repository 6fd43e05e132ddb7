"""Filing without account or JavaScript, and following a claim by its link.

Each step is a plain POST with its own URL; the draft lives in the session.
"""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access import PUBLIC, audience
from portal.clock import now
from requests import workflow
from requests.actions import conversation
from requests.actions._advance import advance
from requests.actions.filing import Filing, file_claim
from requests.choices import Channel, State, Urgency
from requests.forms.public import MessageForm, ReachForm, WhatForm, WhereForm, WordsForm
from requests.models import Category, Claim, Message
from requests.notifications import TOLD

TILES = [
    ("water", _("Water, leak")),
    ("heating", _("Heating")),
    ("electricity", _("Electricity")),
    ("door", _("Door, window")),
    ("damp", _("Damp, mould")),
    ("lift", _("Lift")),
    ("pests", _("Insects, rats")),
    ("other", _("Something else")),
]
STEPS = ["where", "words", "reach", "check"]


def _draft(request: HttpRequest) -> dict:
    return request.session.setdefault("draft", {"key": str(uuid.uuid4())})


def _keep(request: HttpRequest, **values) -> None:
    request.session["draft"] = {**_draft(request), **values}


@audience(PUBLIC)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    mine = []
    if request.user.is_authenticated:
        mine = Claim.objects.of_user(request.user).select_related("category").order_by("-filed_at")
    return render(request, "requests/public/home.html", {"claims": mine[:30]})


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    """Step 1: eight pictures."""
    error = False
    if request.method == "POST":
        if request.POST.get("tile") in [t[0] for t in TILES]:
            return redirect("file_fault", tile=request.POST["tile"])
        error = True
    page = {"tiles": TILES, "error": error, "step": 1}
    return render(request, "requests/public/what.html", page, status=422 if error else 200)


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def fault(request: HttpRequest, tile: str) -> HttpResponse:
    """Step 1, continued: the faults behind the picture."""
    if tile not in [t[0] for t in TILES]:
        raise Http404
    categories = Category.objects.filter(tile=tile, active=True).order_by("public_rank", "code")
    form = WhatForm(request.POST or None, categories=categories)
    if request.method == "POST" and form.is_valid():
        _keep(request, category=form.cleaned_data["category"])
        chosen = Category.objects.get(code=form.cleaned_data["category"])
        return redirect("file_danger" if chosen.urgency == Urgency.U0 else "file_where")
    return _step(request, form, "requests/public/step.html", 1, form.fields["category"].label)


@audience(PUBLIC)
@require_GET
def danger(request: HttpRequest) -> HttpResponse:
    """Danger to life: advice and number before any form."""
    category = get_object_or_404(Category, code=_draft(request).get("category"))
    return render(request, "requests/public/danger.html", {"category": category})


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    return _simple(request, WhereForm, "words", 2, _("Where is it?"))


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    return _simple(request, WordsForm, "reach", 3, _("In your words"))


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest) -> HttpResponse:
    return _simple(request, ReachForm, "check", 4, _("How can we reach you?"))


def _simple(request, form_class, following, number, title) -> HttpResponse:
    draft = _draft(request)
    if "category" not in draft:
        return redirect("file_what")
    form = form_class(request.POST) if request.method == "POST" else form_class(initial=draft)
    if request.method == "POST" and form.is_valid():
        _keep(request, **form.cleaned_data)
        return redirect(f"file_{following}")
    return _step(request, form, "requests/public/step.html", number, title)


def _step(request, form, template, number, title) -> HttpResponse:
    page = {"form": form, "step": number, "title": title}
    return render(request, template, page, status=422 if form.errors else 200)


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Step 5: read again, then send once; a double click files one claim."""
    draft = _draft(request)
    missing = [
        s
        for s, f in {"what": "category", "where": "address", "reach": "name"}.items()
        if not draft.get(f)
    ]
    if missing:
        return redirect(f"file_{missing[0]}")
    category = get_object_or_404(Category, code=draft["category"])
    if request.method == "GET":
        page = {"draft": draft, "category": category, "step": 5}
        return render(request, "requests/public/check.html", page)
    place = " · ".join(p for p in (draft["address"], draft.get("place")) if p)
    tenant = getattr(request.user, "tenant", None) if request.user.is_authenticated else None
    claim = file_claim(
        Filing(
            channel=Channel.WEB,
            key=draft["key"],
            category=category.code,
            words=draft.get("words", ""),
            place_note=place,
            tenant=str(tenant.pk) if tenant else None,
            contact_name=draft["name"],
            contact_email=draft.get("email", ""),
            contact_phone=draft.get("phone", ""),
            language=get_language() or "fr",
            availability=draft.get("availability", []),
        ),
        now=now(),
        by=request.user if tenant else None,
    )
    del request.session["draft"]
    return redirect("follow", token=claim.token)


def _by_token(token: str) -> Claim:
    return get_object_or_404(
        Claim.objects.by_token(token).select_related("category", "owner__unit")
    )


@audience(PUBLIC)
@never_cache
@require_GET
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The claim by its random link: no full name, no address (design.md)."""
    return _follow_page(request, _by_token(token), MessageForm())


def _follow_page(request: HttpRequest, claim: Claim, form: MessageForm) -> HttpResponse:
    page = {
        "claim": claim,
        "form": form,
        "actions": workflow.allowed(claim.state, "tenant"),
        "events": claim.events.select_related("actor").filter(name__in=TOLD | {"filed"}),
        "messages_": claim.messages.exclude(direction=Message.Direction.NOTE),
        "asks_if_fixed": claim.state == State.DONE,
    }
    return render(request, "requests/public/follow.html", page, status=422 if form.errors else 200)


@audience(PUBLIC)
@require_POST
def follow_act(request: HttpRequest, token: str, transition: str) -> HttpResponse:
    """A POST acts; a mail scanner that opens links changes nothing."""
    claim = _by_token(token)
    facts = {"text": request.POST.get("text", "").strip()}
    try:
        advance(claim=claim, transition=transition, now=now(), **facts)
    except workflow.NotAllowed:
        return redirect("follow", token=token)  # done before, or meanwhile: the page says it
    except ValueError:
        form = MessageForm(request.POST)
        form.is_valid()
        return _follow_page(request, claim, form)
    return redirect("follow", token=token)


@audience(PUBLIC)
@require_POST
def follow_write(request: HttpRequest, token: str) -> HttpResponse:
    claim = _by_token(token)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _follow_page(request, claim, form)
    conversation.from_tenant(claim=claim, text=form.cleaned_data["text"], now=now())
    return redirect("follow", token=token)


@audience(PUBLIC)
@require_GET
def talk(request: HttpRequest) -> HttpResponse:
    return render(request, "requests/public/talk.html")


@audience(PUBLIC)
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "requests/public/accessibility.html")
