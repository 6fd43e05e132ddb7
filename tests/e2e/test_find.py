"""Somebody who lost the link finds the request again by its number and a code."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from requests.claims.models import Claim
from tests.e2e import checks
from tests.e2e.pages import Filing
from tests.e2e.shots import shoot

CONTACT = "mina@tenant.example"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_lost_link_is_found_again(visitor, width):
    page = visitor(width=width)
    Filing(
        page,
        address="1 rue du Lin, Valmer",
        room="cuisine",
        words="Ça goutte.",
        name="Mina Sow",
        phone="06 39 98 00 00",
    ).begin().until(r"/check/")
    page.get_by_role("button", name=re.compile("Envoyer")).click()
    page.wait_for_url("**/s/*/")
    address = page.url
    claim = Claim.objects.system("test").get(token=address.rstrip("/").rpartition("/")[2])

    page.context.clear_cookies()
    page.goto("/")
    page.get_by_role("link", name="Retrouver ma demande").click()
    shoot(page, "find", str(width))
    page.get_by_label("Numéro de la demande").fill(claim.spoken_reference.lower())
    page.get_by_label("Votre courriel ou votre téléphone").fill("0639980000")
    mail.outbox.clear()
    page.get_by_role("button", name="Recevoir un code").click()
    page.wait_for_url("**/find/code/")
    shoot(page, "find-code", str(width))
    checks.prepare(page)
    assert checks.axe(page, checks.TAGS) == []
    assert checks.overflow(page, "200 %") == []
    (sent,) = mail.outbox
    page.get_by_label("Code").fill(re.search(r"code est (\S+)\.", sent.body)[1])
    page.get_by_role("button", name="Voir ma demande").click()
    expect(page).to_have_url(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, "found", str(width))
