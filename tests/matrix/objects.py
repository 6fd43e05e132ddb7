"""The rows that hang on the home of the matrix: letters, merges, rights, and what a unit owns."""

import io
from datetime import date, timedelta

from django.core.files.base import ContentFile
from pypdf import PdfWriter

from agencies.models import Absence, Equipment, Membership
from portal import api_tokens, not_me
from portal.actor import Actor
from portal.clock import now
from portal.models import ApiToken
from requests.audit.models import EmergencyOpening
from requests.channels.models import Intake
from requests.closing.models import ClosingStep
from requests.closing.proof import make_proof
from requests.conversation.models import CannedReply
from requests.equipment.models import EquipmentCorrection
from requests.figures.models import Annotation, SavedBoard
from requests.identity import actions as identity
from requests.identity import contact_checks
from requests.inbound.missed_call_models import MissedCall
from requests.incidents.models import Incident
from requests.letters.models import Letter, LetterBatch, Scan, ScanFile, ScanPage
from requests.notifications.models import Delivery
from requests.planned_works.models import PlannedWorks
from requests.privacy.models import Hold, PersonExport, RightsRequest
from requests.surveys.models import SurveyInvitation
from requests.teamwork.models import Help
from requests.work_orders.slot_models import WeeklySlot
from tenants.models import AccessEnd, AccountLink, ContactPoint, Need, PersonChange
from tests import factories
from tests.matrix.world import DAY, VARIANTS, World, attachment, canary

LATER = date(2027, 6, 1)


def empty_pdf() -> bytes:
    """Return a PDF of one empty page."""
    made = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()


def put(world: World, kind: str, value: object, variant: str = "shared") -> None:
    world.values.setdefault(kind, {})[variant] = value


def add(world: World) -> None:
    for variant in VARIANTS:
        add_paper(world, variant)
    add_people(world)
    add_unit(world)
    add_contractor(world)


def add_paper(world: World, variant: str) -> None:
    """A letter that was sent, the call that is due, the proof that was drawn."""
    claim, house = world.claims[variant], world.house
    event = claim.events.earliest("pk")
    delivery = Delivery.unscoped.create(
        event=event,
        claim=claim,
        recipient=canary("address", variant),
        channel="letter",
        text=canary("letter", variant),
        state="suppressed",
        due_at=now(),
        created_at=now(),
    )
    batch = LetterBatch.objects.create(unit=house["north"], made_at=now())
    letter = Letter.unscoped.create(
        delivery=delivery, batch=batch, place=1, file=ContentFile(empty_pdf(), "x"), pages=1
    )
    put(world, "delivery", delivery.pk, variant)
    put(world, "letter", letter.pk, variant)
    put(world, "letter_batch", batch.pk, variant)
    step = ClosingStep.objects.create(claim=claim, kind="check", state="due", due_at=now())
    put(world, "closing_step", step.pk, variant)
    put(world, "proof", make_proof(claim=claim, now=now()).sha256, variant)
    photo = attachment(claim, variant, channel="round", content_type="image/jpeg", kind="photo")
    put(world, "round_photo", photo.pk, variant)


