"""French: « 27 novembre 2026, 10 h 30 », with spaces that do not break."""

TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, G\u00a0\\h\u00a0i"
SHORT_DATE_FORMAT = "j N Y"
SHORT_DATETIME_FORMAT = "j N, G\u00a0\\h\u00a0i"
