"""Metrics for Prometheus at /metrics, if METRICS is on.

Workers of the supervisor keep them in memory-mapped files in a common folder, so that
any worker can return those of all. Other servers return those of their own process.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from aido.request_info import route_of

logger = logging.getLogger(__name__)

SAMPLE_INTERVAL = 5.0  # seconds
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
WORKER = os.environ.get("AIDO_WORKER", "0")
IS_SHARED = "PROMETHEUS_MULTIPROC_DIR" in os.environ

FILE_SIZE = 2**16  # bytes, at first


class MetricsFile(values.MmapedDict):
    """A file without holes: on a full disk, writing to one would end the process.

    Raises OSError when the disk is full.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not os.path.exists(filename):
            new = f"{filename}.new"  # which other workers do not read
            append_zeros(new, FILE_SIZE)
            os.replace(new, filename)
        super().__init__(filename, read_mode)

    def _init_value(self, key: str) -> None:
        if self._used > self._capacity / 2:  # it may double the file
            append_zeros(self._fname, 2 * self._capacity)
        super()._init_value(key)


def append_zeros(filename: str, size: int) -> None:
    """Let a file grow to this size."""
    with open(filename, "ab") as file:
        file.write(bytes(max(0, size - file.tell())))


if IS_SHARED:
    values.MmapedDict = MetricsFile
    # By default, file names contain the process id. With the number of the worker, one
    # that replaces another continues its counters, and leaves no file behind.
    values.ValueClass = values.MultiProcessValue(lambda: WORKER)

registry = CollectorRegistry()
REQUESTS = Counter(
    "aido_http_requests",
    "HTTP requests.",
    ["method", "route", "status"],
    registry=registry,
)
SECONDS = Histogram(
    "aido_http_request_duration_seconds",
    "Time until the response began.",
    ["method", "route"],
    registry=registry,
)
CPU = Counter(
    "process_cpu_seconds",
    "Processor time of a worker.",
    ["worker"],
    registry=registry,
)


def worker_gauge(name: str, documentation: str) -> Gauge:
    return Gauge(
        name,
        documentation,
        ["worker"],
        multiprocess_mode="mostrecent",
        registry=registry,
    )


MEMORY = worker_gauge("process_resident_memory_bytes", "Memory of a worker.")
POOL_GAUGES = {  # name in psycopg_pool's statistics: metric
    "pool_size": worker_gauge(
        "aido_database_connections", "Connections in a worker's pool."
    ),
    "pool_available": worker_gauge(
        "aido_database_connections_idle", "Unused connections in a worker's pool."
    ),
    "requests_waiting": worker_gauge(
        "aido_database_requests_waiting", "Requests that wait for a connection."
    ),
}


class MetricsMiddleware:
    """Count requests by their route, whose number is limited, unlike that of paths."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        if settings.IS_SERVER:
            threading.Thread(target=sample_forever, name="metrics", daemon=True).start()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        method = request.method if request.method in METHODS else "other"
        route = route_of(request) or "other"
        with dispensable():
            REQUESTS.labels(method, route, response.status_code).inc()
            SECONDS.labels(method, route).observe(seconds)
        return response


@contextmanager
def dispensable() -> Iterator[None]:
    """Go on without a metric that cannot be written."""
    try:
        yield
    except OSError as error:
        report_loss(str(error))


@cache  # once for each reason
def report_loss(reason: str) -> None:
    logger.error("Metrics are lost: %s", reason)


def sample_forever() -> None:
    """Record the use of the processor, memory and connections, also while idle."""
    process = ProcessCollector(registry=None)
    cpu_seconds = 0.0
    while True:
        before, cpu_seconds = cpu_seconds, time.process_time()
        with dispensable():
            CPU.labels(WORKER).inc(cpu_seconds - before)
            record_memory(process)
            record_pool()
        time.sleep(SAMPLE_INTERVAL)


def record_memory(process: ProcessCollector) -> None:
    for metric in process.collect():
        if metric.name == "process_resident_memory_bytes":
            MEMORY.labels(WORKER).set(metric.samples[0].value)


def record_pool() -> None:
    statistics = connection.pool.get_stats()
    for name, gauge in POOL_GAUGES.items():
        gauge.labels(WORKER).set(statistics.get(name, 0))


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics, but not through a proxy: they are not public."""
    if "HTTP_X_FORWARDED_FOR" in request.META:
        raise Http404
    found = MultiProcessCollector(None) if IS_SHARED else registry
    return HttpResponse(
        generate_latest(found),
        content_type=CONTENT_TYPE_PLAIN_0_0_4,
        headers={"Cache-Control": "no-store"},
    )
