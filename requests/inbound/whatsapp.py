"""Messaging received: one webhook may hold many messages and receipts; each is stored on its own.

The shape is the WhatsApp Business Cloud API's:
developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components. People may hide their number
behind a user name: a message then names the sender by an account only, a "business-scoped user id"
(developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids).
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from portal import phones
from requests.channels import marks, reasons
from requests.channels.models import Intake
from requests.channels.provider_codes import MESSAGING, Fate
from requests.inbound import meta_webhooks, replies, whatsapp_alerts
from requests.inbound.outcomes import set_aside
from requests.inbound.replies import Later, Reply, UnknownDelivery
from requests.inbound.whatsapp_content import SILENT, content_of
from requests.kit.choices import Channel
from requests.notifications.models import Delivery

CONTACT_IDS = ("wa_id", "user_id", "parent_user_id")
# A receipt may come before the answer that gave the message its number was written.
RACE = timedelta(minutes=5)


def parts(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each message, receipt and alert of a webhook: its number, and what to store.

    Raises ValueError.
    """
    for entry in meta_webhooks.rows(meta_webhooks.load(body), "entry"):
        for change in meta_webhooks.rows(entry, "changes"):
            value = meta_webhooks.inner(change, "value")
            yield from _messages(value)
            if _is_ours(value):
                yield from _receipts(value)
            field = str(change.get("field") or "")
            if value and field and field != "messages":
                alert = {"field": field, "at": entry.get("time"), "value": value}
                stored = json.dumps({"alert": alert}, sort_keys=True).encode()
                yield f"{field[:60]}/{hashlib.sha256(stored).hexdigest()}", stored


def _is_ours(value: dict) -> bool:
    """Return whether it is about the number by which we send.

    An account may have several, for other tools.
    """
    number = str(meta_webhooks.inner(value, "metadata").get("phone_number_id") or "")
    return not number or number == settings.PALIER_WHATSAPP_NUMBER


def _messages(value: dict) -> Iterator[tuple[str, bytes]]:
    contacts = meta_webhooks.rows(value, "contacts")
    for message in meta_webhooks.rows(value, "messages"):
        contact = _contact_of(message, contacts)
        name = str(meta_webhooks.inner(contact, "profile").get("name") or "")
        ids = {key: contact[key] for key in CONTACT_IDS if contact.get(key)}
        stored = json.dumps({"message": message, "name": name, "contact": ids}).encode()
        # Whatever a person sent is kept, even what says neither its number nor its sender.
        yield str(message.get("id") or hashlib.sha256(stored).hexdigest()), stored


def _receipts(value: dict) -> Iterator[tuple[str, bytes]]:
    """Yield the receipts; one whose mark is not of ours is of another tool with our number."""
    for status in meta_webhooks.rows(value, "statuses"):
        number, state = str(status.get("id") or ""), str(status.get("status") or "")
        mark = str(status.get("biz_opaque_callback_data") or "")
        if number and state and (not mark or replies.is_delivery_number(mark)):
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
    """Return one message as a ``Reply``; None when it is a receipt or an alert.

    Raises ``Later`` when a file that came with it cannot be fetched just now.
    """
    stored = json.loads(bytes(intake.raw))
    if "message" not in stored:
        return None
    message = stored["message"]
    kind = str(message.get("type") or "")
    sender, account = _sender(message, meta_webhooks.inner(stored, "contact"))
    found = content_of(kind, message)
    text = meta_webhooks.words(found.text)
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
        files=found.files,
        too_big=found.too_big,
        deliveries=list(ours[:1]) if answered else [],
        named=marks.named_references(text),
        automatic=kind if kind in SILENT else "",
        unreadable=found.unreadable,
        verified=True,  # The provider signed the post; a number may still be shared.
    )


def receipt(intake: Intake, now: datetime) -> None:
    """Write what became of a message that we sent, or tell what the provider says of our account.

    Raises ``Later`` for a receipt of a message that is not known yet.
    """
    stored = json.loads(bytes(intake.raw))
    if "alert" in stored:
        whatsapp_alerts.tell(intake)
        return
    status = stored["status"]
    state = str(status["status"])
    codes = [error.get("code") for error in meta_webhooks.rows(status, "errors")]
    told, reason = Fate.NONE, ""
    if state in ("delivered", "read"):
        told = Fate.DELIVERED
    elif state == "failed":
        code = codes[0] if codes else None
        told, reason = MESSAGING.fate(code), MESSAGING.reason(code)
    try:
        replies.apply_receipt(
            intake_id=intake.pk,
            channel=Channel.SOCIAL,
            delivery=str(status.get("biz_opaque_callback_data") or ""),
            provider_id=str(status["id"]),
            status=told,
            reason=reason,
            why=" ".join([state, *map(str, codes)]),
            now=now,
        )
    except UnknownDelivery as error:
        if now - intake.received_at < RACE:
            raise Later(str(error)) from error
        _set_aside(intake)


@transaction.atomic
def _set_aside(intake: Intake) -> None:
    """Set aside the receipt of a message that another tool sent by the same number."""
    row = Intake.objects.system("reading").select_for_update(of=("self",)).get(pk=intake.pk)
    if row.state == Intake.State.NEW:
        reply = Reply(sender="", text="", automatic="receipt")
        set_aside(row, reply, reasons.coded("not_our_receipt"))
