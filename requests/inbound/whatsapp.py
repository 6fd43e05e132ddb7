"""Messaging received: one webhook may hold many messages and receipts; each is stored on its own.

The shape is the WhatsApp Business Cloud API's:
developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components. People may hide their number
behind a user name: a message then names the sender by an account only, a "business-scoped user id"
(developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime

import httpx2
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal import http, phones
from requests.attachments.uploads import LARGEST
from requests.channels import marks
from requests.channels.models import Intake
from requests.inbound import meta_webhooks, replies
from requests.inbound.replies import Later, Reply
from requests.kit.choices import Channel
from requests.notifications.models import Delivery

MEDIA = {"image", "document", "video", "audio", "sticker", "voice"}
MEDIA_ID = re.compile(r"[\w-]{1,80}")
# Kinds that say nothing to anybody: stored, and answered to nobody.
SILENT = {"reaction", "system"}
HARD = {131026}
CONTACT_IDS = ("wa_id", "user_id", "parent_user_id")


def parts(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each message and receipt of a webhook: its number, and what to store.

    Raises ValueError.
    """
    for change in meta_webhooks.rows(meta_webhooks.load(body), "entry", "changes"):
        value = meta_webhooks.inner(change, "value")
        contacts = meta_webhooks.rows(value, "contacts")
        for message in meta_webhooks.rows(value, "messages"):
            contact = _contact_of(message, contacts)
            name = str(meta_webhooks.inner(contact, "profile").get("name") or "")
            ids = {key: contact[key] for key in CONTACT_IDS if contact.get(key)}
            stored = json.dumps({"message": message, "name": name, "contact": ids}).encode()
            # Whatever a person sent is kept, even what says neither its number nor its sender.
            yield str(message.get("id") or hashlib.sha256(stored).hexdigest()), stored
        for status in meta_webhooks.rows(value, "statuses"):
            number, state = str(status.get("id") or ""), str(status.get("status") or "")
            if number and state:
                yield f"{number}/{state}", json.dumps({"status": status}).encode()


def _contact_of(message: dict, contacts: list[dict]) -> dict:
    """Return the contact that wrote ``message``: by number, by account, or the only one."""
    for ours, theirs in (("from", "wa_id"), ("from_user_id", "user_id")):
        for contact in contacts:
            if message.get(ours) and message[ours] == contact.get(theirs):
                return contact
    named = any(message.get(key) for key in ("from", "from_user_id"))
    return contacts[0] if len(contacts) == 1 and not named else {}


def _sender(message: dict, contact: dict) -> tuple[str, str]:
    """Return the sender, and the account; both "" when the provider names nobody.

    The sender is the number, one that the account wrote from before, or else the account itself.
    """
    told = [message.get("from"), contact.get("wa_id")]
    told += [message.get("from_user_id"), contact.get("user_id")]
    told += [message.get("from_parent_user_id"), contact.get("parent_user_id")]
    ids = [str(one) for one in told if one]
    account = next(filter(phones.is_account, ids), "")
    numbers = [one for one in ids if not phones.is_account(one)]
    if numbers:
        return phones.to_e164("+" + numbers[0].lstrip("+")) or numbers[0][:30], account
    wrote = (
        Intake.objects.system("replying")
        .filter(channel=Channel.SOCIAL, account=account)
        .exclude(sender__in=("", account))
    )
    known = wrote.order_by("-received_at").values_list("sender", flat=True).first()
    return (known or account if account else ""), account


def read(intake: Intake) -> Reply | None:
    """Return one message as a ``Reply``; None when it is a receipt.

    Raises ``Later`` when a file that came with it cannot be fetched just now.
    """
    stored = json.loads(bytes(intake.raw))
    if "status" in stored:
        return None
    message = stored["message"]
    kind = str(message.get("type") or "")
    sender, account = _sender(message, meta_webhooks.inner(stored, "contact"))
    text, files, too_big, unreadable = _content(kind, message)
    text = meta_webhooks.words(text)
    answered = str(meta_webhooks.inner(message, "context").get("id") or "")
    ours = (
        Delivery.objects.system("replying")
        .filter(channel=Channel.SOCIAL, provider_id=answered, recipient=sender)
        .values_list("pk", flat=True)
    )
    return Reply(
        sender=sender,
        account=account,
        sender_name=meta_webhooks.words(stored.get("name"))[:160],
        text=text,
        files=files,
        too_big=too_big,
        deliveries=list(ours[:1]) if answered else [],
        named=marks.named_references(text),
        automatic=kind if kind in SILENT else "",
        unreadable=unreadable,
        verified=True,  # The provider signed the post; a number may still be shared.
    )


