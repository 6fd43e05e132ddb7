"""A training landlord beside a real one: invented people, everything caught, nobody reached.

The demonstration behind a TLS proxy, for people of the real landlord who learn Palier. What the
environment says of providers, buckets, mail servers and other databases is forgotten before any
setting is read (portal/dev/training.py), so that no mistake of a file can reach a real tenant.
"""

import os
from urllib.parse import urlsplit

from portal.dev import training

for _name in training.foreign(os.environ):
    del os.environ[_name]

from .dev import *  # noqa: E402, F403
from .dev import PALIER_HOME, PALIER_MACHINES, PALIER_URL  # noqa: E402

SECRET_KEY = training.secret_key(PALIER_HOME)
DEBUG = False
PALIER_STRICT = False
PALIER_TRAINING = True
_address = urlsplit(PALIER_URL)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", _address.hostname or "localhost"]
# Accounts of those who practise have no password that could be asked for again.
PALIER_REAUTHENTICATE = frozenset()
if _address.scheme == "https":
    CSRF_TRUSTED_ORIGINS = [f"https://{_address.netloc}"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = PALIER_MACHINES
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    PALIER_DEVICE_COOKIE = "__Host-device"
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
    PALIER_PROXIES = int(os.environ.get("PALIER_PROXIES", "1"))
# The catchers of this machine, and nobody else, whatever a settings page names.
PALIER_HTTP_HOSTS, PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
PALIER_HTTP_PRIVATE_HOSTS = PALIER_WEBHOOK_HOSTS = PALIER_WEBHOOK_PRIVATE_HOSTS = []
