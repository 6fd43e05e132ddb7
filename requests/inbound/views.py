"""Webhooks (signed posts), the tray of what could not be read, and the channels' health."""

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import PublicRequest, StaffRequest
from portal import opened, windows
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from portal.secrets import secret
from requests.attachments.responses import with_safe_headers
from requests.channels import intake as intakes
from requests.channels import reasons, signatures
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.channels.signatures import body_of
from requests.claims.models import Claim
from requests.inbound import health as channel_health
from requests.inbound import imap, public_page, sms, tray_listing
from requests.inbound import reader as reading
from requests.inbound import tray as sorting
from requests.inbound.forms import AttachForm, DiscardForm
from requests.inbound.invitation_models import Invitation
from requests.inbound.replies import Reply
from requests.jobs.models import Job
from requests.kit.choices import Channel
from requests.notifications import outgoing, provider_alarms
from requests.notifications.models import Delivery

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PER_PAGE = 50
MOST_RAW = 100_000
# Far above what mail servers take: what is larger is no mail.
LARGEST_POST = 150 * 1024 * 1024
log = logging.getLogger(__name__)


@csrf_exempt
@audience(PUBLIC)
@require_POST
def mail_hook(request: PublicRequest, slug: str) -> HttpResponse:
    """Receive raw MIME of one of our mailboxes, signed; stored before it is read.

    Replays are harmless. Of a mail over the limit the beginning is stored, as from IMAP, and its
    sender is told.
    """
    box = Mailbox.objects.filter(slug=slug).first()
    key = secret(box.webhook_secret_name) if box else ""
    moment = now()
    try:
        found = signatures.read_signed(
            request, key, moment.timestamp(), kept=imap.LARGEST, most=LARGEST_POST
        )
    except signatures.TooLarge as error:
        log.warning("mailbox %s: a post of more than %s bytes was refused", slug, error)
        return HttpResponse(status=413)
    if box is None or found is None:
        return HttpResponse(status=401)
    body, size = found
    large = size > imap.LARGEST
    imap.store(box, body[: imap.HEAD_OF_LARGE] if large else body, moment, truncated=large)
    return HttpResponse(status=202)


@csrf_exempt
@audience(PUBLIC)
@require_POST
def sms_provider(request: PublicRequest) -> HttpResponse:
    """Receive a text, or the receipt of one of ours, in the provider's form and signature."""
    body = body_of(request)
    if body is None:
        return HttpResponse(status=413)
    try:
        form = sms.fields(body)
    except ValueError:  # far more fields than any provider sends
        return HttpResponse(status=400)
    url = settings.PALIER_URL + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signatures.is_genuine_form(settings.PALIER_SMS_TOKEN, url, form, signature):
        return HttpResponse(status=401)
    delivery = request.GET.get("d", "")
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    status = form.get("MessageStatus", "")
    if not sid:
        return HttpResponse(status=400)
    if delivery.isalnum():
        body += b"&d=" + delivery.encode()
    intakes.receive(
        channel=Channel.SMS,
        external_id=f"{sid}/{status}" if status else sid,
        raw=body,
        now=now(),
    )
    return HttpResponse("<Response></Response>", content_type="text/xml; charset=utf-8")


@csrf_exempt
@audience(PUBLIC)
@require_POST
def sms_hook(request: PublicRequest) -> HttpResponse:
    """Receive the same form from any other gateway, under our own signature."""
    body = body_of(request)
    if body is None:
        return HttpResponse(status=413)
    key, at = settings.PALIER_HOOK_KEY, now().timestamp()
    if not signatures.is_genuine(key, request.headers, body, at):
        return HttpResponse(status=401)
    try:
        form = sms.fields(body)
    except ValueError:
        return HttpResponse(status=400)
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not sid:
        return HttpResponse(status=400)
    intakes.receive(
        channel=Channel.SMS,
        external_id=f"hook/{sid}/{status}" if status else f"hook/{sid}",
        raw=body,
        now=now(),
    )
    return HttpResponse(status=202)


