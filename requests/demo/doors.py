"""Try every channel of the demonstration as the people outside would use it.

Each function hands in what a provider, a mail program or a sensor would; the portal's own readers
do the rest. Nothing here writes a claim.
"""

import json
import os
import secrets
import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random
from urllib.parse import urlencode

from django.conf import settings

from agencies.models import Staircase
from portal.dev import phonecatcher
from requests.channels import intake as intakes
from requests.channels.mailbox_models import Mailbox
from requests.claims.models import Claim
from requests.inbound import public_page, whatsapp
from requests.kit import pdf
from requests.kit.choices import OPEN, Channel
from requests.open311 import actions as open311
from requests.open311 import validation
from requests.open311.models import Open311Key
from requests.sensors import actions as sensors
from requests.sensors.models import Sensor

ADDRESS = "demandes@demo.palier.example"
SLUG = "demandes"
SECRET_NAME = "PALIER_MAIL_SECRET_DEMO"
OPEN311_KEY = "demo-palier-open311"
# The boilers keep talking; the lift is silent until somebody lets it talk.
TALK = "chaudiere-"
WARM = (60.0, 66.0)  # °C
SECONDS = 10.0


def connect_mailbox() -> Mailbox | None:
    """Let the portal read the demonstration's mailbox where it stands today; None without one."""
    host, _colon, port = os.environ.get("PALIER_IMAP", "").rpartition(":")
    if not port.isdecimal():
        return None
    box, _new = Mailbox.objects.update_or_create(
        slug=SLUG,
        defaults={
            "address": ADDRESS,
            "host": host,
            "port": int(port),
            "security": Mailbox.Security.NONE,
            "username": SLUG,
            "secret_name": SECRET_NAME,
            "errors": 0,
            "next_poll_at": None,
        },
    )
    return box


def make_open311_key(now: datetime) -> None:
    """Make the key that the demonstration shows to everybody, once."""
    digest = Open311Key.digest_of(OPEN311_KEY)
    if not Open311Key.objects.filter(digest=digest).exists():
        Open311Key.objects.create(
            name="Ville de Valmer",
            contact="ville@valmer.example",
            start=OPEN311_KEY[:6],
            digest=digest,
            made_at=now,
        )


def send_mail(*, sender: str, subject: str, text: str, files: list[tuple[str, str, bytes]]) -> str:
    """Send a mail to the landlord as any program does; return its Message-ID.

    Raises OSError without a mail server.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ADDRESS, subject
    number = f"{secrets.token_hex(12)}@{sender.rpartition('@')[2]}"
    message["Message-ID"] = f"<{number}>"
    message.set_content(text)
    for name, kind, data in files:
        main, _slash, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub or "octet-stream", filename=name)
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=SECONDS) as server:
        server.send_message(message)
    return number


def send_text(*, number: str, text: str, now: datetime) -> str:
    """Hand in an SMS as the provider posts it; return its number."""
    sid = f"SM{secrets.token_hex(16)}"
    form = {"MessageSid": sid, "From": number, "To": settings.PALIER_SMS_FROM, "Body": text}
    raw = urlencode(form).encode()
    intakes.receive(channel=Channel.SMS, external_id=sid, raw=raw, now=now)
    return sid


def send_chat(*, number: str, text: str, now: datetime) -> str:
    """Hand in a message of a messenger as the provider posts it; return its number."""
    message = {
        "from": number.lstrip("+"),
        "id": f"wamid.{secrets.token_hex(12)}",
        "type": "text",
        "text": {"body": text},
    }
    ((key, raw),) = whatsapp.parts(phonecatcher.envelope(messages=[message]))
    intakes.receive(channel=Channel.SOCIAL, external_id=key, raw=raw, now=now)
    return key


def call(*, number: str, now: datetime) -> str:
    """Let the telephone system tell of a call that nobody took; return the event's number."""
    call = secrets.token_hex(8)
    event = {"id": call, "event": "missed", "from": number, "at": now.isoformat()}
    key, raw = f"call/{call}/missed", json.dumps(event).encode()
    intakes.receive(channel=Channel.PHONE, external_id=key, raw=raw, now=now)
    return key


def post(*, name: str, text: str, now: datetime) -> str:
    """Let somebody write under our page, as its provider posts it; return the comment's number."""
    number = secrets.token_hex(8)
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": f"1_{number}",
        "post_id": "1_1",
        "from": {"id": number, "name": name},
        "message": text,
        "created_time": int(now.timestamp()),
    }
    ((key, raw),) = public_page.parts(phonecatcher.feed(value))
    intakes.receive(channel=Channel.PAGE, external_id=key, raw=raw, now=now)
    return key


def report(*, service: str, entrance: int, text: str, now: datetime) -> str:
    """Hand in a report as the application of a city posts it; return its number."""
    place = Staircase.objects.select_related("building").get(pk=entrance)
    fields = [
        ("service_code", service),
        ("lat", str(place.building.latitude)),
        ("long", str(place.building.longitude)),
        ("address_string", place.street),
        ("description", text),
    ]
    intake, _new, _refused = open311.receive(
        key=Open311Key.objects.get(digest=Open311Key.digest_of(OPEN311_KEY)),
        fields=fields,
        client_id=secrets.token_hex(8),
        digest=validation.digest(fields),
        now=now,
    )
    return intake.external_id


def measure(*, sensor: Sensor, value: float, now: datetime) -> None:
    """Let a sensor send a value.

    One beyond its limit is sent as having lasted, so that nobody waits for half an hour.
    """
    if sensor.is_out(value) and sensor.for_minutes:
        Sensor.objects.filter(pk=sensor.pk).update(
            breach_since=now - timedelta(minutes=sensor.for_minutes)
        )
    sensors.record_reading(slug=sensor.slug, value=value, at=now, now=now)


def usual(sensor: Sensor) -> float:
    """Return a value at which the sensor has nothing to say."""
    return (sensor.below or 0) + 12.0 if sensor.below is not None else 0.0


def wrong(sensor: Sensor) -> float:
    """Return a value beyond the sensor's limit."""
    if sensor.below is not None:
        return float(sensor.below) - 20.0
    return float(sensor.above or 0) + 4.0


def talk(now: datetime) -> int:
    """Let the sensors that talk send a value each, unless one is out of order; return how many."""
    chance = Random(int(now.timestamp()))
    told = 0
    for sensor in Sensor.objects.filter(slug__startswith=TALK, active=True):
        if sensor.breach_since is None and not sensor.faults.filter(cleared_at=None).exists():
            value = round(chance.uniform(*WARM), 1)
            told += sensors.record_reading(slug=sensor.slug, value=value, at=now, now=now)
    return told


def sample_letter() -> bytes:
    """Return a letter as a scanner delivers it, about a request that is open."""
    claim = Claim.objects.system("demo").filter(state__in=OPEN, tenant__isnull=False).last()
    number = claim.spoken_reference if claim else ""
    context = {
        "name": str(claim.tenant) if claim else "Awa Traoré",
        "subject": f"Ma demande {number}".strip(),
        "text": "Bonjour, le plombier est venu mais la fuite a repris le lendemain. Merci.",
    }
    return pdf.pdf("requests/demo/letter_pdf.html", context)
