"""Test the staff pages of letters without JavaScript."""

import io

import pytest
from pypdf import PdfReader

from requests.channels.models import Intake
from requests.letters.models import Letter, LetterBatch, Scan
from tests.factories import category, member
from tests.requests.letters.scanned import file, written

pytestmark = pytest.mark.long

HOME = "/agency/letters/"


@pytest.fixture(autouse=True)
def at(monkeypatch, clock):
    """Make the pages read the clock that the tests move."""
    for name in ("letters.views", "letters.scan_views", "inbox.claim_page"):
        monkeypatch.setattr(f"requests.{name}.now", clock)
    monkeypatch.setattr("django.utils.timezone.now", clock)


@pytest.fixture
def staff(client, sonia):
    client.force_login(sonia.user)
    return client


def make(staff, registered=()):
    picked = [row.pk for row in staff.get(HOME).context["rows"]]
    answer = staff.post(f"{HOME}batch/", {"pick": picked, "registered": registered or []})
    return answer, picked


def test_from_the_list_to_the_post_office_and_back(staff, claim, send, work, sonia):
    send(claim)
    page = staff.get(HOME)
    row = page.context["rows"][0]
    answer, _picked = make(staff, [row.pk])
    batch = LetterBatch.objects.get()
    assert answer.url == f"{HOME}batch/{batch.pk}/"
    assert staff.get(f"{answer.url}letters.pdf").status_code == 404
    assert not staff.get(answer.url).context["ready"]
    work()
    assert staff.get(answer.url).context["ready"]
    for _again in range(2):
        pdf = staff.get(f"{answer.url}letters.pdf?sides=2")
        assert len(PdfReader(io.BytesIO(pdf.content)).pages) == 4
    # A second press of the same list, by a colleague or the back button, prints nothing.
    again = staff.post(f"{HOME}batch/", {"pick": [row.pk]})
    assert again.url == HOME
    assert LetterBatch.objects.count() == 1
    staff.post(f"{answer.url}printed/")
    wrong = staff.post(f"{answer.url}posted/", {"on": "2026-11-24", "number_1": "12"})
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.content.decode()
    late = staff.post(f"{answer.url}posted/", {"on": "2026-11-25", "number_1": "1A12345678901"})
    assert late.status_code == 422
    staff.post(f"{answer.url}posted/", {"on": "2026-11-24", "number_1": "1A 123 456 7890 1"})
    letter = Letter.unscoped.get()
    assert (letter.state, letter.number) == ("posted", "1A12345678901")
    assert letter in staff.get(HOME, {"q": "7890 1"}).context["found"]
    url = f"{HOME}{letter.pk}/"
    assert staff.post(f"{url}returned/", {"on": "2026-11-20", "why": "unknown"}).status_code == 422
    staff.post(f"{url}returned/", {"on": "2026-11-24", "why": "unknown"})
    letter.refresh_from_db()
    assert letter.state == "returned"
    conversation = staff.get(f"/agency/{claim.pk}/").content.decode()
    assert f"{url}letter.pdf" in conversation
    assert staff.get(f"{url}letter.pdf").content.startswith(b"%PDF")


def test_a_letter_is_followed_from_its_claim_before_it_is_printed(staff, claim, send):
    send(claim)
    row = staff.get(f"/agency/{claim.pk}/").context["letters"][-1]
    assert (row["state"], row["letter"]) == ("to_print", None)


