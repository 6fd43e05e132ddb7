"""Step 5 of filing: check and send."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.actor import Actor
from portal.clock import now
from requests.attachments import uploads
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.filing import drafts
from requests.filing.actions import Filing, KeyReused
from requests.incidents import actions as incidents
from requests.kit.choices import Channel
from requests.tenant_pages.filing import place, steps
from requests.tenant_pages.forms import AVAILABILITY

NEEDED = frozenset({"where", "words", "reach"})


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: PublicRequest) -> HttpResponse:
    """Show step 5: the answers to check, and one send button; a double click files one claim."""
    draft = drafts.read(request)
    category = steps.category_of(draft)
    if category is None or not NEEDED.issubset(draft.get("done", [])):
        return steps.next_step(request)
    if steps.is_tenant_upkeep(category) and not draft.get("anyway"):
        return redirect("file_yours")
    home = place.home_of(request, draft)
    if home is None and not draft.get("address"):  # The session of the signed-in tenant ended.
        return redirect("file_where")
    if request.method == "POST":
        claim = _send(request, draft, category)
        drafts.drop(request)
        request.session["sent"] = claim.token
        return redirect("follow", token=claim.token)
    page = {
        "draft": draft,
        "category": category,
        "step": 5,
        "place": place.as_text(draft),
        "home": home,
        "files": uploads.drafts(draft["key"], now()),
        "always_confidential": category.sensitive,
        "halves": [label for code, label in AVAILABILITY if code in draft.get("availability", [])],
    }
    return steps.page(request, "check", page)


def _send(request: PublicRequest, draft: dict, category: Category) -> Claim:
    tenant = getattr(request.user, "tenant", None) if request.user.is_authenticated else None
    # The office reads the place in the tenant's words.
    with translation.override(settings.LANGUAGE_CODE):
        place_note = place.as_text(draft)[:200]
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
        confidential=bool(request.POST.get("confidential")),
        session=draft["key"],
        **place.smallest_place(request, draft, category),
    )
    try:
        return incidents.file_in_incident(
            filing,
            incident=draft.get("incident", ""),
            actor=Actor.tenant(request.user if tenant else None),
            now=now(),
        )
    except KeyReused:  # Sent from another page meanwhile, with other words: show what was sent.
        return Claim.objects.system("filing").get(channel=Channel.WEB, key=draft["key"])
