"""Accounts over HTTP: sign-up, sign-in, tokens, passwords, and the end of it all."""

import re
import time
from uuid import uuid4

import jwt
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from todo.models import Session, Task, User
from todo.tests.api.conftest import access_token

PASSWORD = "correct horse battery"
ANN = {"email": "ann@example.com", "password": PASSWORD}
SIGNUP, LOGIN = "/api/v1/auth/signup", "/api/v1/auth/login"
SESSION, REFRESH = "/api/v1/auth/session", "/api/v1/tokens/refresh"
REQUEST, RESET = "/api/v1/auth/password/request", "/api/v1/auth/password/reset"
ACCOUNT, CHANGE = "/api/v1/account", "/api/v1/account/password/change"

pytestmark = pytest.mark.django_db


def tokens(response):
    """The access and the refresh token of an answer."""
    assert response.status_code == 200, response.json()
    given = (
        response.json()["meta"]
        if "meta" in response.json()
        else response.json()["data"]
    )
    return given["access_token"], given["refresh_token"]


def bearer(token):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def login(client, **changes):
    return client.post(LOGIN, ANN | changes)


def refresh(client, token):
    return client.post(REFRESH, {"refresh_token": token})


def codes(response, field):
    assert response.status_code == 400, response.json()
    return [error["code"] for error in response.json()["errors"][field]]


def test_who_signs_up_is_signed_in(anonymous):
    access, refresh_token = tokens(
        anonymous.post(SIGNUP, {"email": "New@Example.com", "password": PASSWORD})
    )

    account = bearer(access).get(ACCOUNT).json()
    assert account == {
        "id": str(User.objects.get().pk),
        "email": "new@example.com",
        "name": "",
        "time_zone": "UTC",
        "date_joined": account["date_joined"],
    }
    assert tokens(refresh(anonymous, refresh_token))


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({"email": "ANN@example.com"}, "email", "email_taken"),
        ({"email": "x"}, "email", "invalid"),
        ({"email": None}, "email", "null"),
        ({"email": 5}, "email", "invalid"),
        ({"email": "a\0@example.com"}, "email", "invalid"),
        ({"email": "x" * 250 + "@example.com"}, "email", "max_length"),
        ({"password": "short"}, "password", "password_too_short"),
        ({"password": "password123"}, "password", "password_too_common"),
        ({"password": ""}, "password", "blank"),
        ({"password": 123456789012}, "password", "invalid"),
        ({"password": "x\0" * 9}, "password", "null_characters_not_allowed"),
        ({"password": "x" * 1001}, "password", "max_length"),
        ({"is_staff": True}, "is_staff", "unknown_field"),
    ],
)
def test_a_sign_up_that_is_not_valid_is_refused_by_field(
    anonymous, user, sent, field, code
):
    body = {"email": "new@example.com", "password": PASSWORD} | sent

    response = anonymous.post(SIGNUP, body)

    assert code in codes(response, field)
    assert User.objects.count() == 1


def test_a_closed_service_takes_no_sign_up(anonymous, settings):
    settings.SIGNUP = "closed"

    response = anonymous.post(SIGNUP, ANN)

    assert response.status_code == 403
    assert response.json()["code"] == "signup_closed"


def test_blanks_around_a_password_do_not_count(anonymous):
    body = {"email": "new@example.com", "password": f"  {PASSWORD} "}
    access, _ = tokens(anonymous.post(SIGNUP, body))

    for password in (body["password"], PASSWORD):
        assert tokens(anonymous.post(LOGIN, body | {"password": password}))
    response = bearer(access).delete(ACCOUNT, {"password": body["password"]})
    assert response.status_code == 204


def test_signing_in_in_any_case_of_the_address(anonymous, user):
    assert tokens(login(anonymous, email="Ann@EXAMPLE.com"))


@pytest.mark.parametrize(
    "changes", [{"password": "wrong horse"}, {"email": "nobody@example.com"}]
)
def test_a_wrong_password_and_an_unknown_address_look_the_same(
    anonymous, user, changes
):
    response = login(anonymous, **changes)

    assert codes(response, "password") == ["email_password_mismatch"]


def test_a_user_who_is_signed_in_does_not_sign_in(anonymous, user):
    access, _ = tokens(login(anonymous))

    assert login(bearer(access)).status_code == 409


def test_a_deactivated_user_cannot_sign_in_or_refresh(anonymous, user):
    _, refresh_token = tokens(login(anonymous))
    User.objects.update(is_active=False)

    assert login(anonymous).status_code in {400, 401}
    assert refresh(anonymous, refresh_token).status_code == 401


def test_guessing_a_password_is_limited_in_rate(anonymous, user):
    for _ in range(5):
        assert login(anonymous, password="wrong horse").status_code == 400

    response = login(anonymous)

    assert response.status_code == 429
    assert response.json()["code"] == "throttled"
    assert int(response.headers["Retry-After"]) > 0


def test_rates_are_counted_where_all_processes_see_them(anonymous, user):
    login(anonymous, password="wrong horse")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cache WHERE cache_key LIKE '%login_failed%'"
        )
        assert cursor.fetchone()[0] > 0


