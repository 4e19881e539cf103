"""The list of one's sessions, and ending them."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from todo.models import Session
from todo.tests.api.helpers import (
    MISSING_ID,
    TASKS,
    bearer_client,
    login,
    read_tokens,
    refresh,
)
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

SESSIONS = "/api/v1/account/sessions"

pytestmark = pytest.mark.django_db


def sign_in_as(anonymous, user_agent):
    """Sign in with this program; return a client with its token, and the refresh."""
    anonymous.credentials(HTTP_USER_AGENT=user_agent)
    access, refresh_token = read_tokens(login(anonymous))
    return bearer_client(access), refresh_token


def sign_in_on_the_page(user, user_agent):
    client = Client(headers={"User-Agent": user_agent})
    form = {"login": user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    return client


def list_sessions(client):
    response = client.get(SESSIONS)
    assert response.status_code == 200
    return {
        session.pop("user_agent"): session for session in response.json()["results"]
    }


def test_sessions_are_listed_with_their_programs(user, anonymous):
    phone, _ = sign_in_as(anonymous, "phone")
    sign_in_on_the_page(user, "Firefox " * 50)

    sessions = list_sessions(phone)

    assert set(sessions) == {"phone", ("Firefox " * 50)[:200]}
    assert [session["is_current"] for session in sessions.values()].count(True) == 1
    assert sessions["phone"]["is_current"]
    assert sessions["phone"]["signed_in_at"].startswith(f"{timezone.now():%Y-%m-%dT}")
    assert sessions["phone"]["last_used_on"] is None


def test_a_session_that_signing_up_began_has_its_time(anonymous):
    new = {"email": "new@example.com", "password": "a long new password"}
    access, _ = read_tokens(anonymous.post("/api/v1/auth/signup", new))

    [session] = list_sessions(bearer_client(access)).values()

    assert session["signed_in_at"].startswith(f"{timezone.now():%Y-%m-%dT}")


def test_the_list_does_not_reveal_session_keys(user, anonymous):
    phone, _ = sign_in_as(anonymous, "phone")

    content = phone.get(SESSIONS).content.decode()

    assert Session.objects.get().pk not in content
    assert Session.objects.get().pk[:8] not in content


def test_a_refresh_is_a_use(user, anonymous):
    phone, token = sign_in_as(anonymous, "phone")
    read_tokens(refresh(anonymous, token))

    session = list_sessions(phone)["phone"]

    assert session["last_used_on"] == timezone.now().date().isoformat()


def test_a_session_is_ended(user, anonymous):
    phone, _ = sign_in_as(anonymous, "phone")
    laptop, _ = sign_in_as(anonymous, "laptop")
    session_id = list_sessions(laptop)["phone"]["id"]

    response = laptop.delete(f"{SESSIONS}/{session_id}")

    assert response.status_code == 204
    assert phone.get(TASKS).status_code == 401
    assert list(list_sessions(laptop)) == ["laptop"]
    assert laptop.delete(f"{SESSIONS}/{session_id}").status_code == 404


def test_all_other_sessions_are_ended(user, anonymous, strangers_api):
    phone, _ = sign_in_as(anonymous, "phone")
    page = sign_in_on_the_page(user, "Firefox")
    laptop, _ = sign_in_as(anonymous, "laptop")

    assert laptop.delete(SESSIONS).status_code == 204

    assert phone.get(TASKS).status_code == 401
    assert page.get(reverse("profile")).status_code == 302
    assert laptop.get(TASKS).status_code == 200
    assert strangers_api.get(TASKS).status_code == 200


def test_a_strangers_session_is_not_found(user, anonymous, strangers_api):
    phone, _ = sign_in_as(anonymous, "phone")
    session_id = list_sessions(phone)["phone"]["id"]

    assert strangers_api.delete(f"{SESSIONS}/{session_id}").status_code == 404
    assert phone.get(TASKS).status_code == 200


def test_anonymous_users_are_refused(anonymous):
    for response in (
        anonymous.get(SESSIONS),
        anonymous.delete(SESSIONS),
        anonymous.delete(f"{SESSIONS}/{MISSING_ID}"),
    ):
        assert response.status_code == 401


def test_an_ended_session_is_refused(api):
    Session.objects.all().delete()

    for response in (
        api.get(SESSIONS),
        api.delete(SESSIONS),
        api.delete(f"{SESSIONS}/{MISSING_ID}"),
    ):
        assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


def test_an_id_that_is_no_uuid_is_not_found(api):
    assert api.delete(f"{SESSIONS}/x").status_code == 404


def test_the_list_takes_one_query(api, user, django_assert_num_queries):
    for _ in range(3):
        web_client(user)

    with django_assert_num_queries(1):
        api.get(SESSIONS)


def test_the_page_lists_and_ends_sessions(user, anonymous):
    url = reverse("session_list")
    phone, _ = sign_in_as(anonymous, "phone")
    tablet, _ = sign_in_as(anonymous, "tablet")
    browser = sign_in_on_the_page(user, "Firefox")
    page = browser.get(url).text
    session_id = list_sessions(phone)["phone"]["id"]

    ended = browser.post(url, {"id": session_id}, follow=True)

    assert all(text in page for text in ("phone", "Firefox", "This session"))
    assert "The session was ended." in ended.text
    assert phone.get(TASKS).status_code == 401
    assert tablet.get(TASKS).status_code == 200
    browser.post(url)
    assert tablet.get(TASKS).status_code == 401
    assert browser.get(url).status_code == 200


@pytest.mark.parametrize("session_id", ["x", MISSING_ID])
def test_the_page_ends_no_unknown_session(user, session_id):
    client = web_client(user)

    assert client.post(reverse("session_list"), {"id": session_id}).status_code == 302
    assert Session.objects.count() == 1


def test_a_session_of_an_earlier_version_goes_on(client, user):
    client.force_login(user, backend="todo.accounts.adapter.SessionBackend")
    session = client.session
    session[BACKEND_SESSION_KEY] = "todo.sessions.SessionBackend"
    session.save()

    assert client.get("/profile").status_code == 200
