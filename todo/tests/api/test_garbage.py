"""The most frequent requests leave nothing to the garbage collector."""

import gc
from contextlib import contextmanager
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from todo.models import Task
from todo.tests.api.conftest import access_token

BODY = b'{"title": "Buy milk"}'

pytestmark = pytest.mark.django_db


@contextmanager
def no_collection():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.fixture
def run(user):
    """Runs a request of the user without a test client, which keeps the response."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    token, handler = access_token(user), WSGIHandler()

    def run(method, path):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
        environ |= {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {token}"}
        if method in {"POST", "PATCH"}:
            environ |= {
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(BODY)),
                "wsgi.input": BytesIO(BODY),
            }
        setup_testing_defaults(environ)
        statuses = []
        handler(environ, lambda status, _: statuses.append(status)).close()
        assert statuses[0].startswith("2")

    yield run
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", "/api/v1/tasks"),
        ("POST", "/api/v1/tasks"),
        ("GET", "/api/v1/tasks/{id}"),
        ("PATCH", "/api/v1/tasks/{id}"),
    ],
)
def test_a_request_leaves_no_garbage(run, user, method, path):
    Task.objects.create(owner=user, title="Another task")
    for _ in range(2):  # the first request fills caches
        task = Task.objects.create(owner=user, title="Buy milk")
        with no_collection():
            run(method, path.format(id=task.pk))
            garbage = gc.collect()

    assert garbage == 0
