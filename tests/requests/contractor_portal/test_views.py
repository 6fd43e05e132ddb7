"""The contractor's link: confirm in two taps, report, and nothing personal once it is closed."""

import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.claims.events import Event
from requests.work_orders import appointments, order_links
from requests.work_orders.actions import advance_order
from requests.work_orders.models import AccessView, OrderLink
from tests.requests.contractor_portal.secrets import SECRETS, text
from tests.requests.fixtures.work import book

pytestmark = pytest.mark.long


def picture() -> SimpleUploadedFile:
    exif = Image.Exif()
    exif[0x010F] = "Marque"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("../../etc/x.jpg", out.getvalue(), "image/jpeg")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def link(order):
    return OrderLink.unscoped.create(order=order, created_at=now())


@pytest.fixture
def visit(order):
    return book(order, days=1)


def url(link, *more, name="job"):
    return reverse(name, args=[link.token, *more])


def post(client, link, name, **data):
    link.order.refresh_from_db()
    data = {"version": link.order.version, **data}
    return client.post(url(link, name, name="job_act"), data)


def test_two_taps_confirm(client, link, visit, order):
    shown = client.get(url(link))
    assert shown.status_code == 200
    assert text(shown).count('class="btn btn--block"') == 1
    form = {"version": shown.context["order"].version}
    assert client.post(url(link, "confirm", name="job_step"), form).status_code == 302
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert client.post(url(link, "confirm", name="job_step"), form).status_code == 409


def test_a_get_never_acts(client, link, visit, order):
    before = (order.version, order.events.count())
    for name in ("confirm", "depart"):
        assert client.get(url(link, name, name="job_step")).status_code == 405
    assert client.get(url(link, name="job_renew")).status_code == 405
    assert client.get(url(link, name="job_details")).status_code == 405
    for name in ("propose", "impossible", "done", "late", "no_access", "more", "quote"):
        client.get(url(link, name, name="job_act"))
    order.refresh_from_db()
    assert (order.version, order.events.count()) == before
    assert AccessView.unscoped.count() == 0


@pytest.mark.weakness("door code early")
def test_phone_and_door_code_only_in_the_window_and_logged(client, link, visit, order):
    shown = url(link, name="job_details")
    assert "12B4" not in text(client.post(shown))
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    assert "12B4" not in text(client.get(url(link)))
    assert "0612345678" not in text(client.get(url(link)))
    opened = text(client.post(shown))
    assert "12B4" in opened
    assert "0612345678" in opened
    assert AccessView.unscoped.count() == 1
    with time_machine.travel(visit.ends + timedelta(hours=3), tick=False):
        assert "12B4" not in text(client.post(shown))
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    assert "12B4" not in text(client.post(shown))
    assert AccessView.unscoped.count() == 1


def test_an_expired_or_stolen_or_unknown_link_shows_nothing(client, link, visit, order, agent):
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    assert client.get(url(link)).status_code == 200
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert_empty(client, link)
    order_links.revoke(order=order, actor=agent, now=now())
    assert_empty(client, link)
    assert client.get(reverse("job", args=["nothing"])).status_code == 410


def assert_empty(client, link):
    for answer in (
        client.get(url(link)),
        client.post(url(link, name="job_details")),
        client.post(url(link, "confirm", name="job_step")),
        client.get(url(link, "done", name="job_act")),
        client.post(url(link, "done", name="job_act"), {"version": 1, "text": "x"}),
        client.get(url(link, uuid.uuid4(), name="job_photo")),
    ):
        assert answer.status_code == 410
        assert not [s for s in SECRETS if s in text(answer)]


def test_a_link_used_again_after_the_visit_opens_no_door(client, link, visit, order):
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    assert "12B4" in text(client.post(url(link, name="job_details")))
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    for answer in (
        client.get(url(link)),
        client.post(url(link, name="job_details")),
        client.post(url(link, "confirm", name="job_step"), {"version": order.version}),
        client.post(url(link, "depart", name="job_step"), {"version": order.version}),
        client.get(url(link, "no_access", name="job_act")),
    ):
        assert not [
            s for s in ("Traoré", "0612345678", "06 12 34 56 78", "12B4") if s in text(answer)
        ]
    order.refresh_from_db()
    assert order.state == "done"


def test_a_cancelled_order_shows_nothing_personal(client, link, order, agent):
    advance_order(order=order, transition="cancel", actor=agent, now=now(), reason="Doublon")
    answer = client.get(url(link))
    assert answer.status_code == 200
    assert not [s for s in SECRETS if s in text(answer)]


