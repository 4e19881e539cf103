"""Changing SECRET_KEY or JWT_SECRET signs nobody out, while the old one is listed."""

import re

import pytest
from django.urls import reverse

from todo.models import Session
from todo.tests.api.helpers import (
    ACCOUNT,
    SESSION,
    TASKS,
    bearer_client,
    login,
    read_tokens,
    refresh,
)
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

CHANGE = "/api/v1/account/password/change"
NEW_SECRET = "a new secret of the service " * 2
NEW_PASSWORD = "another horse battery"

pytestmark = pytest.mark.django_db
names = pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET"])


@pytest.fixture
def rotate(settings):
    def rotate(name, keep=True):
        if keep:
            setattr(settings, f"{name}_FALLBACKS", [getattr(settings, name)])
        setattr(settings, name, NEW_SECRET)
        settings.HEADLESS_JWT_PRIVATE_KEY = settings.JWT_SECRET

    return rotate


@names
def test_old_tokens_keep_working(anonymous, user, rotate, name):
    access, token = read_tokens(login(anonymous))

    rotate(name)

    client = bearer_client(access)
    assert client.get(TASKS).status_code == 200
    new_access, new_token = read_tokens(refresh(anonymous, token))
    assert client.get(ACCOUNT).status_code == 200
    assert bearer_client(new_access).get(ACCOUNT).status_code == 200
    assert read_tokens(refresh(anonymous, token))  # a second tab
    assert read_tokens(refresh(anonymous, new_token))


@names
def test_a_session_that_was_used_since_no_longer_needs_the_old_secret(
    anonymous, user, rotate, settings, name
):
    page = web_client(user)
    _, token = read_tokens(login(anonymous))
    rotate(name)
    assert page.get(reverse("profile")).status_code == 200
    access, new_token = read_tokens(refresh(anonymous, token))

    settings.SECRET_KEY_FALLBACKS = settings.JWT_SECRET_FALLBACKS = []

    assert page.get(reverse("profile")).status_code == 200
    assert bearer_client(access).get(TASKS).status_code == 200
    assert read_tokens(refresh(anonymous, new_token))


@names
def test_without_the_old_secret_tokens_are_refused(anonymous, user, rotate, name):
    access, token = read_tokens(login(anonymous))

    rotate(name, keep=False)

    assert bearer_client(access).get(ACCOUNT).status_code == 401
    assert refresh(anonymous, token).status_code == 401


def test_a_browser_stays_signed_in_with_the_same_session(user, rotate):
    page = web_client(user)
    key = Session.objects.get().pk

    rotate("SECRET_KEY")

    for _ in range(2):
        assert page.get(reverse("profile")).status_code == 200
    assert Session.objects.get().pk == key


@names
def test_signing_in_again_is_still_a_conflict_and_ends_nothing(
    anonymous, user, rotate, name
):
    client = bearer_client(read_tokens(login(anonymous))[0])

    rotate(name)

    assert login(client).status_code == 409
    assert client.get(ACCOUNT).status_code == 200


@names
def test_passwords_are_changed_and_sessions_ended(anonymous, user, rotate, name):
    client = bearer_client(read_tokens(login(anonymous))[0])
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    rotate(name)

    new_client = bearer_client(read_tokens(client.post(CHANGE, body))[0])
    assert new_client.get(ACCOUNT).status_code == 200
    assert new_client.delete(SESSION).status_code == 204
    assert new_client.get(ACCOUNT).status_code == 401


def test_a_mailed_reset_key_keeps_working(anonymous, user, rotate, mailoutbox):
    anonymous.post("/api/v1/auth/password/request", {"email": user.email})
    key = re.search(r"/key/(\S+)/", mailoutbox[0].body)[1]

    rotate("SECRET_KEY")

    body = {"key": key, "password": NEW_PASSWORD}
    response = anonymous.post("/api/v1/auth/password/reset", body)
    assert response.status_code == 204
