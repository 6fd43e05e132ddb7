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
from requests.suggestions.danger import find as find_danger
from requests.tenant_pages.filing import steps
from requests.tenant_pages.forms import FamilyForm, SayForm, WhatForm
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
# What the first page begins with; the session remembers it.
FIRST, WORDS = "file_first", "words"
MOST_READ = 400  # characters of a longer description, for the search
MODEL_LANGUAGE = "fr"
SURE = 0.3  # of a guess that no description supports


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def what(request: PublicRequest) -> HttpResponse:
    """Show step 1: eight pictures and a box for one's own words, in the order the person likes."""
    error, form = False, SayForm(initial={"words": drafts.read(request).get("words", "")})
    if request.method == "POST":
        if "first" in request.POST:
            request.session[FIRST] = request.POST["first"][:10]
            return redirect("file_what")
        if request.POST.get("tile") in dict(TILES):
            return redirect("file_fault", tile=request.POST["tile"])
        form = SayForm(request.POST)
        if form.is_valid():
            drafts.keep(request, words=form.cleaned_data["words"])
            return redirect("file_search")
        error = True
    page = {
        "tiles": TILES,
        "error": error,
        "step": 1,
        "words_first": request.session.get(FIRST) == WORDS,
        "form": form,
    }
    return steps.page(request, "what", page, errors=error)


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: PublicRequest) -> HttpResponse:
    """Show step 1 by words: suggested faults, then those whose plain labels hold the words.

    Without ``q``, by what was said on the first page.
    """
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    said = "" if "q" in request.GET else drafts.read(request).get("words", "")[:MOST_READ]
    found, advice = _look_for(query or said)
    if request.method == "POST":
        _note_choice(query or said, advice, request.POST.get("category", ""), found)
    danger_first = bool(found) and found[0].urgency == Urgency.U0
    alarm = advice.danger or danger_first or bool(find_danger(query or said))
    more = {"query": query, "said": said, "search": True, "alarm": alarm}
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
    if "none" in request.POST:
        return _own_words(request)
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
    """Show the radio list of faults, and the way on for whom none of them fits.

    Another choice makes the answers that depend on it asked again.
    """
    if "none" in request.POST:
        return _own_words(request, (more or {}).get("query", ""))
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


def _own_words(request: PublicRequest, searched: str = "") -> HttpResponse:
    """Go on without a fault of the list: what was typed so far is kept, and a person sorts it."""
    words = drafts.read(request).get("words", "")
    if searched not in words:
        words = f"{words}\n{searched}".strip()
    _choose(request, question())
    drafts.keep(request, own_words=True, words=words)
    return steps.next_step(request) if words else redirect("file_words")


def _choose(request: PublicRequest, category: Category) -> None:
    """Store the fault in the draft.

    Another fault asks every page again, prefilled: old words may not fit it.
    """
    draft = drafts.read(request)
    if draft.get("category") != category.code:
        fresh = {"anyway": False, "same_as": "", "incident": "", "done": []}
        drafts.keep(request, category=category.code, own_words=False, **fresh)
    elif draft.get("own_words"):
        drafts.keep(request, own_words=False)


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
    form_drafts.done(request, _("Erased."), "file-what", "file-where", "file-words", "file-reach")
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
