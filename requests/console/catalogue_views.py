"""Drafts of the catalogue: keep one, rehearse them on past words, publish, export and import."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.imports.sources import WrongFile
from portal.access import Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.catalogue.models import Category
from requests.console import drafts, setting_views
from requests.console.models import CategoryDraft
from requests.console.people_forms import StaffFileForm
from requests.console.sections import BY_SLUG
from requests.console.words_forms import CategoryForm


@audience(Role.ADMIN)
@require_POST
def draft(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what was typed as a draft that nobody reads yet."""
    category = get_object_or_404(Category, pk=pk)
    form = CategoryForm(request.POST, instance=category)
    if not form.is_valid():
        row = Category.objects.get(pk=pk)
        return setting_views.page(request, BY_SLUG["catalogue"], row, form)
    if drafts.keep(form, by=request.user, now=now()) is None:
        messages.info(request, _("Nothing differs: there is no draft."))
        return redirect("console:catalogue_edit", pk)
    messages.success(request, _("Kept as a draft. Nobody reads it before it is published."))
    if "rehearse" in request.POST:
        return redirect("console:catalogue_rehearse")
    return redirect("console:catalogue")


@audience(Role.ADMIN)
@require_POST
def drop(request: StaffRequest, pk: int) -> HttpResponse:
    """Drop the draft of a category."""
    CategoryDraft.objects.filter(category=pk).delete()
    messages.success(request, _("Draft dropped."))
    return redirect("console:catalogue_edit", pk)


@audience(Role.ADMIN)
@require_GET
def rehearse(request: StaffRequest) -> HttpResponse:
    """Show what the drafts would have changed for the latest requests; only counts."""
    waiting = list(CategoryDraft.objects.select_related("category", "by").order_by("category"))
    context = {"drafts": waiting, "rehearsal": drafts.rehearse() if waiting else None}
    return render(request, "requests/console/rehearsal.html", context)


@audience(Role.ADMIN)
@require_POST
def publish_all(request: StaffRequest) -> HttpResponse:
    """Publish every draft."""
    number, wrong = drafts.publish_all(by=request.user)
    if number:
        said = ngettext("%(n)s draft published.", "%(n)s drafts published.", number)
        messages.success(request, said % {"n": number})
    if wrong:
        names = ", ".join(map(str, wrong))
        said = _("Not published, open and correct them: %(names)s.")
        messages.error(request, said % {"names": names})
    return redirect("console:catalogue")


@audience(Role.ADMIN)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """Download the whole catalogue."""
    return csv_file("palier-catalogue", drafts.file_rows())


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def file(request: StaffRequest) -> HttpResponse:
    """Read a catalogue file into drafts; nothing is published."""
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = StaffFileForm(*sent)
    context: dict = {"form": form}
    if form.is_bound and form.is_valid():
        source = form.cleaned_data["file"]
        try:
            kept, rejects = drafts.read_file(source, by=request.user, now=now())
        except WrongFile as error:
            form.add_error("file", error.message)
        else:
            context |= {"read": True, "kept": kept, "rejects": rejects}
    form.fields["file"].help_text = _("CSV or XLSX, as exported. Lines that differ become drafts.")
    status = 422 if form.errors else 200
    return render(request, "requests/console/catalogue_file.html", context, status=status)
