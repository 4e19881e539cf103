"""Open routes ignore tokens of ended sessions in the headers of a request."""

import re

import pytest
from rest_framework.test import APIClient

from todo.models import Session, User
from todo.tests.api.conftest import access_token
from todo.tests.api.helpers import bearer_client, login, read_tokens, refresh
from todo.tests.conftest import PASSWORD

SIGNUP = "/api/v1/auth/signup"
REQUEST, RESET = "/api/v1/auth/password/request", "/api/v1/auth/password/reset"
NEW_PASSWORD = "another horse battery"
NEW_USER = {"email": "new@example.com", "password": PASSWORD}

pytestmark = pytest.mark.django_db


def header_client(name, value):
    client = APIClient()
    client.credentials(**{name: value})
    return client


def ended_token(user):
    token = access_token(user)
    Session.objects.filter(user=user).delete()
    return header_client("HTTP_AUTHORIZATION", f"Bearer {token}")


def expired_token(user):
    return header_client("HTTP_AUTHORIZATION", f"Bearer {access_token(user, exp=1)}")


def no_token(user):
    return header_client("HTTP_AUTHORIZATION", "Bearer nonsense")


def unknown_session(user):
    return header_client("HTTP_X_SESSION_TOKEN", "x" * 32)


def live_session(user):
    access_token(user)
    return header_client(
        "HTTP_X_SESSION_TOKEN", Session.objects.latest("expire_date").pk
    )


@pytest.fixture(
    params=[ended_token, expired_token, no_token, unknown_session, live_session]
)
def stale_client(request, user):
    return request.param(user)


def request_key(client, mailoutbox):
    assert client.post(REQUEST, {"email": "ann@example.com"}).status_code == 200
    [mail] = mailoutbox
    return re.search(r"/key/(\S+)/", mail.body)[1]


def test_a_stale_token_does_not_prevent_signing_in(stale_client):
    assert read_tokens(login(stale_client))


def test_a_stale_token_does_not_prevent_signing_up(stale_client):
    assert read_tokens(stale_client.post(SIGNUP, NEW_USER))


def test_a_stale_token_does_not_prevent_a_refresh(stale_client, anonymous):
    _, token = read_tokens(login(anonymous))

    assert read_tokens(refresh(stale_client, token))


def test_a_stale_token_does_not_prevent_a_password_reset(
    stale_client, anonymous, mailoutbox
):
    body = {"key": request_key(stale_client, mailoutbox), "password": NEW_PASSWORD}

    assert stale_client.post(RESET, body).status_code == 204
    assert read_tokens(login(anonymous, password=NEW_PASSWORD))


def test_a_live_token_does_not_change_a_password_reset(user, anonymous, mailoutbox):
    client = bearer_client(access_token(user))
    body = {"key": request_key(client, mailoutbox), "password": NEW_PASSWORD}

    response = client.post(RESET, body)

    assert (response.status_code, response.content) == (204, b"")
    assert read_tokens(login(anonymous, password=NEW_PASSWORD))


def test_a_reset_that_fails_changes_nothing(stale_client, anonymous):
    body = {"key": "1-nonsense", "password": NEW_PASSWORD}

    assert stale_client.post(RESET, body).status_code == 400
    assert read_tokens(login(anonymous))


def test_signing_in_or_up_with_a_live_token_is_a_conflict(user):
    client = bearer_client(access_token(user))

    assert login(client).status_code == 409
    assert client.post(SIGNUP, NEW_USER).status_code == 409
    assert User.objects.count() == 1
