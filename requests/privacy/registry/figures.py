"""Boards: what agencies write beside figures, who looked, who keeps a board or gets it by mail."""

from requests.privacy.registry.kinds import WHO, Activity, Personal

MODELS = (
    Personal(
        "requests.Annotation",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain="id unit figure text at withdrawn_at",
    ),
    Personal(
        "requests.FigureView",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id unit path at",
    ),
    Personal(
        "requests.SavedBoard",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id name board query",
    ),
    Personal(
        "requests.Digest",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id sent_at",
    ),
)
