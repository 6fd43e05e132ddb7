"""Words and look-ups that these tests share."""

import uuid
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.filing.actions import Filing, file_claim
from tests import factories

JSON = {"accept": "application/json"}


WORDS = "canari-7h2k"


def photo(name="photo.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def filed(dwelling=None, building=None, category="PLO-03", words=WORDS):
    return file_claim(
        Filing(
            channel="web",
            key=str(uuid.uuid4()),
            category=category,
            words=words,
            contact_name=WORDS,
            dwelling=dwelling.pk if dwelling else None,
            building=building.pk if building else None,
        ),
        actor=Actor.TENANT,
        now=now(),
    )


def done(place, **where):
    claim = filed(**where)
    agent = factories.member(place["north"], "agent")
    for step in (Event.TAKE_CHARGE, Event.REPORT_DONE):
        advance(claim=claim, transition=step, actor=Actor.member(agent), now=now())
    return claim


def post(client, **data):
    data = {"kind": "report", "key": str(uuid.uuid4()), "category": "COM-01", **data}
    return client.post(reverse("round:send"), data, headers=JSON)


def claims():
    return Claim.objects.system("test")


def correct(client, lift, **values):
    data = {"key": str(uuid.uuid4()), "label": "Ascenseur", "installed": 1990, "contract": ""}
    return client.post(reverse("round:equipment", args=[lift.pk]), {**data, **values})
