"""Words and look-ups that these tests share."""

from django.test import Client
from django.utils import translation

from portal.dev import phonecatcher
from requests.channels.models import Intake

SECRET, PAGE, AWA = "secret-of-the-tests", "106000000000001", "7700000000000001"


ADDRESS = "/hooks/page/"


MOMENT = 1795510800  # the tests' Tuesday, 10 h in Paris


def comment(number: str = "1", words: str = "Le hall est sale", who: str = AWA, **more) -> dict:
    """One change of the page's feed, as documented."""
    return {
        "item": "comment",
        "verb": "add",
        "comment_id": f"5001_{number}",
        "post_id": f"{PAGE}_5001",
        "parent_id": f"{PAGE}_5001",
        "from": {"id": who, "name": "Awa Traoré"},
        "message": words,
        "created_time": MOMENT,
        **more,
    }


def post(*values: dict, body: bytes | None = None, signature: str | None = None, client=None):
    body = phonecatcher.feed(*values) if body is None else body
    sign = phonecatcher.hub_signature(SECRET, body) if signature is None else signature
    return (client or Client()).generic(
        "POST",
        ADDRESS,
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": sign},
    )


def shown(client, address: str) -> str:
    """A page in English, the language of these tests."""
    with translation.override("en"):
        answer = client.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def the_intake() -> Intake:
    return Intake.unscoped.get(channel="page")
