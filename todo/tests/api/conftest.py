import time

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt.internal import session_key_to_sid
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import override_settings
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from rest_framework.test import APIClient

from aido.testing.processes import HTTPS_HEADERS, SECRETS, wait_until
from todo.models.session import SessionStore

METHODS = ["get", "post", "put", "patch", "delete"]


def api_routes(patterns=None, prefix="/"):
    """Yield every route below /api/v1/ with its view."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from api_routes(pattern.url_patterns, route)
        elif route.startswith("/api/v1/"):
            yield route, pattern.callback


def methods_of(view):
    actions = getattr(view, "actions", None)
    if actions:  # Django adds HEAD to them at the first GET
        return [name for name in METHODS if name in actions]
    return [name for name in METHODS if hasattr(view.view_class, name)]


OPERATIONS = [
    (route, method) for route, view in api_routes() for method in methods_of(view)
]


def access_token(user, key=settings.JWT_SECRET, **claims):
    """Sign the user in; return an access token of the new session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session.create()
    payload = {
        "sub": str(user.pk),
        "sid": session_key_to_sid(session.session_key),
        "exp": time.time() + 600,
        "token_use": "access",
    }
    return jwt.encode(payload | claims, key, algorithm="HS256")


def production_token(user):
    """Return an access token for a server that runs with SECRETS."""
    with override_settings(SECRET_KEY=SECRETS["SECRET_KEY"]):
        return access_token(user, key=SECRETS["JWT_SECRET"])


def client_of(user):
    """Return an API client with an access token of the user."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


def wait_until_blocked(count: int) -> None:
    """Wait until so many other connections to the test database wait for a lock."""

    def are_blocked():
        with connection.cursor() as cursor:
            # A transaction would see the same snapshot of the activity each time.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return cursor.fetchone()[0] == count

    wait_until(are_blocked)


@pytest.fixture
def anonymous():
    return APIClient()


@pytest.fixture
def api(user):
    return client_of(user)


@pytest.fixture
def strangers_api(stranger):
    return client_of(stranger)


@pytest.fixture
def headers(user):
    """The user's request headers for a server in production."""
    return HTTPS_HEADERS | {"Authorization": f"Bearer {production_token(user)}"}
