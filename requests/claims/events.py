"""The enumeration of a claim's events. ``ClaimEvent.name`` is always one of these.

Staff read the label on the button of a step and in the history of the claim. What else depends on
an event is written in one table per concern, keyed by these members:

- who may take the step, from where: ``claims/workflow.py``
- who is told, and how: ``notifications/events.py``
- the sentence on the tenant's page: ``conversation/timeline.py``
- the text of a proof: ``closing/views.py``
- which promises it keeps: ``promises/rules.py``
- what it says about a piece of equipment: ``equipment/log.py`` and ``equipment/uptime.py``

``tests/requests/claims/test_event_tables.py`` checks that each table has every member or leaves it
out on purpose.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """A step of the workflow, or another event of the claim. The values are stored."""

    # Steps: the rows of the transition table.
    TAKE_CHARGE = "take_charge", _("Take charge")
    ASK = "ask", _("Ask the tenant")
    TENANT_ANSWERED = "tenant_answered", _("The tenant has answered")
    PLAN = "plan", _("Plan a visit")
    UNPLAN = "unplan", _("Visit cancelled")
    ON_THE_WAY = "on_the_way", _("The contractor is on the way")
    START = "start", _("Work has begun")
    REPORT_DONE = "report_done", _("Work is finished")
    ANSWER = "answer", _("Answer and finish")
    REFUSE = "refuse", _("Refuse")
    SAY_FIXED = "say_fixed", _("The tenant says it is fixed")
    SAY_NOT_FIXED = "say_not_fixed", _("The tenant says it is not fixed")
    SEND_BACK = "send_back", _("Reopened after the caretaker’s check")
    CLOSE_UNANSWERED = "close_unanswered", _("Close without an answer")
    REOPEN = "reopen", _("Reopen")
    WITHDRAW = "withdraw", _("Withdrawn by the tenant")
    HAND_OVER = "hand_over", _("Hand over")
    INFORM = "inform", _("Give a new date")
    MERGE = "merge", _("Merge with another request of this person")
    RECLASSIFY = "reclassify", _("Change category or urgency")
    RELOCATE = "relocate", _("Change the place")
    IDENTIFY = "identify", _("Link the tenant")

    # Filing and routing.
    FILED = "filed", _("Filed")
    ROUTED = "routed", _("Given to a desk")
    ME_TOO = "me_too", _("Reported by someone else too")
    JOINED_INCIDENT = "joined_incident", _("Grouped under an incident")

    # The conversation.
    MESSAGE_IN = "message_in", _("The tenant wrote")
    MESSAGE_OUT = "message_out", _("We wrote")
    CALLED = "called", _("We called")
    PHOTO_ASKED = "photo_asked", _("Photos asked for by a link")
    UNREADABLE = "unreadable", _("Something could not be opened: the tenant was told")
    TOO_BIG = "too_big", _("A file was too heavy: the tenant was told")
    PROXY_USED = "proxy_used", _("The tenant’s proxy acted")

    # Visits.
    VISIT_OFFERED = "visit_offered", _("Dates offered")
    VISIT_REMINDER = "visit_reminder", _("Reminder of the visit")
    VISIT_LATE = "visit_late", _("Contractor late")
    CALL_WANTED = "call_wanted", _("The tenant asks to be called")

    # The end: the caretaker's check, the attempts to reach the tenant, their word.
    VERIFIED = "verified", _("The caretaker checked: it is done")
    NOT_VERIFIED = "not_verified", _("The caretaker checked: it is not finished")
    KEPT_DONE = "kept_done", _("Kept as finished after the caretaker’s check")
    CLOSING_REMINDER = "closing_reminder", _("Asked again if it is fixed")
    CLOSING_ATTEMPT = "closing_attempt", _("Attempt to reach the tenant")
    FEEDBACK_ASKED = "feedback_asked", _("Satisfaction asked")
    FEEDBACK = "feedback", _("Satisfaction given")

    # Lateness, complaints and formal notices.
    LATE = "late", _("Late: the tenant was given a new date")
    RESCHEDULED = "rescheduled", _("The promised date moved: the tenant is told")
    ESCALATED = "escalated", _("Late: passed up")
    FORMAL_NOTICE = "formal_notice", _("Formal notice received")
    COMPLAINED = "complained", _("Complaint about how this was dealt with")
    SECOND_STAGE = "second_stage", _("Complaint: second stage asked")

    # Who may read the claim, and by which link.
    LINK_RENEWED = "link_renewed", _("A new private link was made")
    LINK_CLOSED = "link_closed", _("The private link was closed")
    MADE_CONFIDENTIAL = "made_confidential", _("Made confidential")
    SHARED_AGAIN = "shared_again", _("No longer confidential")

    # Units and records.
    NOT_AUTHOR = "not_author", _("Not written by this person")
    LENT = "lent", _("Lent to another unit")
    LENT_BACK = "lent_back", _("Back from the other unit")
    ASSIGNED = "assigned", _("Given to a colleague")
    SNOOZED = "snoozed", _("Put aside until a date")
    LABELLED = "labelled", _("Labels changed")
    IDENTITY_MERGED = "identity_merged", _("Moved: the records of one person were merged")
    IDENTITY_UNMERGED = "identity_unmerged", _("Moved back: the merge was undone")


# What the landlord's people do among themselves: no tenant reads that it was, nor when.
INSIDE = frozenset(
    {
        Event.ESCALATED,
        Event.LENT,
        Event.LENT_BACK,
        Event.ASSIGNED,
        Event.SNOOZED,
        Event.LABELLED,
    }
)
