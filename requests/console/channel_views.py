"""Channels with a test button, a test of a text, the landlord's look, and the usual week."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Landlord
from portal import phones, setting_changes, setting_values
from portal.access import Role, audience
from portal.clock import now
from portal.panels import wants_panel
from requests.channels.mailbox_models import Mailbox
from requests.console import mailbox_checks, trials
from requests.console.channel_forms import LandlordForm
from requests.console.place_forms import UsualWeekForm
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.previews import preview
from requests.notifications.text_models import MessageText


@audience(Role.ADMIN)
@require_GET
def channels(request: StaffRequest) -> HttpResponse:
    """Show every channel, how it is tested, and what became of the last tests."""
    sent = trials.lately(request.user, now())
    context = {
        "boxes": Mailbox.objects.select_related("unit"),
        "trials": sent,
        "waiting": any(trial.state == "waiting" for trial in sent),
        "sms": outgoing.can_send_sms(),
        "phone": request.user.phone,
    }
    part = "requests/console/_trials.html" if wants_panel(request) else ""
    return render(request, part or "requests/console/channels.html", context)


@audience(Role.ADMIN)
@require_POST
def test_mailbox(request: StaffRequest, pk: int) -> HttpResponse:
    """Connect to a mailbox and count its messages; nothing is read."""
    box = get_object_or_404(Mailbox, pk=pk)
    result = mailbox_checks.check(box)
    if result.works:
        mailbox_checks.note_success(box, now())
        said = ngettext(
            "It works: %(n)s message in the folder.",
            "It works: %(n)s messages in the folder.",
            result.waiting,
        )
        messages.success(request, f"{box.address} – {said % {'n': result.waiting}}")
    else:
        messages.error(request, f"{box.address} – {result.words} {result.advice}")
    return redirect(_back(request, "console:mailboxes_edit", box.pk))


def _back(request: StaffRequest, name: str, *arguments: object) -> str:
    """Return the page that a button stood on: the list of channels, or one row."""
    return reverse("console:channels") if "list" in request.POST else reverse(name, args=arguments)


@audience(Role.ADMIN)
@require_POST
def test_message(request: StaffRequest) -> HttpResponse:
    """Send a test message to oneself, by mail or by text message."""
    channel = request.POST.get("channel")
    if channel == Channel.SMS:
        number = phones.to_e164(request.POST.get("phone", ""))
        if not number or not phones.takes_sms(number):
            messages.error(request, _("Write a mobile phone number, like 06 12 34 56 78."))
            return redirect("console:channels")
        trials.send(channel=Channel.SMS, to=number, by=request.user, now=now())
    else:
        to = request.user.email
        trials.send(channel=Channel.EMAIL, to=to, by=request.user, now=now())
    messages.success(request, _("The test message is on its way."))
    return redirect("console:channels")


@audience(Role.ADMIN)
@require_POST
def test_text(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a text, filled with examples, to oneself by mail."""
    text = get_object_or_404(MessageText, pk=pk)
    trials.send(
        channel=Channel.EMAIL,
        to=request.user.email,
        by=request.user,
        text=preview(text),
        now=now(),
    )
    said = _("Sent to %(email)s, with examples in the place of names.")
    messages.success(request, said % {"email": request.user.email})
    return redirect("console:texts_edit", pk)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def landlord(request: StaffRequest) -> HttpResponse:
    """Set how the landlord is called, reached and seen, and its legal notices."""
    row = Landlord.objects.first() or Landlord()
    is_new = row._state.adding
    posted = request.method == "POST"
    data, files = (request.POST, request.FILES) if posted else (None, None)
    form = LandlordForm(data, files, instance=row)
    if form.is_bound and form.is_valid():
        values = setting_values.told(form)
        saved = form.save()
        if is_new:
            setting_changes.record_addition(saved, by=request.user)
        elif values or form.changed_data:
            labels = [str(form.fields[name].label) for name in form.changed_data]
            setting_changes.record_change(saved, by=request.user, values=values, labels=labels)
        messages.success(request, _("Saved."))
        return redirect("console:landlord")
    context = {"form": form, "groups": form.groups(), "row": None if is_new else row}
    status = 422 if form.errors else 200
    return render(request, "requests/console/landlord.html", context, status=status)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def week(request: StaffRequest) -> HttpResponse:
    """Set the usual week, for every unit that has none of its own."""
    form = UsualWeekForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Saved. Open promises are dated again."))
        return redirect("console:week")
    context = {"form": form, "groups": [{"fields": list(form.week_fields()), "style": "week"}]}
    status = 422 if form.errors else 200
    return render(request, "requests/console/week.html", context, status=status)
