"""What leaves to other systems: endpoints, and who made them."""

from requests.privacy.registry.kinds import WHO, Activity, Personal

MODELS = [
    Personal(
        "requests.WebhookEndpoint",
        Activity.TECHNICAL,
        {
            "made_by": WHO,
        },
        plain=(
            "id name address events active off off_at salt public former_salt former_public "
            "former_until failures failing_since quiet_until made_at"
        ),
    ),
    Personal(
        "requests.ScheduledExport",
        Activity.TECHNICAL,
        {
            "made_by": WHO,
        },
        plain="id dataset rhythm hour prefix active made_at",
    ),
    Personal(
        "requests.ExportRun",
        Activity.TECHNICAL,
        {
            "asked_by": WHO,
        },
        plain="id export due_at done_at name rows size sha256 error alarmed_at",
    ),
]
