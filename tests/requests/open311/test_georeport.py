"""A client that believes the specification: types, photos, scripts, errors, updates."""

import http.server
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.attachments.models import Attachment
from requests.catalogue.models import Category
from requests.channels.models import Intake
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from requests.jobs import queue
from requests.open311.models import Open311Key
from tests.factories import category, common_fault, member, open311_key
from tests.requests.channels import packs
from tests.requests.open311 import georeport

pytestmark = pytest.mark.long

ROOT = "/open311/v2"
FORMS = ("json", "xml")


@pytest.fixture
def house(landlord, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    common_fault(label_en="Light out", plain_language_en="The hall is dark")
    common_fault("ASC-01", tile="lift", label_en="Lift out of order")
    category("ADM-14", "A1", "crc")
    return landlord


def work() -> None:
    queue.drain(tasks.HANDLERS, now)


def get(path: str, form: str, **query):
    answer = Client().get(f"{ROOT}/{path}.{form}", query)
    return answer.status_code, georeport.read(answer.content, form)


def photo(name: str = "hall.jpg", **how) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, packs.picture(**how), "image/jpeg")


def report(form: str = "json", *, key: str, status: int = 201, **fields):
    """Post a report as multipart/form-data, as Django's client does; returns the token."""
    fields = {"api_key": key, "service_code": "COM-01", "address_id": "r1", **fields}
    answer = Client().post(f"{ROOT}/requests.{form}", fields)
    assert answer.status_code == status, answer.content
    return georeport.read(answer.content, form)


@pytest.mark.parametrize("form", FORMS)
def test_every_answer_of_a_session_follows_the_specification(house, form):
    status, services = get("services", form)
    assert status == 200
    georeport.check_services(services)
    for row in services:
        georeport.check_definition(
            get(f"services/{row['service_code']}", form)[1], row["service_code"]
        )
    kind = {row["service_code"]: row["type"] for row in services}["COM-01"]
    token = georeport.check_post(report(form, key=open311_key(), description="Noir"), kind)
    work()
    [known] = get(f"tokens/{token}", form)[1]
    claim = Claim.objects.system("test").get(channel="open311")
    assert known["service_request_id"] == str(claim.pk)
    georeport.check_requests(get("requests", form)[1])
    georeport.check_requests(get(f"requests/{claim.pk}", form)[1])


@pytest.mark.parametrize("form", FORMS)
def test_the_steps_of_shared_faults_are_followed(house, form):
    report(key=open311_key(), description="Noir, dit Mme Traoré")
    work()
    claim = Claim.objects.system("test").get(channel="open311")
    agent = member(house["north"], "agent")
    for step, facts in (
        (Event.TAKE_CHARGE, {}),
        (Event.REFUSE, {"reason": "other", "text": "Non, Awa."}),
    ):
        claim.refresh_from_db()
        advance(claim=claim, transition=step, actor=Actor.member(agent), now=now(), **facts)
    status, rows = get("servicerequestupdates", form)
    assert status == 200
    georeport.check_updates(rows)
    assert [row["status"] for row in rows] == ["open", "closed"]
    assert {row["service_request_id"] for row in rows} == {str(claim.pk)}
    assert not [word for word in ("Traoré", "Awa") if word in str(rows)]
    assert get("servicerequestupdates", form, end_date="2020-01-01")[1] == []
    status, errors = get("servicerequestupdates", form, start_date="x")
    georeport.check_errors(errors, status)


@pytest.mark.parametrize("form", FORMS)
def test_photos_of_the_body_come_with_the_claim_once(house, form):
    key = open311_key()
    for _turn in range(2):
        fields = {"description": "Noir", "media": [photo("a.jpg"), photo("b.png", kind="PNG")]}
        report(form, key=key, status=201 if _turn == 0 else 200, **fields)
        work()
    claim = Claim.objects.system("test").get(channel="open311")
    kept = Attachment.unscoped.filter(claim=claim)
    assert [(row.name, row.channel, row.width) for row in kept] == [
        ("a.jpg", "open311", 60),
        ("b.jpg", "open311", 60),
    ]
    assert kept[0].message == claim.messages.first()
    # The same words with another photo are another report.
    report(form, key=key, description="Noir", media=photo("c.jpg", size=(30, 30)))
    assert Intake.unscoped.count() == 2


def test_a_bad_photo_is_told_and_the_report_stays(house):
    bad = SimpleUploadedFile("x.jpg", b"MZ" + b"\0" * 40, "image/jpeg")
    [told] = report(key=open311_key(), description="Noir", media=[bad, photo()])
    assert "x.jpg" in told["service_notice"]
    work()
    assert [row.name for row in Attachment.unscoped.all()] == ["hall.jpg"]
    many = [photo(f"{n}.jpg") for n in range(7)]
    georeport.check_errors(report(key=open311_key(name="b"), status=400, media=many), 400)


