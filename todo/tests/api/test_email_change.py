"""Changing the email address: in the API and on the pages."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.urls import reverse

from todo.models import Session, User
from todo.tests.api.conftest import client_of
from todo.tests.api.helpers import error_codes, login, read_tokens
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

EMAIL = "/api/v1/account/email"
NEW = "new@example.com"
BODY = {"email": "New@Example.com", "password": PASSWORD}

pytestmark = pytest.mark.django_db


def change_in_the_api(user, body=BODY):
    response = client_of(user).post(EMAIL, body)
    assert (response.status_code, response.content) == (202, b"")


def change_on_the_page(user, body=BODY):
    response = web_client(user).post(reverse("change_email"), body, follow=True)
    assert "Open the link in the mail to" in response.text


doors = pytest.mark.parametrize("change", [change_in_the_api, change_on_the_page])


def link_in(message):
    return re.search(r"http://testserver(/\S+)", message.body)[1]


@pytest.fixture
def link(user, mailoutbox):
    """The link that was mailed to the new address."""
    change_in_the_api(user)
    [message] = mailoutbox
    return link_in(message)


@doors
def test_the_link_in_the_mail_changes_the_address(
    user, client, anonymous, mailoutbox, change
):
    session = client_of(user)
    change(user)
    [message] = mailoutbox
    link = link_in(message)
    assert message.to == [NEW]

    page = client.get(link)
    user.refresh_from_db()
    assert user.email == "ann@example.com"
    client.post(link)

    assert NEW in page.text
    user.refresh_from_db()
    assert user.email == NEW
    assert read_tokens(login(anonymous, email=NEW))
    assert login(anonymous).status_code == 400
    assert session.get("/api/v1/account").json()["email"] == NEW


def test_the_old_address_is_told_and_cannot_reset_the_password(
    user, client, anonymous, mailoutbox, link
):
    EmailAddress.objects.create(user=user, email=user.email, primary=True)

    client.post(link)

    assert mailoutbox[-1].to == ["ann@example.com"]
    assert NEW in mailoutbox[-1].body
    del mailoutbox[:]
    for email in ("ann@example.com", NEW):
        anonymous.post("/api/v1/auth/password/request", {"email": email})
    assert [message.to for message in mailoutbox] == [[NEW]]


def test_a_link_works_once(user, client, link):
    client.post(link)
    User.objects.update(name="Ann")

    assert client.post(link).status_code == 404
    assert client.get(link).status_code == 404


def test_a_link_expires_after_a_day(user, client, link, monkeypatch):
    now = signing.time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 24 * 3600 + 1)

    assert client.post(link).status_code == 404
    assert User.objects.get().email == "ann@example.com"


@pytest.mark.parametrize(
    "event", ["changed password", "deactivated", "another change", "forged"]
)
def test_a_link_becomes_invalid(user, client, link, event):
    if event == "changed password":
        user.set_password("another horse battery")
    elif event == "deactivated":
        user.is_active = False
    elif event == "another change":
        user.email = "third@example.com"
    else:
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    user.save()

    assert client.get(link).status_code == 404
    assert client.post(link).status_code == 404
    assert not User.objects.filter(email=NEW).exists()


def test_an_address_that_was_taken_meanwhile_is_refused(user, client, link):
    User.objects.create_user(NEW, PASSWORD)

    response = client.post(link)

    assert response.status_code == 404
    assert "This link does not work" in response.text
    user.refresh_from_db()
    assert user.email == "ann@example.com"


@doors
def test_a_taken_address_is_not_revealed_and_gets_no_mail(
    user, stranger, mailoutbox, change
):
    change(user, BODY | {"email": stranger.email})

    assert mailoutbox == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"password": "wrong"}, "password", "password_mismatch"),
        ({"email": "ann@example.com"}, "email", "same_as_current"),
        ({"email": "x"}, "email", "invalid"),
        ({"email": None}, "email", "null"),
    ],
    ids=["wrong password", "same address", "no address", "null"],
)
def test_an_invalid_change_is_rejected_by_field(
    api, user, mailoutbox, changes, field, code
):
    assert error_codes(api.post(EMAIL, BODY | changes), field) == [code]
    assert mailoutbox == []


def test_an_invalid_change_is_rejected_on_the_page(user, mailoutbox):
    web = web_client(user)
    for changes, text in [
        ({"password": "wrong"}, "This is not your password."),
        ({"email": user.email}, "This is your address already."),
    ]:
        assert text in web.post(reverse("change_email"), BODY | changes).text
    assert mailoutbox == []


def test_anonymous_users_are_refused(anonymous, client):
    assert anonymous.post(EMAIL, BODY).status_code == 401
    # The sign-in page keeps what was typed, but never a password.
    response = client.post(reverse("change_email"), BODY)
    assert response.status_code == 401
    assert BODY["password"] not in response.text


def test_an_ended_session_is_refused(api, user):
    Session.objects.all().delete()

    assert api.post(EMAIL, BODY).status_code == 401


def test_wrong_passwords_are_rate_limited(api, user):
    for _ in range(10):
        api.post(EMAIL, BODY | {"password": "wrong"})

    assert api.post(EMAIL, BODY).status_code == 429
    assert web_client(user).post(reverse("change_email"), BODY).status_code == 429


def test_mails_to_one_address_are_rate_limited(api, mailoutbox):
    responses = [api.post(EMAIL, BODY) for _ in range(6)]

    assert [response.status_code for response in responses] == [202] * 5 + [429]
    assert int(responses[-1].headers["Retry-After"]) > 50
    assert len(mailoutbox) == 5
