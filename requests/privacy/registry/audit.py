"""The audit trail: who read what, emergencies, and what an erasure leaves of them."""

from requests.privacy.registry.kinds import (
    OWNER,
    ROW_SECRET,
    STAFF_WORDS,
    STORY,
    WHO,
    Activity,
    Personal,
    Then,
)

MODELS = (
    # Emptied by requests.privacy.event_erasure, which opens the trail for it.
    Personal(
        "requests.RecordView",
        Activity.TECHNICAL,
        {
            "reader": WHO,
            "company": WHO,
            "tenant": OWNER,
            "at role unit means": STORY,
        },
        plain="id hour claim",
        person="tenant",
        then=Then.BLANK,
    ),
    Personal(
        "requests.ListView",
        Activity.TECHNICAL,
        {
            "reader": WHO,
            "at role unit page shown found": STORY,
        },
        plain="id hour query",
        shown=False,
    ),
    Personal(
        "requests.EmergencyOpening",
        Activity.TECHNICAL,
        {
            "asker": WHO,
            "reason": STAFF_WORDS,
            "at role unit until": STORY,
        },
        plain="id claim",
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "portal.AuditOpening",
        Activity.TECHNICAL,
        {
            "by": WHO,
        },
        plain="id xid at database_user tables reason what",
        shown=False,
    ),
    Personal(
        "portal.AuditKey",
        Activity.TECHNICAL,
        {
            "person secret": ROW_SECRET,
        },
        plain="id",
        shown=False,
    ),
)
