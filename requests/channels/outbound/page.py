"""A private answer to a public post, in the shape of Messenger's private replies.

One per comment or post, within seven days of it. Sources: developers.facebook.com/docs/
messenger-platform/discovery/private-replies, /reference/send-api, /error-codes, and
developers.facebook.com/docs/graph-api/reference/page/messages for the codes 10900 and 10903.
"""

from dataclasses import dataclass

import httpx2
from django.conf import settings

from portal import http
from requests.channels.outbound.receipt import Receipt

# "Activity already replied to": our earlier attempt arrived, or a colleague was faster.
ANSWERED = 10900
# Unknown for the moment, too many calls, a passing failure of the network.
LATER = {1, 2, 4, 17, 32, 341, 613, 1200}
LONGEST = 2000


@dataclass(frozen=True)
class PrivateReply:
    """``kind`` is comment_id or post_id; ``rings`` False arrives without a sound."""

    kind: str
    number: str
    text: str
    rings: bool = True


def send(message: PrivateReply) -> Receipt:
    """Hand one answer to the provider. Never raises for its refusals or its absence."""
    if not (settings.PALIER_PAGE_ID and settings.PALIER_PAGE_TOKEN):
        return Receipt(False, answer="no public page is set", permanent=True)
    body = {
        "recipient": {message.kind: message.number},
        "messaging_type": "RESPONSE",
        "notification_type": "REGULAR" if message.rings else "NO_PUSH",
        "message": {"text": message.text[:LONGEST]},
    }
    try:
        answer = http.request(
            "POST",
            f"{settings.PALIER_PAGE_URL}/{settings.PALIER_PAGE_ID}/messages",
            headers={"Authorization": f"Bearer {settings.PALIER_PAGE_TOKEN}"},
            json=body,
        )
    except http.Refused as error:
        return Receipt(False, answer=str(error), permanent=True)
    except httpx2.HTTPError as error:
        return Receipt(False, answer=repr(error)[:500])
    said = http.json_object(answer)
    if answer.status_code == 200:
        return Receipt(True, str(said.get("message_id") or ""), "taken")
    return _refused(answer.status_code, said.get("error"))


def _refused(status: int, error: object) -> Receipt:
    """Tell what may be tried again from what is for good."""
    error = error if isinstance(error, dict) else {}
    code = error.get("code")
    words = f"{status} {code or ''} {error.get('message', '')}".strip()[:500]
    if code == ANSWERED:
        return Receipt(True, "", words)
    passing = status >= 500 or status == 429 or code in LATER or error.get("is_transient") is True
    return Receipt(False, "", words, permanent=not passing)
