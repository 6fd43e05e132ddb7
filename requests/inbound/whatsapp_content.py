"""The words and files of one message of the messaging provider, kind by kind.

Source: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference, the
pages of « messages » by kind, with « edit » and « revoke », and « flows ».
"""

import json
import re
from dataclasses import dataclass, field

import httpx2
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal import http
from requests.attachments.uploads import LARGEST
from requests.inbound.meta_webhooks import inner, load, rows
from requests.inbound.reply import Later

MEDIA = {"image", "document", "video", "audio", "sticker", "voice"}
MEDIA_ID = re.compile(r"[\w-]{1,80}")
# Kinds that say nothing to anybody: stored, and answered to nobody.
SILENT = {"reaction", "system", "revoke", "request_welcome"}
MOST_ANSWERS = 100
DEEPEST = 3


@dataclass(frozen=True)
class Content:
    """Words and files (name, type, bytes); ``too_big`` names files that could not be fetched.

    ``unreadable`` is the kind when we cannot show it.
    """

    text: str
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    too_big: list[str] = field(default_factory=list)
    unreadable: str = ""


def content_of(kind: str, message: dict, depth: int = 0) -> Content:
    """Return what a message of that kind holds, in the landlord's language.

    Raises ``Later`` when a file that came with it cannot be fetched just now.
    """
    inside = inner(message, kind)
    if kind in MEDIA:
        return _media(kind, inside)
    if kind == "edit" and depth < DEEPEST:
        return _edited(inner(inside, "message"), depth)
    with translation.override(settings.LANGUAGE_CODE):
        words = _words(kind, inside, message)
        if words is not None:
            return Content(words)
        said = _("(A message of a kind that we cannot show: %(kind)s.)") % {"kind": kind[:30]}
    return Content(said, unreadable=kind[:30] or "?")


def _words(kind: str, inside: dict, message: dict) -> str | None:
    """Return the words of a kind without files; None for a kind that we do not know."""
    if kind == "text":
        return str(inside.get("body") or "")
    if kind == "button":
        return str(inside.get("text") or "")
    if kind == "interactive":
        return _chosen(inside)
    if kind == "location":
        place = f"{inside.get('latitude')}, {inside.get('longitude')}"
        named = [str(inside[key]) for key in ("name", "address") if inside.get(key)]
        return _("Place: %(place)s") % {"place": ", ".join([*named, place])}
    if kind == "contacts":
        return "\n".join(map(_contact, rows(message, "contacts"))) or None
    if kind == "order":
        return _order(inside)
    if kind == "revoke":
        return _("(The sender has deleted a message.)")
    if kind in SILENT:
        return str(inside.get("emoji") or inside.get("body") or kind)
    return None


def _chosen(inside: dict) -> str | None:
    """Return what was chosen in a list, by a button, or filled in a form (a « flow »)."""
    chosen = inner(inside, "button_reply") or inner(inside, "list_reply")
    if chosen:
        words = (str(chosen.get(key) or "") for key in ("title", "description"))
        return "\n".join(filter(None, words))
    form = inner(inside, "nfm_reply")
    if not form:
        return None
    try:
        answers = load(str(form.get("response_json") or "").encode())
    except ValueError:
        answers = None
    lines = _answers(answers) if isinstance(answers, dict) else []
    return "\n".join(lines) or str(form.get("body") or "") or None


def _answers(answers: dict) -> list[str]:
    """Return the filled fields of a form, a line each; the provider's own token is left out."""
    lines = []
    for name, value in list(answers.items())[:MOST_ANSWERS]:
        if name == "flow_token" or value in (None, "", [], {}):
            continue
        if isinstance(value, list):
            value = ", ".join(str(one) for one in value)
        elif isinstance(value, dict):
            value = json.dumps(value, ensure_ascii=False)
        # « screen_0_Nom_du_problème_1 »: the provider puts its own numbers around the label.
        label = re.sub(r"^screen_\d+_|_\d+$", "", str(name)).replace("_", " ").strip()
        shown = re.sub(r"^\d+_", "", str(value))
        lines.append(_("%(label)s: %(value)s") % {"label": label, "value": shown[:2000]})
    return lines


def _contact(row: dict) -> str:
    """Return a card of somebody on one line: name, house, numbers, addresses."""
    name = inner(row, "name")
    said = [str(name.get("formatted_name") or name.get("first_name") or "")]
    said.append(str(inner(row, "org").get("company") or ""))
    said += [str(one.get("phone") or one.get("wa_id") or "") for one in rows(row, "phones")]
    said += [str(one.get("email") or "") for one in rows(row, "emails")]
    for one in rows(row, "addresses"):
        said.append(" ".join(str(one[key]) for key in ("street", "zip", "city") if one.get(key)))
    return _("Contact: %(card)s") % {"card": ", ".join(filter(None, said))}


def _order(inside: dict) -> str | None:
    wanted = [
        f"{item.get('quantity') or 1} × {item.get('product_retailer_id') or '?'}"
        for item in rows(inside, "product_items")
    ]
    return "\n".join(filter(None, [str(inside.get("text") or ""), *wanted])) or None


def _edited(message: dict, depth: int) -> Content:
    """Return the message as its sender has changed it: what was read before stays as it was."""
    found = content_of(str(message.get("type") or ""), message, depth + 1)
    with translation.override(settings.LANGUAGE_CODE):
        said = _("Corrected by its sender: %(text)s") % {"text": found.text}
    return Content(said, found.files, found.too_big, found.unreadable)


def _media(kind: str, inside: dict) -> Content:
    caption = str(inside.get("caption") or "")
    with translation.override(settings.LANGUAGE_CODE):
        spoken = {
            "audio": _("voice message"),
            "voice": _("voice message"),
            "video": _("film"),
            "image": _("photo"),
            "sticker": _("picture"),
        }
    name = str(inside.get("filename") or spoken.get(kind, kind))
    data = _fetch(str(inside.get("id") or ""))
    if data is None:
        return Content(caption or name, too_big=[name])
    declared = str(inside.get("mime_type") or "application/octet-stream")
    return Content(caption or f"({name})", [(name, declared, data)])


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
