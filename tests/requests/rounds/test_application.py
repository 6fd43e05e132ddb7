"""The round as an application, and the sheets of the halls."""

from django.urls import reverse


def test_the_worker_and_the_manifest_are_ours(client, db):
    worker = client.get(reverse("round:worker"))
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Service-Worker-Allowed"] == "/round/"
    assert "worker-src 'self'" in client.get("/")["Content-Security-Policy"]
    manifest = client.get(reverse("round:manifest")).json()
    assert manifest["scope"] == manifest["start_url"] == "/round/"


def test_a_caretaker_enters_by_the_round(karim):
    assert karim.get("/enter/").url == "/round/"


def test_a_hall_code_opens_filing_with_the_address(client, place):
    stairs = place["dwelling"].staircase
    address = reverse("hall", args=[stairs.hall_code])
    assert client.get(address).status_code == 200
    assert "draft" not in client.session  # a GET changes nothing
    answer = client.post(address)
    assert answer.url == reverse("file_what")
    assert client.session["draft"]["address"] == "1 rue du Lin, 99000 Valmer"
    assert client.get(reverse("hall", args=["ZZZZZZZZ"])).status_code == 404


def test_the_sheet_shows_each_hall_with_its_code(karim, place):
    stairs = place["dwelling"].staircase
    page = karim.get(reverse("round:sheet", args=[place["building"].pk])).content.decode()
    assert stairs.hall_code in page
    assert karim.get(reverse("round:qr", args=[stairs.pk]))["Content-Type"] == "image/svg+xml"
