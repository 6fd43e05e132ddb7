"""Pages of ready-made replies, opened from the inbox."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from requests.conversation import ready_replies
from requests.conversation.forms import CannedForm
from requests.conversation.models import CannedReply
from requests.notifications import texts


def _page(
    request: StaffRequest, form: CannedForm, edited: CannedReply | None = None
) -> HttpResponse:
    """Return the page with all usable replies and the form."""
    rows = list(ready_replies.usable_by(request.membership).select_related("unit"))
    for row in rows:
        row.said = texts.in_words(row.body)
    context = {
        "form": form,
        "edited": edited,
        "rows": rows,
        "mine": set(ready_replies.editable_by(request.membership).values_list("pk", flat=True)),
    }
    status = 422 if form.errors else 200
    return render(request, "requests/conversation/ready_replies.html", context, status=status)


def _save(request: StaffRequest, edited: CannedReply | None = None) -> HttpResponse:
    """Save the posted reply, or return the page with the form's errors."""
    form = CannedForm(request.POST)
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("name", "language", "body")}
        try:
            with transaction.atomic():
                ready_replies.keep(
                    membership=request.membership, pk=edited.pk if edited else None, **data
                )
        except IntegrityError:
            form.add_error("name", _("Another reply has this name."))
        else:
            messages.success(request, _("Reply kept."))
            return redirect("conversation:replies")
    return _page(request, form, edited)


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def replies(request: StaffRequest) -> HttpResponse:
    """Show all usable replies and the form of a new one."""
    return _save(request) if request.method == "POST" else _page(request, CannedForm())


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def reply(request: StaffRequest, pk: int) -> HttpResponse:
    """Show and save one reply that the member may edit."""
    edited = get_object_or_404(ready_replies.editable_by(request.membership), pk=pk)
    if request.method == "POST":
        return _save(request, edited)
    initial = {"name": edited.name, "language": edited.language, "body": edited.body}
    return _page(request, CannedForm(initial=initial), edited)


@audience(*DESK_ROLES)
@require_POST
def drop(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete one reply."""
    if not ready_replies.drop(membership=request.membership, pk=pk):
        raise Http404
    messages.success(request, _("Reply forgotten."))
    return redirect("conversation:replies")
