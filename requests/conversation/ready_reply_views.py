"""Ready-made replies, edited from the inbox."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import DESK_ROLES, audience
from requests.conversation import ready_replies
from requests.conversation.forms import CannedForm


def _page(request: HttpRequest, form: CannedForm, edited=None) -> HttpResponse:
    context = {
        "form": form,
        "edited": edited,
        "rows": ready_replies.usable_by(request.membership).select_related("unit"),
        "mine": set(ready_replies.editable_by(request.membership).values_list("pk", flat=True)),
    }
    status = 422 if form.errors else 200
    return render(request, "requests/conversation/ready_replies.html", context, status=status)


def _save(request: HttpRequest, edited=None) -> HttpResponse:
    form = CannedForm(request.POST)
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("name", "language", "body")}
        try:
            with transaction.atomic():
                ready_replies.keep(membership=request.membership, pk=edited and edited.pk, **data)
        except IntegrityError:
            form.add_error("name", _("Another reply has this name."))
        else:
            messages.success(request, _("Reply kept."))
            return redirect("conversation:replies")
    return _page(request, form, edited)


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def replies(request: HttpRequest) -> HttpResponse:
    """All that may be used, and the form of a new one."""
    return _save(request) if request.method == "POST" else _page(request, CannedForm())


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """One reply that is ours to change."""
    edited = get_object_or_404(ready_replies.editable_by(request.membership), pk=pk)
    if request.method == "POST":
        return _save(request, edited)
    kept = {"name": edited.name, "language": edited.language, "body": edited.body}
    return _page(request, CannedForm(initial=kept), edited)


@audience(*DESK_ROLES)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one."""
    if not ready_replies.drop(membership=request.membership, pk=pk):
        raise Http404
    messages.success(request, _("Reply forgotten."))
    return redirect("conversation:replies")
