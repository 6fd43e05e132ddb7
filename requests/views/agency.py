"""The inbox: list by promise, conversation, context. Every claim is fetched as visible."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction as database
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from portal.access import DESK_ROLES, audience
from portal.clock import now
from requests import workflow
from requests.actions import conversation
from requests.actions._advance import Conflict, advance
from requests.choices import CALENDAR_URGENCIES, ENDED, OPEN, State
from requests.forms.agency import LABELS, SENDS, ActForm, MessageForm, reply_channel
from requests.models import Claim

PER_PAGE = 50
NEAR = 30
VIEWS = {
    "todo": (_("To do"), Q(state__in=OPEN - {State.WAITING_TENANT, State.DONE})),
    "waiting": (_("Waiting for the tenant"), Q(state=State.WAITING_TENANT)),
    "done": (_("Finished"), Q(state__in=ENDED | {State.DONE})),
    "all": (_("All"), Q()),
}
GROUPS = {
    "none": _("No promise yet"),
    "late": _("Late"),
    "today": _("Today"),
    "tomorrow": _("Tomorrow"),
    "later": _("Later"),
    "ended": _("Ended"),
}
# The first allowed one is the claim's main button.
ORDER = (
    "take_charge",
    "tenant_answered",
    "close_unanswered",
    "report_done",
    "answer",
    "ask",
    "plan",
    "start",
    "refuse",
    "reopen",
    "hand_over",
)
RULES = {
    "emergency_when_closed": _("Emergency while the agency is closed"),
    "head_office_matter": _("A matter for head office"),
    "unknown_place": _("The place is not known yet"),
    "agency_of_the_dwelling": _("The agency that looks after the dwelling"),
    "default": _("No rule fits: the agency's tenancy desk"),
}
EVENTS = {
    "filed": _("Filed"),
    "routed": _("Given to a desk"),
    "message_in": _("The tenant wrote"),
    "message_out": _("We wrote"),
    "say_fixed": _("The tenant says it is fixed"),
    "say_not_fixed": _("The tenant says it is not fixed"),
    "withdraw": _("Withdrawn by the tenant"),
    "identity_merged": _("Moved: the records of one person were merged"),
    "identity_unmerged": _("Moved back: the merge was undone"),
    "proxy_used": _("The tenant's proxy acted"),
    **LABELS,
}


def search(claims: QuerySet, words: str) -> QuerySet:
    """Every word must be found somewhere: reference, name, address or what was written."""
    compact = "".join(words.split())
    by_words = Q()
    for word in words.split()[:8]:
        by_words &= (
            Q(reference__iexact=word)
            | Q(tenant__last_name__icontains=word)
            | Q(tenant__first_name__icontains=word)
            | Q(contact_name__icontains=word)
            | Q(staircase__street__icontains=word)
            | Q(residence__name__icontains=word)
            | Q(residence__commune__icontains=word)
            | Q(dwelling__door__iexact=word)
            | Q(place_note__icontains=word)
            | Q(words__icontains=word)
            | Q(category__label_fr__icontains=word)
            | Q(category__label_en__icontains=word)
        )
    return claims.filter(Q(reference__iexact=compact) | by_words)


def group_of(claim: Claim, moment) -> str:
    if claim.state in ENDED:
        return "ended"
    if claim.promise_at is None:
        return "none"
    if claim.promise_at < moment:
        return "late"
    days = (timezone.localdate(claim.promise_at) - timezone.localdate(moment)).days
    return {0: "today", 1: "tomorrow"}.get(days, "later")


def _listing(request: HttpRequest) -> dict:
    """The left pane: chips with their numbers, and one page of rows in groups."""
    moment = now()
    query = request.GET.get("q", "").replace("\0", "").strip()[:200]
    chosen = request.GET.get("view", "")
    if chosen not in VIEWS:
        chosen = "all" if query else "todo"
    claims = Claim.objects.visible_to(request.membership)
    if query:
        claims = search(claims, query)
    counts = claims.aggregate(**{n: Count("pk", filter=q) for n, (_label, q) in VIEWS.items() if q})
    rows = (
        claims.filter(VIEWS[chosen][1])
        .select_related(
            "category__family", "tenant", "residence", "staircase", "dwelling", "owner__unit"
        )
        .annotate(over=Case(When(state__in=ENDED, then=1), default=0, output_field=IntegerField()))
        .order_by("over", F("promise_at").asc(nulls_first=True), "filed_at", "pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    groups: dict[str, list] = {}
    for claim in page.object_list:
        claim.urgent = claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED
        claim.day = group_of(claim, moment)
        groups.setdefault(claim.day, []).append(claim)
    kept = {"view": chosen, **({"q": query} if query else {})}
    return {
        "groups": [(name, GROUPS[name], items) for name, items in groups.items()],
        "chips": [
            {
                "label": label,
                "count": counts.get(name),
                "current": name == chosen,
                "query": urlencode({**kept, "view": name}),
            }
            for name, (label, _q) in VIEWS.items()
        ],
        "page_obj": page,
        "query": urlencode(kept),
        "here": urlencode({**kept, "page": page.number}),
        "q": query,
        "view_label": VIEWS[chosen][0],
    }


@audience(*DESK_ROLES)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return render(request, "requests/agency/inbox.html", _listing(request))


def _visible(request: HttpRequest, pk) -> Claim:
    """Fetching is authorising: what is not visible is a 404."""
    return get_object_or_404(
        Claim.objects.visible_to(request.membership).select_related(
            "category__family",
            "tenant",
            "dwelling",
            "staircase",
            "building__residence",
            "residence",
            "owner__unit",
        ),
        pk=pk,
    )


def _context(request: HttpRequest, claim: Claim) -> dict:
    """The right pane: who, where, what else here, what equipment, why here."""
    near = []
    if claim.building_id:
        closeness = (
            [When(staircase=claim.staircase_id, then=Value(1))] if claim.staircase_id else []
        )
        if claim.dwelling_id:
            closeness.insert(0, When(dwelling=claim.dwelling_id, then=Value(0)))
        near = list(
            Claim.objects.visible_to(request.membership)
            .filter(building=claim.building_id, state__in=OPEN)
            .exclude(pk=claim.pk)
            .select_related("category")
            .annotate(distance=Case(*closeness, default=Value(2), output_field=IntegerField()))
            .order_by("distance", "filed_at")[: NEAR + 1]
        )
    titles = (_("Open here"), _("Same staircase"), _("Same building"))
    decision = claim.decisions.select_related("desk__unit").order_by("at").last()
    tenant = claim.tenant
    today = timezone.localdate()
    return {
        "contacts": list(tenant.contact_points.order_by("-preferred", "kind")) if tenant else [],
        "needs": list(tenant.needs.filter(expires__gte=today)) if tenant else [],
        "near": [
            (title, [c for c in near[:NEAR] if c.distance == number])
            for number, title in enumerate(titles)
        ],
        "near_more": len(near) > NEAR,
        "equipment": list(
            claim.building.equipment.filter(
                Q(staircase__isnull=True) | Q(staircase=claim.staircase_id)
            ).order_by("kind", "label")
        )
        if claim.building_id
        else [],
        "decision": decision,
        "decision_rule": RULES.get(decision.rule, decision.rule) if decision else "",
    }


def _page(request, claim, *, bound=None, reply=None, conflict=False, kept=(), status=200):
    """The three panes with ``claim`` open; ``bound`` is the form that came back."""
    names = workflow.allowed(claim.state, request.membership.role)
    names = [name for name in ORDER if name in names]
    forms = [
        bound
        if bound and bound.transition == name
        else ActForm(transition=name, initial={"version": claim.version})
        for name in names
    ]
    events = list(claim.events.select_related("actor"))
    for event in events:
        event.label = EVENTS.get(event.name, event.name)
    moment = now()
    context = {
        **_listing(request),
        **_context(request, claim),
        "claim": claim,
        "urgent": claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED,
        "late": group_of(claim, moment) == "late",
        "main_form": forms[0] if forms else None,
        "other_forms": forms[1:],
        "bound": bound,
        "reply": reply or MessageForm(claim=claim),
        "form": reply or bound,
        "thread": list(claim.messages.select_related("author")),
        "events": events,
        "conflict": conflict,
        "kept": kept,
        "last": events[-1] if events else None,
    }
    return render(request, "requests/agency/claim.html", context, status=status)


@audience(*DESK_ROLES)
@require_GET
def claim(request: HttpRequest, pk) -> HttpResponse:
    return _page(request, _visible(request, pk))


def _back(request: HttpRequest, claim: Claim) -> HttpResponse:
    """To the claim when it is still ours to see, with the list as it was."""
    if not Claim.objects.visible_to(request.membership).filter(pk=claim.pk).exists():
        return redirect("agency:inbox")
    query = request.GET.urlencode()
    return redirect(reverse("agency:claim", args=[claim.pk]) + (f"?{query}" if query else ""))


@audience(*DESK_ROLES)
@require_POST
def act(request: HttpRequest, pk, transition: str) -> HttpResponse:
    """One transition of the table; a change made meanwhile answers 409 and keeps the text."""
    claim = _visible(request, pk)
    row = workflow.TRANSITIONS.get(transition)
    if row is None:
        raise Http404
    if request.membership.role not in row.roles:
        raise PermissionDenied
    form = ActForm(request.POST, transition=transition)
    if not form.is_valid():
        if transition not in workflow.allowed(claim.state, request.membership.role):
            return _conflict(request, claim, form)
        return _page(request, claim, bound=form, status=422)
    facts = form.facts()
    moment = now()
    try:
        with database.atomic():
            if transition in SENDS:
                conversation.attach(
                    claim=claim,
                    text=facts["text"],
                    channel=reply_channel(claim),
                    by=request.user,
                    now=moment,
                )
            advance(
                claim=claim,
                transition=transition,
                membership=request.membership,
                version=form.cleaned_data["version"],
                now=moment,
                **facts,
            )
    except (Conflict, workflow.NotAllowed):
        return _conflict(request, claim, form)
    messages.success(request, _("Done: %(action)s.") % {"action": form.label})
    return _back(request, claim)


def _conflict(request: HttpRequest, claim: Claim, form: ActForm) -> HttpResponse:
    """The claim as it is now, and what was typed: in its form if that still fits, else as text."""
    claim = _visible(request, claim.pk)
    if form.transition in workflow.allowed(claim.state, request.membership.role):
        data = form.data.copy()
        data["version"] = claim.version
        again = ActForm(data, transition=form.transition)
        return _page(request, claim, bound=again, conflict=True, status=409)
    kept = [
        (form[name].label, form.data[name])
        for name in ("text", "reason")
        if name in form.fields and form.data.get(name)
    ]
    return _page(request, claim, conflict=True, kept=kept, status=409)


@audience(*DESK_ROLES)
@require_POST
def message(request: HttpRequest, pk) -> HttpResponse:
    """A reply or an internal note."""
    claim = _visible(request, pk)
    form = MessageForm(request.POST, claim=claim)
    if not form.is_valid():
        return _page(request, claim, reply=form, status=422)
    data = form.cleaned_data
    conversation.write(
        claim=claim,
        text=data["text"],
        direction=data["kind"],
        channel=data["channel"],
        by=request.user,
        now=now(),
    )
    note = data["kind"] == "note"
    messages.success(request, _("Note kept.") if note else _("Reply kept in the conversation."))
    return _back(request, claim)
