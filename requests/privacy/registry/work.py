"""Teams, companies, orders and what keeps the portal running."""

from requests.privacy.registry.kinds import (
    CALLER,
    COMPANY,
    FACTS,
    ROW_INSIDE,
    SECRET,
    STAFF,
    STAFF_WORDS,
    STORY,
    VISIT,
    WHO,
    WORDS,
    Activity,
    Personal,
    Then,
)

MODELS = (
    Personal(
        "portal.Throttle",
        Activity.TECHNICAL,
        {
            "key": CALLER,
        },
        plain="id scope bucket current previous last_at",
    ),
    Personal(
        "agencies.Membership",
        Activity.STAFF,
        {
            "user": STAFF,
            "role starts ends presence": STAFF,
            "asked_by confirmed_by": WHO,
        },
        plain="id unit contractor leads_team pending asked_at confirmed_at former sectors",
    ),
    Personal(
        "requests.StaffInvitation",
        Activity.STAFF,
        {
            "membership sent_by": WHO,
        },
        plain="id digest sent_at expires_at accepted_at",
    ),
    Personal(
        "requests.CategoryDraft",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain="id category typed at",
    ),
    Personal(
        "agencies.Absence",
        Activity.STAFF,
        {
            "membership replacement first_day last_day": STAFF,
            "entered_by": WHO,
        },
        plain="id entered_at cancelled_at",
    ),
    Personal(
        "agencies.Contractor",
        Activity.WORKS,
        {
            "name email phone": COMPANY,
            "calendar_token": COMPANY,
        },
        plain="id active trades",
    ),
    Personal(
        "agencies.Landlord",
        Activity.STAFF,
        {
            "on_call_phone publisher privacy_contact": STAFF,
        },
        plain=(
            "id name phone email website address opening_fr opening_en colour logo logo_small "
            "sms_sender legal_form siren host accessibility audited_on audited_by audit_rate "
            "inaccessible accessibility_plan"
        ),
    ),
    Personal(
        "agencies.Dwelling",
        Activity.STAFF,
        {
            "identified_by": WHO,
        },
        plain=(
            "id staircase natural_key door floor rooms area energy number identified_at "
            "not_found_at"
        ),
    ),
    Personal(
        "agencies.OnCallDuty",
        Activity.STAFF,
        {
            "phone": COMPANY,
        },
        plain="id trade unit contractor starts ends",
    ),
    Personal(
        "agencies.OnCallRung",
        Activity.STAFF,
        {
            "name phone": STAFF,
        },
        plain="id unit position minutes hours",
    ),
    Personal(
        "requests.WorkOrder",
        Activity.WORKS,
        {
            "description": WORDS,
            "access_notes": WORDS,
            "approved_by": WHO,
            "number contractor state created_at done_at": STORY,
        },
        plain=(
            "id claim contract follows purpose version payer why spend_limit amount emergency "
            "respond_by sent_at ended_at"
        ),
        claim="claim",
        then=Then.BLANK,
    ),
    Personal(
        "requests.OrderEvent",
        Activity.WORKS,
        {
            "actor": WHO,
            "facts": FACTS,
        },
        plain="id order name at role state",
        claim="order__claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.OrderLink",
        Activity.WORKS,
        {
            "token": SECRET,
        },
        plain="id order created_at revoked_at",
        claim="order__claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.OrderPhoto",
        Activity.WORKS,
        {
            "attachment": ROW_INSIDE,
        },
        plain="id order moment",
        claim="order__claim",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "requests.Variation",
        Activity.WORKS,
        {
            "text": STAFF_WORDS,
            "decided_by": WHO,
        },
        plain="id order kind amount state automatic at decided_at",
        claim="order__claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.Offer",
        Activity.WORKS,
        {
            "token": SECRET,
        },
        plain="id order channel made_at closed_at called_for",
        claim="order__claim",
        then=Then.BLANK,
        shown=False,
    ),
    Personal(
        "requests.AccessView",
        Activity.WORKS,
        {
            "actor": WHO,
        },
        plain="id order at role",
        claim="order__claim",
        shown=False,
    ),
    Personal(
        "requests.Appointment",
        Activity.WORKS,
        {
            "starts ends": VISIT,
        },
        plain="id order contractor team late_until state channel made_at sequence",
        claim="order__claim",
    ),
    Personal(
        "requests.Unavailability",
        Activity.WORKS,
        {
            "reason": COMPANY,
        },
        plain="id contractor first_day last_day",
    ),
    Personal(
        "requests.Open311Key",
        Activity.TECHNICAL,
        {
            "name contact": COMPANY,
            "digest start": COMPANY,
            "made_by": WHO,
        },
        plain="id per_minute media_hosts active made_at",
    ),
    Personal(
        "requests.Mailbox",
        Activity.TECHNICAL,
        {
            "username": STAFF,
        },
        plain=(
            "id slug address host port security secret_name webhook_secret_name folder "
            "authserv_id unit active uid_validity last_uid good_uid stuck watched_until "
            "last_success_at last_message_at last_error errors next_poll_at leased_until"
        ),
    ),
    Personal(
        "requests.Job",
        Activity.TECHNICAL,
        {
            "payload error": STAFF,
            "given_up_by": WHO,
            "given_up_reason": STAFF,
        },
        plain="id kind key next_at attempts done_at hiccups priority",
    ),
    Personal(
        "requests.Help",
        Activity.STAFF,
        {
            "words answer": STAFF,
            "asked_by answered_by ended_by": WHO,
        },
        plain="id desk helper number until state asked_at answered_at ended_at",
    ),
    Personal(
        "agencies.UpkeepVisit",
        Activity.STAFF,
        {
            "recorded_by": WHO,
        },
        plain="id equipment what done_on company note recorded_at",
    ),
    Personal(
        "requests.CategoryVersion",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain="id category version at changes",
    ),
    Personal(
        "requests.EquipmentCorrection",
        Activity.STAFF,
        {
            "author decided_by": WHO,
        },
        plain="id key equipment was becomes note at accepted decided_at",
    ),
    Personal(
        "requests.SavedView",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id name query shared",
    ),
    Personal(
        "requests.Presence",
        Activity.STAFF,
        {
            "user": WHO,
        },
        plain="id claim seen_at",
        claim="claim",
        shown=False,
    ),
    Personal(
        "requests.IncidentClaim",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain="id incident claim at",
        claim="claim",
        shown=False,
    ),
    Personal(
        "requests.PlannedWorks",
        Activity.STAFF,
        {
            "announced_by": WHO,
        },
        plain=(
            "id kind title text residence contractor starts ends override announced_at "
            "cancelled_at cancel_reason version staircases dwellings"
        ),
    ),
    Personal(
        "requests.EscalationTold",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id step at mailed_at",
    ),
    Personal(
        "requests.RuleVersion",
        Activity.STAFF,
        {
            "author": WHO,
        },
        plain="id rule version name conditions outcome active at",
    ),
    Personal(
        "requests.RuleSwitch",
        Activity.STAFF,
        {
            "author": WHO,
        },
        plain="id rule unit at",
    ),
    Personal(
        "requests.SensorSwitch",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain="id on at",
    ),
    Personal(
        "requests.SuggestionModel",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain=(
            "id version asked_at trained_at samples history figures blob sha256 mac active failure"
        ),
    ),
    Personal(
        "requests.SuggestionSwitch",
        Activity.STAFF,
        {
            "by": WHO,
        },
        plain="id on at",
    ),
    Personal(
        "requests.Charge",
        Activity.STAFF,
        {
            "membership by": WHO,
        },
        plain="id claim why seen_at mailed_at starts_at ends_at",
        claim="claim",
        shown=False,
    ),
    Personal(
        "requests.Seat",
        Activity.STAFF,
        {
            "membership": WHO,
        },
        plain="id desk families",
    ),
)
