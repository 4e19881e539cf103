"""How errors are told, and what they keep to themselves."""

import logging
import re

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.views.debug import SafeExceptionReporterFilter

logger = logging.getLogger(__name__)


class DatabaseOutageMiddleware:
    """While the database is away a page answers 503, not 500 and a traceback."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("Database unavailable: %s", exception)
        return HttpResponse(
            "The database is unavailable. Try again in a few seconds.\n",
            content_type="text/plain",
            status=503,
            headers={"Retry-After": "5"},
        )


class ExceptionReporterFilter(SafeExceptionReporterFilter):
    """Keeps passwords off the debug page: URLs, and variables in the traceback."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|URL", flags=re.I
    )

    def get_traceback_frame_variables(self, request, tb_frame):
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleanse_setting(name, value)) for name, value in variables]
