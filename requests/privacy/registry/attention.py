"""Declared personal data: what people at work want to see of a claim, and how."""

from requests.privacy.registry.kinds import (
    WHO,
    Activity,
    Column,
    Data,
    Erased,
    Personal,
    Then,
    Whose,
)

LABEL = Column(Data.TRACE, Whose.TENANT, Erased.ROW)

MODELS = (
    Personal(
        "requests.Snooze",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id claim why starts_at until ended_at",
        claim="claim",
        shown=False,
    ),
    Personal(
        "requests.Watch",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id claim seen_at mailed_at",
        claim="claim",
        shown=False,
    ),
    # Chosen from the landlord's list, never about the person; yet it is said of their request.
    Personal(
        "requests.ClaimLabel",
        Activity.CLAIMS,
        {
            "label": LABEL,
            "by": WHO,
        },
        plain="id claim at",
        claim="claim",
        then=Then.DELETE,
    ),
    Personal(
        "requests.MailChoice",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id how",
    ),
    Personal(
        "requests.ListDisplay",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id sort group columns",
    ),
)
