"""Responses to too many requests say how many seconds are left."""

import time

import pytest
from django.urls import reverse

from todo.tests.api.conftest import client_of
from todo.tests.api.helpers import ACCOUNT, login
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

REQUEST = "/api/v1/auth/password/request"
RESET = "/api/v1/auth/password/reset"
CHANGE = "/api/v1/account/password/change"
SIGNUP = "/api/v1/auth/signup"
EMAIL = {"email": "ann@example.com"}
NEW_USER = {"email": "x@example.com", "password": "short"}
NEW_PASSWORD = {"current_password": "wrong", "new_password": PASSWORD}
API_LIMITS = {  # the method, the path, the body, and seconds until the limit is reset
    "failed-sign-in": ("post", "/api/v1/auth/login", EMAIL | {"password": "x"}, 300),
    "sign-up": ("post", SIGNUP, NEW_USER, 60),
    "reset-request": ("post", REQUEST, EMAIL, 60),
    "reset": ("post", RESET, {"key": "1-x", "password": PASSWORD}, 60),
    "password-change": ("post", CHANGE, NEW_PASSWORD, 60),
    "deletion": ("delete", ACCOUNT, {"password": "wrong"}, 60),
}
PAGE_LIMITS = {
    "delete_account": {"password": "wrong"},
    "account_reset_password": EMAIL,
    "account_signup": {"email": "x"},
    "account_change_password": {},
    "account_login": {},
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """The time that the rate limits see, which the test moves on."""

    class Clock:
        now = time.time()

        def time(self):
            return self.now

    clock = Clock()
    for module in ("allauth.core.internal.ratelimit", "todo.accounts.rate_limits"):
        monkeypatch.setattr(f"{module}.time.time", clock.time)
    return clock


def send_until_refused(send):
    for _ in range(31):
        response = send()
        if response.status_code == 429:
            return response
    raise AssertionError("not limited")


@pytest.mark.parametrize(
    ("method", "path", "body", "window"), API_LIMITS.values(), ids=API_LIMITS
)
def test_a_problem_says_the_seconds_that_are_left(
    user, anonymous, clock, method, path, body, window
):
    client = client_of(user) if "/account" in path else anonymous

    def send():
        return getattr(client, method)(path, body)

    first = send_until_refused(send)
    clock.now += 17.5
    second = send()

    assert (first.status_code, second.status_code) == (429, 429)
    assert first.headers["Retry-After"] == str(window)
    assert second.headers["Retry-After"] == str(window - 17)


def test_once_the_seconds_have_passed_the_request_is_served(user, anonymous, clock):
    response = send_until_refused(lambda: login(anonymous, password="wrong horse"))

    clock.now += int(response.headers["Retry-After"])

    assert login(anonymous).status_code == 200


@pytest.mark.parametrize("name", PAGE_LIMITS)
def test_a_page_says_the_seconds_that_are_left(user, client, clock, name):
    if name in {"delete_account", "account_change_password"}:
        client = web_client(user)

    def send():
        return client.post(reverse(name), PAGE_LIMITS[name])

    send_until_refused(send)
    clock.now += 50
    response = send()

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "10"
    assert "Try again in 10 seconds." in response.text


def test_limits_of_other_actions_do_not_count(user, anonymous, clock):
    send_until_refused(lambda: login(anonymous, password="wrong horse"))

    response = send_until_refused(lambda: anonymous.post(REQUEST, EMAIL))

    assert response.headers["Retry-After"] == "60"
