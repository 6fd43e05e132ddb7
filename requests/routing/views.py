"""Pages of routing rules: every desk reads them; managers and head office write them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Unit
from portal import form_drafts, opened, windows
from portal.access import DESK_ROLES, Role, audience
from portal.clock import now
from requests.claims.models import Claim
from requests.routing import RuleFailure
from requests.routing import rule_actions as actions
from requests.routing.conflicts import findings
from requests.routing.decide import HOUSE as HOUSE_ROUTING
from requests.routing.decide import SAFETY
from requests.routing.decide import Rule as BuiltInRule
from requests.routing.figures import WhatItDid, corrections, what_rules_did
from requests.routing.forms import RuleForm, labels
from requests.routing.house_proposals import HOUSE
from requests.routing.house_rows import is_built_in
from requests.routing.models import Rule
from requests.routing.rehearsal import RehearsalResult
from requests.routing.rule_names import HOUSE_NAMES
from requests.routing.sentences import sentence

WRITERS = (Role.AGENCY_MANAGER, Role.HEAD_OFFICE)
MONTHS = (3, 6, 12)
PER_PAGE = 50
LISTS = {
    "touched": _("Claims the rule would have sent"),
    "otherwise": _("Otherwise than people did"),
    "saved": _("Hand-overs it would have saved"),
}
PROPOSAL_LISTS = {
    "touched": _("Claims the rule would have proposed for"),
    "otherwise": LISTS["otherwise"],
}


def _scope(request: StaffRequest) -> Unit | None:
    """Return the unit whose rules the member writes; None, the landlord's, for head office."""
    head_office = request.membership.role == Role.HEAD_OFFICE
    return None if head_office else request.membership.unit


def _visible(request: StaffRequest, pk: UUID) -> Rule:
    """Return the rule, if it is the landlord's or the unit's own; head office reads all.

    Raises ``Http404``.
    """
    rules = Rule.objects.select_related("unit")
    if request.membership.role != Role.HEAD_OFFICE:
        rules = rules.filter(unit__in=[request.membership.unit_id]) | rules.filter(unit=None)
    return get_object_or_404(rules, pk=pk)


def _writable(request: StaffRequest, pk: UUID) -> Rule:
    """Return the rule, if the member may change it. Raises ``Http404``, ``PermissionDenied``."""
    rule = _visible(request, pk)
    scope = _scope(request)
    if rule.unit_id != (scope.pk if scope else None):
        raise PermissionDenied
    return rule


def _rows(rules: list[Rule], words: dict[str, Any], request: StaffRequest) -> list[dict[str, Any]]:
    """Return the rules as rows: sentence, figures, conflicts, and whether they are on here."""
    scope = _scope(request)
    problems: dict[str, list[tuple[str, object]]] = {}
    names = {str(r.pk): r.name for r in rules} | {r.key: HOUSE_NAMES[r.key] for r in SAFETY}
    # A built-in rule waits for its day: it takes no claim from another.
    asked = [r for r in rules if r.active and r.outcome.get("propose") != HOUSE]
    for finding in findings([actions.as_row(r) for r in asked]):
        problems.setdefault(finding.rule, []).append((finding.kind, names[finding.by]))
    off: set[UUID] = set()
    if scope:
        off = set(scope.switched_off.values_list("rule_id", flat=True))
    did = what_rules_did(str(r.pk) for r in rules)
    nothing = WhatItDid(None, None)
    return [
        {
            "rule": rule,
            "sentence": sentence(rule.conditions, rule.outcome, words),
            "mine": rule.unit_id == (scope.pk if scope else None),
            "off_here": rule.pk in off,
            "broken": actions.is_broken(rule),
            "findings": problems.get(str(rule.pk), []),
            "kept": did.get(str(rule.pk), nothing).kept,
            "accepted": did.get(str(rule.pk), nothing).accepted,
        }
        for rule in rules
    ]


@audience(*DESK_ROLES)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Show all rules for the reader's claims, in the order in which they are tried."""
    scope = _scope(request)
    rules = list(Rule.objects.select_related("unit").order_by("position", "pk"))
    if scope:
        rules = [r for r in rules if r.unit_id in (scope.pk, None)]
    rules.sort(key=lambda r: (r.unit_id is None, r.unit.name if r.unit else "", r.position))
    words = labels(None)
    rows = _rows(rules, words, request)
    return render(
        request,
        "requests/routing/index.html",
        {
            "rules": [row for row in rows if not is_built_in(row["rule"])],
            "built_in": [row for row in rows if is_built_in(row["rule"])],
            "safety": [_built_in(rule) for rule in SAFETY],
            "house": [_built_in(rule) for rule in HOUSE_ROUTING],
            "may_write": request.membership.role in WRITERS,
            "corrections": corrections(request.membership, words) if scope else [],
            "unit": scope,
        },
    )


def _built_in(rule: BuiltInRule) -> dict[str, Any]:
    """Return a built-in rule as a row: name and sentence."""
    return {"name": HOUSE_NAMES[rule.key], "sentence": HOUSE_SENTENCES[rule.key]}


