"""What people write on our public page: comments and posts, each stored on its own.

The shape is the ``feed`` webhook of a Page:
developers.facebook.com/docs/graph-api/webhooks/reference/page. Reactions, edits, removals and the
page's own posts are not stored: they are nobody's request. A message written to the page in private
is stored, so that it is not lost.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.utils import translation
from django.utils.dateparse import parse_datetime

from requests.channels.models import Intake
from requests.inbound import invitations, meta_webhooks
from requests.inbound.invitation_models import Invitation
from requests.inbound.invitations import Post
from requests.inbound.replies import Reply

# Kinds of a visitor's own words; a post with a picture comes as the picture.
SAID = {"comment", "post", "status", "photo", "video", "share"}
PICTURES = ("photo", "photos", "video")
SITE = "https://www.facebook.com/"


def parts(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each comment, post or private message by a person: its number, and what to store.

    Raises ValueError for what is not JSON.
    """
    for entry in meta_webhooks.rows(meta_webhooks.load(body), "entry"):
        page = str(entry.get("id") or "")
        for change in meta_webhooks.rows(entry, "changes"):
            value = meta_webhooks.inner(change, "value")
            if change.get("field") == "feed" and _by_a_person(value, page):
                yield _stored(_number(value), {"page": page, "value": value})
        for message in meta_webhooks.rows(entry, "messaging"):
            inside = meta_webhooks.inner(message, "message")
            if inside and not inside.get("is_echo"):
                yield _stored(str(inside.get("mid") or ""), {"page": page, "messaging": message})


def _stored(number: str, kept: dict) -> tuple[str, bytes]:
    """Return the item to store; one without a number of its own is identified by its content."""
    raw = json.dumps(kept, sort_keys=True).encode()
    return number or hashlib.sha256(raw).hexdigest(), raw


def _by_a_person(value: dict, page: str) -> bool:
    if value.get("verb", "add") != "add" or str(value.get("item")) not in SAID:
        return False
    return _author(value) not in {page, settings.PALIER_PAGE_ID} - {""}


def _author(value: dict) -> str:
    return str(meta_webhooks.inner(value, "from").get("id") or value.get("sender_id") or "")


def _number(value: dict) -> str:
    name = "comment_id" if value.get("item") == "comment" else "post_id"
    return str(value.get(name) or "")


def read(raw: bytes) -> Post:
    """Return what was stored as a ``Post``. Pure.

    Raises ValueError or KeyError for another shape.
    """
    stored = json.loads(raw)
    if "messaging" in stored:
        message = stored["messaging"]
        inside = meta_webhooks.inner(message, "message")
        return Post(
            page=stored["page"],
            kind="",
            number=str(inside.get("mid") or ""),
            author=str(meta_webhooks.inner(message, "sender").get("id") or ""),
            name="",
            text=meta_webhooks.words(inside.get("text")),
            written_at=_moment(message.get("timestamp")),
        )
    value = stored["value"]
    comment = value["item"] == "comment"
    return Post(
        page=stored["page"],
        kind=Invitation.Kind.COMMENT if comment else Invitation.Kind.POST,
        number=meta_webhooks.words(_number(value))[:120],
        author=meta_webhooks.words(_author(value)),
        name=meta_webhooks.words(
            meta_webhooks.inner(value, "from").get("name") or value.get("sender_name")
        ),
        text=meta_webhooks.words(value.get("message")).strip(),
        picture=any(value.get(name) for name in PICTURES) or value["item"] in PICTURES,
        written_at=_moment(value.get("created_time")),
    )


def _moment(told: object) -> datetime | None:
    """Return an aware moment from seconds, milliseconds or ISO 8601, as the provider writes them.

    None for anything else.
    """
    try:
        if isinstance(told, str) and not told.isdigit():
            found = parse_datetime(told)
            return found if found and found.tzinfo else None
        number = int(str(told))
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def link(raw: bytes) -> str:
    """Return the public address of the post on the provider's own site; "" when it is not given."""
    try:
        value = json.loads(raw)["value"]
        told = value.get("permalink_url") or meta_webhooks.inner(value, "post").get("permalink_url")
        number = _number(value)
    except (ValueError, KeyError, AttributeError):
        return ""
    if isinstance(told, str) and told.startswith(SITE):
        return told
    return f"{SITE}{number}" if number.replace("_", "").isdigit() else ""


def reply(intake: Intake) -> Reply:
    """Return the input for a person in the tray, who says where it belongs.

    The author's number on the network is no address of ours: only the invitation stores it.
    """
    post = read(bytes(intake.raw))
    with translation.override(settings.LANGUAGE_CODE):
        return Reply(
            sender="",
            sender_name=post.name[:160],
            subject=invitations.post_title(post),
            text=post.text,
        )


def process_post(intake: Intake, now: datetime) -> None:
    """Put one stored post where it belongs. Raises ValueError or KeyError for another shape."""
    invitations.decide_post(intake_id=intake.pk, post=read(bytes(intake.raw)), now=now)
