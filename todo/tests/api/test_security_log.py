"""One line in the log for each sign-in that failed and each access refused."""

import pytest
from django.urls import reverse

from todo.models import User
from todo.tests.api.helpers import TASKS, bearer_client, login
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(caplog):
    """Return the lines that were logged, which hold neither password nor address."""

    def lines():
        records = [r for r in caplog.records if r.name == "aido.security"]
        assert "horse" not in caplog.text
        assert all(r.levelname == "WARNING" for r in records)
        assert all(r.client == "127.0.0.1" for r in records)
        return [record.getMessage() for record in records]

    return lines


def page_login(client, password):
    form = {"login": "ann@example.com", "password": password}
    return client.post(reverse("account_login"), form)


def test_a_failed_sign_in_is_logged(anonymous, client, user, lines):
    login(anonymous, password="wrong horse")
    page_login(client, "wrong horse")

    assert lines() == ["Sign-in failed, client 127.0.0.1"] * 2


def test_a_successful_sign_in_is_not_logged(anonymous, client, user, lines):
    login(anonymous)
    page_login(client, PASSWORD)

    assert lines() == []


def test_a_sign_in_over_the_limit_is_logged(anonymous, user, lines):
    for _ in range(6):
        login(anonymous, password="wrong horse")

    assert lines()[-1] == "Sign-in refused: too many attempts, client 127.0.0.1"


def test_a_deactivated_user_is_logged(anonymous, user, lines):
    User.objects.update(is_active=False)

    login(anonymous)

    assert len(lines()) == 1


def test_an_invalid_token_is_logged(lines):
    bearer_client("nonsense horse").get(TASKS)

    assert lines() == ["Access token refused, client 127.0.0.1"]


def test_refused_access_to_the_admin_is_logged(user, lines):
    web_client(user).get(reverse("admin:index"), follow=True)

    assert lines() == ["Access to the admin refused, client 127.0.0.1"]
