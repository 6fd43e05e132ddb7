"""The labels of a claim on its page."""

from requests.claims.panels import ClaimPage, Panel
from requests.labels.forms import LabelsForm


def labels(page: ClaimPage) -> dict | None:
    """Return the labels that the claim bears, and the form; None where there is none to choose."""
    came = page.form_of(LabelsForm)
    form = came or LabelsForm(claim=page.claim)
    return {"labels_form": form, "labels_open": came is not None} if form.labels else None


LABELS = Panel("labels", "requests/labels/_labels.html", labels)
