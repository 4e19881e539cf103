import time

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from aido.testing.servers import HTTPS_HEADERS, SECRETS


def access_token(user, key=settings.JWT_SECRET, **claims):
    payload = {"sub": str(user.pk), "exp": time.time() + 600, "token_use": "access"}
    return jwt.encode(payload | claims, key, algorithm="HS256")


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
    token = access_token(user, key=SECRETS["JWT_SECRET"])
    return HTTPS_HEADERS | {"Authorization": f"Bearer {token}"}
