"""What was received and what was sent."""

from requests.privacy.registry.kinds import (
    ADDRESS,
    CALLER,
    COMPANY,
    CONTACT,
    DASHED,
    FILE,
    INSIDE,
    KEY,
    NAME,
    ROW_INSIDE,
    SECRET,
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
        "requests.Intake",
        Activity.INCOMING,
        {
            "external_id": SECRET,
            "fingerprint mail_id raw html folded": KEY,
            "error": DASHED,
            "sender sender_name account": CONTACT,
            "subject text": WORDS,
            "sorted_by": WHO,
            "channel received_at": STORY,
        },
        plain=(
            "id mailbox unit truncated state attempts claim message duplicate_of previous "
            "verified proof belongs automatic urgent sorted_at"
        ),
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.IntakeView",
        Activity.INCOMING,
        {
            "actor": WHO,
        },
        plain="id intake at",
        claim="intake__claim",
        shown=False,
    ),
    Personal(
        "requests.Invitation",
        Activity.INCOMING,
        {
            "person number": INSIDE,
            "text answer": STAFF_WORDS,
            "provider_id": KEY,
        },
        plain="id intake day kind state attempts created_at sent_at",
        claim="intake__claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.MissedCall",
        Activity.INCOMING,
        {
            "number": CALLER,
        },
        plain="id first_at last_at times due_at done_at",
    ),
    Personal(
        "requests.CallAttempt",
        Activity.INCOMING,
        {
            "note": CALLER,
            "by": WHO,
        },
        plain="id missed outcome at",
    ),
    Personal(
        "requests.Scan",
        Activity.INCOMING,
        {
            "by": WHO,
        },
        plain="id unit received_on at split_at",
    ),
    Personal(
        "requests.ScanFile",
        Activity.INCOMING,
        {
            "name": ROW_INSIDE,
            "file sha256": FILE,
        },
        plain="id scan place content_type size virus_state virus_name virus_checked_at",
    ),
    Personal(
        "requests.ScanPage",
        Activity.INCOMING,
        {
            "words": KEY,
            "thumb": FILE,
        },
        plain="id scan file number place begins left_out blank intake letter",
        claim="intake__claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.Delivery",
        Activity.OUTGOING,
        {
            "recipient": ADDRESS,
            "subject text": WORDS,
            "facts answer message_id provider_id": KEY,
            "channel created_at": STORY,
        },
        plain=(
            "id kind key event claim unit urgent language state reason attempts due_at "
            "carried_by fallback_of sent_at delivered_at"
        ),
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.Letter",
        Activity.OUTGOING,
        {
            "number file": ROW_INSIDE,
        },
        plain=(
            "id delivery batch place registered pages printed_at posted_on received_on "
            "returned_on returned_for"
        ),
        claim="delivery__claim",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "requests.LetterBatch",
        Activity.OUTGOING,
        {
            "made_by": WHO,
        },
        plain="id unit made_at",
    ),
    Personal(
        "requests.FailingAddress",
        Activity.OUTGOING,
        {
            "address": CALLER,
        },
        plain="id channel reason since",
    ),
    Personal(
        "requests.MutedAddress",
        Activity.OUTGOING,
        {
            "address": CALLER,
        },
        plain="id since",
    ),
    Personal(
        "requests.PlannedNotice",
        Activity.OUTGOING,
        {
            "name": NAME,
            "address answer": CONTACT,
            "text": WORDS,
            "done_by": WHO,
        },
        plain="id works version event dwelling language channel state at done_at",
        shown=False,
    ),
    Personal(
        "agencies.UpkeepReminder",
        Activity.OUTGOING,
        {
            "sent_to": COMPANY,
        },
        plain="id equipment what due_on stage at sent_at",
    ),
)
