"""Figures for Prometheus at ``/metrics``, for whoever knows ``PALIER_METRICS_TOKEN``.

How long requests take is counted by view and never by address, which may hold a secret. What waits
is read from the database when it is asked: ``PALIER_METRICS`` names the functions.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET

# Processes of one web server share their counts here; the library looks when it is imported.
SHARED = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if SHARED:
    os.makedirs(SHARED, exist_ok=True)

from prometheus_client import (  # noqa: E402 - needs the folder
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

from portal import health  # noqa: E402
from portal.access import PUBLIC, audience  # noqa: E402

SECONDS = Histogram(
    "palier_request_seconds",
    "How long requests take, by view.",
    ["view", "method", "status"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


@dataclass(frozen=True)
class Gauge:
    """One figure, by the values of its labels: ``{("route",): 3}``."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    values: dict[Any, float] = field(default_factory=dict)


def observe(view: str, method: str, status: int, began: float) -> None:
    """Count a request that ``began`` at ``perf_counter()``."""
    SECONDS.labels(view, method, str(status)).observe(perf_counter() - began)


def checks() -> Iterable[Gauge]:
    """Return what ``/readyz`` says: 1 for each check that is well, and the ages."""
    found = health.checks()
    yield Gauge(
        "palier_check_ok", "Checks of /readyz.", ("check",), {(c.name,): int(c.ok) for c in found}
    )
    ages = {(c.name,): c.age.total_seconds() for c in found if c.age is not None}
    yield Gauge("palier_check_age_seconds", "How long ago it last worked.", ("check",), ages)


class Collector:
    """Reads the figures that stand in the database, when they are asked."""

    def collect(self) -> Iterable[Any]:
        for path in settings.PALIER_METRICS:
            try:
                gauges = list(import_string(path)())
            except Error:
                continue  # palier_check_ok says that the database is away
            for gauge in gauges:
                family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
                for labels, value in gauge.values.items():
                    family.add_metric(labels, value)
                yield family


@audience(PUBLIC)
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all figures; 404 where no token is set, 401 without the right one."""
    known = settings.PALIER_METRICS_TOKEN
    if not known:
        return HttpResponse(status=404)
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(shown, known):
        return HttpResponse(status=401)
    counted = REGISTRY
    if SHARED:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    asked = CollectorRegistry()
    asked.register(Collector())
    body = generate_latest(counted) + generate_latest(asked)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)
