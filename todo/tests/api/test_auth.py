"""Access tokens, refresh tokens and sessions."""

import time

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt.internal import get_refresh_token_state
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from todo.models import Session, User
from todo.models.session import SessionStore
from todo.tests.api.conftest import access_token
from todo.tests.api.helpers import (
    ACCOUNT,
    MISSING_ID,
    SESSION,
    TASKS,
    bearer_client,
    login,
    read_tokens,
    refresh,
)
from todo.tests.conftest import PASSWORD

DAY = 24 * 3600  # seconds

INVALID_HEADERS = {
    "empty": ("", "not_authenticated"),
    "Basic": ("Basic YTpi", "not_authenticated"),
    "no token": ("Bearer", "token_invalid"),
    "short token": ("Bearer x", "token_invalid"),
    "two tokens": ("Bearer x y", "token_invalid"),
    "umlaut": ("Bearer \u00e9", "token_invalid"),
}
INVALID_CLAIMS = {
    "refresh token": {"token_use": "refresh"},
    "no use": {"token_use": None},
    "no UUID": {"sub": "x"},
    "number": {"sub": 5},
    "no time": {"exp": "x"},
    "not valid yet": {"nbf": 9_999_999_999},
}
FORGERIES = {  # the key and the algorithm of the signature
    "another key": ("another secret " * 3, "HS256"),
    "Django's key": (settings.SECRET_KEY, "HS256"),
    "another algorithm": (settings.JWT_SECRET * 2, "HS512"),
    "no signature": (None, "none"),
}
REQUESTS_ABOUT_THE_USER = {
    "read account": ("get", ACCOUNT, None),
    "change account": ("patch", ACCOUNT, {"name": "Ann"}),
    "delete account": ("delete", ACCOUNT, {"password": PASSWORD}),
    "list": ("get", TASKS, None),
    "search": ("get", f"{TASKS}?q=x", None),
    "read task": ("get", f"{TASKS}/{MISSING_ID}", None),
    "export": ("get", f"{TASKS}/export", None),
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reset_rate_limits(db):
    cache.clear()


@pytest.fixture
def move_clock(monkeypatch):
    """Set the clock to this many seconds from now.

    PyJWT's clock stays, and rejects tokens from the future.
    """
    real_time = time.time

    def move_clock(seconds):
        monkeypatch.setattr("time.time", lambda: real_time() + seconds)

    return move_clock


def test_an_access_token_needs_no_query(user, django_assert_num_queries):
    client = bearer_client(access_token(user))

    with django_assert_num_queries(1):
        assert client.post(TASKS, {"title": "x"}).status_code == 201


@pytest.mark.parametrize(
    ("header", "code"), INVALID_HEADERS.values(), ids=INVALID_HEADERS
)
def test_a_header_without_a_valid_token_is_rejected(anonymous, header, code):
    response = anonymous.get(TASKS, headers={"Authorization": header})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == code


@pytest.mark.parametrize("claims", INVALID_CLAIMS.values(), ids=INVALID_CLAIMS)
def test_a_token_with_invalid_claims_is_rejected(user, claims):
    response = bearer_client(access_token(user, **claims)).get(TASKS)

    assert response.status_code == 401
    assert response.json()["code"] == "token_invalid"


@pytest.mark.parametrize(("key", "algorithm"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_is_rejected(user, key, algorithm):
    claims = {"sub": str(user.pk), "exp": time.time() + 600, "token_use": "access"}
    token = jwt.encode(claims, key, algorithm=algorithm)

    assert bearer_client(token).get(TASKS).status_code == 401


def test_an_expired_token_has_its_own_error(user):
    response = bearer_client(access_token(user, exp=time.time() - 1)).get(TASKS)

    assert response.status_code == 401
    assert response.json()["code"] == "token_expired"


def test_a_token_expires_even_if_it_was_used_before(user, move_clock):
    client = bearer_client(access_token(user))
    assert client.get(TASKS).status_code == 200

    move_clock(601)

    response = client.get(TASKS)
    assert response.status_code == 401
    assert response.json()["code"] == "token_expired"


def test_the_lifetimes_are_ten_minutes_and_thirty_days(anonymous, user):
    lifetimes = [
        claims["exp"] - claims["iat"]
        for claims in (
            jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"])
            for token in read_tokens(login(anonymous))
        )
    ]

    assert lifetimes == [600, 30 * DAY]


def test_a_session_lives_as_long_as_its_refresh_token(anonymous, user):
    read_tokens(login(anonymous))

    lifetime = Session.objects.get().expire_date.timestamp() - time.time()

    assert lifetime > 30 * DAY - 60


def test_each_refresh_returns_new_tokens(anonymous, user):
    _, first = read_tokens(login(anonymous))

    access, second = read_tokens(refresh(anonymous, first))
    _, third = read_tokens(refresh(anonymous, second))

    assert len({first, second, third}) == 3
    assert bearer_client(access).get(ACCOUNT).status_code == 200


def test_a_refresh_token_can_be_used_again_within_a_minute(anonymous, user, move_clock):
    move_clock(-50)
    _, token = read_tokens(login(anonymous))
    _, first = read_tokens(refresh(anonymous, token))

    move_clock(0)
    _, second = read_tokens(refresh(anonymous, token))

    assert read_tokens(refresh(anonymous, first))
    assert read_tokens(refresh(anonymous, second))


def test_using_a_refresh_token_again_later_ends_the_session(
    anonymous, user, move_clock
):
    move_clock(-70)
    _, stolen = read_tokens(login(anonymous))
    _, current = read_tokens(refresh(anonymous, stolen))

    move_clock(0)

    assert refresh(anonymous, stolen).status_code == 401
    assert refresh(anonymous, current).status_code == 401
    assert not Session.objects.exists()


def test_using_a_refresh_token_again_does_not_extend_its_life(
    anonymous, user, move_clock
):
    move_clock(-100)
    _, token = read_tokens(login(anonymous))
    for seconds in (-100, -50):
        move_clock(seconds)
        assert read_tokens(refresh(anonymous, token))

    move_clock(0)

    assert refresh(anonymous, token).status_code == 401


def test_an_access_token_cannot_be_refreshed(anonymous, user):
    access, _ = read_tokens(login(anonymous))

    response = refresh(anonymous, access)

    assert response.status_code == 401
    assert response.json()["code"] == "token_invalid"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    REQUESTS_ABOUT_THE_USER.values(),
    ids=REQUESTS_ABOUT_THE_USER,
)
def test_the_token_of_a_deactivated_user_opens_nothing(user, method, path, body):
    client = bearer_client(access_token(user))
    User.objects.update(is_active=False)

    response = getattr(client, method)(path, body)

    assert response.status_code == 401
    assert response.json()["code"] == "account_gone"
    assert User.objects.get().name == ""


@pytest.mark.django_db(transaction=True)
def test_a_refresh_locks_the_session(anonymous, user):
    _, token = read_tokens(login(anonymous))

    with CaptureQueriesContext(connection) as queries:
        assert read_tokens(refresh(anonymous, token))

    [select] = [q["sql"] for q in queries if "FOR UPDATE" in q["sql"]]
    assert select.endswith('FOR UPDATE OF "session"')


def test_a_session_forgets_expired_refresh_tokens(anonymous, user, move_clock):
    move_clock(-200)
    _, token = read_tokens(login(anonymous))
    for seconds in (-130, -60, 10):
        move_clock(seconds)
        _, token = read_tokens(refresh(anonymous, token))

    state = get_refresh_token_state(SessionStore(Session.objects.get().pk))

    assert len(state) == 2  # the token, and the one that it replaced


def test_signing_out_ends_the_session(anonymous, user):
    access, refresh_token = read_tokens(login(anonymous))

    response = bearer_client(access).delete(SESSION)

    assert response.status_code == 204
    assert refresh(anonymous, refresh_token).status_code == 401
    assert bearer_client(access).delete(SESSION).status_code == 204


def test_signing_out_keeps_other_sessions(anonymous, user):
    access, _ = read_tokens(login(anonymous))
    _, other = read_tokens(login(anonymous))

    bearer_client(access).delete(SESSION)

    assert read_tokens(refresh(anonymous, other))


def test_the_cookie_of_the_pages_does_not_open_the_api(user):
    web = APIClient()
    assert web.login(email=user.email, password=PASSWORD)
    key = web.cookies["sessionid"].value

    for headers in ({}, {"X-Session-Token": key}, {"Authorization": f"Bearer {key}"}):
        assert web.get(TASKS, headers=headers).status_code == 401
        assert web.delete(SESSION, headers=headers).status_code == 401
    assert Session.objects.exists()


def test_a_token_does_not_open_the_pages(anonymous, user):
    User.objects.update(is_staff=True, is_superuser=True)
    response = login(anonymous)
    session_key = Session.objects.get().session_key

    assert not response.cookies
    assert session_key not in response.content.decode()
    for token in read_tokens(response):
        web = Client(headers={"Authorization": f"Bearer {token}"})
        web.cookies["sessionid"] = token
        assert web.get("/admin/").status_code == 302
