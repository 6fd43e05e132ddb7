"""Step 3 of filing: photos and words, both optional."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.attachments import uploads
from requests.attachments.responses import serve
from requests.catalogue.kinds import Kind
from requests.filing import drafts
from requests.kit.choices import Channel
from requests.tenant_pages.filing import steps
from requests.tenant_pages.forms import WordsForm


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def words(request: PublicRequest) -> HttpResponse:
    """Show step 3: photos and words. A refused file loses neither the words nor the other files."""
    draft = drafts.read(request)
    session = draft.get("key", "")
    category = steps.category_of(draft)
    kind = category.kind if category else Kind.FAULT
    own = bool(draft.get("own_words"))
    if request.method == "POST":
        draft = drafts.keep(request, **steps.typed_values(request, "words"))
        session = draft["key"]
        form = WordsForm(request.POST, request.FILES, kind=kind, own=own)
        if request.POST.get("remove"):
            uploads.remove(session=session, attachment=request.POST["remove"], now=now())
            return redirect("file_words")
        if form.is_valid():
            _kept, refusals = uploads.keep_all(
                form.cleaned_data["photos"], session=session, channel=Channel.WEB, now=now()
            )
            for refusal in refusals:
                form.add_error("photos", refusal)
            if own and not form.cleaned_data["words"] and not uploads.drafts(session, now()):
                form.add_error("words", _("Write a few words, or add a photo."))
        if form.is_valid():
            if "more" in request.POST:
                return redirect("file_words")
            return steps.finish_step(request, "words", words=form.cleaned_data["words"])
    else:
        form = WordsForm(initial={"words": draft.get("words", "")}, kind=kind, own=own)
    if category is None:
        return redirect("file_what")
    page = {"form": form, "step": 3, "files": uploads.drafts(session, now()), "kind": kind}
    page["own"] = own
    return steps.page(request, "words", page, errors=bool(form.errors))


@audience(PUBLIC)
@never_cache
@require_GET
def draft_file(request: PublicRequest, file: UUID) -> HttpResponseBase:
    """Return a photo of the visitor's own draft, for its thumbnail."""
    session = drafts.read(request).get("key", "")
    found = get_object_or_404(uploads.drafts(session, now()), pk=file)
    return serve(found, small="small" in request.GET)
