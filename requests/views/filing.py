"""Filing in five plain pages, without account or JavaScript.

Each step is a POST with its own URL. The answers wait in the draft; what is missing decides which
page comes next, so that "Change" on the last page leads straight back to it.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agencies.addresses import recognise
from agencies.models import Building, Dwelling, Staircase
from portal.access import PUBLIC, audience
from portal.clock import now
from requests import collective
from requests.actions import incidents as incident_actions
from requests.actions import planned, suggestions, uploads
from requests.actions.filing import Filing, KeyReused
from requests.choices import Channel, Responsible, Urgency
from requests.finding import find
from requests.forms.public import (
    AVAILABILITY,
    ELSEWHERE,
    SHARED_SPOTS,
    SPOTS,
    FamilyForm,
    ReachForm,
    WhatForm,
    WhereForm,
    WordsForm,
)
from requests.legal import spoken_sources
from requests.models import Category, Claim, Family, Incident, IncidentClaim
from requests.views import _draft
from requests.views.files import serve
from tenants.homes import current_homes

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
OTHER = "other"
# Any matter at all, and "call me": the way out of every list (principle 5).
TALK_TO_SOMEONE = "ADM-14"
# The pages after the fault, in order, each with the draft's answer that it leaves.
AFTER_FAULT = ("where", "already", "words", "reach")


def _category(draft: dict) -> Category | None:
    return Category.objects.filter(code=draft.get("category", ""), active=True).first()


def _normally_yours(category: Category) -> bool:
    """Upkeep that the law gives to the tenant; paperwork is not upkeep."""
    return category.responsible == Responsible.TENANT and category.urgency in Urgency.values[:6]


def _next(request: HttpRequest) -> HttpResponse:
    """The first page whose answer is missing; the check page when none is."""
    draft = _draft.read(request)
    category = _category(draft)
    if category is None:
        return redirect("file_what")
    if _normally_yours(category) and not draft.get("anyway"):
        return redirect("file_yours")
    done = draft.get("done", [])
    for step in AFTER_FAULT:
        if step in done or (step == "already" and not _known(request, draft, category)):
            continue
        return redirect(f"file_{step}")
    return redirect("file_check")


def _known(request: HttpRequest, draft: dict, category: Category) -> bool:
    """Whether there is something to read before filing: neighbours' reports, or planned works."""
    looks = (_incident, _incidents, _planned)
    return any(look(request, draft, category) for look in looks)


def _done(request: HttpRequest, step: str, **answers) -> HttpResponse:
    done = [*_draft.read(request).get("done", []), step]
    _draft.keep(request, done=list(dict.fromkeys(done)), **answers)
    return _next(request)


def _page(request, template, page, *, errors=False) -> HttpResponse:
    return render(request, f"requests/public/{template}.html", page, status=422 if errors else 200)


def _posted(request: HttpRequest):
    return request.POST if request.method == "POST" else None


# Step 1: what


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    """Step 1: eight pictures, a search box, and the danger numbers on the page."""
    error = False
    if request.method == "POST":
        if request.POST.get("tile") in dict(TILES):
            return redirect("file_fault", tile=request.POST["tile"])
        error = True
    return _page(request, "what", {"tiles": TILES, "error": error, "step": 1}, errors=error)


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Step 1 by words: what they may mean, then the faults whose plain labels hold them."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found, advice = [], suggestions.suggest(query)
    if query:
        likely = [proposal.category for proposal in advice.proposals]
        # Whole sentences match many labels by chance: fewer of them when the words were understood.
        plain = find(query, Category.objects.filter(active=True), most=5 if likely else 12)
        found = likely + [category for category in plain if category not in likely]
    if request.method == "POST":
        _note_choice(query, advice, request.POST.get("category", ""), found)
    more = {"query": query, "search": True, "alarm": advice.danger}
    return _fault_page(request, found, _("Is it one of these?"), more)


