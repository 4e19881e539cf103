import time

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt.internal import session_key_to_sid
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import override_settings
from rest_framework.test import APIClient

from aido.testing.servers import HTTPS_HEADERS, SECRETS
from todo.models.session import SessionStore


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
    """An API client with a token of the user."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


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
    """Of the user, for a server in production."""
    return HTTPS_HEADERS | {"Authorization": f"Bearer {production_token(user)}"}