def add_people(world: World) -> None:
    """Merges, mandates, ends of access, links of accounts, requests about one's data."""
    author, agent, house = world.people["author"], world.actors["agent"], world.house
    put(world, "person", author.pk)
    twin = factories.tenant(
        factories.dwelling(house["dwelling"].staircase, "14"), last_name="cnry-name-twin"
    )
    double = factories.tenant(
        factories.dwelling(house["dwelling"].staircase, "15"), last_name="cnry-name-twin"
    )
    put(world, "twin", twin.pk)
    plan = identity.preview(twin, double)
    merge = identity.merge(
        kept=twin,
        absorbed=double,
        seen=identity.digest(plan),
        reason="x",
        actor=Actor.SYSTEM,
        now=now(),
    )
    put(world, "merge", merge.key)
    offered = factories.mandate(author, None, proxy_email=world.actors["neighbour"].email)
    put(world, "mandate_offered", offered.pk)
    made = {"at": now(), "by": agent, "reason": "cnry-reason-end"}
    snapshot = {
        "user": None,
        "stays": {},
        "mandates": [],
        "links": [],
        "claims": [],
        "units": [house["north"].pk],
        "lease_ends": None,
    }
    ends = AccessEnd.objects.system("test")
    former = world.people["former_occupant"]
    put(world, "access_end", ends.create(tenant=former, snapshot=snapshot, **made).pk)
    lease = former.occupancies.get().lease
    put(world, "lease_end", ends.create(lease=lease, snapshot=snapshot, **made).pk)
    link = AccountLink.unscoped.create(
        tenant=author,
        user=world.actors["author"],
        lease=lease,
        asked_at=now(),
        linked_at=now() - 9 * DAY,
        opens_at=now() - 8 * DAY,
    )
    put(world, "account_link_token", link.token)
    token = not_me.token_of(world.actors["author"], world.actors["author"].email, now())
    put(world, "not_me_token", token)
    point = ContactPoint.unscoped.create(
        tenant=author, kind="email", value="author.point@example.test"
    )
    put(world, "contact_point", point.pk)
    waits = PersonChange.unscoped.create(
        tenant=author,
        what="point_proposed",
        side="import",
        at=now(),
        state="waits",
        facts={"point": point.pk, "value": str(point)},
    )
    put(world, "person_change", waits.pk)
    put(world, "contact_token", contact_checks.token(point))
    need = Need.unscoped.create(tenant=author, code="hearing", expires=LATER)
    put(world, "need", need.pk)
    for name, kind in (("rights", "access"), ("rights_decided", "erasure")):
        row = RightsRequest.unscoped.create(
            tenant=author,
            kind=kind,
            channel="letter",
            words="cnry-words-rights",
            received_on=now().date(),
            due_on=now().date() + 30 * DAY,
        )
        put(world, name, row.pk)
    copy = PersonExport.objects.create(
        request_id=world.values["rights"]["shared"],
        tenant=author,
        asked_at=now(),
        made_at=now(),
        ends_at=now() + 7 * DAY,
        file=ContentFile(b"cnry-file-export", "x"),
        size=16,
    )
    put(world, "copy", copy.pk)
    hold = Hold.objects.create(tenant=author, kind="dispute", reason="x", at=now(), by=agent)
    put(world, "hold", hold.pk)
    api_tokens.make(world.actors["author"], name="tool", writes=True, days=30, now=now())
    put(world, "api_token", ApiToken.objects.get().pk)
    call = MissedCall.unscoped.create(
        number="+33639981009", first_at=now(), last_at=now(), due_at=now() - timedelta(minutes=9)
    )
    put(world, "missed_call", call.pk)
    # A colleague of a third agency opened the shared request with a reason, for an hour.
    opener = factories.member(factories.unit("ouest"), "agent")
    world.actors["emergency_opener"] = opener.user
    EmergencyOpening.unscoped.create(
        claim=world.claims["shared"],
        asker=opener.user,
        role=opener.role,
        unit=opener.unit,
        reason="cnry-reason-emergency",
        at=now(),
        until=now() + 9 * timedelta(hours=1),
    )


