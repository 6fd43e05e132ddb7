"""Settings that every installation shares. Secrets come from the environment; tunables are rows."""

import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.policies import POLICY, seal_static

from .backups import *  # noqa: F403
from .databases import *  # noqa: F403
from .doors import *  # noqa: F403
from .files import *  # noqa: F403
from .files import FILES
from .signon import *  # noqa: F403
from .signon import PALIER_SIGNON_PRIVATE, SIGNON_HOSTS
from .speech import *  # noqa: F403
from .speech import SPEECH_HOSTS
from .work import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def mail_relay_from_url(text: str) -> dict:
    """Return Django's settings for the mail relay. Raises ImproperlyConfigured.

    ``host:port``, ``smtp+tls://user:password@host:587`` (STARTTLS) or
    ``smtp+ssl://user:password@host:465``.
    """
    security = {
        "smtp": {},
        "smtp+tls": {"EMAIL_USE_TLS": True},
        "smtp+ssl": {"EMAIL_USE_SSL": True},
    }
    try:
        parts = urlparse(text if "://" in text else f"smtp://{text}")
        host, port, chosen = parts.hostname, parts.port, security[parts.scheme]
    except (ValueError, KeyError):
        host = ""
    if not host:
        raise ImproperlyConfigured(
            "PALIER_SMTP: give host:port, or smtp+tls://user:password@host:587."
        )
    return {
        "EMAIL_HOST": host,
        "EMAIL_PORT": port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        **chosen,
    }


INSTALLED_APPS = [
    # First, so that its ready() hides our "requests" from DRF before DRF looks for the library.
    "portal",
    "portal.settings_site.SettingsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "agencies",
    "tenants",
    "requests",
]

MIDDLEWARE = [
    "portal.telemetry.ObserveMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.compress.CompressTextMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "portal.transport.MethodsMiddleware",
    "portal.transport.HttpsMiddleware",
    "portal.database.replica.NoteWritesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.session_store.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.CleanTextMiddleware",
    "portal.panels.PanelMiddleware",
    "portal.middleware.PolicyMiddleware",
    "portal.middleware.SafetyHeadersMiddleware",
    "portal.middleware.FormErrorsMiddleware",
    "portal.error_pages.ErrorPagesMiddleware",
    "portal.limits.LimitsMiddleware",
    # Before the audience, so that a missing second factor is reported first.
    "portal.sessions.StaffMfaMiddleware",
    "portal.middleware.AudienceMiddleware",
    # Once the reader can be known: whatever is read from here on is read as them.
    "portal.reader.ReaderMiddleware",
    "portal.reauthentication.ReauthenticationMiddleware",
    "portal.sessions.IdleMiddleware",
    "requests.audit.middleware.RecordViewMiddleware",
    "portal.read_only.ReadOnlyMiddleware",
    "portal.gone.GoneMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "portal.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["portal.templatetags.form_key"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.page",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "agencies.access.AdministratorBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    # Refuse Django's list of 20,000 leaked passwords, the person's own name, and digits alone.
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "portal.passwords.GuessableValidator"},
    {"NAME": "portal.passwords.BreachedValidator"},
]
# The installation's own list of leaked passwords, if any (portal/passwords.py).
PALIER_BREACHED = os.environ.get("PALIER_BREACHED", "")
ACCOUNT_ADAPTER = "portal.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.LoginForm",
    "request_login_code": "portal.accounts.RequestLoginCodeForm",
    "reset_password": "portal.accounts.ResetPasswordForm",
}
PALIER_DEVICE_COOKIE = "device"
# The function that sends text messages (portal/sms.py); without it, nobody signs in by phone.
PALIER_SMS = os.environ.get("PALIER_SMS", "")
PALIER_SMS_DOMAIN = os.environ.get("PALIER_SMS_DOMAIN", "sms.palier.example")
ACCOUNT_LOGIN_METHODS = {"email"}
# The password is optional (a code also signs in), but its field must exist.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# No box to tick: how long a session lasts is decided by inactivity (portal/sessions.py).
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/enter/"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.style_sheets.StyleSheetFinder",
]

