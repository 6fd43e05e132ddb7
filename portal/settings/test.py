"""The test suite: real PostgreSQL and Redis, fast password hashing, no outside world."""

import os
from pathlib import Path

# Servers of their own, beside those of `make run`: what they hold may be lost with the machine.
os.environ.setdefault("PALIER_HOME", str(Path(__file__).resolve().parents[2] / ".palier/tests"))
os.environ.setdefault("PALIER_FSYNC", "off")

from .dev import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Each test client makes the middleware anew: look static files up when they are asked for,
# instead of listing them all each time. Browser tests list them, as production does.
WHITENOISE_AUTOREFRESH = True
