"""Development and demo: embedded PostgreSQL and Redis unless their URLs are given."""

import os
from pathlib import Path

from .base import *  # noqa: F403
from .base import (
    BASE_DIR,
    PALIER_WEBHOOK_HOSTS,
    PALIER_WEBHOOK_PRIVATE_HOSTS,
    database_owner,
    databases,
)

PALIER_HOME = Path(os.environ.get("PALIER_HOME", BASE_DIR / ".palier")).resolve()
if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    from portal.dev import embedded

    _services = embedded.ensure(PALIER_HOME)
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _services.database_url
        os.environ["DATABASE_OWNER_URL"] = _services.owner_url
    os.environ.setdefault("REDIS_URL", _services.redis_url)

SECRET_KEY = os.environ.get("SECRET_KEY", "development-only-and-never-in-production")
DEBUG = os.environ.get("DEBUG", "") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
DATABASES = databases()
PALIER_DATABASE_OWNER = database_owner()
CELERY_BROKER_URL = os.environ["REDIS_URL"]
MEDIA_ROOT = PALIER_HOME / "media"
# Static files are served from where they are written: nothing is collected.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
EMAIL_HOST, _, _port = os.environ.get("PALIER_SMTP", "127.0.0.1:1025").partition(":")
EMAIL_PORT = int(_port)

# The demo's mail catcher receives its text messages.
PALIER_SMS = os.environ.get("PALIER_SMS", "portal.sms.by_mail")
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1"]
# A mail server on this machine, for development and tests.
PALIER_IMAP_HOSTS, PALIER_IMAP_PRIVATE = ["127.0.0.1", "localhost"], True
DEMO = True
# Passkeys at http://localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
PALIER_SECURITY_CONTACT = ["mailto:securite@palier.example"]
PALIER_STRICT = True
# portal/dev/phonecatcher.py receives text messages to tenants, unless a provider is given.
if os.environ.get("PALIER_PHONES") and not os.environ.get("PALIER_SMS_ACCOUNT"):
    # What receives webhooks stays callable: their form says that it is.
    PALIER_HTTP_HOSTS = ["127.0.0.1", *PALIER_WEBHOOK_HOSTS, *PALIER_WEBHOOK_PRIVATE_HOSTS]
    PALIER_HTTP_PRIVATE = True
    _phones = f"http://{os.environ['PALIER_PHONES']}"
    PALIER_SMS_URL, PALIER_SMS_FROM = f"{_phones}/2010-04-01", "+33639980000"
    PALIER_SMS_ACCOUNT = PALIER_SMS_TOKEN = "demo"
    PALIER_WHATSAPP_URL, PALIER_WHATSAPP_NUMBER = f"{_phones}/v23.0", "106"
    PALIER_WHATSAPP_TOKEN = PALIER_WHATSAPP_SECRET = "demo"
    PALIER_PAGE_URL, PALIER_PAGE_ID = f"{_phones}/v23.0", "106000000000001"
    PALIER_PAGE_TOKEN = PALIER_PAGE_SECRET = "demo"
