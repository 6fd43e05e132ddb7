"""Addresses as logs may hold them: without secrets of links, without what people searched.

A log is copied, kept for a year and read by people who may not open the claim that a link opens.
"""

import logging
import os

from django.urls import Resolver404, resolve
from gunicorn import glogging

from portal.converters import LINKS
from portal.logs import DailyFile, JsonFormatter

HIDDEN = "…"


def without_secrets(path: str) -> str:
    """Return ``path`` without its query and with the secrets of links hidden.

    Of an address that leads nowhere only the beginning is kept: it may be a link with a slip.
    """
    path = path.partition("?")[0]
    try:
        found = resolve(path)
    except Resolver404:
        first = path.strip("/").partition("/")[0]
        return printable(f"/{first[:20]}/{HIDDEN}") if first else "/"
    for name in LINKS & found.kwargs.keys():
        path = path.replace(str(found.kwargs[name]), HIDDEN)
    return printable(path)


def printable(text: str) -> str:
    """Return ``text`` on one line: a break that a stranger sent would begin an entry of theirs."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class HidePaths(logging.Filter):
    """Hides secrets in what Django says of a request (``Not Found: /s/…/``).

    A record may pass two handlers that carry this filter: what is hidden already stays as it is.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and not getattr(record, "paths_hidden", False):
            record.paths_hidden = True
            record.args = tuple(
                without_secrets(a) if isinstance(a, str) and a.startswith("/") else a
                for a in record.args
            )
        return True


class Logger(glogging.Logger):
    """gunicorn's logger: lines of JSON, and none names a secret, a search or a referring page.

    What strangers choose (address, name, program) stays on the access line, in a field of its own.
    """

    def setup(self, cfg) -> None:
        """Write JSON wherever gunicorn writes, and into the file of the day where there is one."""
        super().setup(cfg)
        days = DailyFile(folder) if (folder := os.environ.get("PALIER_LOG_DIR", "")) else None
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(JsonFormatter())
            if days and (log is self.error_log or cfg.accesslog):
                log.handlers = [h for h in log.handlers if not isinstance(h, DailyFile)]
                log.addHandler(days)

    def atoms(self, resp, req, environ, request_time) -> dict:
        found = super().atoms(resp, req, environ, request_time)
        path = without_secrets(environ.get("PATH_INFO", "/"))
        line = f"{environ.get('REQUEST_METHOD')} {path} {environ.get('SERVER_PROTOCOL')}"
        found |= {"U": path, "r": line, "q": "", "f": "-"}
        return {k: printable(v) if isinstance(v, str) else v for k, v in found.items()}

    def access(self, resp, req, environ, request_time) -> None:
        """Write one line for an answered request, with what machines search as fields."""
        if not self.cfg.accesslog:
            return
        atoms = self.atoms(resp, req, environ, request_time)
        fields = {
            "method": atoms["m"],
            "path": atoms["U"],
            "status": int(atoms["s"]) if str(atoms["s"]).isdigit() else atoms["s"],
            "bytes": atoms["B"],
            "milliseconds": atoms["M"],
            "address": atoms["h"],
            "name": atoms["u"],
            "program": atoms["a"],
        }
        said = f"{atoms['r']} {atoms['s']}"
        self.access_log.info("%s", said, extra={"fields": fields})

    def exception(self, msg, *args, **kwargs) -> None:
        shown = [without_secrets(a) if str(a).startswith("/") else a for a in args]
        super().exception(msg, *shown, **kwargs)
