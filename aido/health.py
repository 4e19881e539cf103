"""The health views. The README says what each costs on a database that sleeps."""

from django.db import Error, connection
from rest_framework.views import APIView

from aido.json import JSONResponse
from aido.resilience import time_limit

PATIENCE = 2.5  # seconds, so that a probe has its answer within 3


class ProbeView(APIView):
    schema = None
    default_response_headers = {
        "Allow": "GET, HEAD, OPTIONS",
        "Cache-Control": "no-store",
    }

    def initial(self, request, *args, **kwargs):
        """Nothing to check: open to all, and in JSON, whatever a probe accepts."""


class LivenessView(ProbeView):
    """Whether the process answers. Leaves a sleeping database asleep."""

    def get(self, request):
        return JSONResponse({"status": "alive"})


class HealthView(ProbeView):
    """Whether the database answers, which is asked in one round trip."""

    def get(self, request):
        try:
            with time_limit(PATIENCE), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            return JSONResponse(
                {
                    "status": "unhealthy",
                    "database": "unavailable",
                    "detail": "Database unavailable",
                },
                status=503,
            )
        return JSONResponse({"status": "healthy", "database": "connected"})
