"""What data protection itself keeps: requests of persons, copies, holds, the journal."""

from requests.privacy.registry.kinds import (
    OWNER,
    ROW_INSIDE,
    ROW_WORDS,
    STAFF_WORDS,
    STORY,
    WHO,
    WORDS,
    Activity,
    Personal,
    Then,
)

MODELS = (
    Personal(
        "requests.RightsRequest",
        Activity.RIGHTS,
        {
            "tenant": OWNER,
            "words answer extension_reason": WORDS,
            "opened_by decided_by": WHO,
            "kind channel received_on due_on state answered_at extended_at": STORY,
        },
        plain="id",
        person="tenant",
        then=Then.BLANK,
    ),
    Personal(
        "requests.RightsStep",
        Activity.RIGHTS,
        {"by": WHO, "text": STAFF_WORDS},
        plain="id request name at",
        person="request__tenant",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.PersonExport",
        Activity.RIGHTS,
        {
            "tenant file": ROW_INSIDE,
            "asked_by": WHO,
        },
        plain="id request with_notes asked_at made_at ends_at size sha256 downloads last_at",
        person="tenant",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "requests.Hold",
        Activity.RIGHTS,
        {"tenant reason": ROW_WORDS, "by lifted_by": WHO, "kind at lifted_at": STORY},
        plain="id",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "requests.Erasure",
        Activity.RIGHTS,
        {"by": WHO},
        plain="id person at why written_at",
    ),
    Personal(
        "requests.RetentionRule",
        Activity.RIGHTS,
        {"changed_by": WHO},
        plain="kind months action source active changed_at",
    ),
)
