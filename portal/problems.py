"""API errors as RFC 9457 problem details, in the caller's language."""

from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem_json(exc: Exception, context: dict) -> Response | None:
    """Reshape DRF's error answer; None lets Django answer 500 as usual."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    data = response.data
    detail = data.get("detail") if isinstance(data, dict) else None
    problem = {
        "type": "about:blank",
        "title": str(getattr(exc, "default_detail", response.status_text)),
        "status": response.status_code,
    }
    if detail:
        problem["detail"] = str(detail)
    else:
        problem["errors"] = data
    response.data = problem
    response.content_type = "application/problem+json"
    return response
