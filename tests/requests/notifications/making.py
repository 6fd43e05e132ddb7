"""One message of each kind, made as its slice makes it, queued and not yet sent."""

from datetime import timedelta

from django.utils import timezone

from agencies.models import Equipment, OnCallRung, UpkeepReminder, UpkeepVisit
from portal.actor import Actor
from requests.channels.models import Intake
from requests.claims.events import Event
from requests.console import trials
from requests.dangers import rings
from requests.equipment import upkeep_visits
from requests.figures import actions as figures
from requests.figures import digest
from requests.identity import account_links, contact_checks, point_codes, proxies
from requests.inbound import invitations
from requests.incidents import actions as incidents
from requests.incidents import notices as incident_notices
from requests.jobs.models import Job
from requests.notifications import (
    alarms,
    claim_messages,
    colleagues,
    lateness,
    outgoing,
    provider_alarms,
)
from requests.notifications.models import Delivery
from requests.planned_works import actions as planned_works
from requests.planned_works import notices
from requests.privacy import actions as privacy
from requests.promises import escalation
from requests.promises.models import EscalationStep
from requests.routing.actions import route_claim
from requests.surveys import invitations as surveys
from requests.teamwork import charges
from requests.work_orders import contractor_notices
from requests.work_orders.actions import create_order, send_order
from tests import factories

PHONE = "+33612345678"


