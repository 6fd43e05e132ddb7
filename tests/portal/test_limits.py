"""What strangers may do how often, and that their tries never shut another person's good link."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from portal import limits, phones, sms
from portal.clock import now
from requests.claims.models import Claim
from requests.work_orders.models import OrderLink
from tests import factories
from tests.factories import leak
from tests.portal.urls import EVERY, path_of

pytestmark = pytest.mark.long

KEY_OF_PASSWORD = re.compile(r"\(\?P<uidb36>.*\)")
ORIGIN = {"Origin": "http://testserver", "Accept-Language": "en"}


@pytest.fixture
def claim(landlord) -> Claim:
    return leak(landlord, now(), contact_email="awa@example.test")


@pytest.mark.weakness("forms without limit")
def test_every_form_that_anybody_may_send_has_a_limit(client, claim, settings, monkeypatch):
    """Three sendings where two are allowed; and three wrong keys where two are."""
    settings.PALIER_LIMITS = {"*": (2, 3600)}
    monkeypatch.setattr(limits, "GUESSES", 2)
    monkeypatch.setattr("requests.open311.views.ANONYMOUS", 2)
    monkeypatch.setattr(limits, "API_WRITES", 2)
    unlimited, walked = [], 0
    for number, (route, name, pattern) in enumerate(EVERY):
        if not limits.is_open(pattern.callback):
            continue
        walked += 1
        who = f"2001:db8:{number:x}::1"
        path = KEY_OF_PASSWORD.sub("1-set-password", path_of(route, pattern, claim))
        answers = [client.post(path, REMOTE_ADDR=who).status_code for _ in range(3)]
        # Machines that show no key are refused, and there is nothing to limit at no address.
        nothing = {404, 405} if limits.is_machine(pattern.callback) else {405}
        if answers[-1] != 429 and answers[0] not in nothing:
            unlimited.append((path, name, answers))
    assert walked > 60
    assert unlimited == []


@pytest.mark.weakness("forms without limit")
def test_call_me_back_is_no_way_to_text_the_world(client, landlord, settings):
    factories.category("ADM-14", "A1", "crc")
    most = settings.PALIER_LIMITS["talk"][0]
    answers = [
        client.post("/talk/", {"name": "X", "phone": f"06 39 98 {n:04}", "best": "", "key": ""})
        for n in range(most + 5)
    ]
    assert [a.status_code for a in answers[most:]] == [429] * 5
    other = client.post("/talk/", {"name": "X"}, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 422


def test_wrong_guesses_never_shut_a_good_link_of_the_same_address(client, claim, monkeypatch):
    monkeypatch.setattr(limits, "GUESSES", 3)
    statuses = [client.get(f"/s/guess{n}/").status_code for n in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    answer = client.post("/s/guess/write/", {"text": "Une phrase assez longue"}, headers=ORIGIN)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "3600"
    assert "Une phrase assez longue" in answer.content.decode()
    assert client.get(f"/s/{claim.token}/").status_code == 200
    said = client.post(f"/s/{claim.token}/write/", {"text": "Cela coule encore beaucoup"})
    assert said.status_code == 302
    assert client.get("/s/guess9/", REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.parametrize("path", ["/job/%s/", "/visit/%s/", "/proof/%s/", "/feedback/%s/"])
def test_guesses_are_counted_behind_every_door(path, client, landlord, monkeypatch):
    monkeypatch.setattr(limits, "GUESSES", 3)
    answers = [client.get(path % f"guess{n}").status_code for n in range(5)]
    assert answers[0] in (404, 410)
    assert answers[3:] == [429, 429]


def test_asking_for_new_links_of_orders_is_a_guess_too(client, landlord, monkeypatch):
    monkeypatch.setattr(limits, "GUESSES", 3)
    answers = [client.post(f"/job/guess{n}/renew/").status_code for n in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert not OrderLink.unscoped.exists()


def test_keys_of_machines_are_not_tried_for_long(client, landlord, monkeypatch):
    monkeypatch.setattr(limits, "GUESSES", 3)
    building = landlord["dwelling"].staircase.building
    sensor = factories.sensor(landlord["leak"], building=building)
    hook = f"/hooks/sensors/{sensor.slug}/"
    answers = [
        client.post(hook, "{}", "application/json", headers={"Authorization": f"Bearer {n}"})
        for n in range(5)
    ]
    assert [a.status_code for a in answers] == [401, 401, 401, 429, 429]


def test_a_link_has_a_limit_of_its_own(client, claim, settings):
    """People of one address do not use up each other's."""
    settings.PALIER_LIMITS = {"*": (100, 600), "follow_write": (1, 600)}
    second = Claim.objects.system("test").get(pk=claim.pk)
    second.pk, second.token, second.key, second.reference = None, "b" * 20, "other", "B23456"
    second.save(force_insert=True)
    text = {"text": "Une phrase assez longue"}
    assert client.post(f"/s/{claim.token}/write/", text, headers=ORIGIN).status_code == 302
    refused = client.post(f"/s/{claim.token}/write/", text, headers=ORIGIN)
    assert refused.status_code == 429
    page = refused.content.decode()
    assert "Une phrase assez longue" in page
    assert "10 minutes" in page
    assert client.post(f"/s/{second.token}/write/", text, headers=ORIGIN).status_code == 302


@pytest.mark.parametrize(
    ("number", "texted"),
    [
        ("06 39 98 12 34", True),
        ("+262692123456", True),  # Réunion
        ("+590690123456", True),  # Guadeloupe
        ("+37120000000", False),  # Latvia
        ("+994401234567", False),
        ("+23225123456", False),
        ("02 40 00 00 00", False),
    ],
)
@pytest.mark.weakness("forms without limit")
def test_texts_go_to_countries_that_the_landlord_chose(number, texted, settings):
    assert phones.takes_sms(number) is texted
    settings.PALIER_SMS_COUNTRIES = ["LV"]
    assert phones.takes_sms(number) is number.startswith("+371")


@pytest.mark.django_db
def test_codes_to_strangers_numbers_have_an_end(settings):
    settings.PALIER_SMS_TO_STRANGERS = 3
    moment = now()
    told = [sms.may_text(f"+3363998{n:04}", known=False, now=moment) for n in range(5)]
    assert told == [True, True, True, False, False]
    # Whoever proved the number before still gets a code.
    assert sms.may_text("+33639981234", known=True, now=moment)
    one = [sms.may_text("+33639985678", known=True, now=moment) for _ in range(7)]
    assert one == [True] * 5 + [False] * 2
    assert sms.may_text("+33639985678", known=True, now=moment + timedelta(hours=3))


def test_no_code_goes_to_a_number_abroad(client, landlord):
    data = {"email": "x@example.test", "phone": "+371 20 000 000", "password1": "une phrase à moi"}
    answer = client.post("/accounts/signup/", data)
    assert answer.status_code == 422
    assert mail.outbox == []