@audience(*WRITERS)
@require_http_methods(["GET", "POST"])
def compose(request: StaffRequest, pk: UUID | None = None) -> HttpResponse:
    """Write a rule as a draft, tested at once; it acts only once it is switched on."""
    rule = _writable(request, pk) if pk else None
    scope = _scope(request)
    words = labels(scope)
    initial = RuleForm.initial_of(rule) if rule else _initial_from_link(request)
    form = RuleForm(request.POST or None, unit=scope, words=words, initial=initial)
    draft = f"rule-{rule.pk}-{rule.version}" if rule else "rule"
    status = 200 if form.is_valid() or not form.is_bound else 422
    if request.method == "POST" and form.is_valid():
        try:
            rule = actions.save_rule(
                rule=rule,
                unit=scope,
                name=form.cleaned_data["name"],
                conditions=form.conditions(),
                outcome=form.goal(),
                by=request.user,
                now=now(),
                version=form.cleaned_data["version"],
            )
        except actions.RuleConflict:
            status = 409
            form.add_error(
                "name",
                _("Another rule has this name, or the rule changed while you wrote. Look again."),
            )
        else:
            form_drafts.done(request, _("The rule is saved."), draft)
            return redirect(f"{reverse('rules:rule', args=[rule.pk])}?months={MONTHS[-1]}")
    page = {"draft": draft, "form": form, "rule": rule}
    return render(request, "requests/routing/compose.html", page, status=status)


def _initial_from_link(request: StaffRequest) -> dict[str, Any]:
    """Return the initial values from a suggestion's link; the form ignores unknown ones."""
    return {
        "name": request.GET.get("name", "")[:80],
        "outcome": request.GET.get("outcome", ""),
        "when_category": request.GET.getlist("category"),
    }


@audience(*DESK_ROLES)
@require_GET
def rule(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one rule: its sentence, its figures, its versions and, where asked, its test.

    The test reads the past claims of the rule's scope, so that it is made for who asks for it.
    """
    found = _visible(request, pk)
    words = labels(None)
    given = request.GET.get("months", "")
    tried = given in map(str, MONTHS)
    months = int(given) if tried else MONTHS[-1]
    failure, result = "", RehearsalResult()
    if tried:
        try:
            result = actions.run_rehearsal(rule=found, now=now(), months=months)
        except RuleFailure as error:
            failure = str(error)
    chosen = request.GET.get("list", "touched")
    lists = PROPOSAL_LISTS if found.proposes else LISTS
    chosen = chosen if chosen in lists else "touched"
    keys = getattr(result, chosen)
    page_obj = windows.page_of_list(request, keys, PER_PAGE)
    visible = Claim.objects.visible_to(request.membership)
    claims = visible.select_related("category", "residence", "owner__unit").in_bulk(
        list(page_obj.object_list)
    )
    opened.note_list(request, page_obj)
    return render(
        request,
        "requests/routing/rule.html",
        {
            **_rows([found], words, request)[0],
            "may_write": request.membership.role in WRITERS,
            "tried": tried,
            "months": months,
            "all_months": MONTHS,
            "result": result,
            "failure": failure,
            "lists": [
                (name, label, len(getattr(result, name)), name == chosen)
                for name, label in lists.items()
            ],
            "chosen": chosen,
            "claims": [claims[key] for key in page_obj.object_list if key in claims],
            "page_obj": page_obj,
            "query": f"months={months}&list={chosen}",
            "versions": [
                {"version": v, "sentence": sentence(v.conditions, v.outcome, words)}
                for v in found.versions.select_related("author")
            ],
        },
    )


@audience(*WRITERS)
@require_POST
def switch(request: StaffRequest, pk: UUID, state: str) -> HttpResponse:
    """Switch a rule on or off: an own rule everywhere, a rule of the landlord for one agency."""
    found = _visible(request, pk)
    scope = _scope(request)
    on = state == "on"
    if found.unit_id == (scope.pk if scope else None):
        actions.switch(rule=found, on=on, by=request.user, now=now())
    elif found.unit_id is None and scope:
        actions.switch_here(rule=found, unit=scope, on=on, by=request.user, now=now())
    else:
        raise PermissionDenied
    messages.success(request, _("The rule is active.") if on else _("The rule is off."))
    return redirect("rules:rule", pk=pk)


@audience(*WRITERS)
@require_POST
def move(request: StaffRequest, pk: UUID, way: str) -> HttpResponse:
    """Move a rule up or down in its scope."""
    actions.move(rule=_writable(request, pk), up=way == "up")
    return redirect("rules:index")


@audience(*WRITERS)
@require_POST
def restore(request: StaffRequest, pk: UUID, version: int) -> HttpResponse:
    """Make an earlier version the current one, switched on or off as it was."""
    found = _writable(request, pk)
    get_object_or_404(found.versions, version=version)
    actions.restore(rule=found, version=version, by=request.user, now=now())
    messages.success(request, _("The earlier version is back."))
    return redirect("rules:rule", pk=pk)


HOUSE_SENTENCES = {
    "emergency_when_closed": _(
        "When the urgency is U0 (danger to life) or U1 (emergency) and the agency is closed, the "
        "request goes to: on call."
    ),
    "danger_without_place": _(
        "When the urgency is U0 (danger to life) and the place is not known, the request goes to: "
        "on call."
    ),
    "head_office_matter": _(
        "When the catalogue gives the subject to head office, the request goes to its desk there."
    ),
    "unknown_place": _("When the place is not known, the request goes to: contact centre."),
    "agency_of_the_dwelling": _(
        "When the catalogue gives the subject to the agency, the request goes to its desk there."
    ),
    "default": _("Every other request goes to: the agency’s tenancy desk."),
}