def test_an_access_token_costs_no_query(user, django_assert_num_queries):
    client = bearer(access_token(user))

    with django_assert_num_queries(1):
        assert client.post("/api/v1/tasks", {"title": "x"}).status_code == 201


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "not_authenticated"),
        ("Basic YTpi", "not_authenticated"),
        ("Bearer", "token_invalid"),
        ("Bearer x", "token_invalid"),
        ("Bearer x y", "token_invalid"),
        ("Bearer \u00e9", "token_invalid"),
    ],
)
def test_a_token_that_is_none_is_refused(anonymous, header, code):
    response = anonymous.get("/api/v1/tasks", headers={"Authorization": header})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    "claims",
    [
        {"token_use": "refresh"},
        {"token_use": None},
        {"sub": "x"},
        {"sub": 5},
        {"exp": "x"},
        {"nbf": 9999999999},
    ],
)
def test_a_token_that_claims_something_else_is_refused(user, claims):
    response = bearer(access_token(user, **claims)).get("/api/v1/tasks")

    assert response.status_code == 401


def test_a_token_that_nobody_or_somebody_else_signed_is_refused(user):
    claims = {"sub": str(user.pk), "exp": time.time() + 600, "token_use": "access"}
    forged = [
        jwt.encode(claims, "another secret " * 3, algorithm="HS256"),
        jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256"),
        jwt.encode(claims, settings.JWT_SECRET * 2, algorithm="HS512"),
        jwt.encode(claims, None, algorithm="none"),
    ]

    for token in forged:
        assert bearer(token).get("/api/v1/tasks").status_code == 401


def test_an_expired_token_is_told_apart(user):
    response = bearer(access_token(user, exp=time.time() - 1)).get("/api/v1/tasks")

    assert response.json()["code"] == "token_expired"


def test_access_tokens_last_ten_minutes_and_refresh_tokens_thirty_days(anonymous, user):
    lifetimes = [
        claims["exp"] - claims["iat"]
        for claims in (
            jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"])
            for token in tokens(login(anonymous))
        )
    ]

    assert lifetimes == [600, 30 * 24 * 3600]


def test_a_session_outlives_its_refresh_token(anonymous, user):
    tokens(login(anonymous))

    age = Session.objects.get().expire_date.timestamp() - time.time()

    assert age > 30 * 24 * 3600 - 60


def test_each_refresh_gives_a_new_pair(anonymous, user):
    _, first = tokens(login(anonymous))

    access, second = tokens(refresh(anonymous, first))
    _, third = tokens(refresh(anonymous, second))

    assert len({first, second, third}) == 3
    assert bearer(access).get(ACCOUNT).status_code == 200


@pytest.fixture
def ago(monkeypatch):
    """Set the clock back by so many seconds."""
    real = time.time
    return lambda by: monkeypatch.setattr("time.time", lambda: real() - by)


def test_a_second_tab_may_refresh_with_the_same_token(anonymous, user, ago):
    ago(50)
    _, token = tokens(login(anonymous))

    _, first = tokens(refresh(anonymous, token))
    ago(0)
    _, second = tokens(refresh(anonymous, token))

    assert tokens(refresh(anonymous, first))
    assert tokens(refresh(anonymous, second))


def test_a_refresh_token_that_shows_up_later_ends_the_session(anonymous, user, ago):
    ago(70)
    _, stolen = tokens(login(anonymous))
    _, current = tokens(refresh(anonymous, stolen))
    ago(0)

    assert refresh(anonymous, stolen).status_code == 401
    assert refresh(anonymous, current).status_code == 401
    assert not Session.objects.exists()


def test_an_access_token_does_not_refresh(anonymous, user):
    access, _ = tokens(login(anonymous))

    response = refresh(anonymous, access)

    assert response.status_code == 401
    assert response.json()["code"] == "token_invalid"


def test_who_signs_out_cannot_refresh(anonymous, user):
    access, refresh_token = tokens(login(anonymous))

    response = bearer(access).delete(SESSION)

    assert response.status_code == 204
    assert refresh(anonymous, refresh_token).status_code == 401
    assert bearer(access).delete(SESSION).status_code == 204


def test_signing_out_leaves_other_sessions_alone(anonymous, user):
    access, _ = tokens(login(anonymous))
    _, other = tokens(login(anonymous))

    bearer(access).delete(SESSION)

    assert tokens(refresh(anonymous, other))


def test_a_password_change_ends_the_other_sessions_and_keeps_ones_own(anonymous, user):
    access, refresh_token = tokens(login(anonymous))
    _, other = tokens(login(anonymous))

    response = bearer(access).post(
        CHANGE, {"current_password": PASSWORD, "new_password": "another horse battery"}
    )

    new_access, new_refresh = tokens(response)
    assert bearer(new_access).get(ACCOUNT).status_code == 200
    assert tokens(refresh(anonymous, new_refresh))
    assert refresh(anonymous, other).status_code == 401
    assert refresh(anonymous, refresh_token).status_code == 401
    assert login(anonymous).status_code == 400
    assert tokens(login(anonymous, password="another horse battery"))


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"current_password": "wrong horse"}, "current_password"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password": None}, "new_password"),
    ],
)
def test_a_password_change_that_is_not_valid_changes_nothing(
    anonymous, user, sent, field
):
    access, _ = tokens(login(anonymous))
    body = {"current_password": PASSWORD, "new_password": "another horse battery"}

    response = bearer(access).post(CHANGE, body | sent)

    assert codes(response, field)
    assert tokens(login(anonymous))