class Making:
    """Makes one message of each kind as its slice does, queued and not yet sent."""

    def __init__(self, landlord, clock, make_claim) -> None:
        self.landlord, self.now, self.make_claim = landlord, clock, make_claim

    def claim_event(self) -> None:
        event = self.make_claim().events.get(name=Event.FILED)
        route_claim(claim_id=event.claim_id, now=self.now())
        told = event.claim.events.get(name=Event.ROUTED)
        claim_messages.notify(key=str(told.pk), now=self.now())

    def order(self) -> None:
        holder = factories.contractor()
        agent = Actor.member(factories.member(self.landlord["north"], "agent"))
        order = create_order(
            claim=self.make_claim(),
            contractor=holder,
            contract=factories.contract(holder),
            payer="landlord",
            why="by_law",
            description="Réparer la fuite",
            respond_by=self.now() + timedelta(days=3),
            actor=agent,
            now=self.now(),
        )
        send_order(order=order, actor=agent, now=self.now())

    def invitation(self) -> None:
        boss = factories.contractors_person(factories.contractor(), "boss@example.test", leads=True)
        user = factories.account("erwan@example.test")
        contractor_notices.invite(user=user, by=boss, now=self.now())

    def planned_works(self) -> None:
        home = self.landlord["dwelling"]
        factories.contact(factories.tenant(home), PHONE, verified=True)
        starts = self.now() + timedelta(days=20)
        works = planned_works.announce(
            kind="water",
            title="Coupure d'eau",
            text="Remplissez une bouteille.",
            residence=home.staircase.building.residence,
            starts=starts,
            ends=starts + timedelta(hours=4),
            membership=factories.member(self.landlord["north"], "agent"),
            now=self.now(),
        )
        notices.write(key="k", now=self.now(), works=str(works.pk), version=1, event="announced")

    def incident(self) -> None:
        home = self.landlord["dwelling"]
        factories.contact(factories.tenant(home), PHONE, verified=True)
        made = incidents.open_incident(
            building=home.staircase.building,
            family=self.landlord["leak"].family,
            title="Eau coupée",
            text="Nous cherchons la fuite.",
            actor=Actor.member(factories.member(self.landlord["north"], "agent")),
            now=self.now(),
        )
        said = incident_notices.Said.OPENED
        incident_notices.write(key="k", now=self.now(), incident=str(made.pk), version=1, said=said)

    def lateness(self) -> None:
        factories.member(self.landlord["north"], "agency_manager")
        claim = self.make_claim()
        route_claim(claim_id=claim.pk, now=self.now())
        step = EscalationStep.objects.get(
            promise__claim=claim, promise__kind="acknowledgement", level="due"
        )
        assert escalation.carry_out_step(step_id=step.pk, now=step.due_at)
        (job,) = Job.objects.filter(kind="lateness")
        lateness.gather(key=job.key, now=self.now(), **job.payload)

    def colleague(self) -> None:
        giver = factories.member(self.landlord["north"], "agent")
        member = factories.member(self.landlord["north"], "agency_manager")
        claim = self.make_claim()
        route_claim(claim_id=claim.pk, now=self.now())
        event = charges.give(claim=claim, to=member, actor=Actor.member(giver), now=self.now())
        colleagues.tell(event, self.now())
        (job,) = Job.objects.filter(kind="colleague")
        colleagues.gather(key=job.key, now=self.now(), **job.payload)

    def consent_code(self) -> None:
        person = factories.tenant(self.landlord["dwelling"], email="awa@example.test")
        factories.contact(person, PHONE, verified=True)
        given = {
            "proxy_name": "Inès Morel",
            "proxy_email": "ines@example.test",
            "scope": "ordinary",
            "ends": timezone.localdate(self.now()) + timedelta(days=30),
        }
        proxies.ask(tenant=person, given=given, by=person.user, now=self.now())

    def link_code(self) -> None:
        person = factories.tenant(self.landlord["dwelling"], bill_code="BILL234567")
        factories.contact(person, PHONE, verified=True)
        self.link()

    def link_notice(self) -> None:
        person = factories.tenant(self.landlord["dwelling"], bill_code="BILL234567")
        factories.contact(person, "awa@example.test")
        self.link()

    def link(self) -> None:
        account_links.ask(
            user=factories.account("awa.account@example.test"),
            code="BILL234567",
            last_name="Traoré",
            origin="192.0.2.1",
            now=self.now(),
        )

    def rights(self) -> None:
        person = factories.tenant(self.landlord["dwelling"])
        factories.contact(person, "awa@example.test")
        privacy.ask(
            tenant=person,
            kind="objection",
            channel="letter",
            words="",
            received_on=timezone.localdate(self.now()),
            by=None,
            now=self.now(),
        )

    def danger(self) -> None:
        OnCallRung.objects.create(position=1, name="Nuit", phone=PHONE, minutes=5)
        claim = self.make_claim(category="GAZ-01")
        route_claim(claim_id=claim.pk, now=self.now())
        (job,) = Job.objects.filter(kind="ring")
        rings.ring(key=job.key, now=self.now(), **job.payload)

    def point_code(self) -> None:
        person = factories.tenant(self.landlord["dwelling"])
        point_codes.ask(factories.contact(person, PHONE), self.now())

    def point_notice(self) -> None:
        person = factories.tenant(self.landlord["dwelling"])
        factories.contact(person, "awa@example.test")
        point_codes.tell_others(factories.contact(person, PHONE), "added", self.now())

    def contact_check(self) -> None:
        person = factories.tenant(self.landlord["dwelling"])
        old = self.now() - timedelta(days=900)
        factories.contact(person, "awa@example.test", confirmed_at=old)
        contact_checks.sweep(self.now())

    def trial(self) -> None:
        admin = factories.member(self.landlord["head"], "admin").user
        trials.send(channel="sms", to=PHONE, by=admin, now=self.now())

    def private_reply(self) -> None:
        post = invitations.Post(
            "106000000000001", "comment_id", "5001_1", "77000001", "Awa", "Le hall est sale"
        )
        intake = Intake.unscoped.create(
            channel="page", external_id=post.number, raw=b"{}", received_at=self.now()
        )
        invitations.decide_post(intake_id=intake.pk, post=post, now=self.now())

    def maintenance(self) -> None:
        factories.contract(factories.contractor("AV"), families=[], equipment_kinds=["lift"])
        stairs = self.landlord["dwelling"].staircase
        lift = Equipment.objects.create(
            building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur A1"
        )
        today = timezone.localdate(self.now())
        UpkeepVisit.objects.create(
            equipment=lift,
            what="lift_visit",
            done_on=today - timedelta(days=50),
            recorded_at=self.now(),
        )
        upkeep_visits.sweep(self.now())
        upkeep_visits.send_reminder(key=str(UpkeepReminder.objects.get().pk), now=self.now())

    def figures(self) -> None:
        member = factories.member(self.landlord["north"], "agency_manager")
        figures.want_digest(membership=member, wanted=True)
        digest.sweep(now=self.now())

    def alarm(self) -> None:
        factories.member(self.landlord["head"], "admin")
        alarms.raise_alarm(
            key="export:1", subject="Export manqué", text="Rien n’est parti.", now=self.now()
        )

    def provider(self) -> None:
        factories.member(self.landlord["head"], "admin")
        claim = self.make_claim(contact_email="awa@orange.fr")
        refused = Delivery.unscoped.create(
            claim=claim,
            event=claim.events.first(),
            recipient="awa@orange.fr",
            channel="email",
            state="failed_permanent",
            reason="reputation",
            answer="554 5.7.1 Client host rejected: spamdetected",
            due_at=self.now(),
            created_at=self.now(),
        )
        for message in provider_alarms.messages(refused, refused.answer, self.now()):
            outgoing.queue(now=self.now(), **message)

    def survey(self) -> None:
        factories.contact(factories.tenant(self.landlord["dwelling"]), "awa@example.test")
        wave = factories.survey(self.now())
        surveys.draw(survey=wave, now=self.now())
        surveys.invite(survey=wave, now=self.now())
