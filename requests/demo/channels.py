"""What other channels receive in a day: readings of sensors, calls to return, public posts."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation

from agencies.models import Equipment
from requests.catalogue.models import Category
from requests.channels import reasons
from requests.channels.models import Intake
from requests.dangers import rings
from requests.inbound import invitations, public_page, reader
from requests.inbound.invitation_models import Invitation
from requests.inbound.missed_call_models import MissedCall
from requests.inbound.outcomes import leave_to_a_person, set_aside
from requests.jobs.models import Job
from requests.kit.choices import Channel
from requests.notifications import events as notifications
from requests.notifications.models import Delivery
from requests.routing.actions import route_claim
from requests.sensors import actions as sensors
from requests.sensors.models import Reading, Sensor
from requests.suggestions import danger
from tenants.models import ContactPoint

EVERY = timedelta(minutes=20)
DAY = 72  # readings
# Minutes ago, author, words, and the reason where the provider refused.
LIST = "List-Unsubscribe: <https://machine.example/stop>"
MACHINES = (
    ("Accueil <accueil@mairie.example>", "Absence du bureau", "Auto-Submitted: auto-replied"),
    ("Fournitures du Littoral <lettre@fournitures.example>", "Nos promotions de novembre", LIST),
    ("Fournitures du Littoral <lettre@fournitures.example>", "Derniers jours de promotion", LIST),
    ("Fournitures du Littoral <lettre@fournitures.example>", "Derniers jours de promotion", LIST),
)
POSTS = (
    (640, "Yvon Le Gall", "Merci à la gardienne du Levant, le hall est propre !", ""),
    (95, "Mireille P.", "Toujours pas d'ascenseur au 4 rue des Tilleuls...", "400 10903"),
    (25, "Samir B.", "Ça sent le gaz dans l'escalier B depuis ce matin, personne ne répond", ""),
)


def build(now: datetime) -> None:
    """Write three sensors (one of them silent), two missed calls and three public posts.

    Only the danger opens a claim: the others are those of the stories.
    """
    boilers = list(Equipment.objects.filter(kind=Equipment.Kind.BOILER).order_by("pk")[:2])
    lift = Equipment.objects.filter(kind=Equipment.Kind.LIFT).order_by("pk").first()
    heat = _category("heating")
    if heat and boilers:
        usual = {"category": heat, "unit": "°C", "below": 50, "margin": 5, "for_minutes": 30}
        for number, boiler in enumerate(boilers, 1):
            made = Sensor.objects.create(
                slug=f"chaudiere-{number}",
                name=f"Départ eau chaude, {boiler.building}",
                equipment=boiler,
                **usual,
            )
            _history(made, now, 63 - number)
    if lift and (out := _category("lift")):
        made = Sensor.objects.create(
            slug="ascenseur-1",
            name="Porte d'ascenseur, ouvertures forcées",
            equipment=lift,
            category=out,
            above=3,
            silent_minutes=120,
        )
        sensors.record_reading(slug=made.slug, value=0, at=now - EVERY * 12, now=now - EVERY * 12)
        sensors.sweep(now)
    _calls(now)
    _posts(now)
    _mails_of_machines(now)


def _category(tile: str) -> Category | None:
    """Return a shared fault under this picture."""
    rows = Category.objects.filter(active=True, collective=True, sensitive=False, tile=tile)
    return rows.order_by("code").first()


def _history(sensor: Sensor, now: datetime, usual: int) -> None:
    """Write a day of readings."""
    instants = [now - EVERY * (DAY - n) for n in range(DAY - 3)]
    Reading.objects.bulk_create(
        Reading(sensor=sensor, at=at, value=usual + n % 4) for n, at in enumerate(instants)
    )
    for n in (3, 2, 1):
        at = now - EVERY * n
        sensors.record_reading(slug=sensor.slug, value=usual, at=at, now=at)


def _calls(now: datetime) -> None:
    known = (
        ContactPoint.objects.system("demo")
        .filter(kind=ContactPoint.Kind.PHONE)
        .order_by("pk")
        .first()
    )
    for number, times, minutes in ((known.value if known else "", 3, 50), ("+33240000123", 1, 12)):
        if number:
            last = now - timedelta(minutes=minutes)
            MissedCall.objects.create(
                number=number,
                first_at=last - timedelta(minutes=4 * times),
                last_at=last,
                due_at=last,
                times=times,
            )


def _mails_of_machines(now: datetime) -> None:
    """Write an absence, two letters of a supplier, one twice: the folded groups of the tray."""
    rows: list[Intake] = []
    for number, (sender, subject, mark) in enumerate(MACHINES, 1):
        raw = (
            f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <{number}@machine.example>\r\n"
            f"{mark}\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{subject}.\r\n"
        )
        intake = Intake.objects.create(
            channel=Channel.EMAIL,
            external_id=f"demo/machine/{number}",
            raw=raw.encode(),
            received_at=now - timedelta(hours=5 * number),
        )
        reply = reader.mail(intake)
        if number == len(MACHINES):
            set_aside(intake, reply, reasons.coded("double"), rows[-1])
        else:
            why = reasons.coded("automatic", mark=reply.automatic)
            leave_to_a_person(intake, reply, why)
        rows.append(intake)


def _posts(now: datetime) -> None:
    """Write comments on the landlord's page: one answered, one refused, one about a danger."""
    for number, (minutes, name, words, refused) in enumerate(POSTS, 1):
        at = now - timedelta(minutes=minutes)
        value = {
            "item": "comment",
            "verb": "add",
            "comment_id": f"5001_{number}",
            "from": {"id": f"770000000000000{number}", "name": name},
            "message": words,
            "created_time": int(at.timestamp()),
        }
        raw = json.dumps({"page": settings.PALIER_PAGE_ID, "value": value}).encode()
        found = public_page.read(raw)
        heard = danger.find_words(words)
        with translation.override(settings.LANGUAGE_CODE):
            why = [invitations.refusal_reason(refused)] if refused else []
            intake = Intake.objects.create(
                channel=Channel.PAGE,
                external_id=found.number,
                raw=raw,
                received_at=at,
                state=Intake.State.FAILED if why else Intake.State.ANSWERED,
                error="\n".join(why),
                sender=found.author,
                sender_name=found.name,
                subject=invitations.post_title(found),
                text=words,
                urgent=bool(heard),
                verified=True,
            )
        if heard:
            invitations.file_danger(intake, found, at)
            intake.save()
            _rung(intake, at)
        Invitation.objects.create(
            intake=intake,
            person=found.author,
            day=timezone.localtime(at).date(),
            kind=found.kind,
            number=found.number,
            text=notifications.private_answer(urgent=bool(heard)),
            state=Invitation.State.FAILED if refused else Invitation.State.SENT,
            attempts=1,
            answer=refused,
            created_at=at,
            sent_at=None if refused else at,
        )


def _rung(intake: Intake, at: datetime) -> None:
    """Give the danger its desk, and show that the first of the ladder was rung."""
    claim = intake.claim
    assert claim is not None  # file_danger() made it
    route_claim(claim_id=claim.pk, now=at)
    rung = rings.rungs_for(claim, at)[0]
    with translation.override(settings.LANGUAGE_CODE):
        Delivery.objects.create(
            kind=Delivery.Kind.DANGER,
            key=f"{Delivery.Kind.DANGER}:{claim.pk}:0",
            claim=claim,
            channel=Channel.SMS,
            recipient=rung.phone,
            subject=rings.subject(rung),
            text=rings.words(claim),
            facts={"claim": str(claim.pk), "number": 0},
            urgent=True,
            state=Delivery.State.SENT,
            attempts=1,
            due_at=at,
            created_at=at,
            sent_at=at,
        )
    events = [str(pk) for pk in claim.events.values_list("pk", flat=True)]
    keys = [*events, str(claim.pk), f"{claim.pk}:0"]
    Job.objects.filter(key__in=keys).delete()  # the demonstration begins at rest
