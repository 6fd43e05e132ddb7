"""Step 1 of filing: choose the fault, by pictures or by words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest
from portal import form_drafts
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.catalogue.danger_help import help_for
from requests.catalogue.legal import source_texts
from requests.catalogue.models import Category, Family
from requests.catalogue.search import find, merge
from requests.filing import drafts
from requests.kit.choices import Urgency
from requests.suggestions import actions as suggestions
from requests.tenant_pages.filing import steps
from requests.tenant_pages.forms import FamilyForm, WhatForm
from requests.tenant_pages.public_views import question

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

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
MODEL_LANGUAGE = "fr"
SURE = 0.3  # of a guess that no description supports


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def what(request: PublicRequest) -> HttpResponse:
    """Show step 1: eight pictures, a search box, and the emergency numbers."""
    error = False
    if request.method == "POST":
        if request.POST.get("tile") in dict(TILES):
            return redirect("file_fault", tile=request.POST["tile"])
        error = True
    return steps.page(request, "what", {"tiles": TILES, "error": error, "step": 1}, errors=error)


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: PublicRequest) -> HttpResponse:
    """Show step 1 by words: suggested faults, then those whose plain labels hold the words."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found, advice = _look_for(query)
    if request.method == "POST":
        _note_choice(query, advice, request.POST.get("category", ""), found)
    danger_first = bool(found) and found[0].urgency == Urgency.U0
    more = {"query": query, "search": True, "alarm": advice.danger or danger_first}
    return _fault_page(request, found, _("Is it one of these?"), more)


def _look_for(query: str) -> tuple[list[Category], suggestions.Advice]:
    """Return the faults that ``query`` may mean, best first, and what the model said of it.

    The model learnt French; where words describe nothing, it must be surer of its guess.
    """
    offered = Category.objects.filter(active=True).select_related("family")
    plain = find(query, offered)
    if get_language() != MODEL_LANGUAGE:
        return plain, suggestions.Advice()
    advice = suggestions.suggest(query)
    guessed = [
        proposal.category
        for proposal in advice.proposals
        if proposal.probability >= (0 if plain else SURE)
        and (advice.danger or proposal.category.urgency != Urgency.U0)
    ]
    # Whole sentences match many descriptions by chance.
    few = plain[:5] if guessed else plain
    return merge(query, few, guessed, is_danger=advice.danger), advice


def _note_choice(query: str, advice: suggestions.Advice, code: str, found: list) -> None:
    if code in {category.code for category in found}:
        suggestions.record_choice(text=query, advice=advice, chosen=code, now=now())


def _posted(request: PublicRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def fault(request: PublicRequest, tile: str) -> HttpResponse:
    """Show the faults behind a picture; behind "Something else", the families."""
    if tile not in dict(TILES):
        raise Http404
    categories = Category.objects.filter(tile=tile, active=True).select_related("family")
    if tile != OTHER:
        return _fault_page(request, categories.order_by("public_rank", "code"))
    families = Family.objects.filter(categories__in=categories).distinct()
    form = FamilyForm(_posted(request), families=families)
    if request.method == "POST" and form.is_valid():
        return redirect("file_family", family=form.cleaned_data["family"])
    return steps.page(request, "family", {"form": form, "step": 1}, errors=bool(form.errors))


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def family(request: PublicRequest, family: str) -> HttpResponse:
    """Show the faults of one family, under "Something else"."""
    chosen = get_object_or_404(Family, code=family)
    categories = (
        chosen.categories.filter(tile=OTHER, active=True)
        .select_related("family")
        .order_by("public_rank", "code")
    )
    if not categories:
        raise Http404
    return _fault_page(request, categories, str(chosen), {"back": "other"})


def _fault_page(
    request: PublicRequest,
    categories: Iterable[Category],
    title: "StrOrPromise | None" = None,
    more: dict | None = None,
) -> HttpResponse:
    """Show the radio list of faults.

    Another choice makes the answers that depend on it asked again.
    """
    form = WhatForm(_posted(request), categories=categories)
    if title:
        form.fields["category"].label = title
    if request.method == "POST" and form.is_valid():
        chosen = Category.objects.get(code=form.cleaned_data["category"])
        _choose(request, chosen)
        if chosen.urgency == Urgency.U0:
            return redirect("file_danger")
        return steps.next_step(request)
    page = {"form": form, "step": 1, "found": bool(categories), **(more or {})}
    return steps.page(request, "fault", page, errors=bool(form.errors))


def _choose(request: PublicRequest, category: Category) -> None:
    """Store the fault in the draft.

    Another fault asks every page again, prefilled: old words may not fit it.
    """
    if drafts.read(request).get("category") != category.code:
        drafts.keep(request, category=category.code, anyway=False, same_as="", incident="", done=[])


@audience(PUBLIC)
@never_cache
@require_GET
def danger(request: PublicRequest) -> HttpResponse:
    """Show the fault's advice and the emergency numbers before any form, for a danger to life."""
    category = steps.category_of(drafts.read(request))
    if category is None:
        return redirect("file_what")
    page = {"category": category, "help": help_for(category.code)}
    return steps.page(request, "danger", page)


@audience(PUBLIC, repeat="what is forgotten stays forgotten")
@require_POST
def forget(request: PublicRequest) -> HttpResponse:
    """Erase the answers so far, here and in the browser, and begin again."""
    drafts.drop(request)
    form_drafts.done(request, _("Erased."), "file-where", "file-words", "file-reach")
    return redirect("file_what")


@audience(PUBLIC, repeat="what is forgotten stays forgotten")
@require_POST
def leave(request: PublicRequest) -> HttpResponse:
    """Forget what was typed, and lead somewhere harmless at once.

    By a page rather than a redirect: the policy of our pages lets no form end elsewhere.
    """
    drafts.drop(request)
    request.session.pop("sent", None)
    there = settings.PALIER_QUICK_EXIT
    page = {"quick_exit": there, "host": urlsplit(there).hostname}
    return render(request, "requests/tenant_pages/leave.html", page)


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def tenant_upkeep(request: PublicRequest) -> HttpResponse:
    """Explain why the tenant normally does this: the reason, its source, and two ways to go on.

    Never a refusal.
    """
    category = steps.category_of(drafts.read(request))
    if category is None or not steps.is_tenant_upkeep(category):
        return steps.next_step(request)
    if request.method == "POST":
        if request.POST.get("choice") == "question":
            _choose(request, question())
        else:
            drafts.keep(request, anyway=True)
        return steps.next_step(request)
    page = {"category": category, "sources": source_texts(category.legal_source), "step": 1}
    return steps.page(request, "yours", page)
