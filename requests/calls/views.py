"""Calls and the counter: find the caller, show what is open for them, file a claim in 45 seconds.

The sentence to say aloud comes from the same plan as the routing, and writes nothing.
"""

import uuid
from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Dwelling, Residence
from portal import opened
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.identifiers import uuid_of
from portal.phones import national_format
from portal.text import digits, plain, words_of
from requests.calls import waits
from requests.calls.forms import FileForm, StatementForm
from requests.calls.missed_call_views import count_calls_to_return
from requests.calls.session_claims import just_filed, remember
from requests.catalogue.models import Category
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.conversation import actions as conversation
from requests.dangers import actions as dangers
from requests.filing.actions import Filing, KeyReused, file_claim, urgency_for
from requests.identity import callers
from requests.inbox import context_panel
from requests.kit.choices import Channel, Urgency
from requests.promises.outlook import promise_said
from requests.routing import actions as routing
from requests.routing.rule_names import rule_name
from requests.suggestions import actions as suggestions
from tenants.actions import contact_points
from tenants.models import ContactPoint, Tenant

MOST_FAULTS = 8


def _caller(request: StaffRequest, given: str) -> Tenant | None:
    """Return the person chosen, among those the member may see. Raises Http404 for another."""
    if not given:
        return None
    return get_object_or_404(Tenant.objects.visible_to(request.membership), pk=uuid_of(given))


def _places(dwelling: Dwelling | None) -> list[tuple[str, str]]:
    """Return where it may be, the home first; the value names the kind and the row."""
    if dwelling is None:
        return []
    stair = dwelling.staircase
    door = dwelling.door or "—"
    return [
        (
            "dwelling",
            _("At home: %(street)s, door %(door)s") % {"street": stair.street, "door": door},
        ),
        ("staircase", _("In the staircase: %(street)s") % {"street": stair.street}),
        ("residence", _("In the residence: %(name)s") % {"name": stair.building.residence.name}),
    ]


def _phone_of(tenant: Tenant | None, typed: str, contacts: Iterable[ContactPoint]) -> str:
    """Return the number they call from when one was typed, else the one we know."""
    if len(digits(typed)) == 9:
        return national_format(typed.strip()[:30])
    return next((national_format(c.value) for c in contacts if c.kind == "phone"), "")


def _home_of(tenant: Tenant, found: list[callers.Caller], request: StaffRequest) -> Dwelling | None:
    """Return the person's home; that of a candidate is known already."""
    for caller in found:
        if caller.tenant == tenant:
            return caller.home
    return callers.homes_of([tenant.pk], request.membership).get(tenant.pk)


@audience(*DESK_ROLES)
@require_GET
def desk(request: StaffRequest) -> HttpResponse:
    """Show who is calling, what is open, and a form for a new claim."""
    return _page(request, request.GET)


def _page(
    request: StaffRequest,
    given: QueryDict,
    *,
    form: FileForm | None = None,
    heard: StatementForm | None = None,
    status: int = 200,
) -> HttpResponse:
    typed = (given.get("tel") or given.get("q") or "").replace("\0", "").strip()[:120]
    found = callers.callers(request.membership, typed) if typed else []
    if typed:
        opened.note_list(request, found)
    tenant = _caller(request, given.get("who", ""))
    unknown = bool(given.get("unknown"))
    sure = [c for c in found if c.grade in callers.SINGLE]
    if tenant is None and not unknown and len(sure) == 1:
        tenant = sure[0].tenant
    if tenant:
        opened.note(request, tenant)
    home = _home_of(tenant, found, request) if tenant else None
    person = context_panel.person(tenant, request.membership)
    mine = callers.open_claims(request.membership, tenant, home) if tenant else []
    waiting = waits.of_claims(mine)
    for claim in mine:
        claim.wait = waiting.get(claim.pk)
    # Who waits for what is said first; dangers stay above all.
    mine.sort(key=lambda claim: (not claim.in_danger, claim.wait is None))
    residence = home.staircase.building.residence if home else None
    numbers = typed if len(digits(typed)) == 9 else ""
    email = next((c.value for c in person["contacts"] if c.kind == "email"), "")
    counter = request.membership.role not in {"call_taker", "on_call"} and not numbers
    if form is None:
        form = FileForm(
            places=_places(home),
            known=tenant is not None,
            initial={
                "key": uuid.uuid4(),
                "who": tenant.pk if tenant else "",
                "channel": Channel.COUNTER if counter else Channel.PHONE,
                "where": "dwelling" if home else "other",
                "phone": _phone_of(tenant, numbers, person["contacts"]),
                "email": email,
            },
        )
    return render(
        request,
        "requests/calls/desk.html",
        {
            "typed": typed,
            "missed": count_calls_to_return(request.membership) if not typed else 0,
            "numbers": numbers,
            "callers": found,
            "tenant": tenant,
            "contacts_open": tenant is not None and home is not None,
            "unknown": tenant is None and (unknown or bool(numbers) and not found),
            "ready": tenant is not None or unknown or bool(numbers and not found),
            "home": home,
            "residence": residence,
            "caretaker": context_panel.caretaker_of(residence),
            "hours": context_panel.hours_today(residence.unit if residence else None),
            **person,
            **context_panel.household(home, tenant),
            "mine": mine,
            "shared": callers.shared_claims(request.membership, home, mine),
            "form": form,
            "heard": heard or StatementForm(),
            "draft": f"call-{tenant.pk if tenant else 'unknown'}",
        },
        status=status,
    )


