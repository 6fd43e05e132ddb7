"""How often, for how long and after which proof: what the doors ask, and what is written of it."""

import os

# Inactivity, in seconds. A caretaker's session lasts a working day.
PALIER_IDLE_STAFF = 30 * 60
PALIER_IDLE_CARETAKER = 12 * 3600
PALIER_IDLE_TENANT = 14 * 24 * 3600
SESSION_COOKIE_AGE = PALIER_IDLE_TENANT
# However busy: staff sign in once a day, tenants and caretakers once a season.
PALIER_LONGEST_STAFF = 14 * 3600
PALIER_LONGEST = 90 * 24 * 3600
PALIER_REAUTHENTICATION = 15 * 60
PALIER_REAUTHENTICATE = frozenset(
    {
        "api_tokens",
        "usersessions_list",
        "my:proxies",
        "my:proxy_code",
        "my_data:download",
        "privacy:download",
        "privacy:erase",
        "console:invite",
        "console:invite_all",
        "console:move",
        "console:reset_factor",
        "console:leave",
        "hooks:add",
        "hooks:renew",
        "admin:portal_user_add",
        "admin:portal_user_change",
        "admin:portal_signonidentity_delete",
        "admin:agencies_membership_add",
        "admin:agencies_membership_change",
        "admin:requests_open311key_add",
        "admin:requests_open311key_change",
        "admin:requests_sensor_changelist",
    }
)
# Addresses that machines call, as Django's SECURE_REDIRECT_EXEMPT (portal/transport.py).
PALIER_MACHINES = [r"^(api|hooks|open311)/", r"^metrics$"]
# How many days a person's copy of their data can be downloaded.
PALIER_EXPORT_DAYS = int(os.environ.get("PALIER_EXPORT_DAYS", "7"))
# These are counted per account and place instead (portal/lockouts.py): whoever knows an address
# must not keep its holder out.
ACCOUNT_RATE_LIMITS = {"login": None, "request_login_code": None, "reset_password": None}
# Asked on the pages of the account; portal/reauthentication.py asks on ours, and asks people who
# have neither password nor second factor for a code.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Second factors; a passkey also logs in by itself (docs/adr/0035-passkeys.md).
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "portal.passkeys.AddForm",
    "login_webauthn": "portal.passkeys.LoginForm",
    "authenticate_webauthn": "portal.passkeys.AuthenticateForm",
    "reauthenticate_webauthn": "portal.passkeys.ReauthenticateForm",
}
# Per client address, which a whole agency may share; a passkey cannot be guessed.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
MFA_TOTP_ISSUER = "Palier"
# How often a form that anybody may send is sent: view name -> (times, within seconds); "*": the
# others. Per link, account or client address (portal/limits.py). Generous: a social centre files
# for many people from one address, and a mobile operator has few addresses.
PALIER_LIMITS = {
    "*": (240, 3600),
    "file_check": (60, 3600),
    "file_words": (120, 3600),
    "find_request": (60, 3600),
    "follow_write": (60, 3600),
    "photos:photo_link": (30, 3600),
    "dossier": (20, 3600),
    "talk": (20, 3600),
    "job_renew": (10, 3600),
}
# Countries whose numbers get text messages, by ISO code: France and its overseas.
PALIER_SMS_COUNTRIES = os.environ.get(
    "PALIER_SMS_COUNTRIES", "FR GP GF MQ RE YT PM BL MF NC PF WF"
).split()
# Texts an hour, in all, to numbers that the landlord does not know and nobody has proved.
PALIER_SMS_TO_STRANGERS = int(os.environ.get("PALIER_SMS_TO_STRANGERS", "100"))

# The virus scanner for files from outside: unix:///run/clamav/clamd.ctl or host:port of ClamAV's
# daemon; empty: none.
PALIER_CLAMAV = os.environ.get("PALIER_CLAMAV", "").strip()

# Where a weakness is reported (/.well-known/security.txt): mailto:…, https://… or tel:…, separated
# by spaces, the preferred one first; and the page that says what happens then.
PALIER_SECURITY_CONTACT = os.environ.get("PALIER_SECURITY_CONTACT", "").split()
PALIER_SECURITY_POLICY = os.environ.get("PALIER_SECURITY_POLICY", "").strip()

# Contact points that nobody confirmed for so many months are asked about; without an answer within
# so many days nothing confidential goes there (tenants/actions/contact_check.py).
PALIER_CONTACT_MONTHS = int(os.environ.get("PALIER_CONTACT_MONTHS", "24"))
PALIER_CONTACT_DAYS = int(os.environ.get("PALIER_CONTACT_DAYS", "30"))
# Lines of production in one file a day, kept so many days (portal/logs.py); empty: none.
PALIER_LOG_DIR = os.environ.get("PALIER_LOG_DIR", "").strip()
PALIER_LOG_DAYS = int(os.environ.get("PALIER_LOG_DAYS", "365"))
# No line names the secret of a link or what somebody searched.
LOGGERS: dict[str, dict] = {
    "django.request": {"filters": ["paths"]},
    "django.security.csrf": {"filters": ["paths"]},
    "django.server": {"filters": ["paths"]},
    "portal.read_only": {"filters": ["paths"]},
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"paths": {"()": "portal.log_paths.HidePaths"}},
    "loggers": LOGGERS,
}
