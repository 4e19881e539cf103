"""Accounts over HTTP: sign up, sign in, change the password, delete the account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from todo.models import Session, Task, User
from todo.tests.api.helpers import (
    ACCOUNT,
    LOGIN,
    MISSING_ID,
    TASKS,
    bearer_client,
    error_codes,
    login,
    read_tokens,
    refresh,
)
from todo.tests.conftest import PASSWORD

SIGNUP = "/api/v1/auth/signup"
REQUEST, RESET = "/api/v1/auth/password/request", "/api/v1/auth/password/reset"
CHANGE = "/api/v1/account/password/change"
NEW_PASSWORD = "another horse battery"
NEW_USER = {"email": "new@example.com", "password": PASSWORD}

INVALID_SIGNUPS = {
    "taken address": ({"email": "ANN@example.com"}, "email", "email_taken"),
    "no address": ({"email": "x"}, "email", "invalid"),
    "address null": ({"email": None}, "email", "null"),
    "address number": ({"email": 5}, "email", "invalid"),
    "address NUL": ({"email": "a\0@example.com"}, "email", "invalid"),
    "long address": ({"email": "x" * 250 + "@example.com"}, "email", "max_length"),
    "short": ({"password": "short"}, "password", "password_too_short"),
    "common": ({"password": "password123"}, "password", "password_too_common"),
    "empty": ({"password": ""}, "password", "blank"),
    "number": ({"password": 123456789012}, "password", "invalid"),
    "NUL": ({"password": "x\0" * 9}, "password", "null_characters_not_allowed"),
    "long": ({"password": "x" * 1001}, "password", "max_length"),
    "unknown field": ({"is_staff": True}, "is_staff", "unknown_field"),
}
INVALID_PASSWORD_CHANGES = {
    "wrong password": ({"current_password": "wrong horse"}, "current_password"),
    "short password": ({"new_password": "short"}, "new_password"),
    "no password": ({"new_password": None}, "new_password"),
}
INVALID_ACCOUNTS = {
    "unknown zone": ({"time_zone": "Mars/Olympus"}, "time_zone"),
    "localtime": ({"time_zone": "localtime"}, "time_zone"),
    "shortcuts null": ({"shortcuts": None}, "shortcuts"),
    "shortcuts word": ({"shortcuts": "off"}, "shortcuts"),
    "empty zone": ({"time_zone": ""}, "time_zone"),
    "zone null": ({"time_zone": None}, "time_zone"),
    "long name": ({"name": "x" * 101}, "name"),
    "email": ({"email": "x@example.com"}, "email"),
    "id": ({"id": MISSING_ID}, "id"),
    "unknown field": ({"is_staff": True}, "is_staff"),
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reset_rate_limits(db):
    cache.clear()


def test_signing_up_signs_in(anonymous):
    body = NEW_USER | {"email": "New@Example.com"}

    access, refresh_token = read_tokens(anonymous.post(SIGNUP, body))

    account = bearer_client(access).get(ACCOUNT).json()
    assert account == {
        "id": str(User.objects.get().pk),
        "email": "new@example.com",
        "name": "",
        "time_zone": "UTC",
        "shortcuts": True,
        "date_joined": account["date_joined"],
    }
    assert read_tokens(refresh(anonymous, refresh_token))


@pytest.mark.parametrize(
    ("changes", "field", "code"), INVALID_SIGNUPS.values(), ids=INVALID_SIGNUPS
)
def test_an_invalid_sign_up_is_rejected_by_field(anonymous, user, changes, field, code):
    response = anonymous.post(SIGNUP, NEW_USER | changes)

    assert code in error_codes(response, field)
    assert User.objects.count() == 1


def test_nobody_can_sign_up_while_sign_up_is_closed(anonymous, settings):
    settings.SIGNUP = "closed"

    response = anonymous.post(SIGNUP, NEW_USER)

    assert response.status_code == 403
    assert response.json()["code"] == "signup_closed"


def test_blanks_around_a_password_are_ignored(anonymous):
    padded = NEW_USER | {"password": f"  {PASSWORD} "}
    access, _ = read_tokens(anonymous.post(SIGNUP, padded))

    for body in (padded, NEW_USER):
        assert read_tokens(anonymous.post(LOGIN, body))
    response = bearer_client(access).delete(ACCOUNT, {"password": padded["password"]})
    assert response.status_code == 204


def test_the_case_of_the_address_is_ignored(anonymous, user):
    assert read_tokens(login(anonymous, email="Ann@EXAMPLE.com"))


@pytest.mark.parametrize(
    "changes",
    [{"password": "wrong horse"}, {"email": "nobody@example.com"}],
    ids=["wrong password", "unknown address"],
)
def test_a_failed_sign_in_does_not_reveal_whether_the_account_exists(
    anonymous, user, changes
):
    response = login(anonymous, **changes)

    assert error_codes(response, "password") == ["email_password_mismatch"]


def test_signing_in_with_a_token_is_a_conflict(anonymous, user):
    access, _ = read_tokens(login(anonymous))

    assert login(bearer_client(access)).status_code == 409


def test_a_deactivated_user_can_neither_sign_in_nor_refresh(anonymous, user):
    _, refresh_token = read_tokens(login(anonymous))
    User.objects.update(is_active=False)

    assert login(anonymous).status_code in {400, 401}
    assert refresh(anonymous, refresh_token).status_code == 401


def test_failed_sign_ins_are_rate_limited(anonymous, user):
    for _ in range(5):
        assert login(anonymous, password="wrong horse").status_code == 400

    response = login(anonymous)

    assert response.status_code == 429
    assert response.json()["code"] == "throttled"
    assert int(response.headers["Retry-After"]) > 0


def test_rate_limits_are_counted_in_the_database(anonymous, user):
    login(anonymous, password="wrong horse")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cache WHERE cache_key LIKE '%login_failed%'"
        )
        assert cursor.fetchone()[0] > 0


def test_changing_the_password_ends_all_other_sessions(anonymous, user):
    access, refresh_token = read_tokens(login(anonymous))
    _, other = read_tokens(login(anonymous))
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    response = bearer_client(access).post(CHANGE, body)

    new_access, new_refresh = read_tokens(response)
    assert bearer_client(new_access).get(ACCOUNT).status_code == 200
    assert read_tokens(refresh(anonymous, new_refresh))
    assert refresh(anonymous, other).status_code == 401
    assert refresh(anonymous, refresh_token).status_code == 401
    assert login(anonymous).status_code == 400
    assert read_tokens(login(anonymous, password=NEW_PASSWORD))


@pytest.mark.parametrize(
    ("changes", "field"),
    INVALID_PASSWORD_CHANGES.values(),
    ids=INVALID_PASSWORD_CHANGES,
)
def test_an_invalid_password_change_changes_nothing(anonymous, user, changes, field):
    access, _ = read_tokens(login(anonymous))
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    response = bearer_client(access).post(CHANGE, body | changes)

    assert error_codes(response, field)
    assert read_tokens(login(anonymous))


def test_a_password_is_reset_with_the_key_of_an_email(anonymous, user, mailoutbox):
    _, old_token = read_tokens(login(anonymous))

    assert anonymous.post(REQUEST, {"email": "ANN@example.com"}).status_code == 200
    link = re.search(r"http://testserver/\S+", mailoutbox[0].body)[0]
    key = link.rstrip("/").rsplit("/", 1)[1]
    body = {"key": key, "password": NEW_PASSWORD}
    response = anonymous.post(RESET, body)

    assert response.status_code == 204
    assert read_tokens(login(anonymous, password=NEW_PASSWORD))
    assert refresh(anonymous, old_token).status_code == 401
    again = anonymous.post(RESET, body)
    assert error_codes(again, "key") == ["invalid_password_reset"]


def test_a_password_request_does_not_reveal_whether_the_account_exists(
    anonymous, user, mailoutbox
):
    known = anonymous.post(REQUEST, {"email": "ann@example.com"})
    unknown = anonymous.post(REQUEST, {"email": "nobody@example.com"})

    assert known.status_code == unknown.status_code == 200
    assert known.json() == unknown.json()
    assert [mail.to for mail in mailoutbox] == [["ann@example.com"]]


def test_the_account_is_changed(api):
    response = api.patch(ACCOUNT, {"name": "Ann", "time_zone": "Europe/Berlin"})

    assert response.status_code == 200
    assert response.json()["name"] == "Ann"
    assert api.get(ACCOUNT).json() == response.json()
    assert api.patch(ACCOUNT, {"name": None}).json()["name"] == ""


def test_keyboard_shortcuts_are_turned_off(api, user):
    assert api.get(ACCOUNT).json()["shortcuts"] is True

    response = api.patch(ACCOUNT, {"shortcuts": False})

    assert response.json()["shortcuts"] is False
    user.refresh_from_db()
    assert not user.shortcuts


@pytest.mark.parametrize(
    ("body", "field"), INVALID_ACCOUNTS.values(), ids=INVALID_ACCOUNTS
)
def test_an_invalid_account_change_is_rejected_by_field(api, user, body, field):
    response = api.patch(ACCOUNT, body)

    assert error_codes(response, field)
    user.refresh_from_db()
    assert (user.time_zone, user.is_staff) == ("UTC", False)


def test_deleting_the_account_deletes_all_its_rows(
    anonymous, user, stranger, make_task
):
    access, refresh_token = read_tokens(login(anonymous))
    assert Client().login(email=user.email, password=PASSWORD)
    make_task()
    make_task(owner=stranger)

    response = bearer_client(access).delete(ACCOUNT, {"password": PASSWORD})

    assert response.status_code == 204
    assert list(User.objects.all()) == [stranger]
    assert Task.objects.get().owner == stranger
    assert not Session.objects.exists()
    assert not EmailAddress.objects.exists()
    assert bearer_client(access).get(TASKS).status_code == 401
    assert refresh(anonymous, refresh_token).status_code == 401


@pytest.mark.parametrize(
    "body",
    [{}, {"password": "wrong"}, {"password": None}],
    ids=["missing", "wrong", "null"],
)
def test_deleting_the_account_needs_its_password(api, user, body):
    response = api.delete(ACCOUNT, body)

    assert error_codes(response, "password")
    assert User.objects.exists()


def test_wrong_passwords_on_deletion_are_rate_limited(api, user):
    for _ in range(10):
        assert api.delete(ACCOUNT, {"password": "wrong"}).status_code == 400

    assert api.delete(ACCOUNT, {"password": PASSWORD}).status_code == 429
