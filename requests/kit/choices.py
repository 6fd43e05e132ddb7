"""The closed vocabularies of a claim."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a claim stands. Hand-overs change the owner, never the state."""

    RECEIVED = "received", _("Received")
    IN_REVIEW = "in_review", _("In review")
    WAITING_TENANT = "waiting_tenant", _("We are waiting for your answer")
    PLANNED = "planned", _("Visit planned")
    IN_PROGRESS = "in_progress", _("Work in progress")
    DONE = "done", _("Company says work is done")
    CLOSED = "closed", _("Closed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Grouped with another request")


# What staff read where a tenant reads « nous attendons votre réponse ».
STAFF_STATES = [
    (state, _("Waiting for the tenant") if state == State.WAITING_TENANT else state.label)
    for state in State
]
ENDED = frozenset({State.CLOSED, State.REFUSED, State.WITHDRAWN, State.MERGED})
OPEN = frozenset(State) - ENDED


class Channel(models.TextChoices):
    """The channel by which a claim or a message came."""

    WEB = "web", _("web")
    PHONE = "phone", _("phone")
    COUNTER = "counter", _("counter")
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")
    LETTER = "letter", _("letter")
    SOCIAL = "social", _("messaging")
    PAGE = "page", _("public page")
    OPEN311 = "open311", _("Open311")
    SENSOR = "sensor", _("sensor")
    ROUND = "round", _("caretaker’s round")
    API = "api", _("API")


class Urgency(models.TextChoices):
    """U0–U2 run in calendar time, the others in working time (docs/principles.md, C5)."""

    U0 = "U0", _("danger to life")
    U1 = "U1", _("emergency")
    U2 = "U2", _("urgent")
    U3 = "U3", _("soon")
    U4 = "U4", _("ordinary")
    U5 = "U5", _("when possible")
    A1 = "A1", _("administrative, quick")
    A2 = "A2", _("administrative")
    A3 = "A3", _("administrative, to examine")
    A4 = "A4", _("administrative, decision")


CALENDAR_URGENCIES = frozenset({Urgency.U0, Urgency.U1, Urgency.U2})
# Their work is done before all other work (requests/jobs/priorities.py).
EMERGENCIES = frozenset({Urgency.U0, Urgency.U1})


class Responsible(models.TextChoices):
    """Who is normally responsible by law or contract."""

    LANDLORD = "landlord", _("landlord")
    CONTRACT = "contract", _("maintenance contract")
    TENANT = "tenant", _("tenant")
    SHARED = "shared", _("shared")
    THIRD_PARTY = "third_party", _("someone else")


class RefusalReason(models.TextChoices):
    """Why a person refuses; each is explained to the tenant with the recourse."""

    TENANT_UPKEEP = "tenant_upkeep", _("This upkeep is the tenant’s by decree 87-712.")
    NOT_OURS = "not_ours", _("This does not belong to the landlord.")
    ALREADY_DONE = "already_done", _("This was already done.")
    OTHER = "other", _("Another reason, written in the message.")


class CallOutcome(models.TextChoices):
    """The result of a call to the tenant."""

    REACHED = "reached", _("We spoke")
    VOICEMAIL = "voicemail", _("Message left")
    NO_ANSWER = "no_answer", _("No answer")
    WRONG = "wrong", _("Wrong number")
