"""The kinds of data that have a duration: from which day it runs, what is done then, its source.

What is proposed here binds nobody: the data-protection officer changes it and puts it in force.
A kind finds what is ``due`` before a moment, what of it is kept back, and acts on one batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from requests.attachments.models import Attachment
from requests.audit.models import ListView, RecordView
from requests.channels.models import Intake, IntakeView
from requests.claims.models import Claim
from requests.complaints.models import FormalNotice
from requests.filing.models import Draft
from requests.inbound.missed_call_models import MissedCall
from requests.jobs.models import Job
from requests.kit.choices import ENDED
from requests.letters.models import ScanFile, ScanPage
from requests.notifications.models import Delivery
from requests.privacy import (
    erasure,
    event_erasure,
    person,
    registry,
    retention_people,
    retention_sent,
)
from requests.privacy.models import Hold, RetentionRule, RightsRequest
from requests.work_orders.models import AccessView
from tenants.models import ContactPoint, Need, PersonChange

ERASE, ANONYMISE = RetentionRule.Action.ERASE, RetentionRule.Action.ANONYMISE
LEASE_ACTIONS = _(
    "Law 89-462 of 6 July 1989, article 7-1: actions arising from a lease expire after three "
    "years. Read in the article."
)
PRE_LITIGATION = _(
    "CNIL, compliance pack for social housing (2014, under revision since November 2025), "
    "deliberation on disputes, durations: pre-litigation data go once the dispute is settled or "
    "the action expired; law 89-462, article 7-1: three years. Read in copies of both."
)
LOGS = _("CNIL, advice on logs: six months to a year. Not read again: to be confirmed.")
HOUSE = _("The house’s own proposal. No text was found that gives it: to be confirmed.")


@dataclass(frozen=True)
class Kind:
    """One kind of data. ``sure``: the source was read, and gives the duration.

    ``due(before, now)`` finds the rows whose time began before ``before``; ``held`` narrows them
    to those that stay all the same; ``act(rows, now)`` returns how many rows it touched.
    """

    code: str
    label: object
    start: object
    months: int
    action: str
    source: object
    due: Callable[[datetime, datetime], QuerySet]
    act: Callable[[QuerySet, datetime], int]
    held: Callable[[datetime], Q] | None = None
    sure: bool = False


def _disputed(claim: str) -> Callable[[datetime], Q]:
    """Return what finds the rows whose claim has a person on hold or a recent formal notice."""

    def held(now: datetime) -> Q:
        holds = Hold.objects.filter(tenant=OuterRef(f"{claim}tenant"), lifted_at__isnull=True)
        notices = FormalNotice.objects.system("retention").filter(
            claim=OuterRef(f"{claim}pk"), received__gt=now.date() - person.NOTICE_COUNTS
        )
        return Q(Exists(holds)) | Q(Exists(notices))

    return held


def _claims(before: datetime, now: datetime) -> QuerySet:
    rows = Claim.objects.system("retention").filter(state__in=ENDED, ended_at__lt=before)
    return rows.exclude(erasure.anonymised()).order_by("ended_at")


def _anonymise_claims(rows: QuerySet, now: datetime) -> int:
    return erasure.anonymise_claims(list(rows.values_list("pk", flat=True)))


def _files(before: datetime, now: datetime) -> QuerySet:
    rows = Attachment.objects.system("retention").filter(
        claim__state__in=ENDED, claim__ended_at__lt=before
    )
    return rows.order_by("claim__ended_at")


def _declared(label: str) -> Callable[[QuerySet, datetime], int]:
    """Return the act that the registry declares for this model."""

    def act(rows: QuerySet, now: datetime) -> int:
        return erasure.empty(registry.PERSONAL[label], rows)

    return act


def _delete(rows: QuerySet, now: datetime) -> int:
    return rows.delete()[0]


def _intakes(before: datetime, now: datetime) -> QuerySet:
    sorted_ = (Intake.State.PARSED, Intake.State.DISCARDED, Intake.State.ANSWERED)
    rows = Intake.objects.system("retention").filter(
        claim__isnull=True, state__in=sorted_, received_at__lt=before
    )
    return rows.exclude(external_id__startswith=erasure.ANONYMISED).order_by("received_at")


def _deliveries(before: datetime, now: datetime) -> QuerySet:
    rows = Delivery.objects.system("retention").filter(claim__isnull=True, created_at__lt=before)
    rows = rows.exclude(state__in=(Delivery.State.QUEUED, Delivery.State.RETRYING))
    return rows.exclude(recipient__startswith=erasure.ANONYMISED).order_by("created_at")


def _scans(before: datetime, now: datetime) -> QuerySet:
    return (
        ScanFile.objects.system("retention")
        .filter(scan__split_at__lt=before)
        .order_by("scan__split_at")
    )


def _erase_scans(rows: QuerySet, now: datetime) -> int:
    keys = list(rows.values_list("pk", flat=True))
    pages = ScanPage.objects.system("retention").filter(file__in=keys)
    files = ScanFile.objects.system("retention").filter(pk__in=keys)
    erasure.drop_files(registry.PERSONAL["requests.ScanPage"], pages)
    erasure.drop_files(registry.PERSONAL["requests.ScanFile"], files)
    pages.delete()
    files.delete()
    return len(keys)


def _erase_views(code: str) -> Callable[[QuerySet, datetime], int]:
    def act(rows: QuerySet, now: datetime) -> int:
        keys = list(rows.values_list("pk", flat=True))
        return event_erasure.erase_views(code=code, keys=keys)

    return act


def _answered(before: datetime, now: datetime) -> QuerySet:
    rows = RightsRequest.objects.system("retention").exclude(state=RightsRequest.State.RECEIVED)
    return rows.filter(answered_at__lt=before).order_by("answered_at")


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "claims",
            _("Requests with their conversation"),
            _("the end of the request"),
            36,
            ANONYMISE,
            PRE_LITIGATION,
            _claims,
            _anonymise_claims,
            _disputed(""),
            sure=True,
        ),
        Kind(
            "files",
            _("Photos and documents of requests"),
            _("the end of the request"),
            6,
            ERASE,
            HOUSE,
            _files,
            _declared("requests.Attachment"),
            _disputed("claim__"),
        ),
        Kind(
            "people",
            _("People who left, with their requests and account"),
            _("the end of the last stay, or the last request when it is later"),
            36,
            ERASE,
            LEASE_ACTIONS,
            retention_people.due,
            retention_people.erase,
            retention_people.held,
            sure=True,
        ),
        Kind(
            "needs",
            _("Coded needs"),
            _("the end that was set for the need"),
            1,
            ERASE,
            HOUSE,
            lambda before, now: (
                Need.objects.system("retention")
                .filter(expires__lt=before.date())
                .order_by("expires")
            ),
            _delete,
        ),
        Kind(
            "contacts",
            _("Contact points that nobody confirmed"),
            _("the question whether it is still right, without an answer"),
            12,
            ERASE,
            HOUSE,
            lambda before, now: (
                ContactPoint.objects.system("retention")
                .filter(asked_at__lt=before)
                .order_by("asked_at", "pk")
            ),
            _delete,
        ),
        Kind(
            "changes",
            _("Changes of how a person is reached"),
            _("the change; what waits for a person stays"),
            36,
            ERASE,
            HOUSE,
            lambda before, now: (
                PersonChange.objects.system("retention")
                .changes()
                .filter(at__lt=before)
                .exclude(state=PersonChange.State.WAITS, decision__isnull=True)
                .order_by("at", "pk")
            ),
            lambda rows, _now: event_erasure.erase_changes(rows.values_list("pk", flat=True)),
        ),
        Kind(
            "intakes",
            _("Messages received that belong to no request"),
            _("their arrival; what nobody has sorted stays"),
            3,
            ANONYMISE,
            HOUSE,
            _intakes,
            _declared("requests.Intake"),
        ),
        Kind(
            "scans",
            _("Scanned mail"),
            _("the day on which it was made into letters"),
            12,
            ERASE,
            HOUSE,
            _scans,
            _erase_scans,
        ),
        Kind(
            "calls",
            _("Numbers of missed calls"),
            _("the last call"),
            6,
            ERASE,
            HOUSE,
            lambda before, now: (
                MissedCall.objects.system("retention")
                .filter(last_at__lt=before, done_at__isnull=False)
                .order_by("last_at")
            ),
            _delete,
        ),
        Kind(
            "deliveries",
            _("Messages sent that belong to no request"),
            _("their sending"),
            12,
            ANONYMISE,
            HOUSE,
            _deliveries,
            _declared("requests.Delivery"),
        ),
        Kind(
            "notices",
            _("Notices of works: names and addresses"),
            _("the end of the works"),
            12,
            ANONYMISE,
            HOUSE,
            retention_sent.notices,
            retention_sent.empty_notices,
        ),
        Kind(
            "survey_invitations",
            _("Who was asked in a survey"),
            _("the end of the survey"),
            13,
            ERASE,
            HOUSE,
            retention_sent.invitations,
            _delete,
        ),
        Kind(
            "survey_words",
            _("What people wrote in a survey"),
            _("the end of the survey"),
            24,
            ERASE,
            HOUSE,
            retention_sent.words,
            lambda rows, _now: rows.update(words=""),
        ),
        Kind(
            "views",
            _("Who opened a message received"),
            _("the look"),
            12,
            ERASE,
            LOGS,
            lambda before, now: (
                IntakeView.objects.system("retention").filter(at__lt=before).order_by("at")
            ),
            _erase_views("intake_view"),
        ),
        Kind(
            "access_views",
            _("Who read a door code"),
            _("the look"),
            12,
            ERASE,
            LOGS,
            lambda before, now: (
                AccessView.objects.system("retention").filter(at__lt=before).order_by("at")
            ),
            _erase_views("access_view"),
        ),
        Kind(
            "record_views",
            _("Who opened a record or a request"),
            _("the look"),
            12,
            ERASE,
            LOGS,
            lambda before, now: (
                RecordView.objects.system("retention").filter(at__lt=before).order_by("at")
            ),
            _erase_views("record_view"),
        ),
        Kind(
            "list_views",
            _("Who looked at a list or searched"),
            _("the look"),
            12,
            ERASE,
            LOGS,
            lambda before, now: ListView.objects.filter(at__lt=before).order_by("at"),
            _erase_views("list_view"),
        ),
        Kind(
            "drafts",
            _("Requests begun on the site and never sent"),
            _("the last change"),
            1,
            ERASE,
            HOUSE,
            lambda before, now: (
                Draft.objects.system("retention").filter(at__lt=before).order_by("at")
            ),
            _delete,
        ),
        Kind(
            "jobs",
            _("Technical work that is done, with its errors"),
            _("its end"),
            3,
            ERASE,
            HOUSE,
            lambda before, now: Job.objects.filter(done_at__lt=before).order_by("done_at"),
            _delete,
        ),
        Kind(
            "rights",
            _("Requests of persons about their data, with the answers"),
            _("the answer"),
            60,
            ERASE,
            HOUSE,
            _answered,
            _delete,
        ),
    )
}
