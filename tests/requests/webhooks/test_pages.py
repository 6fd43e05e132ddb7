"""An administrator sets a webhook up alone, and sees what became of each message."""

import pytest
from django.urls import reverse

from requests.webhooks.models import WebhookEndpoint
from tests.factories import leak, member
from tests.requests.fixtures.channels import MORNING


@pytest.fixture
def admin(client, landlord):
    user = member(landlord["head"], "admin").user
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


def typed(receiver, **values) -> dict:
    return {"name": "ERP", "address": receiver.address, "events": ["claim.filed"], **values}


def test_the_secret_is_shown_once(client, admin, receiver):
    made = client.post(reverse("hooks:add"), typed(receiver)).content.decode()
    row = WebhookEndpoint.objects.get()
    assert "whsec_" in made
    page = client.get(reverse("hooks:endpoint", args=[row.pk])).content.decode()
    assert "whsec_" not in page
    assert row.public in page
    assert client.get(reverse("hooks:index")).status_code == 200


def test_from_the_form_to_the_receiver(client, admin, receiver, work):
    made = client.post(reverse("hooks:add"), typed(receiver)).content.decode()
    receiver.secret = "whsec_" + made.split("whsec_")[1].split("<")[0].strip()
    row = WebhookEndpoint.objects.get()
    client.post(reverse("hooks:test", args=[row.pk]))
    work()
    assert [body["type"] for body in receiver.taken.values()] == ["palier.test"]
    page = client.get(reverse("hooks:endpoint", args=[row.pk])).content.decode()
    assert "204" in page
    message = row.messages.get()
    client.post(reverse("hooks:replay", args=[message.pk]))
    work()
    assert receiver.repeats == [message.name]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://metadata.internal/", "may not call"),
        ("http://user:pw@127.0.0.1/", "Leave name and password"),
        ("not an address", "whole address"),
        ("", "Give the address"),
    ],
)
def test_an_address_that_cannot_be_is_said_and_nothing_typed_is_lost(
    client, admin, receiver, address, says
):
    answer = client.post(reverse("hooks:add"), typed(receiver, address=address))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert 'value="ERP"' in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_switched_off_it_gathers_and_on_again_it_tells(client, admin, receiver, work, landlord):
    made = client.post(reverse("hooks:add"), typed(receiver)).content.decode()
    receiver.secret = "whsec_" + made.split("whsec_")[1].split("<")[0].strip()
    row = WebhookEndpoint.objects.get()
    client.post(reverse("hooks:switch", args=[row.pk]), {"off": "1"})
    leak(landlord, MORNING)
    work()
    assert receiver.requests == []
    client.post(reverse("hooks:switch", args=[row.pk]), {"on": "1"})
    work()
    assert [body["type"] for body in receiver.taken.values()] == ["claim.filed"]


def test_a_change_and_a_deletion_are_in_the_log(client, admin, receiver):
    client.post(reverse("hooks:add"), typed(receiver))
    row = WebhookEndpoint.objects.get()
    client.post(reverse("hooks:edit", args=[row.pk]), typed(receiver, name="GED"))
    client.post(reverse("hooks:renew", args=[row.pk]))
    assert client.get(reverse("hooks:delete", args=[row.pk])).status_code == 200
    client.post(reverse("hooks:delete", args=[row.pk]))
    assert not WebhookEndpoint.objects.exists()
    log = client.get(reverse("console:log")).content.decode()
    assert "GED" in log


def test_only_administrators(client, landlord):
    client.force_login(member(landlord["north"], "agency_manager").user)
    assert client.get(reverse("hooks:index")).status_code == 403
