"""Draw the dossier of a claim as PDF: who speaks, the place, every promise, the photos."""

import base64
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests.attachments.models import Attachment
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.closing import dossier
from requests.closing.models import Proof
from requests.kit import pdf as documents
from requests.promises.models import Kind, Outcome

MOST_PHOTOS = 12  # drawn; the others stand with their name and code
MOST_BYTES = 20 * 1024 * 1024

PROMISED = {"visit": _("Visit"), **dict(Kind.choices)}
VERDICTS = {
    **dict(Outcome.choices),
    "no_access": _("nobody opened"),
    "cancelled": _("cancelled"),
    "paused": _("paused: we waited for the tenant"),
}
# What a dossier says of each event, in the past: a proof tells what was done.
PROOF_WORDS = {
    Event.FILED: _("Request filed"),
    Event.ROUTED: _("Given to the team in charge"),
    Event.TAKE_CHARGE: _("Taken in charge"),
    Event.ASK: _("Question to the tenant"),
    Event.TENANT_ANSWERED: _("Answer of the tenant"),
    Event.MESSAGE_IN: _("Message of the tenant"),
    Event.MESSAGE_OUT: _("Message to the tenant"),
    Event.INFORM: _("News given"),
    Event.PLAN: _("Visit planned"),
    Event.ON_THE_WAY: _("Contractor on the way"),
    Event.START: _("Work begun"),
    Event.REPORT_DONE: _("Company says work is done"),
    Event.ANSWER: _("Answer given"),
    Event.REFUSE: _("Request refused"),
    Event.HAND_OVER: _("Passed to another team"),
    Event.CLOSE_UNANSWERED: _("Closed after attempts to reach the tenant"),
    Event.REOPEN: _("Request reopened"),
    **{
        event: event.label
        for event in (
            Event.VISIT_OFFERED,
            Event.VISIT_REMINDER,
            Event.VISIT_LATE,
            Event.UNPLAN,
            Event.LATE,
            Event.RESCHEDULED,
            Event.CALL_WANTED,
            Event.SAY_FIXED,
            Event.SAY_NOT_FIXED,
            Event.CLOSING_REMINDER,
            Event.CLOSING_ATTEMPT,
            Event.WITHDRAW,
            Event.JOINED_INCIDENT,
            Event.FEEDBACK_ASKED,
            Event.FEEDBACK,
        )
    },
}


def draw(claim: Claim, made: Proof) -> bytes:
    """Return the PDF of a proof that was stored."""
    content = made.content
    link = settings.PALIER_URL + reverse("proof_check", args=[made.sha256])
    return documents.pdf(
        "requests/work_orders/dossier_pdf.html",
        {
            "claim": claim,
            "proof": made,
            "made_at": made.made_at,
            "place": content["place"],
            "events": [
                {
                    **e,
                    "at": _moment(e["at"]),
                    "label": PROOF_WORDS[e["name"]],
                    "promised": _moment(e.get("promised", "")),
                }
                for e in content["events"]
                if e["name"] in PROOF_WORDS
            ],
            "messages_": [{**m, "at": _moment(m["at"])} for m in content["messages"]],
            "photos": _photos(claim, content["photos"]),
            "promises": [
                {
                    "made": _moment(p["made"]),
                    "at": _moment(p["at"]),
                    "what": PROMISED[p["kind"]],
                    "verdict": VERDICTS[p["verdict"]],
                }
                for p in content["promises"]
            ],
            "link": link,
            "qr": documents.qr_svg(link),
        },
        light=True,
    )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _photos(claim: Claim, told: list[dict]) -> list[dict]:
    """Return the files that the proof names, the first pictures with their bytes."""
    by_hash = {file.sha256: file for file in dossier.files_of(claim)}
    rows, left, room = [], MOST_PHOTOS, MOST_BYTES
    for photo in told:
        file = by_hash.get(photo["sha256"])
        picture = ""
        if file and left and file.size <= room and (picture := _picture(file)):
            left, room = left - 1, room - file.size
        rows.append({**photo, "at": _moment(photo["at"]), "picture": picture})
    return rows


def _picture(file: Attachment) -> str:
    """Return a photo, which we encoded ourselves, as a data: address; "" for anything else."""
    if file.content_type != "image/jpeg" or not file.is_open:
        return ""
    try:
        with file.file.open("rb") as stored:
            return f"data:image/jpeg;base64,{base64.b64encode(stored.read()).decode()}"
    except OSError:
        return ""
