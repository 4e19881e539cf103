"""How errors are told, by RFC 9457 in the API, and what they keep to themselves."""

import logging
import re
from http import HTTPStatus
from itertools import islice

import orjson
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.views import defaults
from django.views.debug import SafeExceptionReporterFilter
from psycopg.errors import TransactionRollback
from rest_framework import exceptions

logger = logging.getLogger(__name__)

OUTAGE = "The database is unavailable. Try again in a few seconds."
RETRY_AFTER = 5  # seconds
MAX_ERRORS = 100  # fields
MAX_TEXT = 500  # characters


class Unauthorized(exceptions.APIException):
    status_code = 401
    auth_header = "Bearer"


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"
    default_detail = "Another request was faster. Look what is there, and try again."


class Missing(exceptions.ValidationError):
    """Things that a body names are not there; `detail` says which."""

    status_code = 404
    default_code = "not_found"
    summary = "Some of these are not there."


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_code = "precondition_failed"
    default_detail = (
        "The task has changed since it was read. Read it again, and send the new ETag."
    )


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The body is too large: the limit is 1 MiB."


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "database_unavailable"
    default_detail = OUTAGE
    wait = RETRY_AFTER


def problem(error):
    """The answer to an `APIException`, as `application/problem+json`.

    Its `code` is stable, for programs; `errors` has those of each field, by name.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
    }
    if isinstance(error.detail, dict | list):
        summary = getattr(error, "summary", "Some values are not valid.")
        body |= {"detail": summary, "code": error.default_code}
        body["errors"] = dict(islice(by_field(error.detail), MAX_ERRORS))
    else:
        body |= {"detail": str(error.detail), "code": error.detail.code}
    response = HttpResponse(
        orjson.dumps(body),
        status=error.status_code,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(wait)
    return response


def exception_handler(exception, context):
    """What DRF calls with whatever a view of the API raised."""
    error = _as_api_exception(exception)
    return problem(error) if error else None


def _as_api_exception(exception):
    match exception:
        case exceptions.APIException():
            return exception
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return TooLarge()
        case UnreadablePostError():
            return exceptions.ParseError("The body ended early.")
        case SuspiciousOperation():
            return exceptions.ParseError(legible(exception))
        case DataError():
            return exceptions.ParseError("A value is out of range.")
        case IntegrityError():  # two requests at once: one was first
            return Conflict()
        case OperationalError(__cause__=TransactionRollback()):
            return Conflict()  # likewise
        case OperationalError() | InterfaceError():
            logger.error("Database unavailable: %s", exception)
            return Unavailable()


def by_field(detail, path=""):
    """Pairs of a path such as `ids.3` and a list of what is wrong there."""
    items = detail.items() if isinstance(detail, dict) else enumerate(detail)
    if isinstance(detail, list) and not any(isinstance(e, dict | list) for e in detail):
        yield path, [{"code": e.code, "detail": legible(e)} for e in detail]
        return
    for key, value in items:
        key = legible(key)
        yield from by_field(value, f"{path}.{key}" if path else key)


def legible(value):
    """A text, part of which may be what was sent: shortened, and fit for JSON."""
    return str(value)[:MAX_TEXT].encode(errors="replace").decode()


def _or_page(page, error):
    """A handler of Django's: a problem under /api/, a text for htmx, else a page."""

    def handler(request, *args, **kwargs):
        if request.path.startswith("/api/"):
            return problem(error)
        response = page(request, *args, **kwargs)
        if "HX-Request" in request.headers:
            return told(str(error.detail), response.status_code)
        return response

    return handler


def told(text, status, **headers):
    """A text that app.js shows, while what was typed stays where it is."""
    content_type = "text/plain; charset=utf-8"
    return HttpResponse(text, content_type, status=status, headers=headers)


handler400 = _or_page(defaults.bad_request, exceptions.ParseError("Bad request."))
handler403 = _or_page(defaults.permission_denied, exceptions.PermissionDenied())
handler404 = _or_page(
    defaults.page_not_found, exceptions.NotFound("This is gone. Reload the page.")
)
handler500 = _or_page(
    defaults.server_error, exceptions.APIException("The server failed.", "error")
)


class LengthRequired(exceptions.APIException):
    status_code = 411
    default_code = "length_required"
    default_detail = "Send the body with a Content-Length, and not in chunks."


class LengthRequiredMiddleware:
    """By WSGI a body without a length is none: what was sent would be lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META or not length.isdecimal():
            return problem(LengthRequired())
        return self.get_response(request)


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
        wait = {"Retry-After": str(RETRY_AFTER)}
        if "HX-Request" in request.headers:
            return told(f"{OUTAGE} What you typed is still here.", 503, **wait)
        context = {
            "method": "post" if request.method == "POST" else "get",
            "path": request.get_full_path(),
            "fields": [item for item in request.POST.items() if is_kept(item[0])],
        }
        # Without the request: the page would ask the database who is looking.
        page = render_to_string("503.html", context)
        return HttpResponse(page, status=503, headers=wait)


def is_kept(name):
    """Whether a field of a form may stand in a page that offers to send it again."""
    return "password" not in name


class ExceptionReporterFilter(SafeExceptionReporterFilter):
    """Keeps passwords off the debug page: URLs, and variables in the traceback."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|URL", flags=re.I
    )

    def get_traceback_frame_variables(self, request, tb_frame):
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleanse_setting(name, value)) for name, value in variables]
