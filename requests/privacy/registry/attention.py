"""Declared personal data: what people at work want to see of a claim, and how."""

from requests.privacy.registry.kinds import WHO, Activity, Personal

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
        plain="id claim seen_at",
        claim="claim",
        shown=False,
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
