"""A file of staff: read first, its mistakes in words, invited only once it was looked at."""

import csv
import io

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from agencies.models import Membership
from requests.teamwork.models import Seat

pytestmark = pytest.mark.django_db
HEADS = "courriel;prénom;nom;rôle;unité;services"
GOOD = "awa@example.test;Awa;Ndiaye;Agency staff;Nord;Technical desk"


def send(client, *lines: str):
    file = SimpleUploadedFile("staff.csv", "\n".join([HEADS, *lines]).encode())
    return client.post("/console/people/file/", {"file": file})


def test_nobody_is_invited_before_the_file_was_looked_at(client, admin, landlord):
    answer = send(client, GOOD, "luc@example.test;Luc;Roy;agent;nord;")
    assert not Membership.everything.exclude(user=admin).exists()
    lines = answer.context["reading"].lines
    assert [(line.email, line.role, line.unit) for line in lines] == [
        ("awa@example.test", "agent", "nord"),
        ("luc@example.test", "agent", "nord"),
    ]
    mail.outbox.clear()
    client.post("/console/people/file/invite/", {"lines": answer.context["packed"]})
    assert {m.to[0] for m in mail.outbox} >= {"awa@example.test", "luc@example.test"}
    assert Seat.objects.get().desk.kind == "technical"
    again = client.post(
        "/console/people/file/invite/", {"lines": answer.context["packed"]}, follow=True
    )
    assert "2 people had the role already" in again.content.decode()
    assert Membership.everything.exclude(user=admin).count() == 2


def test_every_mistake_of_a_line_is_said_and_can_be_downloaded(client, admin, landlord):
    answer = send(
        client, "awa;Awa;N;boss;Nrod;", GOOD.replace("Technical desk", "Post"), GOOD, GOOD
    )
    reading = answer.context["reading"]
    assert [line.number for line in reading.lines] == [4]
    first, second, third = (row.reason for row in reading.rejects)
    assert "“awa” is no e-mail address" in first
    assert "“boss” is no role. These are: " in first
    assert "“Nrod” is no unit. These are: Nord, Siege, Sud" in first
    assert "“Post” is not found in Nord" in second
    assert "has this role already" in third
    rejects = client.post(
        "/console/people/file/rejects.csv", {"rejects": answer.context["packed_rejects"]}
    )
    rows = list(csv.reader(io.StringIO(rejects.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["line", "reason", "courriel"]
    assert rows[1][0] == "2"


def test_lines_that_somebody_wrote_themselves_are_refused(client, admin):
    answer = client.post("/console/people/file/invite/", {"lines": "abc:def"}, follow=True)
    assert "send the file again" in answer.content.decode()


def test_another_kind_of_file_is_named(client, admin):
    file = SimpleUploadedFile("x.csv", b"nom;prix\npain;2\n")
    answer = client.post("/console/people/file/", {"file": file})
    assert answer.status_code == 422
    assert "This is not a file of staff" in answer.content.decode()


def test_the_example_can_be_sent_back(client, admin, landlord):
    text = client.get("/console/people/file/template.csv").content.decode("utf-8-sig")
    text = text.replace("Agence Nord", "Nord")
    answer = client.post(
        "/console/people/file/", {"file": SimpleUploadedFile("t.csv", text.encode())}
    )
    assert len(answer.context["reading"].lines) == 2
    assert answer.context["reading"].rejects == []