STORAGES = {
    "default": FILES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": POLICY}
WHITENOISE_ADD_HEADERS_FUNCTION = seal_static
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# allauth counts failed sign-ins and used codes in the cache. It is in PostgreSQL, so that the
# limits hold when Redis is down. The table comes with a migration of portal.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Public things that each process may fetch for itself: a provider's description and keys.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# Staff must have a second factor; the demo's accounts have none.
PALIER_STAFF_MFA = False
SESSION_ENGINE = "portal.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Pages hold the token in their forms: no script reads a cookie.
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
# As many as a scan may have; portal/uploads.py takes fewer from visitors.
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "portal.uploads.RoomUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PERMISSION_CLASSES": ["portal.access.AudiencePermission"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.limits.GuardedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["portal.limits.ApiThrottle"],
    "DEFAULT_PARSER_CLASSES": ["portal.json_parser.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "portal.problems.problem_json",
    # ?format= would duplicate the Accept header.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Palier",
    "DESCRIPTION": _("File claims, read them and comment on them, for the landlord’s own tools."),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["portal.access.AudiencePermission"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# Number of our own proxies that write X-Forwarded-For; 0: trust the connection's address only.
PALIER_PROXIES = int(os.environ.get("PALIER_PROXIES", "0"))

EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("PALIER_FROM", "Palier <palier@localhost>")

# Dotted paths, since portal may import no other app.
PALIER_MENU = "requests.menu.entries"
PALIER_MEMBERSHIPS = "agencies.access.memberships_of"
PALIER_LANDLORD = "agencies.landlord.current"
PALIER_SIGNED_IN = "agencies.signed_in.read"
PALIER_IMPORTS = (
    "agencies.imports.readers.RPLS",
    "agencies.imports.readers.OWN",
    "agencies.imports.readers.BAN",
    "tenants.imports.apply.TENANTS",
)
PALIER_AUDITED = (
    "portal.audit.sources.OWN",
    "tenants.audit_sources.SOURCES",
    "requests.audit_sources.SOURCES",
)
PALIER_OLDEST_DUE = "requests.operations.backlog.oldest_due"
# Functions that give figures to /metrics, which shows itself to who knows the token.
PALIER_METRICS = ("portal.metrics.checks", "requests.operations.metrics.gauges")
PALIER_METRICS_TOKEN = os.environ.get("PALIER_METRICS_TOKEN", "")
PALIER_CALENDAR_CHANGED = "requests.promises.recalculation.calendar_changed"

# How long a worker may keep a job, in seconds; longer than any single effect.
PALIER_LEASE = float(os.environ.get("PALIER_LEASE", "30"))
# Pages that only a demonstration has: who can sign in, and the mails that were caught.
DEMO = False
# A landlord for practice, beside a real one (portal/settings/training.py).
PALIER_TRAINING = False
# On a real landlord: the address of the training one, shown to staff.
PALIER_TRAINING_URL = os.environ.get("PALIER_TRAINING_URL", "").strip()
# What stands on every page beside what people do: a dotted path, since portal may import no other
# app. Only where DEMO is set.
PALIER_GUIDE = "requests.training.guide.of"
# Raise on programming errors that production only logs (development and tests).
PALIER_STRICT = False
# "kept": the lists of staff are compiled once per process; "checked": and compared each time with
# what Django would send (portal/database/statement_cache.py).
PALIER_COMPILED = "kept"
# Tables that a GET may write to: the log of who looked, and the counters of rate limits.
PALIER_GET_TABLES = frozenset(
    {
        "portal_apitoken",
        "requests_accessview",
        "requests_figureview",
        "requests_intakeview",
        "requests_listview",
        "portal_throttle",
    }
)
# Pages of libraries that keep their state in the database while they are read, and the one to
# which a sign-on provider sends the browser back: its code is good once.
PALIER_GET_MAY_WRITE = ("/accounts/", "/settings/", "/signon/callback/")

# The jurisdiction_id of our Open311 endpoint; there is one, so that callers may leave it out.
PALIER_OPEN311_JURISDICTION = os.environ.get("PALIER_OPEN311_JURISDICTION", "palier.example")

# How to reach a person until the landlord's own settings say it.
# Where a person who must not be seen on our pages is led at once.
PALIER_QUICK_EXIT = os.environ.get("PALIER_QUICK_EXIT", "https://meteofrance.com/")
PALIER_PHONE = os.environ.get("PALIER_PHONE", "02 40 00 00 00")
PALIER_URL = os.environ.get("PALIER_URL", "http://127.0.0.1:8000")

# Host of our signed Message-IDs, and the address that answers come back to.
PALIER_MAIL_HOST = os.environ.get("PALIER_MAIL_HOST", "palier.invalid")
PALIER_REPLY_TO = os.environ.get("PALIER_REPLY_TO", "")
# Where bounces come back to, with a mark in the address; "" sends without one.
PALIER_BOUNCES_TO = os.environ.get("PALIER_BOUNCES_TO", PALIER_REPLY_TO)
# A letter or a mail without recognised subject waits for a person under this category.
PALIER_UNSORTED_CATEGORY = os.environ.get("PALIER_UNSORTED_CATEGORY", "ADM-14")
# How long the private link of a request opens after its end.
PALIER_LINK_DAYS = int(os.environ.get("PALIER_LINK_DAYS", "365"))
# Without a verified phone to send a code to: how long a newly linked account waits before it opens
# what was told in confidence, while everybody known is told of it.
PALIER_LINK_WAIT_HOURS = int(os.environ.get("PALIER_LINK_WAIT_HOURS", "48"))
# How long a colleague reads a request that they opened in an emergency.
PALIER_EMERGENCY_MINUTES = int(os.environ.get("PALIER_EMERGENCY_MINUTES", "60"))
PALIER_REOPEN_DAYS = int(os.environ.get("PALIER_REOPEN_DAYS", "30"))
# The channels' page raises an alarm when nothing was fetched for this long.
PALIER_SILENCE_MINUTES = int(os.environ.get("PALIER_SILENCE_MINUTES", "30"))

# Outgoing HTTP: only these hosts, and private addresses only where development says so.
PALIER_HTTP_HOSTS = [
    *("api.twilio.com", "graph.facebook.com", "lookaside.fbsbx.com"),
    *SIGNON_HOSTS,
    *SPEECH_HOSTS,
]
# Other systems that are told of events (requests/webhooks): host, or host:port, with commas; and
# those of them inside the landlord's own network.
PALIER_WEBHOOK_HOSTS = [
    h.strip() for h in os.environ.get("PALIER_WEBHOOK_HOSTS", "").split(",") if h.strip()
]
PALIER_WEBHOOK_PRIVATE_HOSTS = [
    h.strip() for h in os.environ.get("PALIER_WEBHOOK_PRIVATE_HOSTS", "").split(",") if h.strip()
]
PALIER_HTTP_HOSTS += PALIER_WEBHOOK_HOSTS + PALIER_WEBHOOK_PRIVATE_HOSTS
PALIER_HTTP_PRIVATE_HOSTS = [
    *(SIGNON_HOSTS if PALIER_SIGNON_PRIVATE else []),
    *PALIER_WEBHOOK_PRIVATE_HOSTS,
    *SPEECH_HOSTS,
]
PALIER_HTTP_PRIVATE = False
# The mail servers that mailboxes may be read from: host, or host:port for an unusual port.
PALIER_IMAP_HOSTS = [h.strip() for h in os.environ.get("PALIER_IMAP_HOSTS", "").split(",") if h]
PALIER_IMAP_PRIVATE = False
PALIER_SMS_URL = os.environ.get("PALIER_SMS_URL", "https://api.twilio.com/2010-04-01")
PALIER_SMS_ACCOUNT = os.environ.get("PALIER_SMS_ACCOUNT", "")
PALIER_SMS_TOKEN = os.environ.get("PALIER_SMS_TOKEN", "")
PALIER_SMS_FROM = os.environ.get("PALIER_SMS_FROM", "")
# The messaging provider: number id, access token, signing secret, verification token, and the
# approved template for messages after 24 hours, with one variable.
PALIER_WHATSAPP_URL = os.environ.get("PALIER_WHATSAPP_URL", "https://graph.facebook.com/v23.0")
PALIER_WHATSAPP_NUMBER = os.environ.get("PALIER_WHATSAPP_NUMBER", "")
PALIER_WHATSAPP_TOKEN = os.environ.get("PALIER_WHATSAPP_TOKEN", "")
PALIER_WHATSAPP_SECRET = os.environ.get("PALIER_WHATSAPP_SECRET", "")
PALIER_WHATSAPP_VERIFY = os.environ.get("PALIER_WHATSAPP_VERIFY", "")
PALIER_WHATSAPP_TEMPLATE = os.environ.get("PALIER_WHATSAPP_TEMPLATE", "palier_news")
# The landlord's public page: its id, access token, the secret that signs its webhook, and the
# verification token.
PALIER_PAGE_URL = os.environ.get("PALIER_PAGE_URL", "https://graph.facebook.com/v23.0")
PALIER_PAGE_ID = os.environ.get("PALIER_PAGE_ID", "")
PALIER_PAGE_TOKEN = os.environ.get("PALIER_PAGE_TOKEN", "")
PALIER_PAGE_SECRET = os.environ.get("PALIER_PAGE_SECRET", "")
PALIER_PAGE_VERIFY = os.environ.get("PALIER_PAGE_VERIFY", "")
# The sensors' broker, mqtts://user:password@host:port; empty: none.
PALIER_MQTT_URL = os.environ.get("PALIER_MQTT_URL", "")
PALIER_MQTT_TOPIC = os.environ.get("PALIER_MQTT_TOPIC", "palier/sensors")
# Key of the generic signed webhooks.
PALIER_HOOK_KEY = os.environ.get("PALIER_HOOK_KEY", "")
