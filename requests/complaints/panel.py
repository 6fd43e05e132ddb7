"""Build the panels on complaints and formal notices for a claim's page."""

from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.complaints import actions as complaints
from requests.complaints import stages as complaint_stages
from requests.complaints.forms import FormalNoticeForm, StaffComplainForm


def stages(claim: Claim) -> dict:
    """Return the complaint that ``claim`` is, with its stages, and the open complaint about it."""
    mine = getattr(claim, "complaint", None)
    return {
        "complaint": mine,
        "stages": list(mine.stages.all()) if mine else [],
        "complained": None if mine else complaints.open_complaint_about(claim),
        "notices": list(claim.formal_notices.all()),
    }


def of_page(page: ClaimPage) -> dict:
    """Return what ``stages`` finds of the claim, asked once a page."""
    return page.compute_once("complaint", lambda: stages(page.claim))


def complaint(page: ClaimPage) -> dict | None:
    """Return the complaint, formal notices, and whether the reader is barred from answering."""
    found = of_page(page)
    mine = found["complaint"]
    if not (mine or found["complained"] or found["notices"]):
        return None
    return found | {"barred": bool(mine and page.user.pk in complaint_stages.handlers(mine))}


def forms(page: ClaimPage) -> dict:
    """Return the forms that log a complaint or a formal notice."""
    found = of_page(page)
    return {
        "complaint": found["complaint"],
        "complained": found["complained"],
        "complain_form": page.form_of(StaffComplainForm)
        or StaffComplainForm(auto_id="complain_%s"),
        "notice_form": page.form_of(FormalNoticeForm) or FormalNoticeForm(auto_id="notice_%s"),
    }


COMPLAINT = Panel("complaint", "requests/complaints/_staff.html", complaint)
COMPLAINT_FORMS = Panel("complaint-forms", "requests/complaints/_log.html", forms)
