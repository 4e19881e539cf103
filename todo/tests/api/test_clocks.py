"""The clocks of several servers differ: nothing goes back, and no token is refused."""

import time
from datetime import timedelta

import pytest
from allauth.headless.tokens.strategies.jwt import internal
from django.utils import timezone
from rest_framework.test import APIClient

from todo.models import Task
from todo.tests.api.conftest import access_token
from todo.tests.conftest import PASSWORD

TASKS = "/api/v1/tasks"
HOUR = timedelta(hours=1)


@pytest.fixture
def task_from_the_future(make_task):
    """A task last changed by a machine whose clock is an hour ahead."""
    return make_task(updated_at=timezone.now() + HOUR)


@pytest.mark.parametrize("has_version", [False, True], ids=["blind", "if-match"])
@pytest.mark.parametrize(
    "body", [{"title": "Buy bread"}, {"completed": True}], ids=["change", "complete"]
)
def test_a_change_moves_the_version_forward(
    api, task_from_the_future, body, has_version
):
    url = f"{TASKS}/{task_from_the_future.pk}"
    headers = {"If-Match": api.get(url)["ETag"]} if has_version else {}

    response = api.patch(url, body, headers=headers)

    assert response.status_code == 200
    updated_at = Task.objects.get().updated_at
    assert updated_at == task_from_the_future.updated_at + timedelta(microseconds=1)


@pytest.mark.parametrize("action", ["complete", "trash"])
def test_a_bulk_action_moves_the_version_forward(api, task_from_the_future, action):
    ids = [str(task_from_the_future.pk)]

    api.post(f"{TASKS}/bulk", {"action": action, "ids": ids})

    assert Task.objects.get().updated_at > task_from_the_future.updated_at


def test_saving_in_the_admin_moves_the_version_forward(task_from_the_future):
    before = task_from_the_future.updated_at

    task_from_the_future.save()

    assert Task.objects.get().updated_at > before


def test_an_access_token_issued_by_a_clock_ahead_is_accepted(user):
    client = APIClient()
    token = access_token(user, iat=time.time() + 60)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert client.get(TASKS).status_code == 200


def test_a_refresh_token_issued_by_a_clock_ahead_is_accepted(
    anonymous, user, monkeypatch
):
    credentials = {"email": user.email, "password": PASSWORD}
    clock = time.time
    with monkeypatch.context() as ahead:
        ahead.setattr(internal.time, "time", lambda: clock() + 60)
        signed_in = anonymous.post("/api/v1/auth/login", credentials).json()

    response = anonymous.post(
        "/api/v1/tokens/refresh",
        {"refresh_token": signed_in["meta"]["refresh_token"]},
    )

    assert response.status_code == 200
