"""A write that aido retries because its response was lost has the effect of one.

The statement runs, then the connection breaks before the response arrives. Nobody can
know whether it ran, so it runs again.
"""

import psycopg
import pytest
from django.db import connection
from django.db.backends import utils
from django.utils import timezone

from aido import prepared
from todo.models import List, Task
from todo.models.verbs import VERBS
from todo.tests.api.conftest import client_of
from todo.tests.api.helpers import LISTS, MISSING_ID, TASKS
from todo.tests.helpers import HTMX, page_url, version, web_client

WRITES = (
    *('INSERT INTO "task"', 'UPDATE "task"', 'UPDATE "user" SET "name"'),
    *('INSERT INTO "list"', 'UPDATE "list"', "WITH found AS"),
)
IDEMPOTENCY_KEY = {"Idempotency-Key": MISSING_ID}
PAGE_WRITES = {  # the view or verb, and the form
    "add": ("task_add", {"title": "x"}),
    "edit": ("task_edit", {"title": "x", "priority": "1"}),
    "rename": ("task_rename", {"title": "x"}),
    **{verb: (verb, {}) for verb in VERBS},
    "complete all": ("complete_all", {"completed": "1"}),
    "clear completed": ("clear_completed", {}),
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lose_response(monkeypatch):
    """Lose the response to the first statement that writes from now on.

    Returns a list that will contain the statement.
    """
    execute, run = utils.CursorWrapper.execute, prepared.run

    def lose_response():
        lost = []

        def disconnect_after(sql):
            if not lost and sql.startswith(WRITES):
                lost.append(sql)
                connection.connection.close()
                raise psycopg.OperationalError("server closed the connection")

        def execute_and_disconnect(self, sql, params=None):
            result = execute(self, sql, params)
            with self.db.wrap_database_errors:
                disconnect_after(sql)
            return result

        def run_and_disconnect(connection, calls):
            results = run(connection, calls)
            for call in calls:
                disconnect_after(call.query.sql.decode())
            return results

        monkeypatch.setattr(utils.CursorWrapper, "execute", execute_and_disconnect)
        monkeypatch.setattr(prepared, "run", run_and_disconnect)
        return lost

    return lose_response


@pytest.mark.parametrize(
    "if_match", [None, "*", "current"], ids=["no If-Match", "any", "current"]
)
@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_a_change_by_the_api_is_retried(
    user, make_task, lose_response, method, if_match
):
    api, task = client_of(user), make_task()
    url = f"{TASKS}/{task.pk}"
    tag = f'"{version(task):x}"' if if_match == "current" else if_match
    headers = {"If-Match": tag} if tag else {}
    lost = lose_response()

    response = getattr(api, method)(url, {"title": "Buy bread"}, headers=headers)

    assert lost
    assert response.status_code == (204 if method == "delete" else 200)
    task.refresh_from_db()
    assert task.title == "Buy bread" or task.deleted_at


@pytest.mark.parametrize(
    "headers", [{}, IDEMPOTENCY_KEY], ids=["without key", "with key"]
)
def test_adding_a_task_by_the_api_is_retried(user, lose_response, headers):
    lost = lose_response()

    response = client_of(user).post(TASKS, {"title": "x"}, headers=headers)

    assert lost
    assert response.status_code == 201
    assert str(Task.objects.get().pk) == response.json()["id"]


def test_restoring_a_task_by_the_api_is_retried(user, make_task, lose_response):
    task = make_task(deleted_at=timezone.now())
    lost = lose_response()

    response = client_of(user).post(f"{TASKS}/{task.pk}/restore")

    assert lost
    assert response.status_code == 200
    assert Task.objects.in_status("open").exists()


@pytest.mark.parametrize(
    "headers", [{}, IDEMPOTENCY_KEY], ids=["without key", "with key"]
)
def test_adding_a_list_by_the_api_is_retried(user, lose_response, headers):
    lost = lose_response()

    response = client_of(user).post(LISTS, {"name": "Home"}, headers=headers)

    assert lost
    assert response.status_code == 201
    assert str(List.objects.get().pk) == response.json()["id"]


@pytest.mark.parametrize(
    "if_match", [None, "*", "current"], ids=["no If-Match", "any", "current"]
)
@pytest.mark.parametrize("method", ["patch", "put", "delete", "move"])
def test_a_change_of_a_list_by_the_api_is_retried(
    user, make_list, make_task, lose_response, method, if_match
):
    api, home = client_of(user), make_list("Home")
    make_task(list=home)
    url = f"{LISTS}/{home.pk}"
    tag = f'"{version(home):x}"' if if_match == "current" else if_match
    headers = {"If-Match": tag} if tag else {}
    lost = lose_response()

    if method == "move":
        response = api.post(f"{url}/move", {"after": None}, headers=headers)
    else:
        response = getattr(api, method)(url, {"name": "Work"}, headers=headers)

    assert lost
    assert response.status_code == (204 if method == "delete" else 200)
    assert List.objects.exists() == (method != "delete")
    assert Task.objects.in_status("trash").exists() == (method == "delete")


@pytest.mark.parametrize("kind", ["missing", "stranger's"])
def test_a_retry_says_only_that_a_list_is_gone(
    user, stranger, make_list, lose_response, kind
):
    other = make_list(owner=stranger)
    pk = MISSING_ID if kind == "missing" else other.pk
    lost = lose_response()

    response = client_of(user).delete(f"{LISTS}/{pk}")

    assert lost
    assert response.status_code == 204
    assert List.objects.get() == other


def test_a_retry_of_a_deletion_by_an_ended_session_is_refused(
    user, make_list, lose_response
):
    home, api = make_list(), client_of(user)
    user.sessions.all().delete()
    lost = lose_response()

    response = api.delete(f"{LISTS}/{home.pk}")

    assert lost
    assert response.status_code == 401
    assert List.objects.exists()


def test_changing_the_account_by_the_api_is_retried(user, lose_response):
    lost = lose_response()

    response = client_of(user).patch("/api/v1/account", {"name": "Ann"})

    assert lost
    assert response.json()["name"] == "Ann"


@pytest.mark.parametrize("name", PAGE_WRITES)
def test_a_change_on_a_page_is_retried(user, make_task, lose_response, name):
    task, web = make_task(), web_client(user)
    view, form = PAGE_WRITES[name]
    lost = lose_response()

    response = web.post(
        page_url(view, task), form | {"version": version(task)}, headers=HTMX
    )

    assert lost
    assert response.status_code == 200
    assert "changed in another window" not in response.text
    assert "This task is gone." not in response.text
    assert Task.objects.filter(title="x").count() == ("title" in form)


def test_completing_keeps_the_first_time_if_it_is_retried(
    user, make_task, lose_response
):
    task, web = make_task(), web_client(user)
    lost = lose_response()

    web.post(page_url("complete", task), headers=HTMX)

    assert lost
    task.refresh_from_db()
    assert task.completed_at == task.updated_at
