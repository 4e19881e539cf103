"""Guesses by others do not lock an owner out of the browser they signed in with."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from todo.accounts.device_cookies import known_device, set_device_cookie
from todo.tests.api.helpers import login
from todo.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, email="ann@example.com", password=PASSWORD, **headers):
    form = {"login": email, "password": password}
    response = client.post(reverse("account_login"), form, headers=headers)
    return response.status_code == 302


@pytest.fixture
def own_browser(user):
    """A browser that has signed in and out."""
    client = Client(REMOTE_ADDR="192.0.2.1")
    assert sign_in(client)
    client.post(reverse("account_logout"))
    return client


@pytest.fixture
def guess(anonymous):
    """Try wrong passwords from another address until the account is locked."""
    for _ in range(6):
        login(anonymous, password="wrong horse")
    assert login(anonymous).status_code == 429


def test_the_owner_signs_in_from_a_known_browser(own_browser, guess):
    assert sign_in(own_browser)


def test_an_unknown_browser_is_refused(user, guess):
    assert not sign_in(Client(REMOTE_ADDR="192.0.2.2"))


def test_the_cookie_is_good_for_its_user_only(user, stranger, guess):
    client = Client(REMOTE_ADDR="192.0.2.3")
    assert sign_in(client, stranger.email)
    client.post(reverse("account_logout"))

    assert not sign_in(client)


def test_a_forged_cookie_is_ignored(user, guess):
    client = Client(REMOTE_ADDR="192.0.2.4")
    response = HttpResponse()
    set_device_cookie(response, user.email)
    client.cookies["device"] = response.cookies["device"].value[:-1] + "x"

    assert not sign_in(client)


def test_guesses_with_the_cookie_are_limited_too(own_browser, anonymous):
    for _ in range(5):
        assert not sign_in(own_browser, password="wrong horse")

    assert not sign_in(own_browser)
    assert login(anonymous).status_code == 200


def test_another_host_name_does_not_reset_the_count(user, guess, settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert not sign_in(Client(REMOTE_ADDR="192.0.2.5"), Host="other.example.com:99")


def test_the_cookie_is_signed_and_reveals_no_address(own_browser, user):
    cookie = own_browser.cookies["device"]
    request = RequestFactory().get("/")
    request.COOKIES["device"] = cookie.value

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "ann" not in cookie.value
    assert known_device(request, user.email)
    assert not known_device(request, "bob@example.com")


def test_the_api_sets_no_cookie(anonymous, user):
    assert not login(anonymous).cookies
