"""What came to nobody yet is read by the desk that it came to; each opening leaves a line."""

import pytest
from django.urls import reverse

from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake, IntakeView
from tests.factories import member
from tests.requests.channels import mails as made

WORDS = "Mon mari me frappe"


@pytest.fixture
def unsorted(arrive, box, landlord) -> Intake:
    """A mail to the north's own mailbox that nobody could read."""
    Mailbox.objects.filter(pk=box.pk).update(unit=landlord["north"])
    box.refresh_from_db()
    intake = arrive(made.mail(WORDS))
    Intake.unscoped.filter(pk=intake.pk).update(
        state="failed", claim=None, message=None, urgent=True, error="?"
    )
    return Intake.unscoped.get(pk=intake.pk)


def pages(client, intake) -> list:
    act = {"reason": "Publicité"}
    return [
        client.get(reverse("channels:entry", args=[intake.pk])),
        client.post(reverse("channels:discard", args=[intake.pk]), act),
        client.post(reverse("channels:file", args=[intake.pk])),
        client.post(reverse("channels:attach", args=[intake.pk]), {}),
        client.post(reverse("channels:replay", args=[intake.pk])),
    ]


@pytest.mark.weakness("common tray")
def test_another_agency_reads_none_of_it(client, unsorted, landlord):
    client.force_login(member(landlord["south"], "agent").user)
    assert {answer.status_code for answer in pages(client, unsorted)} == {404}
    assert unsorted.subject not in client.get(reverse("channels:tray")).content.decode()
    unsorted.refresh_from_db()
    assert unsorted.state == "failed"
    assert not IntakeView.unscoped.exists()


@pytest.mark.parametrize(("unit", "role"), [("north", "agent"), ("head", "head_office")])
def test_its_own_desk_and_head_office_read_it_and_the_opening_is_logged(
    client, unsorted, landlord, unit, role
):
    reader = member(landlord[unit], role).user
    client.force_login(reader)
    assert WORDS in client.get(reverse("channels:entry", args=[unsorted.pk])).content.decode()
    assert IntakeView.unscoped.get().actor == reader
    assert unsorted.subject in client.get(reverse("channels:tray")).content.decode()


def test_what_came_to_the_landlord_as_such_is_every_desks(client, unsorted, landlord):
    Intake.unscoped.filter(pk=unsorted.pk).update(unit=None)
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get(reverse("channels:entry", args=[unsorted.pk])).status_code == 200
