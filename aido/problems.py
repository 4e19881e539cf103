"""Error responses of the API: exceptions, and their format (RFC 9457)."""

import logging
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

import orjson
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions

from aido.database.errors import sqlstate

logger = logging.getLogger(__name__)

OUTAGE = "The database is unavailable. Try again in a few seconds."
RETRY_AFTER = 5  # seconds
MAX_ERRORS = 100  # fields
MAX_TEXT = 500  # characters
TRANSACTION_ROLLBACK = "40"  # class of SQLSTATEs: deadlock, serialization failure


class Unauthorized(exceptions.APIException):
    status_code = 401
    auth_header = "Bearer"


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"
    default_detail = (
        "The resource was changed by another request. Reload it and try again."
    )


class Missing(exceptions.ValidationError):
    """Ids in the body that do not exist; `detail` lists them by their place."""

    status_code = 404
    default_code = "not_found"
    summary = "Some of these do not exist."


class Gone(exceptions.APIException):
    status_code = 410
    default_code = "gone"


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_code = "precondition_failed"
    default_detail = (
        "The task has changed since it was read. Read it again and send the new ETag."
    )


class LengthRequired(exceptions.APIException):
    status_code = 411
    default_code = "length_required"
    default_detail = "Send the body with a Content-Length, not in chunks."


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The body is too large: the limit is 1 MiB."


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "database_unavailable"
    default_detail = OUTAGE
    wait = RETRY_AFTER


class Overloaded(Unavailable):
    default_code = "overloaded"
    default_detail = "The service is busy. Try again in a few seconds."


def field_error(
    field: str, message: str, code: str = "invalid"
) -> exceptions.ValidationError:
    return exceptions.ValidationError({field: [exceptions.ErrorDetail(message, code)]})


def problem(error: exceptions.APIException) -> HttpResponse:
    """Return the `application/problem+json` response for an exception.

    `code` is stable, for programs. `errors` has the errors of each field.
    """
    response = HttpResponse(
        orjson.dumps(problem_details(error)),
        status=error.status_code,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if seconds := getattr(error, "wait", None):
        response["Retry-After"] = str(seconds)
    return response


def problem_details(error: exceptions.APIException) -> dict[str, Any]:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
    }
    if isinstance(error.detail, exceptions.ErrorDetail):
        return body | {"detail": str(error.detail), "code": error.detail.code}
    return body | {
        "detail": getattr(error, "summary", "Some values are not valid."),
        "code": error.default_code,
        "errors": dict(islice(by_field(error.detail), MAX_ERRORS)),
    }


def exception_handler(exception: Exception, context: Any) -> HttpResponse | None:
    """Return the response to an exception of an API view, for DRF's settings."""
    error = to_api_exception(exception)
    return problem(error) if error else None


def to_api_exception(exception: Exception) -> exceptions.APIException | None:
    """Convert a known exception; None means that the server failed."""
    for base in type(exception).__mro__:
        if convert := CONVERTERS.get(base):
            return convert(exception)
    return None


def from_operational_error(
    exception: OperationalError | InterfaceError,
) -> exceptions.APIException:
    if sqlstate(exception).startswith(TRANSACTION_ROLLBACK):
        return Conflict()
    logger.error("Database unavailable: %s", exception)
    return Unavailable()


CONVERTERS: dict[type, Callable[[Any], exceptions.APIException]] = {
    exceptions.APIException: lambda error: error,
    Http404: lambda error: exceptions.NotFound(),
    PermissionDenied: lambda error: exceptions.PermissionDenied(),
    RequestDataTooBig: lambda error: TooLarge(),
    UnreadablePostError: lambda error: exceptions.ParseError("The body ended early."),
    SuspiciousOperation: lambda error: exceptions.ParseError(printable(error)),
    DataError: lambda error: exceptions.ParseError("A value is out of range."),
    IntegrityError: lambda error: Conflict(),  # another request was first
    OperationalError: from_operational_error,
    InterfaceError: from_operational_error,
}


def by_field(detail: Any, path: str = "") -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield pairs of a field's path, such as `ids.3`, and its errors."""
    items = detail.items() if isinstance(detail, dict) else enumerate(detail)
    if isinstance(detail, list) and not any(isinstance(e, dict | list) for e in detail):
        yield path, [{"code": e.code, "detail": printable(e)} for e in detail]
        return
    for key, value in items:
        key = printable(key)
        yield from by_field(value, f"{path}.{key}" if path else key)


def printable(value: object) -> str:
    """Return text that may contain input: shortened, and valid UTF-8."""
    return str(value)[:MAX_TEXT].encode(errors="replace").decode()
