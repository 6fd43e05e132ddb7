"""Write answers and errors of GeoReport v2 as JSON or XML.

Both formats are made from the same plain data: in XML the items of a list are named by ``ITEM``.
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from xml.etree import ElementTree

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# Name of a list -> name of each of its items in the specification.
ITEM = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
# A body that cannot be read: too much of it, or not what it says.
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
BROKEN = (MultiPartParserError, UnreadablePostError)
# Characters that XML 1.0 cannot hold, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fault(Exception):
    """An error to answer with: an HTTP status and one or several sentences."""

    def __init__(self, status: int, *said: str) -> None:
        super().__init__(*said)
        self.status, self.said = status, [str(one) for one in said]


def answer(root: str, data, form: str, status: int = 200) -> HttpResponse:
    """Return ``data`` (dicts, lists, texts, numbers, booleans, None) under ``root`` in ``form``."""
    body = json.dumps(data, ensure_ascii=False) if form == "json" else _xml(root, data)
    response = HttpResponse(body, status=status, content_type=TYPES[form])
    response.headers["Cache-Control"] = "no-store"
    return response


def fault(form: str, status: int, said: list[str]) -> HttpResponse:
    """Return the errors body of the specification, with the HTTP status as its code."""
    errors = [{"code": status, "description": one} for one in said]
    return answer("errors", errors, form, status)


def geo_report_view(*methods: str) -> Callable:
    """Decorate a view that takes ``form``: answer its faults and other methods in that format.

    No cookie counts here, so no form key is asked for (an application's key is in what it sends),
    and scripts of any site may read what anybody may (``open_to_scripts``).
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def wrapped(request: HttpRequest, *args, form: str, **kwargs) -> HttpResponse:
            allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
                response.headers["Allow"] = ", ".join(sorted({*allowed, "OPTIONS"}))
            elif request.method not in allowed:
                response = fault(form, 405, [_("This address does not take this method.")])
                response.headers["Allow"] = ", ".join(sorted(allowed))
            else:
                response = _answered(view, request, args, form, kwargs)
            return open_to_scripts(request, response)

        wrapped.csrf_exempt = True
        return wrapped

    return decorate


def _answered(
    view: Callable, request: HttpRequest, args: tuple, form: str, kwargs: dict
) -> HttpResponse:
    """Return the answer of the view, its faults and a body that cannot be read included."""
    try:
        return view(request, *args, form=form, **kwargs)
    except TOO_LARGE:
        return fault(form, 413, [_("The body is too large.")])
    except BROKEN:
        return fault(form, 400, [_("The body cannot be read.")])
    except Fault as error:
        response = fault(form, error.status, error.said)
        if error.status == 429:
            response.headers["Retry-After"] = "60"
        return response


def open_to_scripts(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let scripts of any site read (Fetch Standard, CORS); posting needs a key, not kept there."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Access-Control-Max-Age"] = "86400"
        # What is read is public, and nothing of a visitor's session is in it.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _xml(root: str, data) -> bytes:
    element = ElementTree.Element(root)
    _fill(element, data)
    return ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)


def _fill(element: ElementTree.Element, data) -> None:
    if isinstance(data, dict):
        for name, value in data.items():
            _fill(ElementTree.SubElement(element, name), value)
    elif isinstance(data, list):
        for value in data:
            _fill(ElementTree.SubElement(element, ITEM[element.tag]), value)
    elif isinstance(data, bool):
        element.text = "true" if data else "false"
    elif data is not None:
        element.text = FORBIDDEN.sub("", str(data))