def _note_choice(query: str, advice: suggestions.Advice, code: str, found: list) -> None:
    if code in {category.code for category in found}:
        suggestions.note(text=query, advice=advice, chosen=code, now=now())


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def fault(request: HttpRequest, tile: str) -> HttpResponse:
    """Step 1, continued: the faults behind the picture; behind "Something else", the families."""
    if tile not in dict(TILES):
        raise Http404
    categories = Category.objects.filter(tile=tile, active=True)
    if tile != OTHER:
        return _fault_page(request, categories.order_by("public_rank", "code"))
    families = Family.objects.filter(categories__in=categories).distinct()
    form = FamilyForm(_posted(request), families=families)
    if request.method == "POST" and form.is_valid():
        return redirect("file_family", family=form.cleaned_data["family"])
    return _page(request, "family", {"form": form, "step": 1}, errors=bool(form.errors))


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def family(request: HttpRequest, family: str) -> HttpResponse:
    """Step 1, under "Something else": the faults of one family."""
    chosen = get_object_or_404(Family, code=family)
    categories = chosen.categories.filter(tile=OTHER, active=True).order_by("public_rank", "code")
    if not categories:
        raise Http404
    return _fault_page(request, categories, str(chosen), {"back": "other"})


def _fault_page(request, categories, title=None, more=None) -> HttpResponse:
    """Radio list of faults; a choice starts the answers that depend on it afresh."""
    form = WhatForm(_posted(request), categories=categories)
    if title:
        form.fields["category"].label = title
    if request.method == "POST" and form.is_valid():
        chosen = Category.objects.get(code=form.cleaned_data["category"])
        _choose(request, chosen)
        if chosen.urgency == Urgency.U0:
            return redirect("file_danger")
        return _next(request)
    page = {"form": form, "step": 1, "found": bool(categories), **(more or {})}
    return _page(request, "fault", page, errors=bool(form.errors))


def _choose(request: HttpRequest, category: Category) -> None:
    """Another fault asks every page again, prefilled: old words may not fit it."""
    if _draft.read(request).get("category") != category.code:
        _draft.keep(request, category=category.code, anyway=False, same_as="", incident="", done=[])


@audience(PUBLIC)
@never_cache
@require_GET
def danger(request: HttpRequest) -> HttpResponse:
    """Danger to life: the fault's own advice and the numbers before any form."""
    category = _category(_draft.read(request))
    if category is None:
        return redirect("file_what")
    gas = category.family.code == "GAZ"
    return _page(request, "danger", {"category": category, "gas": gas})


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def yours(request: HttpRequest) -> HttpResponse:
    """ "Normally yours" is never a refusal: the reason, its source, and two ways on."""
    category = _category(_draft.read(request))
    if category is None or not _normally_yours(category):
        return _next(request)
    if request.method == "POST":
        if request.POST.get("choice") == "question":
            _choose(request, question())
        else:
            _draft.keep(request, anyway=True)
        return _next(request)
    page = {"category": category, "sources": spoken_sources(category.legal_source), "step": 1}
    return _page(request, "yours", page)


def question() -> Category:
    """The category of "I want to talk to someone". Raises Category.DoesNotExist if none is left."""
    categories = Category.objects.filter(active=True)
    chosen = categories.filter(code=TALK_TO_SOMEONE).first()
    return chosen or categories.filter(urgency=Urgency.A1).order_by("code").get()


# Step 2: where


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """Step 2: a home we know for this account, else typed words; never a list of ours."""
    draft = _draft.read(request)
    category = _category(draft)
    homes = current_homes(request.user, timezone.localdate())
    shared_first = bool(category and category.asset != "dwelling")
    options = {"homes": homes, "shared_first": shared_first}
    if request.method == "POST":
        form = WhereForm(request.POST, **options)
        if form.is_valid():
            answers = {name: form.cleaned_data.get(name, "") for name in ("home", *form.fields)}
            done = [step for step in draft.get("done", []) if step != "already"]
            _draft.keep(request, done=done, same_as="", incident="")
            return _done(request, "where", **answers)
        _draft.keep(request, **_typed(request, "address", "spot", "place"))
    else:
        form = WhereForm(initial={k: v for k, v in draft.items() if v}, **options)
    if category is None:
        return redirect("file_what")
    page = {"form": form, "step": 2, "homes": homes}
    return _page(request, "where", page, errors=bool(form.errors))


def _typed(request: HttpRequest, *names: str) -> dict:
    """What was typed, kept even when it is wrong or when the session had expired."""
    return {name: request.POST.get(name, "").replace("\0", "")[:4000] for name in names}