def test_a_password_is_reset_by_mail(anonymous, user, mailoutbox):
    _, old = tokens(login(anonymous))

    assert anonymous.post(REQUEST, {"email": "ANN@example.com"}).status_code == 200
    link = re.search(r"http://testserver/\S+", mailoutbox[0].body)[0]
    key = link.rstrip("/").rsplit("/", 1)[1]
    body = {"key": key, "password": "another horse battery"}
    response = anonymous.post(RESET, body)

    assert response.status_code == 204
    assert tokens(login(anonymous, password="another horse battery"))
    assert refresh(anonymous, old).status_code == 401
    assert codes(anonymous.post(RESET, body), "key") == ["invalid_password_reset"]


def test_a_reset_for_an_unknown_address_looks_the_same(anonymous, user, mailoutbox):
    known = anonymous.post(REQUEST, {"email": "ann@example.com"})
    unknown = anonymous.post(REQUEST, {"email": "nobody@example.com"})

    assert known.status_code == unknown.status_code == 200
    assert known.json() == unknown.json()
    assert "http" not in mailoutbox[1].body.replace(
        "http://testserver/accounts/signup/", ""
    )


def test_mail_that_cannot_be_sent_is_told(anonymous, user, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)

    response = anonymous.post(REQUEST, {"email": "ann@example.com"})

    assert response.status_code == 503
    assert response.json()["code"] == "mail_unavailable"


def test_the_account_can_be_changed(api):
    response = api.patch(ACCOUNT, {"name": "Ann", "time_zone": "Europe/Berlin"})

    assert response.status_code == 200
    assert response.json()["name"] == "Ann"
    assert api.get(ACCOUNT).json() == response.json()
    assert api.patch(ACCOUNT, {"name": None}).json()["name"] == ""


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "localtime"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": None}, "time_zone"),
        ({"name": "x" * 101}, "name"),
        ({"email": "x@example.com"}, "email"),
        ({"id": str(uuid4())}, "id"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_an_account_change_that_is_not_valid_is_refused(api, user, sent, field):
    response = api.patch(ACCOUNT, sent)

    assert codes(response, field)
    user.refresh_from_db()
    assert (user.time_zone, user.is_staff) == ("UTC", False)


def test_deleting_the_account_removes_every_row(anonymous, user, stranger, make_task):
    access, refresh_token = tokens(login(anonymous))
    web = Client()
    assert web.login(email=ANN["email"], password=PASSWORD)
    make_task()
    make_task(owner=stranger)

    response = bearer(access).delete(ACCOUNT, {"password": PASSWORD})

    assert response.status_code == 204
    assert list(User.objects.all()) == [stranger]
    assert Task.objects.get().owner == stranger
    assert not Session.objects.exists()
    assert not EmailAddress.objects.exists()
    assert bearer(access).get("/api/v1/tasks").status_code == 401
    assert refresh(anonymous, refresh_token).status_code == 401


@pytest.mark.parametrize("body", [{}, {"password": "wrong"}, {"password": None}])
def test_an_account_is_not_deleted_without_its_password(api, user, body):
    response = api.delete(ACCOUNT, body)

    assert codes(response, "password")
    assert User.objects.exists()


def test_guessing_the_password_to_delete_is_limited_in_rate(api, user):
    for _ in range(10):
        assert api.delete(ACCOUNT, {"password": "wrong"}).status_code == 400

    assert api.delete(ACCOUNT, {"password": PASSWORD}).status_code == 429


def test_the_cookie_of_a_page_does_not_open_the_api(user):
    web = APIClient()
    assert web.login(email=ANN["email"], password=PASSWORD)
    key = web.cookies["sessionid"].value

    for headers in ({}, {"X-Session-Token": key}, {"Authorization": f"Bearer {key}"}):
        assert web.get("/api/v1/tasks", headers=headers).status_code == 401
        assert web.delete(SESSION, headers=headers).status_code == 401
    assert Session.objects.exists()


def test_a_token_does_not_open_the_pages(anonymous, user):
    User.objects.update(is_staff=True, is_superuser=True)
    answer = login(anonymous)
    access, refresh_token = tokens(answer)

    given = [access, refresh_token, *answer.cookies]
    key = Session.objects.get().session_key

    assert "sessionid" not in answer.cookies
    assert key not in answer.content.decode()
    for value in given:
        web = Client(headers={"Authorization": f"Bearer {value}"})
        web.cookies["sessionid"] = value
        assert web.get("/admin/").status_code == 302
