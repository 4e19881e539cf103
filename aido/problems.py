"""Error responses of the API: exceptions, and their form (RFC 9457)."""

import logging
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


class LengthRequired(exceptions.APIException):
    status_code = 411
    default_code = "length_required"
    default_detail = "Send the body with a Content-Length, and not in chunks."


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
            return exceptions.ParseError(printable(exception))
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
        yield path, [{"code": e.code, "detail": printable(e)} for e in detail]
        return
    for key, value in items:
        key = printable(key)
        yield from by_field(value, f"{path}.{key}" if path else key)


def printable(value):
    """A text, part of which may be what was sent: shortened, and fit for JSON."""
    return str(value)[:MAX_TEXT].encode(errors="replace").decode()