def _place(request: HttpRequest, draft: dict, category: Category) -> dict:
    """The smallest place we may use: own dwelling, its staircase, or a building of ours."""
    shared = draft["spot"] in SHARED_SPOTS if draft.get("spot") else category.asset != "dwelling"
    for home in current_homes(request.user, timezone.localdate()):
        if str(home.pk) == draft.get("home"):
            return {"staircase": home.staircase_id} if shared else {"dwelling": home.pk}
    found = recognise(draft.get("address", ""))
    if found is None:
        return {}
    if found.staircase:
        return {"staircase": found.staircase.pk}
    return {"building": found.building.pk}


def _spot(request: HttpRequest, draft: dict) -> tuple[Building, Staircase | None, Dwelling | None]:
    """Building, staircase and own home of the draft. Raises LookupError when none is known."""
    for home in current_homes(request.user, timezone.localdate()):
        if str(home.pk) == draft.get("home"):
            return home.staircase.building, home.staircase, home
    found = (
        recognise(draft.get("address", "")) if draft.get("home") in {"", ELSEWHERE, None} else None
    )
    if found is None:
        raise LookupError("place not known")
    return found.building, found.staircase, None


def _incidents(request: HttpRequest, draft: dict, category: Category) -> list:
    """What the neighbours already reported of the same kind, when the building is known.

    Those under an open incident are told by that incident.
    """
    if not collective.may_be_known(category):
        return []
    try:
        building, stairs, _home = _spot(request, draft)
    except LookupError:
        return []
    found = collective.open_incidents(
        building.pk, stairs.pk if stairs else None, family=category.family_id, now=now()
    )
    grouped = IncidentClaim.objects.filter(
        claim__in=[pk for row in found for pk in row.claims], incident__closed_at__isnull=True
    )
    under = set(grouped.values_list("claim", flat=True))
    return [row for row in found if not row.claims & under]


def _incident(request: HttpRequest, draft: dict, category: Category) -> Incident | None:
    """The open incident that this fault most likely belongs to, when the building is known."""
    if category.sensitive:
        return None
    try:
        building, stairs, home = _spot(request, draft)
    except LookupError:
        return None
    here = home or stairs or building.staircases.order_by("pk").first()
    return incident_actions.open_incident_for(here, category) if here else None


def _planned(request: HttpRequest, draft: dict, category: Category) -> list:
    """Announced works that explain the fault, when the building is known."""
    try:
        building, stairs, home = _spot(request, draft)
    except LookupError:
        return []
    stairs = stairs or building.staircases.order_by("pk").first()
    return list(planned.explaining(category, stairs, home, now())) if stairs else []


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def already(request: HttpRequest) -> HttpResponse:
    """Step 2, continued: "me too", or "mine is another"."""
    draft = _draft.read(request)
    category = _category(draft)
    incidents = _incidents(request, draft, category) if category else []
    incident = _incident(request, draft, category) if category else None
    works = _planned(request, draft, category) if category else []
    if not incidents and not works and not incident:
        return _next(request)
    error = False
    if request.method == "POST":
        choice = request.POST.get("same", "")
        if incident and choice == f"incident:{incident.pk}":
            return _done(request, "already", same_as="", incident=str(incident.pk))
        if choice == "another" or choice in {str(row.pk) for row in incidents}:
            same = "" if choice == "another" else choice
            return _done(request, "already", same_as=same, incident="")
        error = True
    page = {"incident": incident, "incidents": incidents, "works": works, "error": error}
    page |= {"step": 2, "same": draft.get("same_as")}
    return _page(request, "already", page, errors=error)


# Step 3: photos and words


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """Step 3: both optional. A refused file costs neither the words nor the other files."""
    draft = _draft.read(request)
    session = draft.get("key", "")
    if request.method == "POST":
        draft = _draft.keep(request, **_typed(request, "words"))
        session = draft["key"]
        form = WordsForm(request.POST, request.FILES)
        if request.POST.get("remove"):
            uploads.remove(session=session, attachment=request.POST["remove"], now=now())
            return redirect("file_words")
        if form.is_valid():
            _kept, refusals = uploads.keep_all(
                form.cleaned_data["photos"], session=session, channel=Channel.WEB, now=now()
            )
            for refusal in refusals:
                form.add_error("photos", refusal)
        if form.is_valid():
            if "more" in request.POST:
                return redirect("file_words")
            return _done(request, "words", words=form.cleaned_data["words"])
    else:
        form = WordsForm(initial={"words": draft.get("words", "")})
    if _category(draft) is None:
        return redirect("file_what")
    page = {"form": form, "step": 3, "files": uploads.drafts(session, now())}
    return _page(request, "words", page, errors=bool(form.errors))


