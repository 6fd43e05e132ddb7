"""Logs as lines of JSON, without what tells who somebody is.

Production writes one object a line (``portal/settings/production.py``): time, level, logger,
message, and for a failure its traceback. Addresses, numbers and secrets of links are hidden
wherever they stand, since a library's message may quote them.
"""

import json
import logging
import re
from datetime import UTC, datetime

HIDDEN = "…"
MAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
# Eight digits and more, with what people put between them, dates apart: phones, bank numbers.
NUMBER = re.compile(r"(?<![\w-])(?!\d{4}-\d\d-\d\d\b)\+?\d(?:[ .-]?\d){7,}(?![\w-])")
# What follows the first part of an address of ours that opens something by itself.
LINK = re.compile(r"(/(?:s|job|visit|photos|feedback|proof|not-me|end-link)/)[^\s/\"']{6,}")
# PostgreSQL quotes the row that it refuses.
DETAIL = re.compile(r"(DETAIL:|Failing row).*")


def without_people(text: str) -> str:
    """Return ``text`` without addresses, long numbers, secrets of links and quoted rows."""
    text = DETAIL.sub(rf"\1 {HIDDEN}", text)
    text = MAIL.sub(HIDDEN, text)
    text = LINK.sub(rf"\1{HIDDEN}", text)
    return NUMBER.sub(HIDDEN, text)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": without_people(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = without_people(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
