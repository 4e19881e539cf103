import json

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousFileOperation,
)
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import Http404, UnreadablePostError
from django.views.debug import ExceptionReporter
from psycopg.errors import AdminShutdown, DeadlockDetected, SerializationFailure
from rest_framework.exceptions import NotAuthenticated, ValidationError

from aido.problems import exception_handler, problem

PASSWORD = "".join(["hunter", "2"])  # so that the source code does not contain it


@pytest.mark.parametrize(
    "exception, status, code",
    [
        (NotAuthenticated(), 401, "not_authenticated"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (RequestDataTooBig(), 413, "too_large"),
        (UnreadablePostError(), 400, "parse_error"),
        (SuspiciousFileOperation("odd"), 400, "parse_error"),
        (DataError(), 400, "parse_error"),
        (IntegrityError(), 409, "conflict"),
        (OperationalError(), 503, "database_unavailable"),
        (InterfaceError(), 503, "database_unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_exception_of_a_view_becomes_a_problem(exception, status, code):
    response = exception_handler(exception, {})

    assert response.status_code == status
    assert response["content-type"] == "application/problem+json"
    assert json.loads(response.content)["code"] == code


@pytest.mark.parametrize(
    "cause, status",
    [(DeadlockDetected, 409), (SerializationFailure, 409), (AdminShutdown, 503)],
)
def test_a_transaction_that_lost_against_another_is_a_conflict(cause, status):
    error = OperationalError()
    error.__cause__ = cause()

    assert exception_handler(error, {}).status_code == status


def test_an_unknown_exception_is_left_to_django():
    assert exception_handler(ProgrammingError(), {}) is None


def test_the_number_of_errors_is_limited():
    response = problem(ValidationError({str(n): ["Wrong."] for n in range(200)}))

    assert len(json.loads(response.content)["errors"]) == 100


def test_input_in_an_error_is_shortened_and_valid_utf_8():
    response = problem(ValidationError({"\ud800" * 600: ["Wrong."]}))

    assert list(json.loads(response.content)["errors"]) == ["?" * 500]


def test_an_outage_is_503_with_retry_after(client, monkeypatch, caplog):
    def refuse(connection):
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    client.cookies["sessionid"] = "some-session"

    response = client.get("/admin/")

    assert response.status_code == 503
    assert response["retry-after"] == "5"
    assert "connection refused" not in response.text
    assert "Database unavailable: connection refused" in caplog.text


def connect(password):
    conn_params = {"user": "visible", "password": password}
    raise ConnectionError(f"{len(conn_params)} parameters")


def test_the_debug_page_shows_no_passwords(rf):
    request = rf.get("/", DATABASE_URL=f"postgresql://u:{PASSWORD}@h/d")
    try:
        connect(PASSWORD)
    except ConnectionError as error:
        exc_info = (type(error), error, error.__traceback__)
        reporter = ExceptionReporter(request, *exc_info)

    page = reporter.get_traceback_html()

    assert "visible" in page
    assert PASSWORD not in page
    assert PASSWORD not in reporter.get_traceback_text()
