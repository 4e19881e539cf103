"""Request log: one line per request, and the request's id on every log record."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from uuid_utils import uuid7
from whitenoise.middleware import WhiteNoiseFileResponse

from aido.json import set_header
from aido.request_info import client_address, route_of, user_id

logger = logging.getLogger("aido.requests")
MAX_HOSTS = 10  # that are logged by each process
PATH_OF_URL = re.compile(r"(https?://[^/?#\s]*)\S*")
SAFE_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class RequestIdFilter(logging.Filter):
    """Add the request's id to each record, and remove paths from Django's records."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        if record.name.startswith("django."):
            remove_paths(record)
        return True


def remove_paths(record: logging.LogRecord) -> None:
    """Remove the request, and its path, with which Django's messages end.

    Both may contain the key of a link in a mail, and so may the Referer of a request
    that fails the CSRF check.
    """
    fields = vars(record)
    for name in [n for n, value in fields.items() if isinstance(value, HttpRequest)]:
        path = fields.pop(name).path.encode("unicode_escape").decode()
        message = record.getMessage().removesuffix(f": {path}")
        record.msg, record.args = PATH_OF_URL.sub(r"\1", message), ()


class HostFilter(logging.Filter):
    """Turn errors about hosts that are not allowed into a few warnings.

    ALLOWED_HOSTS may lack a host of the service, but scanners try many others.
    """

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if message not in self.messages and len(self.messages) < MAX_HOSTS:
            self.messages.add(message)
            logging.getLogger("aido.hosts").warning("%s", message)
        return False


class RequestLogMiddleware:
    """Log each request, with the proxy's X-Request-ID or a new id.

    The log has the route, not the path, which may contain a password reset key.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")
        if not SAFE_ID.fullmatch(request_id):
            request_id = uuid7().hex
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
            # Otherwise Django would log a 503 as an error afterwards, without the id.
            response._has_been_logged = True  # type: ignore[attr-defined]
            if not isinstance(response, WhiteNoiseFileResponse):  # caches keep it
                set_header(response, "X-Request-ID", request_id)
            if logger.isEnabledFor(logging.INFO):
                log(request, response, perf_counter() - started)
        finally:
            _request_id.reset(token)
        return response


def log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    fields = {
        "method": request.method,
        "route": route_of(request),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "client": client_address(request),
        "user": user_id(request),
    }
    logger.info("%(method)s %(route)s %(status)s", fields, extra=fields)