@audience(*DESK_ROLES)
@require_GET
def faults(request: StaffRequest) -> HttpResponse:
    """Return the faults whose label or plain words begin as typed, with or without accents."""
    words = words_of(request.GET.get("q", "")[:80])
    found = []
    if words:
        for category in Category.objects.filter(active=True).select_related("family"):
            label = plain(str(category)).replace("'", " ").split()
            more = plain(f"{category.plain_language} {category.family}").replace("'", " ").split()
            if all(any(w.startswith(word) for w in label + more) for word in words):
                inside = sum(any(w.startswith(word) for w in label) for word in words)
                found.append((-inside, category.public_rank or 999, category.code, category))
    found.sort(key=lambda row: row[:3])
    shown = [row[3] for row in found[:MOST_FAULTS]]
    return render(request, "requests/calls/_faults.html", {"faults": shown, "typed": bool(words)})


@audience(*DESK_ROLES)
@require_POST
def suggestions_for_words(request: StaffRequest) -> HttpResponse:
    """Return what the caller's words may be about, to choose from; stores and chooses nothing.

    A POST, so that the words stand in no address and no log.
    """
    advice = suggestions.suggest(request.POST.get("words", "").replace("\0", "")[:4000])
    return render(request, "requests/calls/_suggested.html", {"advice": advice})


def _residence(place: str, home: Dwelling | None) -> Residence | None:
    """Return the residence of the place; None when the place is not in the register."""
    return home.staircase.building.residence if home and place != "other" else None


@audience(*DESK_ROLES)
@require_GET
def sentence(request: StaffRequest) -> HttpResponse:
    """Return what to say before hanging up, with the promise this claim would get.

    Writes nothing.
    """
    category = Category.objects.filter(code=request.GET.get("category", "")[:10]).first()
    if category is None:
        return render(request, "requests/calls/_sentence.html", {"category": None})
    tenant = _caller(request, request.GET.get("who", ""))
    home = callers.homes_of([tenant.pk], request.membership).get(tenant.pk) if tenant else None
    moment = now()
    urgency, _needs = urgency_for(category, tenant, moment)
    planned = routing.plan(
        category=category,
        urgency=urgency,
        residence=_residence(request.GET.get("where", "other"), home),
        channel=Channel.COUNTER if request.GET.get("channel") == Channel.COUNTER else Channel.PHONE,
        tenant=tenant,
        since=moment,
        now=moment,
    )
    return render(
        request, "requests/calls/_sentence.html", _sentence_context(category, planned, tenant)
    )


def _sentence_context(
    category: Category, planned: routing.Plan, tenant: Tenant | None, claim: Claim | None = None
) -> dict:
    return {
        "category": category,
        "planned": planned,
        "desk": (claim and claim.owner) or planned.desk,
        "promise_at": (claim and promise_said(claim)) or planned.promise_at,
        "tenant": tenant,
        "claim": claim,
        "danger": category.urgency == Urgency.U0,
        "rule": rule_name(planned.decision.rule),
        "moment": timezone.localtime(),
    }


