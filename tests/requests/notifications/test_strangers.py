"""Texts to numbers that anybody may type: few an hour, whoever asks for them."""

from requests.notifications.models import Delivery
from tests.factories import contact, tenant


def test_strangers_numbers_share_an_hourly_number_of_texts(
    make_claim, work, clock, texts, landlord, settings
):
    settings.PALIER_SMS_TO_STRANGERS = 2
    home = {"contact_email": "", "channel": "sms", "dwelling": None}
    for number in range(5):
        make_claim(**home, contact_phone=f"+3363998{number:04}")
        work()
    assert len(texts.sent) == 2
    assert Delivery.unscoped.filter(state="suppressed", reason="cap").count() == 3
    contact(tenant(landlord["dwelling"]), "+33639989999")
    make_claim(**home, contact_phone="+33639989999")
    work()
    assert texts.sent[-1].to == "+33639989999"
    clock.forward(hours=2)
    make_claim(**home, contact_phone="+33639987777")
    work()
    assert texts.sent[-1].to == "+33639987777"
