"""The health views. The README says what each costs on a database that sleeps."""

from django.db import Error, connection
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.resilience import time_limit

PATIENCE = 2.5  # seconds, so that a probe has its answer within 3


class AlwaysJSON(BaseContentNegotiation):
    """Probes send any Accept header, or none."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


@method_decorator(never_cache, "dispatch")
class ProbeView(APIView):
    """Open to all, without a query for the one who asks."""

    authentication_classes = ()
    permission_classes = ()
    schema = None
    content_negotiation_class = AlwaysJSON


class LivenessView(ProbeView):
    """Whether the process answers. Leaves a sleeping database asleep."""

    def get(self, request):
        return Response({"status": "alive"})


class HealthView(ProbeView):
    """Whether the database answers, which is asked in one round trip."""

    def get(self, request):
        try:
            with time_limit(PATIENCE), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            return Response(
                {
                    "status": "unhealthy",
                    "database": "unavailable",
                    "detail": "Database unavailable",
                },
                status=503,
            )
        return Response({"status": "healthy", "database": "connected"})