@audience(PUBLIC)
@never_cache
@require_GET
def draft_file(request: HttpRequest, file) -> HttpResponse:
    """A photo of one's own draft, for its thumbnail."""
    session = _draft.read(request).get("key", "")
    return serve(get_object_or_404(uploads.drafts(session, now()), pk=file))


# Step 4: how to reach you


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest) -> HttpResponse:
    """Step 4: name, phone or e-mail, and when somebody is at home; prefilled when known."""
    draft = _draft.read(request)
    if request.method == "POST":
        form = ReachForm(request.POST)
        if form.is_valid():
            return _done(request, "reach", **form.cleaned_data)
        halves = [
            half for half in request.POST.getlist("availability") if half in dict(AVAILABILITY)
        ]
        _draft.keep(request, availability=halves, **_typed(request, "name", "phone", "email"))
    else:
        form = ReachForm(initial={**known_contact(request.user), **draft})
    if _category(draft) is None:
        return redirect("file_what")
    return _page(request, "reach", {"form": form, "step": 4}, errors=bool(form.errors))


def known_contact(user) -> dict:
    """Name, phone and e-mail that the landlord or the account already has; {} for strangers."""
    if not user.is_authenticated:
        return {}
    tenant = getattr(user, "tenant", None)
    known = {"name": str(tenant) if tenant else user.get_full_name(), "email": user.email}
    if not tenant and known["name"] == user.email:
        known["name"] = ""
    for point in tenant.contact_points.order_by("preferred") if tenant else []:
        known[point.kind] = str(point)
    return known


# Step 5: check and send


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Step 5: read again, then send once; a double click files one claim."""
    draft = _draft.read(request)
    category = _category(draft)
    steps = {"where", "words", "reach"}
    if category is None or not steps <= set(draft.get("done", [])):
        return _next(request)
    if _normally_yours(category) and not draft.get("anyway"):
        return redirect("file_yours")
    homes = {str(home.pk): home for home in current_homes(request.user, timezone.localdate())}
    home = homes.get(draft.get("home"))
    if home is None and not draft.get("address"):  # the session of the known tenant ended
        return redirect("file_where")
    if request.method == "POST":
        claim = _send(request, draft, category)
        _draft.drop(request)
        request.session["sent"] = claim.token
        return redirect("follow", token=claim.token)
    page = {
        "draft": draft,
        "category": category,
        "step": 5,
        "place": _spoken_place(draft),
        "home": home,
        "files": uploads.drafts(draft["key"], now()),
        "halves": [label for code, label in AVAILABILITY if code in draft.get("availability", [])],
    }
    return _page(request, "check", page)


def _spoken_place(draft: dict) -> str:
    parts = (draft.get("address"), SPOTS.get(draft.get("spot")), draft.get("place"))
    return " · ".join(str(part) for part in parts if part)


def _send(request: HttpRequest, draft: dict, category: Category) -> Claim:
    tenant = getattr(request.user, "tenant", None) if request.user.is_authenticated else None
    with translation.override(settings.LANGUAGE_CODE):  # the place is read by the office
        place_note = _spoken_place(draft)[:200]
    filing = Filing(
        channel=Channel.WEB,
        key=draft["key"],
        category=category.code,
        words=draft.get("words", ""),
        place_note=place_note,
        tenant=str(tenant.pk) if tenant else None,
        contact_name=draft["name"],
        contact_email=draft.get("email", ""),
        contact_phone=draft.get("phone", ""),
        language=get_language() or settings.LANGUAGE_CODE,
        availability=draft.get("availability", []),
        same_as=draft.get("same_as") or None,
        sent_anyway=bool(draft.get("anyway")),
        session=draft["key"],
        **_place(request, draft, category),
    )
    try:
        return incident_actions.file_under(
            filing,
            incident=draft.get("incident", ""),
            now=now(),
            by=request.user if tenant else None,
        )
    except KeyReused:  # sent from another page meanwhile, with other words: show what was sent
        return Claim.objects.system("filing").get(channel=Channel.WEB, key=draft["key"])
