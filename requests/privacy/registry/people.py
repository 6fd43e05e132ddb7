"""People, their homes and accounts."""

from requests.privacy.registry.kinds import (
    CALLER,
    PROXY,
    ROW_ACCOUNT,
    ROW_CONTACT,
    ROW_HOME,
    ROW_INSIDE,
    ROW_NAME,
    ROW_NEED,
    ROW_SECRET,
    SECRET,
    WHO,
    Activity,
    Personal,
    Then,
)

MODELS = (
    Personal(
        "tenants.Tenant",
        Activity.PEOPLE,
        {
            "user": ROW_ACCOUNT,
            "external_ref civility first_name last_name search language": ROW_NAME,
            "texts_from texts_until": ROW_CONTACT,
            "merged_into": ROW_INSIDE,
        },
        plain="id",
        person="pk",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.ContactPoint",
        Activity.PEOPLE,
        {
            "kind value origin proof proposed verified preferred failing": ROW_CONTACT,
            "confirmed_at asked_at bounced_at": ROW_CONTACT,
        },
        plain="id tenant",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.Occupancy",
        Activity.PEOPLE,
        {
            "lease capacity starts ends": ROW_HOME,
        },
        plain="id tenant",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.Lease",
        Activity.PEOPLE,
        {
            "reference": SECRET,
            "bill_code": SECRET,
        },
        plain="id dwelling starts ends missing_since",
    ),
    Personal(
        "tenants.Need",
        Activity.PEOPLE,
        {
            "code expires asked_at": ROW_NEED,
        },
        plain="id tenant",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.PersonChange",
        Activity.PEOPLE,
        {
            "what facts": ROW_CONTACT,
            "by": WHO,
        },
        plain="id tenant at side state decides",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.PointCode",
        Activity.PEOPLE,
        {
            "nonce": ROW_SECRET,
        },
        plain="id point asked_at times expires_at tries sent_at",
        person="point__tenant",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "tenants.AccountLink",
        Activity.PEOPLE,
        {
            "user lease": ROW_INSIDE,
            "phone": ROW_CONTACT,
            "nonce token": ROW_SECRET,
            "asked_at linked_at ended_at": ROW_HOME,
        },
        plain="id tenant tries expires_at sent_at opens_at ended_why",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.AccessEnd",
        Activity.PEOPLE,
        {
            "reason snapshot": ROW_INSIDE,
            "by undone_by": WHO,
        },
        plain="id tenant lease at undone_at",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.IdentityMerge",
        Activity.PEOPLE,
        {
            "reason snapshot": ROW_INSIDE,
            "by undone_by": WHO,
        },
        plain="id key kept absorbed at undone_at",
        person="kept",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.Distinct",
        Activity.PEOPLE,
        {
            "one other": ROW_INSIDE,
            "by": WHO,
        },
        plain="id at",
        person="one",
        then=Then.DELETE,
        shown=False,
    ),
    Personal("requests.DoubleCheck", Activity.TECHNICAL, {"person": ROW_INSIDE}, plain="at"),
    # Found from the records of both, and gone with either.
    Personal(
        "requests.DoublePair",
        Activity.PEOPLE,
        {"one other": ROW_INSIDE, "phone email name_and_home same_name strength": ROW_INSIDE},
        plain="id unit",
        person="one",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "tenants.Mandate",
        Activity.PEOPLE,
        {
            "proxy": ROW_INSIDE,
            "proxy_name proxy_email": PROXY,
            "scope consent proof consent_at starts ends asked_at revoked_at": ROW_HOME,
            "recorded_by revoked_by": WHO,
        },
        plain="id tenant",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "tenants.ConsentCode",
        Activity.PEOPLE,
        {
            "nonce": ROW_SECRET,
            "phone": ROW_CONTACT,
        },
        plain="id mandate expires_at tries sent_at",
        person="mandate__tenant",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "tenants.LinkAttempt",
        Activity.ACCOUNTS,
        {
            "user origin": ROW_ACCOUNT,
        },
        plain="id at",
        person="user__tenant",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "portal.User",
        Activity.ACCOUNTS,
        {
            "email first_name last_name phone phone_verified date_joined last_login": ROW_NAME,
            "password sessions_nonce": ROW_SECRET,
            "is_active": ROW_ACCOUNT,
        },
        plain="is_superuser id is_staff groups user_permissions",
        person="tenant",
        then=Then.DELETE,
    ),
    Personal(
        "portal.ApiToken",
        Activity.ACCOUNTS,
        {
            "user": ROW_ACCOUNT,
            "name": ROW_ACCOUNT,
            "digest start": ROW_SECRET,
        },
        plain="id writes made_at ends_at used_at revoked_at",
        person="user__tenant",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "portal.SignOnIdentity",
        Activity.ACCOUNTS,
        {
            "user issuer subject": ROW_ACCOUNT,
        },
        plain="id linked_at used_at",
        person="user__tenant",
        then=Then.DELETE,
        shown=False,
    ),
    Personal(
        "portal.SentForm",
        Activity.TECHNICAL,
        {
            "address": ROW_SECRET,
        },
        plain="digest at",
        shown=False,
    ),
    Personal(
        "agencies.ImportRun",
        Activity.PEOPLE,
        {
            "file rejects": CALLER,
            "by approved_by": WHO,
        },
        plain=(
            "id kind name sha256 size language agency one_agency at state held approved_at "
            "done_at rows_done rows_total report message next_at attempts units"
        ),
    ),
)
