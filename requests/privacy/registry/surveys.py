"""Surveys: who was asked, what was answered until the wave closes, who refused."""

from requests.privacy.registry.kinds import (
    ROW_CONTACT,
    ROW_HOME,
    ROW_INSIDE,
    ROW_SECRET,
    ROW_WORDS,
    WHO,
    Activity,
    Personal,
    Then,
)

MODELS = (
    Personal(
        "requests.Survey",
        Activity.SURVEYS,
        {
            "planned_by": WHO,
        },
        plain=(
            "id name opens closes remind_after share asks_words planned_at drawn_at reminded_at "
            "stopped_at closed_at frame results"
        ),
    ),
    Personal(
        "requests.SurveyInvitation",
        Activity.SURVEYS,
        {
            "tenant dwelling": ROW_HOME,
            "address channel language": ROW_CONTACT,
            "invited_at reminded_at": ROW_INSIDE,
            "code": ROW_SECRET,
            "entered_by": WHO,
        },
        plain="id survey unit state",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "requests.SurveyAnswer",
        Activity.SURVEYS,
        {
            "words": ROW_WORDS,
            "invitation": ROW_INSIDE,
        },
        plain="id survey unit channel",
        person="invitation__tenant",
        then=Then.DELETE,
    ),
    Personal(
        "requests.SurveyMark",
        Activity.SURVEYS,
        {
            "value": ROW_WORDS,
        },
        plain="id answer question",
        person="answer__invitation__tenant",
        then=Then.DELETE,
    ),
    Personal(
        "requests.SurveyRefusal",
        Activity.SURVEYS,
        {
            "tenant": ROW_HOME,
            "at": ROW_INSIDE,
        },
        plain="id",
        person="tenant",
        then=Then.DELETE,
    ),
)
