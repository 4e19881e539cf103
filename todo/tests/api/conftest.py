import time

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt.internal import session_key_to_sid
from django.conf import settings
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from aido.testing.processes import HTTPS_HEADERS, SECRETS, wait_until
from todo.tests.conftest import sign_in


def access_token(user, key=settings.JWT_SECRET, **claims):
    """Sign the user in; return an access token of the new session."""
    session = sign_in(user)
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
