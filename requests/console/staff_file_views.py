"""A file of staff: its example, its reading, and the invitations once somebody looked at it."""

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.imports.sources import WrongFile
from portal.access import Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.console import invitations, staff_file
from requests.console.people_forms import StaffFileForm


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def staff(request: StaffRequest) -> HttpResponse:
    """Read a file and show what it would do; nothing is written."""
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = StaffFileForm(*sent)
    context: dict = {"form": form}
    if form.is_bound and form.is_valid():
        try:
            reading = staff_file.read(form.cleaned_data["file"], now())
        except WrongFile as error:
            form.add_error("file", error.message)
        else:
            context |= {
                "reading": reading,
                "packed": staff_file.pack(reading.lines),
                "packed_rejects": staff_file.pack_rejects(reading.rejects),
            }
    status = 422 if form.errors else 200
    return render(request, "requests/console/staff.html", context, status=status)


@audience(Role.ADMIN)
@require_POST
def invite_all(request: StaffRequest) -> HttpResponse:
    """Invite the people of the file that was looked at."""
    try:
        lines = staff_file.unpack(request.POST.get("lines", ""))
    except signing.BadSignature:
        messages.error(request, _("This was read too long ago: send the file again."))
        return redirect("console:staff")
    done, known = staff_file.invite_all(lines, by=request.user, now=now())
    unsent = [
        member for member, token in done if not invitations.send(member, token, by=request.user)
    ]
    number = len(done) - len(unsent)
    said = ngettext("%(number)s invitation sent.", "%(number)s invitations sent.", number)
    messages.success(request, said % {"number": number})
    if known:
        said = ngettext(
            "%(number)s person had the role already.",
            "%(number)s people had the role already.",
            len(known),
        )
        messages.info(request, said % {"number": len(known)})
    if unsent:
        names = ", ".join(member.user.email for member in unsent)
        said = _("The mail server did not take those to %(names)s: send them again later.")
        messages.error(request, said % {"names": names})
    if any(member.pending for member, _token in done):
        messages.warning(request, _("Roles that open requests wait for a second person."))
    return redirect("console:people")


@audience(Role.ADMIN)
@require_GET
def staff_template(request: StaffRequest) -> HttpResponse:
    """Download an example of the file, with the columns and two invented people."""
    return csv_file("palier-staff", staff_file.template())


@audience(Role.ADMIN)
@require_POST
def staff_rejects(request: StaffRequest) -> HttpResponse:
    """Download the lines that were not taken, with their reasons; they come back from the page."""
    try:
        rejects = staff_file.unpack_rejects(request.POST.get("rejects", ""))
    except signing.BadSignature:
        messages.error(request, _("This was read too long ago: send the file again."))
        return redirect("console:staff")
    heads = list(dict.fromkeys(name for row in rejects for name in row.cells))
    rows = [[r.number, r.reason, *(r.cells.get(h, "") for h in heads)] for r in rejects]
    return csv_file("palier-rejects", [[_("line"), _("reason"), *heads], *rows])