def add_unit(world: World) -> None:
    """What the agency of the home owns: its tray, its scans, its calendar, its building."""
    house, agent = world.house, world.actors["agent"]
    north, building = house["north"], house["dwelling"].staircase.building
    entry = Intake.unscoped.create(
        channel="email",
        external_id="tray",
        unit=north,
        raw=b"Subject: x\r\n\r\ncnry-words-tray",
        text="cnry-words-tray",
        sender="cnry-mail-tray@example.test",
        received_at=now(),
        state="failed",
    )
    put(world, "tray", entry.pk)
    scan = Scan.unscoped.create(unit=north, received_on=now().date(), at=now())
    put(world, "scan", scan.pk)
    file = ScanFile.unscoped.create(
        scan=scan,
        place=1,
        name="cnry-file-scan.pdf",
        file=ContentFile(b"cnry-file-scan", "x"),
        content_type="application/pdf",
        size=9,
        sha256="x",
    )
    put(world, "scan_file", file.pk)
    letter = Intake.unscoped.create(
        channel="letter",
        external_id="scan",
        unit=north,
        raw=empty_pdf(),
        text="cnry-words-scan",
        received_at=now(),
        state="failed",
    )
    page = ScanPage.unscoped.create(
        scan=scan,
        file=file,
        number=1,
        place=1,
        words="cnry-words-scan",
        thumb=ContentFile(b"cnry-file-thumb", "x"),
        intake=letter,
    )
    put(world, "scan_page", page.pk)
    put(world, "scanned_letter", letter.pk)
    member = Membership.objects.get(user=agent)
    absence = Absence.objects.create(
        membership=member, first_day=LATER, last_day=LATER, entered_by=agent, entered_at=now()
    )
    put(world, "absence", absence.pk)
    help_ = Help.objects.create(
        desk=north.desks.first(),
        helper=house["east"],
        number=1,
        until=now() + 9 * DAY,
        words="cnry-words-help",
        asked_by=agent,
        asked_at=now(),
    )
    put(world, "help", help_.pk)
    put(world, "desk", north.desks.first().pk)
    put(
        world, "reply", CannedReply.objects.create(unit=north, name="x", language="fr", body="x").pk
    )
    note = Annotation.objects.create(unit=north, text="x", by=agent, at=now())
    put(world, "annotation", note.pk)
    kept = SavedBoard.objects.create(
        membership=agent.memberships.get(), name="x", board="agency", query=""
    )
    put(world, "kept_board", kept.pk)
    equipment = Equipment.objects.create(
        building=building, kind="lift", label="Ascenseur", label_code="lift9"
    )
    put(world, "equipment", equipment.pk)
    correction = EquipmentCorrection.objects.create(
        key="x", equipment=equipment, was={"label": ""}, becomes={"label": "B"}, at=now()
    )
    put(world, "correction", correction.pk)
    put(world, "building", building.pk)
    put(world, "staircase", house["dwelling"].staircase_id)
    put(world, "dwelling", house["dwelling"].pk)
    put(world, "residence", building.residence_id)
    incident = Incident.objects.create(
        family=house["leak"].family,
        building=building,
        title="x",
        text="x",
        opened_at=now(),
        opened_by=agent,
    )
    put(world, "incident", incident.pk)
    works = PlannedWorks.objects.create(
        kind="water",
        title="x",
        text="x",
        residence=building.residence,
        starts=now() + 9 * DAY,
        ends=now() + 10 * DAY,
        announced_at=now(),
        announced_by=agent,
    )
    put(world, "works", works.pk)
    wave = factories.survey(now(), drawn_at=now())
    author = world.people["author"]
    asked = SurveyInvitation.unscoped.create(
        survey=wave,
        tenant=author,
        dwelling=world.house["dwelling"],
        unit=world.house["north"],
        state="to_call",
        channel="phone",
        address=canary("address", "shared"),
    )
    put(world, "survey", wave.pk)
    put(world, "survey_invitation", asked.pk)
    put(world, "survey_token", asked.code)
    sensor = factories.sensor(house["leak"], building=building)
    put(world, "sensor", sensor.pk)


def add_contractor(world: World) -> None:
    company = world.house["contract"].contractor
    row = WeeklySlot.objects.create(contractor=company, weekday=1, starts="09:00", ends="11:00")
    put(world, "weekly_slot", row.pk)
    put(world, "team_member", world.house["colleague"].pk)
    put(world, "calendar_token", company.calendar_token)