@audience(*DESK_ROLES)
@require_POST
def file(request: StaffRequest) -> HttpResponse:
    """File what was said; the same key twice is the same claim."""
    tenant = _caller(request, request.POST.get("who", ""))
    home = callers.homes_of([tenant.pk], request.membership).get(tenant.pk) if tenant else None
    form = FileForm(request.POST, places=_places(home), known=tenant is not None)
    if not form.is_valid():
        return _page(request, request.POST, form=form, status=422)
    data = form.cleaned_data
    place = {
        "dwelling": {"dwelling": home.pk} if home else {},
        "staircase": {"staircase": home.staircase_id} if home else {},
        "residence": {"residence": home.staircase.building.residence_id} if home else {},
    }.get(data["where"], {})
    filing = Filing(
        channel=data["channel"],
        key=str(data["key"]),
        category=data["category"],
        words=data["words"],
        no_danger=data["no_danger"],
        place_note=data["place_note"],
        tenant=str(tenant.pk) if tenant else None,
        contact_name=data["name"] or (str(tenant) if tenant else ""),
        contact_email=data["email"],
        contact_phone=data["phone"],
        language=tenant.language if tenant else get_language() or "fr",
        **place,
    )
    try:
        made = file_claim(filing, actor=Actor.member(request.membership), now=now())
    except KeyReused:
        form.add_error(None, _("This was already filed with other words. Start a new one."))
        return _page(request, request.POST, form=form, status=422)
    typed = request.POST.get("q", "")
    if tenant and len(digits(typed)) == 9:
        contact_points.told(
            tenant=tenant, member=request.membership, value=typed, by=request.user, now=now()
        )
    if data["words"]:
        advice = suggestions.suggest(data["words"])
        suggestions.record_choice(
            text=data["words"], advice=advice, chosen=data["category"], now=now(), claim=made
        )
    remember(request, made)
    return redirect("calls:done", pk=made.pk)


@audience(*DESK_ROLES)
@require_GET
def done(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the reference and the sentence to read, with the promise that the tenant will get."""
    claim = just_filed(request, pk)
    planned = routing.plan(
        category=claim.category,
        urgency=claim.urgency,
        residence=claim.residence,
        channel=claim.channel,
        tenant=claim.tenant,
        since=claim.filed_at,
        now=claim.filed_at,
    )
    context = _sentence_context(claim.category, planned, claim.tenant, claim)
    context["draft"] = f"call-{claim.tenant_id or 'unknown'}"
    return render(request, "requests/calls/done.html", context)


@audience(*DESK_ROLES)
@require_POST
def add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Add to an open claim: the tenant's own (their message) or the building's (a note)."""
    claim = visible_claim(request, pk)
    tenant = _caller(request, request.POST.get("who", ""))
    if tenant is None:
        raise Http404
    home = callers.homes_of([tenant.pk], request.membership).get(tenant.pk)
    own = claim.tenant_id == tenant.pk or (
        claim.dwelling_id is not None and home is not None and claim.dwelling_id == home.pk
    )
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _page(request, request.POST, heard=form, status=422)
    counter = request.POST.get("channel") == Channel.COUNTER
    text = form.cleaned_data["text"]
    if not own:
        text = " ".join([_("Also reported by %(name)s.") % {"name": tenant}, text]).strip()
    channel = Channel.COUNTER if counter else Channel.PHONE
    message = conversation.record_statement(
        claim=claim,
        text=text or _("Call about this request."),
        channel=channel,
        actor=Actor.member(request.membership),
        caller=str(tenant.pk),
        own=own,
        now=now(),
    )
    if made := dangers.made_of(claim, message):  # what to say first, and its own number
        remember(request, made)
        return redirect("calls:done", pk=made.pk)
    messages.success(request, _("Added to request %(ref)s.") % {"ref": claim.spoken_reference})
    return redirect("calls:heard", pk=claim.pk)


@audience(*DESK_ROLES)
@require_GET
def show_open_claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show what to say about a claim that was already open, and what it still waits for."""
    claim = visible_claim(request, pk)
    claim.wait = waits.of_claims([claim]).get(claim.pk)
    return render(request, "requests/calls/heard.html", {"claim": claim})