def test_a_scan_is_arranged_split_and_sorted(staff, claim, settings):
    category(settings.PALIER_UNSORTED_CATEGORY, "A2", "agency_clientele")
    two = file(written(f"Demande {claim.spoken_reference}", "", "Autre lettre"))
    answer = staff.post(f"{HOME}in/", {"files": [two], "received_on": "2026-11-20"})
    scan = Scan.unscoped.get()
    assert answer.url == f"{HOME}in/{scan.pk}/"
    pages = list(scan.pages.all())
    page = staff.get(answer.url).content.decode()
    assert f"{HOME}in/page/{pages[0].pk}/" in page
    single = staff.get(f"{HOME}in/page/{pages[2].pk}/").content
    assert "Autre lettre" in PdfReader(io.BytesIO(single)).pages[0].extract_text()
    form = {f"place_{p.pk}": p.place for p in pages}
    form |= {"begins": [pages[0].pk, pages[2].pk], "left_out": [pages[1].pk]}
    saved = staff.post(answer.url, {**form, "then": "save"})
    assert staff.get(saved.url).context["letters"] == 2
    sort = staff.post(answer.url, {**form, "then": "split"})
    assert Intake.unscoped.filter(channel="letter").count() == 2
    shown = staff.get(sort.url)
    assert shown.context["named"] == [claim]
    following = staff.post(f"{sort.url}attach/", {"claim": claim.pk})
    assert following.url != sort.url
    assert claim.attachments.count() == 1
    found = staff.get(following.url, {"q": "Traoré"}).context
    assert [caller.tenant for caller in found["people"]] == [claim.tenant]
    filed = staff.post(f"{following.url}file/", {"tenant": claim.tenant.pk})
    new = Intake.unscoped.get(claim__isnull=False, pk=following.url.split("/")[-2]).claim
    assert filed.url == f"/agency/{new.pk}/"
    assert (new.tenant, new.channel) == (claim.tenant, "letter")
    twice = staff.post(f"{following.url}file/", {"tenant": claim.tenant.pk})
    assert twice.url == f"{HOME}in/"


def test_a_page_moves_to_the_place_that_is_typed(staff):
    staff.post(f"{HOME}in/", {"files": [file(written("A", "B", "C"))], "received_on": "2026-11-20"})
    scan = Scan.unscoped.get()
    a, b, c = scan.pages.all()
    form = {f"place_{a.pk}": 1, f"place_{b.pk}": 2, f"place_{c.pk}": 1, "begins": [c.pk]}
    staff.post(f"{HOME}in/{scan.pk}/", form)
    assert [p.words for p in scan.pages.all()] == ["C", "A", "B"]


def test_errors_are_said_and_nothing_is_kept(staff):
    for sent in ({}, {"files": [file(b"MZ" * 500, "x.exe")], "received_on": "2026-11-20"}):
        answer = staff.post(f"{HOME}in/", sent)
        assert answer.status_code == 422
        assert "error-summary" in answer.content.decode()
    assert not Scan.unscoped.exists()
    staff.post(f"{HOME}in/", {"files": [file(written("A"))], "received_on": "2026-11-20"})
    scan = Scan.unscoped.get()
    every = {"left_out": [p.pk for p in scan.pages.all()], "then": "split"}
    assert staff.post(f"{HOME}in/{scan.pk}/", every).status_code == 422


def test_the_tray_shows_the_letter_and_other_agencies_see_no_scan(staff, client, landlord):
    staff.post(f"{HOME}in/", {"files": [file(written("A", "B"))], "received_on": "2026-11-20"})
    scan = Scan.unscoped.get()
    page = scan.pages.first()
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get(f"{HOME}in/{scan.pk}/").status_code == 404
    assert client.get(f"{HOME}in/page/{page.pk}/").status_code == 404
    assert client.get(f"{HOME}in/file/{page.file_id}/").status_code == 404
    client.force_login(scan.by)
    client.post(f"{HOME}in/{scan.pk}/", {"begins": [page.pk], "then": "split"})
    intake = Intake.unscoped.get(channel="letter")
    letter = f"{HOME}in/letter/{intake.pk}/"
    client.force_login(member(landlord["south"], "agency_manager").user)
    for path in (f"/agency/tray/{intake.pk}/", letter, f"{letter}letter.pdf"):
        assert client.get(path).status_code == 404
    assert client.get(f"{HOME}in/page/{page.pk}/").status_code == 404
    client.force_login(member(landlord["north"], "agency_manager").user)
    entry = client.get(f"/agency/tray/{intake.pk}/")
    assert f"{HOME}in/letter/{intake.pk}/letter.pdf" in entry.content.decode()
    assert client.get(f"{HOME}in/letter/{intake.pk}/letter.pdf").content.startswith(b"%PDF")
