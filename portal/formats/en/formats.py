"""English as written in Europe: "27 November 2026, 10:30 AM"."""

TIME_FORMAT = "g:i A"
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, g:i A"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M, g:i A"