@pytest.fixture
def pictures(settings):
    """A host of photos: /hall.jpg is one, /page an HTML page, /moved leads elsewhere."""

    class Host(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = packs.picture() if self.path == "/hall.jpg" else b"<html>"
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", "/hall.jpg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args) -> None:
            """Log nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = [], True
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_photo_is_fetched_from_the_hosts_of_the_key_alone(house, pictures):
    links = [f"http://{pictures}/{name}" for name in ("hall.jpg", "page", "moved")]
    report(key=open311_key(media_hosts=pictures), description="Noir", media_url=links)
    report(key=open311_key(name="other"), description="Noir", media_url=links[0])
    work()
    with_photo, without = (
        Claim.objects.system("test").filter(channel="open311").order_by("filed_at")
    )
    assert [row.name for row in with_photo.attachments.all()] == ["hall.jpg"]
    assert links[0] not in with_photo.words
    assert links[1] in with_photo.words
    assert not without.attachments.exists()
    assert links[0] in without.words


def test_a_host_is_a_host(house):
    open311_key()
    row = Open311Key.objects.get()
    for text, right in (("media.city.example\nb.example:8443", True), ("https://x.example", False)):
        row.media_hosts = text
        try:
            row.full_clean()
        except Exception:
            assert not right
        else:
            assert right


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "path", ["services", "services/COM-01", "requests", "tokens/x", "discovery"]
)
def test_every_method_is_answered_in_the_format_of_the_address(house, form, path):
    for method in ("post", "put", "patch", "delete"):
        client = Client(enforce_csrf_checks=True)
        answer = getattr(client, method)(
            f"{ROOT}/{path}.{form}", b"{}", content_type="application/json"
        )
        if path == "requests" and method == "post":
            assert answer.status_code == 403  # no api_key
        elif path != "tokens/x":
            assert answer.status_code == 405
            assert "GET" in answer["Allow"]
        georeport.check_errors(georeport.read(answer.content, form), answer.status_code)


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_cannot_be_read_is_told_in_the_format(house, form, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    broken = Client().post(f"{ROOT}/requests.{form}", b"--x", content_type="multipart/form-data")
    large = Client().post(f"{ROOT}/requests.{form}", {"description": "x" * 2000})
    for answer, status in ((broken, 400), (large, 413)):
        assert answer.status_code == status
        georeport.check_errors(georeport.read(answer.content, form), status)


def test_scripts_of_other_sites_read_and_do_not_post(house):
    client = Client(headers={"Origin": "https://map.example"})
    for path in ("services.json", "requests.xml", "servicerequestupdates.json", "nothing.json"):
        assert client.get(f"{ROOT}/{path}")["Access-Control-Allow-Origin"] == "*", path
    asked = client.options(
        f"{ROOT}/requests.json", headers={"Access-Control-Request-Method": "GET"}
    )
    assert (asked.status_code, asked.content) == (204, b"")
    assert "POST" not in asked["Access-Control-Allow-Methods"]
    assert "POST" in asked["Allow"]
    posted = client.post(f"{ROOT}/requests.json", {"service_code": "COM-01"})
    assert "Access-Control-Allow-Origin" not in posted


def test_a_client_without_key_reads_all_definitions_within_a_minute(house):
    for number in range(70):
        common_fault(f"X{number:03}")
    codes = [row["service_code"] for row in get("services", "json")[1]]
    assert len(codes) == 72 == Category.objects.filter(collective=True).count()
    assert {get(f"services/{code}", "json")[0] for code in codes} == {200}


def test_an_attribute_sent_twice_is_not_half_kept(house):
    both = {"attribute[where][]": ["hall", "stairs"], "description": "Noir"}
    errors = report(key=open311_key(), status=400, **both)
    georeport.check_errors(errors, 400)
    report(key=open311_key(name="b"), **{"attribute[landmark][]": ["A", "B"]})
    work()
    assert "A, B" in Claim.objects.system("test").get(channel="open311").words


def update(form: str, fields: dict, expected: int = 201):
    """Post an update of a request; returns the rows of the answer."""
    answer = Client().post(f"{ROOT}/servicerequestupdates.{form}", fields)
    assert answer.status_code == expected, answer.content
    return georeport.read(answer.content, form)


@pytest.mark.parametrize("form", FORMS)
def test_an_update_of_a_shared_fault_joins_its_conversation_once(house, form):
    key = open311_key()
    report(key=key, description="Noir")
    work()
    claim = Claim.objects.system("test").get(channel="open311")
    said = {"service_request_id": str(claim.pk), "update_id": "77", "status": "CLOSED"}
    said |= {"description": "Toujours noir.", "first_name": "Awa", "email": "awa@x.example"}
    said |= {"updated_datetime": "2026-11-24T10:00:00+01:00", "api_key": key}
    for turn in (201, 200):
        more = {"media": photo(), "media_url": "https://photos.example/1.jpg"}
        [row] = update(form, said | more, turn)
        assert row["update_id"]
        work()
    told = claim.messages.filter(direction="in").exclude(text="Noir").get()
    assert told.text == "Toujours noir.\nhttps://photos.example/1.jpg"
    assert [row.name for row in told.attachments.all()] == ["hall.jpg"]
    state = claim.state
    claim.refresh_from_db()
    assert claim.state == state  # an application closes nothing
    assert "awa@x.example" in claim.messages.filter(direction="note").last().text
    assert Intake.unscoped.get(pk=row["update_id"]).proof == ""
    # The public list says steps, and nobody's words.
    assert "Toujours noir" not in str(get("servicerequestupdates", form)[1])
    other = update(form, said | {"description": "Autre chose"}, 400)
    georeport.check_errors(other, 400)


@pytest.mark.parametrize("form", FORMS)
def test_an_update_that_cannot_be_taken_is_refused_in_the_format(house, form):
    key = open311_key()
    at_home = file_claim(
        Filing(channel="web", key="1", category="ADM-14", words="x", dwelling=house["dwelling"].pk),
        actor=Actor.TENANT,
        now=now(),
    )
    good = {"api_key": key, "update_id": "1", "description": "x"}
    for fields, status in (
        ({**good, "api_key": ""}, 403),
        ({**good, "service_request_id": str(at_home.pk)}, 404),  # no shared fault
        ({**good, "service_request_id": "x"}, 404),
        ({**good, "description": ""}, 400),
        ({**good, "update_id": "a b"}, 400),
        ({**good, "status": "perhaps"}, 400),
        ({**good, "email": "nobody"}, 400),
    ):
        georeport.check_errors(update(form, fields, status), status)
    assert not Intake.unscoped.filter(channel="open311").exists()
