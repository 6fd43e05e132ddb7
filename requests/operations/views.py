"""Technical follow-up: what waits, what failed for good, and the two ways to end a dead letter."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal import health as machine
from portal import windows
from portal.access import Role, audience
from portal.backups.latest import last_backup
from portal.logs import MAIL
from requests.jobs import queue
from requests.jobs.models import Job
from requests.operations.backlog import queues
from requests.operations.forms import GiveUpForm
from requests.routing.models import Rule
from requests.routing.rule_actions import is_broken

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

READERS = (Role.ADMIN, Role.HEAD_OFFICE)
PER_PAGE = 50
# Name of each check, what is wrong, and what to do: docs/operations.md says more.
CHECKS = {
    "database": (
        _("Database"),
        _("It does not answer."),
        _("Look at its log and at the room on its disk; the pages come back by themselves."),
    ),
    "broker": (
        _("Message broker"),
        _("It does not answer; work waits in the database."),
        _("Start it again: nothing is lost, work goes on two seconds later."),
    ),
    "worker": (
        _("Worker"),
        _("No worker has answered lately."),
        _("Start the worker again; if it stops once more, read its log."),
    ),
    "sender": (
        _("Sender"),
        _("No sender has answered lately: messages wait."),
        _("Start the sender again, and look whether the mail server answers."),
    ),
    "beat": (
        _("Scheduler"),
        _("It has not ticked lately."),
        _("See to the worker first if it is named too, then start the scheduler again."),
    ),
    "progress": (
        _("Progress"),
        _("Work that is due is not being done."),
        _("See below which work waits; start a second worker if there is simply too much."),
    ),
    "disk": (
        _("Disk"),
        _("Less than 5 % of the disk for files is free."),
        _("Make room or enlarge it: when it is full, photos are refused and words still taken."),
    ),
    "bucket": (
        _("Object storage"),
        _("The bucket with the files does not answer, or refuses our key."),
        _("Look at the storage and its key; words are taken meanwhile, files are not."),
    ),
    "clock": (
        _("Clock"),
        _("Our clock and the database’s differ by more than 30 seconds."),
        _("Set both by a time server: dates that tenants read come from ours."),
    ),
    "backup": (
        _("Backup"),
        _("None has succeeded for more than 26 hours."),
        _("Make one by hand: the command says what is wrong."),
    ),
    "antivirus": (
        _("Virus scanner"),
        _("It does not answer: new photos and documents stay closed."),
        _("Start it again; what waits is then checked within a minute."),
    ),
    "replica": (
        _("Replica of the database"),
        _("It does not answer or is over five seconds late: the primary does all the reading."),
        _("Look at its logs and its connection to the primary; nothing is lost meanwhile."),
    ),
}


def without_addresses(error: str) -> str:
    """Return an error without e-mail addresses: an administrator must not read about people."""
    return MAIL.sub("…@…", error)


def _page(
    request: StaffRequest, *, bound: GiveUpForm | None = None, status: int = 200
) -> HttpResponse:
    dead = Job.objects.dead().order_by("next_at", "pk")
    page = windows.page(request, dead, PER_PAGE)
    for job in page.object_list:
        job.shown_error = without_addresses(job.error)
        job.form = bound if bound and bound.job == job else GiveUpForm(job=job)
    checks = [
        dict(zip(("label", "trouble", "action"), CHECKS[check.name], strict=True), check=check)
        for check in machine.checks()
    ]
    context = {
        "checks": checks,
        "alarms": [item for item in checks if not item["check"].ok],
        "queues": queues(),
        "last_backup": last_backup(),
        "broken_rules": [rule for rule in Rule.objects.filter(active=True) if is_broken(rule)],
        "page_obj": page,
        "form": bound,
        "may_act": request.membership.role == Role.ADMIN,
    }
    return render(request, "requests/operations/health.html", context, status=status)


@audience(*READERS)
@require_GET
def health(request: StaffRequest) -> HttpResponse:
    """Show the queues, the longest wait, and the dead letters with their errors."""
    return _page(request)


def _tell(request: StaffRequest, changed: bool, text: "StrOrPromise") -> HttpResponse:
    if changed:
        messages.success(request, text)
    else:
        messages.info(request, _("Somebody has already dealt with this one."))
    return redirect("operations:health")


@audience(Role.ADMIN)
@require_POST
def retry(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the job eight more attempts."""
    changed = queue.retry(job=get_object_or_404(Job, pk=pk))
    return _tell(request, changed, _("It will be tried again now."))


@audience(Role.ADMIN)
@require_POST
def give_up(request: StaffRequest, pk: int) -> HttpResponse:
    """End the job for good, with a signed reason."""
    job = get_object_or_404(Job, pk=pk)
    form = GiveUpForm(request.POST, job=job)
    if not form.is_valid():
        return _page(request, bound=form, status=422)
    changed = queue.give_up(job=job, reason=form.cleaned_data["reason"], by=request.user)
    return _tell(request, changed, _("Given up, with your reason."))
