"""Lead from one filing page to the next: the first missing answer decides."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render

from agencies.http_types import PublicRequest
from requests.catalogue.danger_help import help_for
from requests.catalogue.models import Category
from requests.filing import drafts
from requests.kit.choices import Responsible, Urgency
from requests.tenant_pages.filing import place

# The pages after the fault, in order, each with the answer that it writes into the draft.
AFTER_FAULT = ("where", "already", "words", "reach")


def category_of(draft: dict) -> Category | None:
    """Return the chosen fault, if the landlord still offers it."""
    return Category.objects.filter(code=draft.get("category", ""), active=True).first()


def is_tenant_upkeep(category: Category) -> bool:
    """Return whether the law gives this upkeep to the tenant. Paperwork is not upkeep."""
    return category.responsible == Responsible.TENANT and category.urgency in Urgency.values[:6]


def next_step(request: PublicRequest) -> HttpResponse:
    """Redirect to the first page whose answer is missing; to the check page when none is."""
    draft = drafts.read(request)
    category = category_of(draft)
    if category is None:
        return redirect("file_what")
    if is_tenant_upkeep(category) and not draft.get("anyway"):
        return redirect("file_yours")
    done = draft.get("done", [])
    for step in AFTER_FAULT:
        if step in done or (
            step == "already" and not place.is_anything_known(request, draft, category)
        ):
            continue
        return redirect(f"file_{step}")
    return redirect("file_check")


def finish_step(request: PublicRequest, step: str, **answers: object) -> HttpResponse:
    """Store the answers of ``step`` in the draft and redirect to the next page."""
    passed = [*drafts.read(request).get("done", []), step]
    drafts.keep(request, done=list(dict.fromkeys(passed)), **answers)
    return next_step(request)


def page(
    request: PublicRequest, template: str, context: dict, *, errors: bool = False
) -> HttpResponse:
    """Render one filing page; 422 when the posted form has errors.

    Of violence at home every page has a way out to somewhere harmless.
    """
    status = 422 if errors else 200
    if help_for(drafts.read(request).get("category", "")).quick_exit:
        context["quick_exit"] = settings.PALIER_QUICK_EXIT
    return render(request, f"requests/tenant_pages/{template}.html", context, status=status)


def typed_values(request: PublicRequest, *names: str) -> dict:
    """Return what was typed; it is kept even when it is wrong or the session had expired."""
    return {name: request.POST.get(name, "").replace("\0", "")[:4000] for name in names}
