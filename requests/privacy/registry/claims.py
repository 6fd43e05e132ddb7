"""Requests, their conversation and complaints."""

from requests.privacy.registry.kinds import (
    CONTACT,
    DASHED,
    FACTS,
    FILE,
    HOME,
    KEY,
    NAME,
    OWNER,
    ROW_ACCOUNT,
    ROW_INSIDE,
    ROW_SECRET,
    ROW_WORDS,
    SECRET,
    STORY,
    WHO,
    WORDS,
    Activity,
    Personal,
    Then,
)

MODELS = (
    Personal(
        "requests.Claim",
        Activity.CLAIMS,
        {
            "tenant": OWNER,
            "contact_name": NAME,
            "contact_email contact_phone": CONTACT,
            "availability": WORDS,
            "dwelling": HOME,
            "place_note words danger": WORDS,
            "token key": SECRET,
            "digest link_household search": KEY,
            (
                "reference category urgency state channel filed_at visit_at ended_at residence "
                "staircase"
            ): STORY,
        },
        plain=(
            "id link_made_at link_closed_at version language building follows owner promise_at "
            "visit_until identified_at sorted_at confidential routed_at reopened unit beside "
            "last_word handed_over_at open_incident"
        ),
        claim="pk",
        then=Then.BLANK,
    ),
    Personal(
        "requests.ClaimEvent",
        Activity.CLAIMS,
        {
            "actor": WHO,
            "facts": FACTS,
            "before": KEY,
            "name at state": STORY,
        },
        plain="id claim role undone_at",
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.Message",
        Activity.CLAIMS,
        {
            "author": WHO,
            "text": WORDS,
            "direction channel at": STORY,
        },
        plain="id claim understood",
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.Attachment",
        Activity.CLAIMS,
        {
            "session": ROW_SECRET,
            "name": ROW_WORDS,
            "file": FILE,
            "author": WHO,
            "kind channel at content_type size": STORY,
        },
        plain="id claim message width height sha256 place virus_state virus_name virus_checked_at",
        claim="claim",
        then=Then.DELETE,
    ),
    Personal(
        "requests.EndedLink",
        Activity.CLAIMS,
        {
            "token": SECRET,
        },
        plain="id claim ended_at",
        claim="claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.ClosingStep",
        Activity.CLAIMS,
        {
            "by": WHO,
            "outcome": DASHED,
        },
        plain="id claim turn kind state due_at done_at",
        claim="claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.Feedback",
        Activity.CLAIMS,
        {
            "word": WORDS,
            "score channel at": STORY,
        },
        plain="id claim turn",
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.Proof",
        Activity.CLAIMS,
        {
            "content": ROW_INSIDE,
        },
        plain="id sha256 claim made_at",
        claim="claim",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "requests.RoutingDecision",
        Activity.CLAIMS,
        {
            "facts considered": KEY,
        },
        plain="id claim desk rule rule_version at",
        claim="claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.Promise",
        Activity.CLAIMS,
        {
            "why": STORY,
        },
        plain=(
            "id claim kind starts_at due_at hours urgency made_at kept_at ended_at next_step_at"
        ),
        claim="claim",
        then=Then.KEEP,
        shown=False,
    ),
    Personal(
        "requests.Fact",
        Activity.CLAIMS,
        {
            "measure day value": STORY,
        },
        plain=(
            "id claim n unit residence building family category channel assisted district"
            " contractor trade neighbourhood"
        ),
        claim="claim",
        then=Then.KEEP,
        shown=False,
    ),
    Personal(
        "requests.Draft",
        Activity.CLAIMS,
        {
            "user": ROW_ACCOUNT,
            "data": ROW_WORDS,
            "at": STORY,
        },
        plain="id",
        person="user__tenant",
        then=Then.DELETE,
    ),
    Personal(
        "requests.Incident",
        Activity.CLAIMS,
        {
            "opened_by": WHO,
        },
        plain=(
            "id family building staircase equipment title text opened_at expected_end "
            "closed_at version households told unit"
        ),
    ),
    Personal(
        "requests.Suggestion",
        Activity.CLAIMS,
        {
            "digest": KEY,
        },
        plain="id claim version guesses chosen at",
        claim="claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.ComplaintStage",
        Activity.COMPLAINTS,
        {
            "reviewer": WHO,
        },
        plain="id complaint number asked_at answer_due answered_at",
        claim="complaint__claim",
        then=Then.KEEP,
        shown=False,
    ),
    Personal(
        "requests.FormalNotice",
        Activity.COMPLAINTS,
        {
            "words": WORDS,
            "logged_by": WHO,
            "kind dated received channel": STORY,
        },
        plain="id claim answer_by logged_at",
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.Mention",
        Activity.CLAIMS,
        {
            "user": WHO,
        },
        plain="id message claim seen_at",
        claim="claim",
        shown=False,
    ),
)
