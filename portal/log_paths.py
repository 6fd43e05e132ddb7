"""Addresses as logs may hold them: without secrets of links, without what people searched.

A log is copied, kept for a year and read by people who may not open the claim that a link opens.
"""

import logging

from django.urls import Resolver404, resolve
from gunicorn import glogging

from portal.converters import LINKS

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
    """gunicorn's logger; its access line names no secret, no search and no referring page.

    What strangers choose (address, name, program) stays on that line.
    """

    def atoms(self, resp, req, environ, request_time) -> dict:
        found = super().atoms(resp, req, environ, request_time)
        path = without_secrets(environ.get("PATH_INFO", "/"))
        line = f"{environ.get('REQUEST_METHOD')} {path} {environ.get('SERVER_PROTOCOL')}"
        found |= {"U": path, "r": line, "q": "", "f": "-"}
        return {k: printable(v) if isinstance(v, str) else v for k, v in found.items()}

    def exception(self, msg, *args, **kwargs) -> None:
        shown = [without_secrets(a) if str(a).startswith("/") else a for a in args]
        super().exception(msg, *shown, **kwargs)
