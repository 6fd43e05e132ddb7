"""Thin Celery tasks: a message says only that something may be due."""

from collections.abc import Callable

from celery import shared_task
from django.conf import settings

from portal.clock import now
from portal.models import Pulse
from requests.attachments import quarantine
from requests.claims import links
from requests.closing import actions as closing
from requests.dangers import rings
from requests.equipment import upkeep_visits
from requests.figures import digest, public
from requests.figures import upkeep as figures
from requests.identity import contact_checks, doubles
from requests.inbound import imap
from requests.inbound import reader as reading
from requests.incidents import notices as incident_notices
from requests.jobs import queue
from requests.jobs.models import Job
from requests.jobs.priorities import SENDING, WORK
from requests.jobs.wake import DRAIN, SEND, sparingly, wake
from requests.letters import actions as letters
from requests.notifications import claim_messages, colleagues, lateness, outgoing
from requests.planned_works import notices as planned_notices
from requests.privacy import exports, journal, retention
from requests.promises import recalculation
from requests.promises.escalation import carry_out_step, sweep
from requests.reporting import exports as figure_exports
from requests.routing.actions import route_claim
from requests.sensors import actions as sensors
from requests.stock_insight import early_warning
from requests.suggestions import actions as suggestions
from requests.surveys import invitations as surveys
from requests.teamwork import assistance
from requests.webhooks import delivery as webhook_delivery
from requests.webhooks import endpoints as webhook_endpoints
from requests.webhooks import outbox as webhook_outbox
from requests.work_orders import appointments, slots


def _route(*, key: str, now) -> None:
    route_claim(claim_id=key, now=now)


def _escalate(*, key: str, now) -> None:
    carry_out_step(step_id=key, now=now)


def _notify(*, key: str, now) -> None:
    """Tell of an event: other systems first, which is only rows, then its tenant."""
    webhook_outbox.gather(key=key, now=now)
    claim_messages.notify(key=key, now=now)


HANDLERS: dict[str, Callable] = {
    Job.Kind.ROUTE: _route,
    Job.Kind.NOTIFY: _notify,
    Job.Kind.DELIVER: outgoing.deliver,
    Job.Kind.INTAKE: reading.work,
    Job.Kind.ESCALATE: _escalate,
    Job.Kind.REMIND: appointments.remind,
    Job.Kind.CLOSING: closing.run_step,
    Job.Kind.LETTER: letters.draw,
    Job.Kind.UPKEEP: upkeep_visits.send_reminder,
    Job.Kind.PLANNED: planned_notices.write,
    Job.Kind.RENEW: recalculation.renew,
    Job.Kind.LATENESS: lateness.gather,
    Job.Kind.RETENTION: retention.run_batch,
    Job.Kind.EXPORT: exports.make,
    Job.Kind.VIRUS: quarantine.check,
    Job.Kind.RING: rings.ring,
    Job.Kind.INCIDENT: incident_notices.write,
    Job.Kind.FIGURES: figure_exports.make,
    Job.Kind.WEBHOOK: webhook_delivery.send,
    Job.Kind.COLLEAGUE: colleagues.gather,
    Job.Kind.SURVEY: surveys.work,
}


@shared_task
def drain() -> None:
    """Do the work that is due now, and say that a worker lives."""
    Pulse.beat("worker")
    with sparingly():
        tried = queue.drain(HANDLERS, now, priorities=WORK)
    if tried and queue.is_due(WORK):
        wake(DRAIN)


@shared_task
def send() -> None:
    """Send what is due now, and say that a sender lives."""
    Pulse.beat("sender")
    with sparingly():
        tried = queue.drain(HANDLERS, now, priorities=SENDING)
    if tried and queue.is_due(SENDING):
        wake(SEND)


@shared_task
def tick() -> None:
    """Only beat sends this one: its age is the age of beat."""
    Pulse.beat("beat")


@shared_task
def escalate() -> None:
    """Find what fell late; beat calls it every few seconds."""
    moment = now()
    assistance.sweep(now=moment)
    if sweep(now=moment):
        wake(DRAIN)


@shared_task
def poll_mailboxes() -> None:
    """Fetch what arrived in every mailbox that is due."""
    imap.poll(now)


@shared_task
def plan_closing() -> None:
    """Plan the attempts for claims that wait for the tenant's word."""
    closing.sweep(now())


@shared_task
def renew_links() -> None:
    """Make new links for the requests of homes that somebody left."""
    links.sweep(now())


@shared_task
def watch_sensors() -> None:
    """Notice silent sensors and limits passed since long; beat calls it every minute."""
    sensors.sweep(now())


@shared_task
def talk_of_sensors() -> None:
    """Let the demonstration's sensors send a value; beat calls it every minute."""
    if settings.DEMO:
        from requests.demo import doors  # production does not load the demonstration

        doors.talk(now())


@shared_task
def watch_upkeep() -> None:
    """Notice visits that come due or were missed."""
    upkeep_visits.sweep(now())


@shared_task
def keep_to_retention() -> None:
    """Order the night's erasing, end old copies, write the journal; beat calls it every minute."""
    moment = now()
    journal.write(moment)
    retention.drop_old_copies(moment)
    retention.plan(moment)


@shared_task
def watch_quarantine() -> None:
    """Order virus checks that are missing or due again; beat calls it every minute."""
    if quarantine.sweep():
        wake(DRAIN)


@shared_task
def check_contacts() -> None:
    """Ask about contact points and needs that grew old; beat calls it every hour."""
    contact_checks.sweep(now())


@shared_task
def count_figures() -> None:
    """Count again what changed in claims; beat calls it every five seconds."""
    moment = now()
    figures.refresh(now=moment)
    public.publish(moment)


@shared_task
def send_digests() -> None:
    """Queue the figures of the week; beat calls it every ten minutes."""
    digest.sweep(now=now())


@shared_task
def compare_people() -> None:
    """Compare again the people whose record changed; beat calls it every minute."""
    doubles.sweep()


@shared_task
def roll_slots() -> None:
    """Let the contractors' weeks run six weeks ahead; beat calls it every hour."""
    slots.roll(now())


@shared_task
def warn_of_equipment() -> None:
    """Reckon the early-warning list when it is a week old; beat calls it every hour."""
    early_warning.sweep(now())


@shared_task
def order_exports() -> None:
    """Order files of figures that are due, raise alarms for missed ones; every ten minutes."""
    figure_exports.sweep(now())


@shared_task
def plan_surveys() -> None:
    """Order the steps of surveys that are due; beat calls it every ten minutes."""
    if surveys.sweep(now()):
        wake(DRAIN)


@shared_task
def tidy_webhooks() -> None:
    """Delete old messages to other systems; beat calls it every hour."""
    webhook_endpoints.tidy(now())


@shared_task
def learn() -> None:
    """Train suggestions that are a week old or asked for; beat calls it every minute."""
    moment = now()
    suggestions.order_training_when_old(now=moment)
    suggestions.train_ordered(now=moment)
