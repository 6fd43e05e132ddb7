"""The test suite: real PostgreSQL and Redis, fast password hashing, no outside world."""

from .dev import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Each test client makes the middleware anew: look static files up when they are asked for,
# instead of listing them all each time. Browser tests list them, as production does.
WHITENOISE_AUTOREFRESH = True
