"""Mail: sent in the background, only to addresses that it can reach."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aido.testing.processes import wait_until
from todo.models import User
from todo.models.email import validate_reachable
from todo.tests.api.conftest import client_of
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

REQUEST, SIGNUP = "/api/v1/auth/password/request", "/api/v1/auth/signup"
UNREACHABLE = {
    "dotless i": "adm\u0131n@example.com",
    "Kelvin sign": "\u212aate@example.com",
    "zero width space": "admin@example.com\u200b",
    "soft hyphen": "admin@exam\u00adple.com",
    "sharp s": "admin@stra\u00dfe.de",
    "combining accent": "admin@cafe\u0301.fr",
    "long label": "admin@" + "\u00fc" * 60 + ".de",
}
REACHABLE = {
    "usual": "ann+list@example.com",
    "umlaut domain": "ann@m\u00fcnchen.de",
    "encoded domain": "ann@xn--mnchen-3ya.de",
    "capitals": "Ann@Example.COM",
}

pytestmark = pytest.mark.django_db
addresses = pytest.mark.parametrize("email", UNREACHABLE.values(), ids=UNREACHABLE)


@pytest.mark.parametrize("email", REACHABLE.values(), ids=REACHABLE)
def test_a_reachable_address_is_accepted(email):
    validate_reachable(email)


@addresses
def test_an_unreachable_address_is_refused_by_the_api(anonymous, user, email):
    responses = [
        anonymous.post(REQUEST, {"email": email}),
        anonymous.post(SIGNUP, {"email": email, "password": PASSWORD}),
        client_of(user).post(
            "/api/v1/account/email", {"email": email, "password": PASSWORD}
        ),
    ]

    for response in responses:
        assert response.status_code == 400
        assert response.json()["errors"]["email"][0]["code"] == "invalid"


# Forms lower an address first, which makes an ordinary K of the Kelvin sign.
@pytest.mark.parametrize("name", sorted(UNREACHABLE.keys() - {"Kelvin sign"}))
def test_an_unreachable_address_is_refused_on_the_pages(client, user, name):
    email = UNREACHABLE[name]
    password = {"password1": PASSWORD, "password": PASSWORD}
    for sender, route in [
        (client, "account_signup"),
        (client, "account_reset_password"),
        (web_client(user), "change_email"),
    ]:
        response = sender.post(reverse(route), {"email": email} | password)
        assert response.status_code == 200, route
        assert response.context["form"].errors["email"], route
    assert User.objects.count() == 1


@addresses
def test_an_unreachable_address_is_refused_by_the_model(email):
    with pytest.raises(ValidationError) as info:
        User(email=email, password="x").full_clean()

    assert "email" in info.value.message_dict


def test_createsuperuser_refuses_an_unreachable_address():
    with pytest.raises(CommandError, match="Mail cannot reach"):
        call_command(
            "createsuperuser", email="adm\u0131n@example.com", interactive=False
        )


def test_an_account_with_such_an_address_can_still_sign_in(anonymous):
    email = UNREACHABLE["dotless i"]
    User.objects.create_user(email, PASSWORD)

    body = {"email": email, "password": PASSWORD}
    assert anonymous.post("/api/v1/auth/login", body).status_code == 200


@pytest.fixture
def request_reset(anonymous, client):
    """Asks for a reset in the API, or on the page."""

    def request_reset(door, email):
        if door == "api":
            return anonymous.post(REQUEST, {"email": email})
        return client.post(reverse("account_reset_password"), {"email": email})

    return request_reset


@pytest.mark.parametrize("door", ["api", "page"])
def test_a_reset_mails_nobody_without_an_account(request_reset, user, mailoutbox, door):
    known, unknown = (
        request_reset(door, email) for email in (user.email, "nobody@example.com")
    )

    assert [message.to for message in mailoutbox] == [[user.email]]
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("door", ["api", "page"])
def test_an_address_that_an_admin_has_replaced_gets_no_mail(
    request_reset, user, mailoutbox, door
):
    EmailAddress.objects.create(user=user, email="old@example.com", primary=True)

    request_reset(door, "old@example.com")

    assert mailoutbox == []


@pytest.mark.parametrize("door", ["api", "page"])
def test_a_known_address_takes_no_more_queries(request_reset, user, monkeypatch, door):
    calls = []
    monkeypatch.setattr(
        "todo.accounts.mail.in_background", lambda *call: calls.append(call)
    )
    request_reset(door, "warm.up@example.com")

    with CaptureQueriesContext(connection) as unknown:
        request_reset(door, "nobody@example.com")
    with CaptureQueriesContext(connection) as known:
        request_reset(door, user.email)

    assert len(known) == len(unknown)
    assert len(calls) == 3


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_by_another_thread_which_logs_errors(
    user, monkeypatch, request_reset, caplog
):
    monkeypatch.undo()  # of the fixture that sends mail at once

    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)

    response = request_reset("api", user.email)

    assert response.status_code == 200
    wait_until(lambda: "An email could not be sent." in caplog.text)


def test_a_mail_names_aido_and_the_domain_of_the_sender(
    request_reset, user, mailoutbox, settings
):
    settings.DEFAULT_FROM_EMAIL = "aido <todo@mail.example.org>"

    request_reset("api", user.email)

    [message] = mailoutbox
    assert message.extra_headers["Message-ID"].endswith("@mail.example.org>")
    assert message.subject.startswith("[aido] ")
    assert "testserver!" not in message.body
    assert re.search(r"^http://testserver/\S+/$", message.body, re.MULTILINE)


@pytest.mark.parametrize(
    ("changes", "origin"),
    [
        ({"SITE_HOST": "todo.example.com"}, "https://todo.example.com/"),
        ({"SITE_HOST": ""}, "https://www.example.com/"),
        ({"SITE_HOST": "nas", "HAS_TLS": False}, "http://nas:8000/"),
        ({"SITE_HOST": "nas", "HAS_TLS": False, "TRUSTED_PROXIES": 1}, "http://nas/"),
    ],
    ids=["configured", "pattern", "plain HTTP", "plain HTTP behind a proxy"],
)
def test_links_never_have_the_port_that_a_client_sent(
    client, user, mailoutbox, settings, changes, origin
):
    settings.IS_LOCAL, settings.HAS_TLS = False, True
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.ALLOWED_HOSTS = [".example.com"]

    url = reverse("account_reset_password")
    client.post(url, {"email": user.email}, headers={"Host": "www.example.com:9999"})

    assert f"\n{origin}" in mailoutbox[0].body
    assert "9999" not in mailoutbox[0].body


def test_a_link_is_whole_where_a_mail_is_printed(client, user, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": user.email})

    wait_until(lambda: mailoutbox)
    link = re.search(r"http://\S+", mailoutbox[0].body)[0]
    assert len(link) > 78  # characters, where email breaks lines
    assert link in mailoutbox[0].message().as_string()


def test_a_mail_names_the_service(client, user, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": user.email})

    wait_until(lambda: mailoutbox)
    assert mailoutbox[0].subject == "[aido] Choose a new password"
    assert "your aido account" in mailoutbox[0].body
    assert "testserver!" not in mailoutbox[0].body
