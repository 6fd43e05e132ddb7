"""Write answers and errors of GeoReport v2 as JSON or XML.

Both formats are made from the same plain data: in XML the items of a list are named by ``ITEM``.
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# Name of a list -> name of each of its items in the specification.
ITEM = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
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
    """Decorate a view that takes ``form``: answer its faults and other methods in that format."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def wrapped(request: HttpRequest, *args, form: str, **kwargs) -> HttpResponse:
            allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)
            if request.method not in allowed:
                response = fault(form, 405, [_("This address does not take this method.")])
                response.headers["Allow"] = ", ".join(sorted(allowed))
                return response
            try:
                return view(request, *args, form=form, **kwargs)
            except Fault as error:
                response = fault(form, error.status, error.said)
                if error.status == 429:
                    response.headers["Retry-After"] = "60"
                return response

        return wrapped

    return decorate


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
