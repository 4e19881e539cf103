"""A new password ends all other sessions at once, wherever it is set."""

import re
from functools import partial

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from todo.models import Session, User
from todo.tests.api.conftest import client_of
from todo.tests.api.helpers import ACCOUNT, TASKS
from todo.tests.api.test_races import run_at_once, run_behind_lock
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

CHANGE = "/api/v1/account/password/change"
RESET, JSON = "/api/v1/auth/password/reset", "application/json"
NEW_PASSWORD = "another horse battery"

pytestmark = pytest.mark.django_db


def change_in_the_api(user):
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert client_of(user).post(CHANGE, body).status_code == 200


def change_form(password=NEW_PASSWORD):
    return {"oldpassword": PASSWORD, "password1": password, "password2": password}


def change_on_the_page(user):
    client = web_client(user)
    response = client.post(reverse("account_change_password"), change_form())
    assert response.status_code == 302
    assert client.get(reverse("profile")).status_code == 200


def change_in_the_admin(user):
    admin = User.objects.create_superuser("admin@example.com", PASSWORD)
    form = {
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
        "usable_password": "true",
    }
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    assert web_client(admin).post(url, form).status_code == 302


def disable_in_the_admin(user):
    admin = User.objects.create_superuser("admin@example.com", PASSWORD)
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    form = {"usable_password": "false", "unset-password": "1"}
    assert web_client(admin).post(url, form).status_code == 302


def change_in_python(user):
    user.set_password(NEW_PASSWORD)
    user.save()


def deactivate(user):
    user.is_active = False
    user.save()


WAYS = [
    change_in_the_api,
    change_on_the_page,
    change_in_the_admin,
    disable_in_the_admin,
    change_in_python,
    deactivate,
]


@pytest.mark.parametrize("change", WAYS)
def test_other_sessions_end_at_once(user, stranger, change):
    api, page, strangers_api = client_of(user), web_client(user), client_of(stranger)

    change(User.objects.get(pk=user.pk))

    assert api.get(TASKS).status_code == 401
    assert api.get(ACCOUNT).status_code == 401
    assert page.get(reverse("profile")).status_code == 302
    assert strangers_api.get(TASKS).status_code == 200


def test_the_command_ends_all_sessions(user, monkeypatch):
    api = client_of(user)
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW_PASSWORD)

    call_command("changepassword", user.email, verbosity=0)

    assert api.get(TASKS).status_code == 401


def test_saving_a_user_without_a_new_password_keeps_their_sessions(
    user, django_assert_num_queries
):
    api = client_of(user)
    user = User.objects.get(pk=user.pk)
    user.name = "Ann"

    with django_assert_num_queries(1):
        user.save()

    assert api.get(TASKS).status_code == 200


def test_signing_in_keeps_the_other_sessions(user):
    api = client_of(user)

    form = {"login": user.email, "password": PASSWORD}
    Client().post(reverse("account_login"), form)

    assert api.get(TASKS).status_code == 200
    assert Session.objects.filter(user=user).count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_of_ten_changes_at_once_in_the_api_succeeds(user, settings):
    settings.ACCOUNT_RATE_LIMITS = {"change_password": "100/m/user"}

    def change(client, password):
        body = {"current_password": PASSWORD, "new_password": password}
        return client.post(CHANGE, body)

    passwords = [f"{NEW_PASSWORD} {number}" for number in range(10)]
    responses = run_at_once(
        [partial(change, client_of(user), password) for password in passwords]
    )

    statuses = [response.status_code for response in responses]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 401}
    [winner] = [
        p for p, status in zip(passwords, statuses, strict=True) if status == 200
    ]
    user.refresh_from_db()
    assert user.check_password(winner)


@pytest.mark.django_db(transaction=True)
def test_one_of_ten_changes_at_once_on_the_page_succeeds(user, settings):
    settings.ACCOUNT_RATE_LIMITS = {"change_password": "100/m/user"}

    def change(client, password):
        url = reverse("account_change_password")
        return client.post(url, change_form(password))

    passwords = [f"{NEW_PASSWORD} {number}" for number in range(10)]
    responses = run_at_once(
        [partial(change, web_client(user), password) for password in passwords]
    )

    changed = [
        response
        for response in responses
        if response.status_code == 302 and "login" not in response["Location"]
    ]
    assert len(changed) == 1


def reset_in_the_api(link, password):
    """Return whether the key of a link set the password."""
    key = link.rstrip("/").rsplit("/", 1)[1]
    response = Client().post(RESET, {"key": key, "password": password}, JSON)
    if response.status_code == 204:
        return True
    [error] = response.json()["errors"]["key"]
    assert error["code"] == "invalid_password_reset"
    return False


def reset_on_the_page(link, password):
    client = Client()
    page = client.get(link, follow=True).request["PATH_INFO"]
    form = {"password1": password, "password2": password}
    response = client.post(page, form, follow=True)
    assert response.status_code == 200
    return "This link does not work" not in response.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reset", [reset_in_the_api, reset_on_the_page])
def test_one_of_two_resets_at_once_with_the_same_key_succeeds(user, mailoutbox, reset):
    Client().post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"http://testserver/\S+", mailoutbox[0].body)[0]
    passwords = [f"{NEW_PASSWORD} {number}" for number in range(2)]

    results = run_behind_lock(
        User.objects.all(), [partial(reset, link, password) for password in passwords]
    )

    assert sorted(results) == [False, True]
    user.refresh_from_db()
    assert user.check_password(passwords[results.index(True)])
