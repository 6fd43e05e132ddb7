"""Marks stay genuine while a key is replaced, and nobody else makes one."""

from uuid import UUID

from requests.channels import marks, photo_links
from tests import moments

DELIVERY = UUID("6f0c2f6e-9f4c-4a41-8f4e-0c7a5e1d2b3a")


def test_a_new_key_keeps_what_was_sent_genuine(settings):
    settings.SECRET_KEY = "former" * 10
    sent, mark = marks.message_id(DELIVERY), marks.claim_mark("ABC234")
    photos = photo_links.make("ABC234", moments.MOMENT)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["former" * 10]
    assert marks.marked_deliveries(sent) == [DELIVERY]
    assert marks.marked_references(f"Bonjour, [{mark}]") == ["ABC234"]
    assert photo_links.read(photos, moments.MOMENT) == "ABC234"
    assert marks.claim_mark("ABC234") != mark, "what is sent now is signed with the new key"
    settings.SECRET_KEY_FALLBACKS = []
    assert marks.marked_deliveries(sent) == []
    assert marks.marked_references(mark) == []
    assert photo_links.read(photos, moments.MOMENT) == ""
