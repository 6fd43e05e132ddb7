"""Logs as lines of JSON, without what tells who somebody is, in one file a day.

Production writes one object a line (``portal/settings/production.py``): time, level, logger,
message, and for a failure its traceback. Addresses, numbers and secrets of links are hidden
wherever they stand, since a library's message may quote them. ``PALIER_LOG_DIR`` names the folder
of the files, ``PALIER_LOG_DAYS`` how many days they are kept. Imports nothing of Django: gunicorn
loads this first.
"""

import json
import logging
import os
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

HIDDEN = "…"
MAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
# Eight digits and more, with what people put between them, dates apart: phones, bank numbers.
NUMBER = re.compile(r"(?<![\w-])(?!\d{4}-\d\d-\d\d\b)\+?\d(?:[ .-]?\d){7,}(?![\w-])")
# What follows the first part of an address of ours that opens something by itself.
LINK = re.compile(r"(/(?:s|job|visit|photos|feedback|proof|not-me|end-link|contact)/)[^\s/\"']{6,}")
# PostgreSQL quotes the row that it refuses.
DETAIL = re.compile(r"(DETAIL:|Failing row).*")


def without_people(text: str) -> str:
    """Return ``text`` without addresses, long numbers, secrets of links and quoted rows."""
    text = DETAIL.sub(rf"\1 {HIDDEN}", text)
    if "@" in text:  # the search takes the square of the length of a word
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
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = without_people(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class DailyFile(logging.Handler):
    """Appends to the file of the day (UTC), which all processes of all services share.

    A line is one write at the end of the file, so that none cuts another's in two. What cannot be
    written is dropped: the same line goes to standard error.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = Path(folder)
        self.day: date | None = None
        self.file = -1
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; a full disk stops no work."""
        with suppress(OSError):
            line = self.format(record).encode("utf-8", "backslashreplace") + b"\n"
            os.write(self._of(datetime.fromtimestamp(record.created, tz=UTC).date()), line)

    def _of(self, day: date) -> int:
        if day != self.day:
            self.close()
            path = self.folder / file_name(day)
            self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
            self.day = day
        return self.file

    def close(self) -> None:
        """Close the file of the day."""
        if self.day is not None:
            os.close(self.file)
            self.day = None
        super().close()


NAME = re.compile(r"palier-(\d{4}-\d\d-\d\d)\.jsonl\Z")


def file_name(day: date) -> str:
    return f"palier-{day.isoformat()}.jsonl"


def forget(folder: str, days: int, today: date) -> int:
    """Delete the files of days that are older than ``days``; return how many."""
    number, first = 0, (today - timedelta(days=days)).isoformat()
    for path in Path(folder).glob("palier-*.jsonl") if folder else ():
        if (found := NAME.match(path.name)) and found[1] < first:
            path.unlink(missing_ok=True)
            number += 1
    return number