@audience(*DESK_ROLES)
@require_GET
def tray(request: StaffRequest) -> HttpResponse:
    """Show what waits for a person: dangers, then the oldest; robots and doubles folded below.

    Other views: each of these groups, what was set aside, all that came from the public page.
    ``q`` searches them all.
    """
    member, words = request.membership, request.GET.get("q", "").strip()[:100]
    chosen = request.GET.get("view", "failed")
    if chosen not in tray_listing.VIEWS:
        chosen = "failed"
    sender = request.GET.get("sender")
    rows = tray_listing.rows(member, chosen, sender=sender, words=words)
    if chosen == "page":
        rows = rows.select_related("claim", "invitation")
    page = windows.page(request, rows, PER_PAGE)
    opened.note_list(request, page)
    for item in page:
        item.answer = getattr(item, "invitation", None) if chosen == "page" else None
    numbers = tray_listing.numbers(member)
    kept = {"q": words} if words else {"view": chosen}
    kept |= {"sender": sender} if sender is not None and not words else {}
    context = {
        "page_obj": page,
        "query": urlencode(kept),
        "chosen": "" if words else chosen,
        "q": words,
        "sender": sender,
        "chips": [
            {"name": name, "label": label, "current": name == chosen and not words}
            | {"count": numbers[name] if name != "page" else None}
            for name, (label, _s) in tray_listing.VIEWS.items()
        ],
        "waiting": numbers["failed"],
        "together": tray_listing.TOGETHER,
        "groups": [
            {
                "name": name,
                "label": tray_listing.VIEWS[name][0],
                "count": numbers[name],
                "senders": tray_listing.senders(member, name),
            }
            for name in tray_listing.GROUPS
            if chosen == "failed" and not words and numbers[name]
        ],
    }
    return render(request, "requests/inbound/tray.html", context)


@audience(*DESK_ROLES)
@require_POST
def discard_robots(request: StaffRequest) -> HttpResponse:
    """Set aside what machines or lists sent from one sender, as the person has seen it."""
    sender, view = request.POST.get("sender", ""), request.POST.get("view", "robots")
    if view not in tray_listing.TOGETHER:
        raise Http404
    rows = tray_listing.rows(request.membership, view, sender=sender)
    numbers = request.POST.getlist("pk")[: 2 * PER_PAGE]
    try:
        seen = list(rows.filter(pk__in=numbers))
    except ValidationError:
        seen = []
    reason = reasons.coded("machine" if view == "robots" else "list")
    done = [sorting.discard(intake=i, reason=reason, now=now(), by=request.user) for i in seen]
    return _done(request, any(done), _("Set aside."))


def _found(request: StaffRequest, pk: UUID) -> Intake:
    """Return one input: of a claim that one may see, or of none yet. Raises Http404."""
    rows = Intake.objects.visible_to(request.membership)
    return get_object_or_404(rows.select_related("mailbox", "claim", "sorted_by"), pk=pk)


def _reply(intake: Intake) -> Reply:
    """Return what can be read of the input; the rest stays empty."""
    try:
        reply = reading.READERS[Channel(intake.channel)](intake)
    except Exception:
        reply = None
    raw = bytes(intake.raw)[:MOST_RAW].decode("utf-8", "replace").replace("\0", "")
    return reply or Reply(sender="", text=raw)


def _entry(
    request: StaffRequest,
    intake: Intake,
    *,
    attach: AttachForm | None = None,
    put_aside: DiscardForm | None = None,
    status: int = 200,
) -> HttpResponse:
    attach = attach or AttachForm(membership=request.membership)
    put_aside = put_aside or DiscardForm()
    context = {
        "intake": intake,
        "reply": _reply(intake),
        "raw": bytes(intake.raw)[:MOST_RAW].decode("utf-8", "replace"),
        "cut": len(intake.raw) > MOST_RAW,
        "attach": attach,
        "discard": put_aside,
        "form": attach if attach.errors else put_aside,
        "sortable": intake.state in Intake.SORTABLE,
        "public": public_page.link(bytes(intake.raw)) if intake.channel == Channel.PAGE else "",
        "answer": Invitation.objects.of(intake=intake).first(),
    }
    return render(request, "requests/inbound/entry.html", context, status=status)


