"""Messaging out, in the shape of the WhatsApp Business Cloud API. Plain in, a receipt out.

Within 24 hours of a person's last message any text may be sent, and files after it; later only a
template that the provider approved, with our words as its one variable. Sources:
developers.facebook.com/docs/whatsapp/cloud-api/reference/messages, /media and /support/error-codes.
"""

from dataclasses import dataclass, replace

import httpx2
from django.conf import settings

from portal import http
from portal.phones import is_account
from requests.channels.mail.refusals import Meaning
from requests.channels.outbound.receipt import Receipt, refused
from requests.channels.provider_codes import MESSAGING, Fate

WINDOW_OVER = 131047
TEXT = "text"
LONGEST = 4096
LONGEST_VARIABLE = 1024
# A larger photo goes as a document.
LARGEST_IMAGE = 5 * 1024 * 1024


@dataclass(frozen=True)
class Chat:
    """``number`` (a delivery) comes back in receipts; ``open``: the 24 hours.

    ``to`` is in E.164, or a messaging account where the number is hidden. ``files`` are name,
    bytes and content type. They follow the text, which must do without them.
    """

    to: str
    text: str
    number: str
    open: bool
    language: str = "fr"
    files: tuple[tuple[str, bytes, str], ...] = ()


def send(message: Chat) -> Receipt:
    """Hand one message to the provider. Never raises for its refusals or its absence."""
    if not settings.PALIER_WHATSAPP_NUMBER:
        return Receipt(False, answer="no messaging provider is set", permanent=True)
    receipt, code = _post(message, template=not message.open)
    if code == WINDOW_OVER and message.open:
        receipt, _code = _post(message, template=True)
    if receipt.ok and receipt.answer == TEXT and message.files:
        taken = sum(_send_file(message, file) for file in message.files)
        receipt = replace(receipt, answer=f"{TEXT}, {taken} of {len(message.files)} files")
    return receipt


def _send_file(message: Chat, file: tuple[str, bytes, str]) -> bool:
    """Hand over one file, then the message that shows it; the text already names the page."""
    name, data, kind = file
    try:
        answer = _request(
            "media", data={"messaging_product": "whatsapp"}, files={"file": (name, data, kind)}
        )
    except httpx2.HTTPError:
        return False
    media = str(http.json_object(answer).get("id") or "")
    if answer.status_code != 200 or not media:
        return False
    if kind == "image/jpeg" and len(data) <= LARGEST_IMAGE:
        content = {"type": "image", "image": {"id": media}}
    else:
        content = {"type": "document", "document": {"id": media, "filename": name}}
    return _hand_over(message, content)[0].ok


def _request(path: str, **kwargs) -> httpx2.Response:
    return http.request(
        "POST",
        f"{settings.PALIER_WHATSAPP_URL}/{settings.PALIER_WHATSAPP_NUMBER}/{path}",
        headers={"Authorization": f"Bearer {settings.PALIER_WHATSAPP_TOKEN}"},
        **kwargs,
    )


def _post(message: Chat, *, template: bool) -> tuple[Receipt, int | None]:
    return _hand_over(message, _template(message) if template else _text(message))


def _hand_over(message: Chat, content: dict) -> tuple[Receipt, int | None]:
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        # Under "to", an account is taken for a number: accepted, and never delivered.
        **({"recipient": message.to} if is_account(message.to) else {"to": message.to.lstrip("+")}),
        "biz_opaque_callback_data": message.number,
        **content,
    }
    try:
        answer = _request("messages", json=body)
    except http.Refused as error:
        return Receipt(False, answer=str(error), permanent=True), None
    except httpx2.HTTPError as error:
        return Receipt(False, answer=repr(error)[:500]), None
    said = http.json_object(answer)
    if answer.status_code == 200:
        rows = said.get("messages") or [{}]
        return Receipt(True, str(rows[0].get("id", "")), content["type"]), None
    problem = said.get("error")
    problem = problem if isinstance(problem, dict) else {}
    code = problem.get("code")
    words = f"{answer.status_code} {code or ''} {problem.get('message', '')}".strip()[:500]
    fate, reason = MESSAGING.fate(code), MESSAGING.reason(code)
    if fate == Fate.SOFT and answer.status_code in (401, 403, 404):
        fate, reason = Fate.LOST, Meaning.REPUTATION
    return refused(fate, words, reason), code


def _text(message: Chat) -> dict:
    return {"type": TEXT, "text": {"preview_url": False, "body": message.text[:LONGEST]}}


def _template(message: Chat) -> dict:
    """Return the approved template; its variable may hold neither line ends nor runs of spaces."""
    words = " ".join(message.text.split())[:LONGEST_VARIABLE]
    return {
        "type": "template",
        "template": {
            "name": settings.PALIER_WHATSAPP_TEMPLATE,
            "language": {"code": message.language},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": words}]}],
        },
    }
