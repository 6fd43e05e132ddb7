"""Production: everything from the environment, nothing guessed, secure cookies only."""

import os

from .base import *  # noqa: F403
from .base import (
    FILES,
    LOGGERS,
    LOGGING,
    PALIER_LOG_DIR,
    PALIER_MACHINES,
    PALIER_SMS,
    databases,
    mail_relay_from_url,
)

SECRET_KEY = os.environ["SECRET_KEY"]
# Former keys, separated by spaces: what they signed stays genuine while they are named.
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()
DEBUG = False
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
DATABASES = databases()
CELERY_BROKER_URL = os.environ["REDIS_URL"]
MEDIA_ROOT = os.environ.get("MEDIA_ROOT", "/srv/palier/media")
globals().update(mail_relay_from_url(os.environ.get("PALIER_SMTP", "localhost:25")))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Whether browsers list the domain for good is its owner's to say, not this portal's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = PALIER_MACHINES
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_NAME = "__Host-language"
PALIER_DEVICE_COOKIE = "__Host-device"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
# One proxy with TLS stands in front (docker-compose.yml).
PALIER_PROXIES = int(os.environ.get("PALIER_PROXIES", "1"))
PALIER_STAFF_MFA = os.environ.get("PALIER_STAFF_MFA", "1") == "1"
if PALIER_SMS:
    ACCOUNT_LOGIN_METHODS = {"email", "phone"}
    ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1"]
# One JSON object a line, for whatever collects them, and in the file of the day.
DAYS: dict[str, dict] = {}
if PALIER_LOG_DIR:
    DAYS["days"] = {
        "()": "portal.logs.DailyFile",
        "folder": PALIER_LOG_DIR,
        "filters": ["paths"],
    }
LOGGING = LOGGING | {
    "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
    "handlers": {
        "json": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["paths"]},
        "nobody": {"class": "logging.NullHandler"},
        **DAYS,
    },
    "root": {"handlers": ["json", *DAYS], "level": "WARNING"},
    "loggers": {
        **LOGGERS,
        # Django's own handlers would say it a second time, and mail tracebacks.
        "django": {"handlers": ["nobody"]},
        **{name: {"level": "INFO"} for name in ("portal", "agencies", "tenants", "requests")},
    },
}
STORAGES = {
    "default": FILES,
    "staticfiles": {"BACKEND": "portal.static_files.HashedStaticFiles"},
}
