"""One line for each request, and the request's id on all that is logged meanwhile."""

import logging
import re
from contextvars import ContextVar
from time import perf_counter

from uuid_utils import uuid7

logger = logging.getLogger("aido.requests")
SAFE = re.compile(r"[\w.-]{1,64}", re.ASCII)
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.request_id = _request_id.get()
        if record.name == "django.request":  # it tells the path
            record.msg, record.args = "%s", record.args[:1]
            record.__dict__.pop("request", None)
        return True


class RequestLogMiddleware:
    """The id is that of the proxy's X-Request-ID, or a new one; the answer has it too.

    A line tells the route, not the path, which may be a key that resets a password.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = perf_counter()
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")
        if not request_id or not SAFE.fullmatch(request_id):
            request_id = uuid7().hex
        token = _request_id.set(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if logger.isEnabledFor(logging.INFO):
            log(request, response, perf_counter() - started)
        _request_id.reset(token)
        return response


def log(request, response, seconds):
    match = request.resolver_match
    what = {
        "method": request.method,
        "route": f"/{match.route}" if match else None,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
    }
    logger.info("%(method)s %(route)s %(status)s", what, extra=what)
