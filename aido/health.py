"""Health checks. docs/operations.md says what each costs on Neon."""

from typing import Any

from django.db import Error, connection
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from aido import __version__
from aido.json import JSONResponse
from aido.places import Places
from aido.prepared import Query
from aido.resilience import time_limit
from aido.rest import JSONViewMixin
from aido.threads import PROBE_THREADS, max_checks

DATABASE_TIMEOUT = 2.0  # seconds, so that a probe is answered within 3
IS_READ_ONLY = Query("SELECT current_setting('transaction_read_only')")
UNHEALTHY = {
    "status": "unhealthy",
    "database": "unavailable",
    "detail": "Database unavailable",
}
# At most half of the connections, and a queue that leaves threads for /livez.
checks = Places(max_checks(), max_queue=PROBE_THREADS // 2, timeout=0.5)


class ProbeView(JSONViewMixin, APIView):
    schema = None
    default_response_headers = {
        "Allow": "GET, HEAD, OPTIONS",
        "Cache-Control": "no-store",
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Skip authentication and content negotiation: always answer with JSON."""


class LivenessView(ProbeView):
    """Check the process only, so that a sleeping database stays asleep."""

    def get(self, request: Request) -> HttpResponse:
        return JSONResponse({"status": "alive", "version": __version__})


class HealthView(ProbeView):
    """Check the database too, with one query.

    A database that may not write is reported, but is no reason to stop reading from it.
    """

    def get(self, request: Request) -> HttpResponse:
        if not checks.take():
            return JSONResponse(UNHEALTHY, status=503)
        try:
            is_writable = check_database()
        except Error:
            return JSONResponse(UNHEALTHY, status=503)
        finally:
            checks.leave()
        state = "connected" if is_writable else "read-only"
        return JSONResponse({"status": "healthy", "database": state})


def check_database() -> bool:
    """Return whether the database may write."""
    with time_limit(DATABASE_TIMEOUT):
        return connection.read_row(IS_READ_ONLY) == ("off",)