def test_a_new_link_goes_to_the_address_on_file_only(client, link, order, mailoutbox):
    from requests import tasks
    from requests.jobs import queue

    queue.drain(tasks.HANDLERS, now)
    mailoutbox.clear()
    answer = client.post(url(link, name="job_renew"))
    unknown = client.post(reverse("job_renew", args=["nothing"]))
    assert answer.status_code == unknown.status_code == 200
    client.post(url(link, name="job_renew"))
    queue.drain(tasks.HANDLERS, now)
    assert [m.to for m in mailoutbox] == [["atelier@example.test"]]
    fresh = OrderLink.unscoped.latest("pk")
    assert fresh.token in mailoutbox[0].body
    assert client.get(url(link)).status_code == 410
    assert client.get(url(fresh)).status_code == 200


def test_done_with_photos_before_and_after(client, link, visit, order, claim):
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    empty = post(client, link, "done", text="")
    assert empty.status_code == 422
    answer = post(client, link, "done", text="Joint changé", before=picture(), after=picture())
    assert answer.status_code == 302
    order.refresh_from_db()
    claim.refresh_from_db()
    assert (order.state, claim.state) == ("done", "done")
    assert sorted(order.photos.values_list("moment", flat=True)) == ["after", "before"]
    kept = Attachment.unscoped.first()
    assert "etc" not in kept.file.name
    with kept.file.open() as file:
        assert Image.open(file).getexif() == {}
    photo = client.get(url(link, kept.pk, name="job_photo"))
    assert photo.status_code == 200
    assert photo["X-Content-Type-Options"] == "nosniff"


def test_a_false_photo_loses_nothing(client, link, visit, order):
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    bad = SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    answer = post(client, link, "done", text="Joint changé", after=bad)
    assert answer.status_code == 422
    assert "Joint changé" in text(answer)
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert not Attachment.unscoped.exists()


def test_photos_of_other_orders_stay_closed(client, link, make_claim, make_order, visit):
    other = make_order(make_claim("other"))
    kept = Attachment.unscoped.create(
        claim=other.claim,
        kind="photo",
        channel="web",
        name="p",
        file="x",
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        at=now(),
    )
    assert client.get(url(link, kept.pk, name="job_photo")).status_code == 404


def test_propose_late_no_access_more_impossible(client, link, visit, order, claim):
    day = (now() + timedelta(days=6)).date().isoformat()
    answer = post(client, link, "propose", day=day, spans=["8-10", "13-15"], reason="Panne")
    assert answer.status_code == 302
    offer = order.offers.get(closed_at__isnull=True)
    assert offer.options.count() == 2
    assert claim.events.filter(name=Event.VISIT_OFFERED).exists()
    appointments.pick(offer=offer, number=1, now=now(), channel="phone")
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    assert post(client, link, "late", minutes="60").status_code == 302
    assert claim.events.filter(name=Event.VISIT_LATE).exists()
    assert post(client, link, "more", amount="80", text="Vanne").status_code == 302
    order.refresh_from_db()
    assert order.amount == 80
    assert post(client, link, "no_access", reason="nobody", photo=picture()).status_code == 302
    order.refresh_from_db()
    assert (order.state, order.photos.get().moment) == ("no_access", "no_access")
    assert post(client, link, "impossible", reason="parts", words="En rupture").status_code == 302
    order.refresh_from_db()
    assert order.state == "refused"


def test_the_address_of_an_action_that_is_not_possible_now_leads_to_the_order(
    client, link, visit, order
):
    assert order.state == "sent"
    answer = client.get(url(link, "no_access", name="job_act"))
    assert (answer.status_code, answer.url) == (302, url(link))
    assert client.get(url(link, "done", name="job_act")).status_code == 200


def test_a_page_left_open_is_a_conflict_that_keeps_the_words(client, link, visit, order):
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    answer = client.post(url(link, "done", name="job_act"), {"version": 1, "text": "Joint changé"})
    assert answer.status_code == 409
    assert "Joint changé" in text(answer)
    order.refresh_from_db()
    assert order.state == "confirmed"


def test_a_bad_day_is_said_at_the_field(client, link, visit):
    answer = post(client, link, "propose", day="2020-01-01", spans=["8-10"], reason="x")
    assert answer.status_code == 422
    assert "day" in answer.context["form"].errors
