"""Each write that is repeated when its answer was lost has the effect of one.

The statement runs, then the connection dies before its answer arrives: nobody can tell
whether it ran, so it runs again.
"""

import pytest
from django.db import OperationalError, connection
from django.db.backends import utils
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from todo.models import Task, User
from todo.tests.api.conftest import client_of

WRITES = ('INSERT INTO "task"', 'UPDATE "task"', 'UPDATE "user" SET "name"')
KEY = "01a202a8-526f-7022-82f9-8a7867c49a93"
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lose_an_answer(monkeypatch):
    """From then on, the answer to the first statement that writes is lost."""
    execute = utils.CursorWrapper.execute

    def lose_an_answer():
        lost = []

        def execute_and_die(self, sql, params=None):
            result = execute(self, sql, params)
            if not lost and sql.startswith(WRITES):
                lost.append(sql)
                connection.connection.close()
                raise OperationalError("server closed the connection unexpectedly")
            return result

        monkeypatch.setattr(utils.CursorWrapper, "execute", execute_and_die)
        return lost

    return lose_an_answer


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}, {"If-Match": "its own"}])
@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_a_change_by_the_api(user, make_task, lose_an_answer, method, headers):
    api, task = client_of(user), make_task()
    url = f"/api/v1/tasks/{task.pk}"
    if headers.get("If-Match") == "its own":
        headers = {"If-Match": api.get(url).headers["ETag"]}
    lost = lose_an_answer()

    response = getattr(api, method)(url, {"title": "Buy bread"}, headers=headers)

    assert lost
    assert response.status_code == (204 if method == "delete" else 200)
    task.refresh_from_db()
    assert task.title == "Buy bread" or task.deleted_at


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": KEY}])
def test_a_new_task_by_the_api(user, lose_an_answer, headers):
    lost = lose_an_answer()

    response = client_of(user).post("/api/v1/tasks", {"title": "x"}, headers=headers)

    assert lost
    assert response.status_code == 201
    assert str(Task.objects.get().pk) == response.json()["id"]


def test_a_restoration_by_the_api(user, make_task, lose_an_answer):
    task = make_task(deleted_at=timezone.now())
    lost = lose_an_answer()

    response = client_of(user).post(f"/api/v1/tasks/{task.pk}/restore")

    assert lost
    assert response.status_code == 200
    assert Task.objects.in_status("open").exists()


def test_a_change_of_the_account_by_the_api(user, lose_an_answer):
    lost = lose_an_answer()

    response = client_of(user).patch("/api/v1/account", {"name": "Ann"})

    assert lost
    assert response.json()["name"] == "Ann"


@pytest.mark.parametrize(
    ("name", "has_key", "sent"),
    [
        ("task_add", False, {"title": "x"}),
        ("task_edit", True, {"title": "x", "priority": "1"}),
        ("task_rename", True, {"title": "x"}),
        ("complete", True, {}),
        ("reopen", True, {}),
        ("trash", True, {}),
        ("restore", True, {}),
        ("complete_all", False, {"completed": "1"}),
        ("clear_completed", False, {}),
    ],
)
def test_a_change_on_a_page(user, make_task, lose_an_answer, name, has_key, sent):
    task = make_task()
    web = Client()
    web.force_login(User.objects.get())
    verbs = {"complete", "reopen", "trash", "restore"}
    arguments = [task.pk] * has_key + [name] * (name in verbs)
    url = reverse("task_apply" if name in verbs else name, args=arguments)
    version = round(task.updated_at.timestamp() * 1_000_000)
    lost = lose_an_answer()

    response = web.post(
        url, sent | {"version": version}, headers={"HX-Request": "true"}
    )

    assert lost
    assert response.status_code == 200
    assert "changed in another" not in response.text
    assert "gone" not in response.text
    assert Task.objects.filter(title="x").count() == ("title" in sent)
