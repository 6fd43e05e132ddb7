"""Traces and failures for whoever runs the portal: OpenTelemetry by gRPC, and Sentry.

Both are off until the environment names where to send: ``OTEL_EXPORTER_OTLP_ENDPOINT``,
``SENTRY_DSN``. Neither is told an address, a form, a session or a person: spans and failures carry
the name of the view or of the kind of job.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from time import perf_counter
from typing import Any

from django.http import HttpRequest, HttpResponse

from portal import metrics
from portal.logs import without_people
from portal.transport import METHODS

NOT_FOUND = "(none)"


def view_of(request: HttpRequest) -> str:
    """Return the name of the view that answered, the same for all addresses that lead to it."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or match._func_path) if match else NOT_FOUND


class ObserveMiddleware:
    """Time each request and trace it, by view."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        with span("request") as traced:
            response = self.get_response(request)
            name = view_of(request)
            # A stranger may write any word there, and each would be a figure of its own.
            method = request.method if request.method in METHODS else NOT_FOUND
            if traced is not None:
                traced.update_name(f"{method} {name}")
                traced.set_attribute("http.response.status_code", response.status_code)
        metrics.observe(name, method, response.status_code, began)
        return response


# -- OpenTelemetry ----------------------------------------------------------------------------


@contextmanager
def span(name: str) -> Iterator[Any]:
    """Trace what is done inside, under ``name``; gives None where nothing is traced."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        yield None
        return
    tracer = tracing(os.getpid()).get_tracer("palier")
    with tracer.start_as_current_span(name, record_exception=False) as found:
        yield found


@cache
def tracing(pid: int) -> Any:
    """Return what traces process ``pid``, this one: a connection does not survive a fork."""
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    service = os.environ.get("OTEL_SERVICE_NAME", "palier")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


# -- Sentry -----------------------------------------------------------------------------------


def start_sentry(**more: Any) -> bool:
    """Send failures to ``SENTRY_DSN``; return whether one is set. ``more`` is for tests."""
    dsn = os.environ.get("SENTRY_DSN", "")
    if not dsn:
        return False
    import sentry_sdk
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
        default_integrations=True,
        integrations=[DjangoIntegration(transaction_style="function_name")],
        before_send=without_persons,
        **more,
    )
    return True


def without_persons(event: Any, hint: Any = None) -> Any:
    """Return a failure without request, person and machine, its words without addresses."""
    for name in ("request", "user", "breadcrumbs", "extra", "server_name", "contexts"):
        event.pop(name, None)
    for failure in (event.get("exception") or {}).get("values", []):
        failure["value"] = without_people(failure.get("value") or "")
    if said := event.get("logentry"):
        event["logentry"] = {"message": without_people(str(said.get("message", "")))}
    if said := event.get("message"):
        event["message"] = without_people(str(said))
    return event