def _content(kind: str, message: dict) -> tuple[str, list, list[str], str]:
    """Return words, files, names of what was too big, and the kind when we cannot show it."""
    inside = meta_webhooks.inner(message, kind)
    if kind in MEDIA:
        caption = str(inside.get("caption") or "")
        name = str(inside.get("filename") or f"{kind}")
        data = _fetch(str(inside.get("id") or ""))
        if data is None:
            return caption or name, [], [name], ""
        kind_of_file = str(inside.get("mime_type") or "application/octet-stream")
        return caption or f"({name})", [(name, kind_of_file, data)], [], ""
    with translation.override(settings.LANGUAGE_CODE):
        if kind == "location":
            place = f"{inside.get('latitude')}, {inside.get('longitude')}"
            named = [str(inside[key]) for key in ("name", "address") if inside.get(key)]
            return _("Place: %(place)s") % {"place": ", ".join([*named, place])}, [], [], ""
        if kind == "text":
            return str(inside.get("body") or ""), [], [], ""
        if kind == "button":
            return str(inside.get("text") or ""), [], [], ""
        if kind == "interactive":
            chosen = meta_webhooks.inner(inside, "button_reply") or meta_webhooks.inner(
                inside, "list_reply"
            )
            return str(chosen.get("title") or ""), [], [], ""
        if kind in SILENT:
            return str(inside.get("emoji") or inside.get("body") or kind), [], [], ""
        text = _("(A message of a kind that we cannot show: %(kind)s.)") % {"kind": kind[:30]}
    return text, [], [], kind[:30] or "?"


def _fetch(number: str) -> bytes | None:
    """Return the bytes of a file; None when it is gone or too big. Raises ``Later``."""
    if not MEDIA_ID.fullmatch(number):
        return None
    headers = {"Authorization": f"Bearer {settings.PALIER_WHATSAPP_TOKEN}"}
    about = _get(f"{settings.PALIER_WHATSAPP_URL}/{number}", headers)
    if about is None:
        return None
    told = about.json()
    if int(told.get("file_size") or 0) > LARGEST:
        return None
    found = _get(str(told["url"]), headers)
    return found.content if found is not None else None


def _get(address: str, headers: dict) -> httpx2.Response | None:
    """Return the answer; None when the file is gone for good.

    Raises ``Later`` and ``http.Refused``.
    """
    try:
        answer = http.request("GET", address, headers=headers, largest=LARGEST)
    except httpx2.HTTPError as error:
        raise Later(f"the file cannot be fetched: {error!r}") from error
    except http.TooMuch:
        return None
    if answer.status_code == 200:
        return answer
    if answer.status_code in (400, 404, 410):
        return None
    raise Later(f"the file cannot be fetched: {answer.status_code}")


def receipt(intake: Intake, now: datetime) -> None:
    """Write what became of a message that we sent. Raises ``replies.UnknownDelivery``."""
    status = json.loads(bytes(intake.raw))["status"]
    state = str(status["status"])
    codes = [error.get("code") for error in meta_webhooks.rows(status, "errors")]
    told = ""
    if state in ("delivered", "read"):
        told = "delivered"
    elif state == "failed":
        told = "hard" if HARD.intersection(codes) else "soft"
    replies.apply_receipt(
        intake_id=intake.pk,
        channel=Channel.SOCIAL,
        delivery=str(status.get("biz_opaque_callback_data") or ""),
        provider_id=str(status["id"]),
        status=told,
        why=" ".join([state, *map(str, codes)]),
        now=now,
    )