@audience(*DESK_ROLES)
@require_GET
def entry(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one input: its error, what was read, and the raw text."""
    intake = _found(request, pk)
    intakes.note_opening(intake, request.user, now())
    return _entry(request, intake)


@audience(*DESK_ROLES)
@require_GET
def original(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Hand out a mail with all its files, to save and open in a mail program."""
    intake = _found(request, pk)
    if intake.channel != Channel.EMAIL or not intake.raw:
        raise Http404
    intakes.note_opening(intake, request.user, now())
    answer = HttpResponse(bytes(intake.raw), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="message-{intake.pk}.eml"'
    return with_safe_headers(answer)


def _done(request: StaffRequest, ok: object, said: "StrOrPromise") -> HttpResponse:
    if ok:
        messages.success(request, said)
    else:
        messages.warning(request, _("Somebody has sorted it meanwhile."))
    return redirect("channels:tray")


def _nothing_to_sort(request: StaffRequest, intake: Intake) -> HttpResponse | None:
    """Refuse to make something of a message that was never fetched: it would be empty."""
    if intake.raw:
        return None
    messages.warning(request, _("The mail server has not handed out this message."))
    return redirect("channels:entry", intake.pk)


@audience(*DESK_ROLES)
@require_POST
def replay(request: StaffRequest, pk: UUID) -> HttpResponse:
    ok = sorting.replay(intake=_found(request, pk), now=now(), by=request.user)
    return _done(request, ok, _("It is being read again."))


@audience(*DESK_ROLES)
@require_POST
def attach(request: StaffRequest, pk: UUID) -> HttpResponse:
    intake = _found(request, pk)
    if refusal := _nothing_to_sort(request, intake):
        return refusal
    form = AttachForm(request.POST, membership=request.membership)
    if not form.is_valid() or form.claim is None:
        return _entry(request, intake, attach=form, status=422)
    ok = sorting.attach(
        intake=intake, reply=_reply(intake), claim=form.claim, now=now(), by=request.user
    )
    return _done(request, ok, _("Added to the conversation."))


@audience(*DESK_ROLES)
@require_POST
def file_new(request: StaffRequest, pk: UUID) -> HttpResponse:
    intake = _found(request, pk)
    if refusal := _nothing_to_sort(request, intake):
        return refusal
    claim = sorting.file_new(intake=intake, reply=_reply(intake), now=now(), by=request.user)
    if claim is None:
        return _done(request, claim, "")
    said = _("Request %(ref)s was made of it.") % {"ref": claim.spoken_reference}
    answer = _done(request, claim, said)
    if Claim.objects.visible_to(request.membership).filter(pk=claim.pk).exists():
        return redirect("agency:claim", claim.pk)
    return answer


@audience(*DESK_ROLES)
@require_POST
def discard(request: StaffRequest, pk: UUID) -> HttpResponse:
    intake = _found(request, pk)
    form = DiscardForm(request.POST)
    if not form.is_valid():
        return _entry(request, intake, put_aside=form, status=422)
    reason = form.cleaned_data["reason"]
    ok = sorting.discard(intake=intake, reason=reason, now=now(), by=request.user)
    return _done(request, ok, _("Set aside."))


@audience(*DESK_ROLES, Role.ADMIN)
@require_GET
def health(request: StaffRequest) -> HttpResponse:
    """Show every channel: last success, what waits, what is wrong."""
    moment = now()
    boxes = list(Mailbox.objects.filter(active=True))
    for box in boxes:
        box.alarm = imap.alarm(box, moment)
        box.watched = bool(box.watched_until and box.watched_until > moment)
    sent = channel_health.sent_by_channel(moment)
    intake = Intake.objects.system("figures of the tray").filter(
        state__in=[Intake.State.NEW, Intake.State.FAILED]
    )
    seen = Delivery.objects.visible_to(request.membership)
    held = seen.filter(state=Delivery.State.SUPPRESSED).select_related("claim__category")
    context = {
        "boxes": boxes,
        "channels": channel_health.channel_rows(moment),
        "refusing": provider_alarms.refusing(moment),
        "out": [
            *({"label": name.label, **sent[name]} for name in channel_health.SENDING),
            channel_health.private_answers_row(moment),
        ],
        "unread": intake.filter(state=Intake.State.NEW).count(),
        "unsorted": intake.filter(state=Intake.State.FAILED).count(),
        "stuck": Job.objects.filter(done_at=None, attempts__gte=Job.MAX_ATTEMPTS).count(),
        "held": held[:PER_PAGE],
        "not_arrived": channel_health.failed_deliveries(request.membership, moment),
        "may_release": request.membership.role in DESK_ROLES,
    }
    return render(request, "requests/inbound/health.html", context)


@audience(*DESK_ROLES)
@require_POST
def release(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let a held message go."""
    delivery = get_object_or_404(Delivery.objects.visible_to(request.membership), pk=pk)
    outgoing.release(delivery, now=now())
    messages.success(request, _("The message is on its way."))
    return redirect("channels:health")
