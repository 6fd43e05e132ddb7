"""Build the panels on complaints and formal notices for a claim's page."""

from django.http import HttpRequest

from requests.claims.models import Claim
from requests.complaints import actions as complaints
from requests.complaints import stages as complaint_stages
from requests.complaints.forms import FormalNoticeForm, StaffComplainForm
from requests.complaints.models import Complaint


def stages(claim: Claim) -> dict:
    """Return the complaint that ``claim`` is, with its stages, and the open complaint about it."""
    mine = Complaint.objects.filter(claim=claim).select_related("about__category").first()
    return {
        "complaint": mine,
        "stages": list(mine.stages.select_related("reviewer__user")) if mine else [],
        "complained": None if mine else complaints.open_about(claim),
        "notices": list(claim.formal_notices.all()),
    }


def for_staff(claim: Claim, request: HttpRequest, complain=None, notice=None) -> dict:
    """Return the panel of staff, with its forms (bound if they failed) and the right to answer."""
    found = stages(claim)
    barred = found["complaint"] and request.user.pk in complaint_stages.handlers(found["complaint"])
    return {
        **found,
        "barred": barred,
        "complain_form": complain or StaffComplainForm(auto_id="complain_%s"),
        "notice_form": notice or FormalNoticeForm(auto_id="notice_%s"),
    }
