"""API errors as RFC 9457 problem details, in the caller's language, each with its place.

``errors`` lists ``{"pointer": "#/place/dwelling", "detail": "…"}`` for a field of the body (JSON
pointer), ``"parameter"`` for one of the address, ``"header"`` for one of the headers.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

API = "/api/"
MEDIA_TYPE = "application/problem+json"


class Unprocessable(APIException):
    """The request is well formed but impossible: an idempotency key used for something else."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = gettext_lazy("This cannot be done.")
    default_code = "unprocessable"


class Conflicting(APIException):
    """Somebody else changed the object meanwhile, or it is no longer in such a state."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = gettext_lazy("This changed meanwhile. Read it again.")
    default_code = "conflict"


class BadParameter(ValidationError):
    """A parameter of the address, or a header, is wrong: ``{"updated_since": ["…"]}``."""

    def __init__(self, detail: dict, place: str = "parameter") -> None:
        super().__init__(detail)
        self.place = place


def problem_json(exc: Exception, context: dict) -> Response | None:
    """Reshape DRF's error answer; return None to let Django answer 500 as usual."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    problem = {
        "type": "about:blank",
        "title": str(getattr(exc, "default_detail", response.status_text)),
        "status": response.status_code,
    }
    if isinstance(exc, ValidationError):
        place = getattr(exc, "place", "pointer")
        problem["title"] = _("Some of what was sent is wrong.")
        problem["errors"] = [
            {place: f"#{path}" if place == "pointer" else path.lstrip("/"), "detail": text}
            for path, text in _leaves(response.data)
        ]
    else:
        detail = response.data.get("detail") if isinstance(response.data, dict) else None
        if detail and str(detail) != problem["title"]:
            problem["detail"] = str(detail)
    response.data = problem
    response.content_type = MEDIA_TYPE
    return response


def _leaves(data, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each message of DRF's nested error data with its JSON pointer (RFC 6901)."""
    if isinstance(data, dict):
        for name, inner in data.items():
            step = "" if name == "non_field_errors" else "/" + _escape(str(name))
            yield from _leaves(inner, path + step)
    elif isinstance(data, list):
        for number, inner in enumerate(data):
            nested = isinstance(inner, (dict, list))
            yield from _leaves(inner, f"{path}/{number}" if nested else path)
    else:
        yield path, str(data)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
