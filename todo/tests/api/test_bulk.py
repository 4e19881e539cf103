"""One action on up to 100 tasks in one request: all or nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo.models import Task
from todo.models.verbs import VERBS
from todo.tests.api.helpers import MISSING_ID, TASKS

BULK = f"{TASKS}/bulk"

INVALID_BODIES = {
    "unknown action": ({"action": "explode", "ids": [MISSING_ID]}, "action"),
    "action list": ({"action": ["trash"], "ids": [MISSING_ID]}, "action"),
    "no ids": ({"action": "trash"}, "ids"),
    "empty ids": ({"action": "trash", "ids": []}, "ids"),
    "ids string": ({"action": "trash", "ids": MISSING_ID}, "ids"),
    "101 ids": ({"action": "trash", "ids": [MISSING_ID] * 101}, "ids"),
    "id number": ({"action": "trash", "ids": [1]}, "ids.0"),
    "id braces": ({"action": "trash", "ids": ["{" * 36]}, "ids.0"),
    "300,000 numbers": ({"action": "trash", "ids": [0] * 300_000}, "ids"),
    "second id": ({"action": "trash", "ids": [MISSING_ID, "x"]}, "ids.1"),
}


def apply(api, action, *tasks):
    return api.post(BULK, {"action": action, "ids": [str(task.pk) for task in tasks]})


@pytest.mark.parametrize(
    ("action", "status", "opposite"),
    [("complete", "completed", "reopen"), ("trash", "trash", "restore")],
)
def test_an_action_and_its_opposite(api, make_task, action, status, opposite):
    tasks = [make_task() for _ in range(3)]

    response = apply(api, action, *tasks)

    assert (response.status_code, response.json()) == (200, {"changed": 3})
    assert Task.objects.in_status(status).count() == 3
    assert apply(api, opposite, *tasks).json() == {"changed": 3}
    assert Task.objects.in_status("open").count() == 3


def test_unchanged_tasks_are_not_counted(api, make_task):
    completed = make_task(completed_at=timezone.now())

    response = apply(api, "complete", completed, make_task())

    assert response.json() == {"changed": 1}


def test_a_task_that_is_named_twice_is_changed_once(api, make_task):
    task = make_task()

    assert apply(api, "trash", task, task).json() == {"changed": 1}


def test_a_hundred_tasks_can_be_changed(api, user):
    tasks = Task.objects.bulk_create(Task(owner=user, title="x") for _ in range(100))

    assert apply(api, "trash", *tasks).json() == {"changed": 100}


@pytest.mark.parametrize("action", VERBS)
def test_nothing_is_changed_if_a_task_belongs_to_another_user(
    api, make_task, stranger, action
):
    times = {"deleted_at": timezone.now()} if action == "restore" else {}
    times |= {"completed_at": timezone.now()} if action == "reopen" else {}
    own, other = make_task(**times), make_task(owner=stranger, **times)
    before = list(Task.objects.values())

    response = apply(api, action, own, other)

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert response.json()["errors"].keys() == {"ids.1"}
    assert response.json()["errors"]["ids.1"][0]["code"] == "not_found"
    assert list(Task.objects.values()) == before


@pytest.mark.parametrize(("body", "field"), INVALID_BODIES.values(), ids=INVALID_BODIES)
def test_an_invalid_body_is_rejected_by_field(api, body, field):
    response = api.post(BULK, body)

    assert response.status_code == 400
    assert field in response.json()["errors"]


def test_the_tasks_are_locked_in_the_same_order_by_all(api, make_task):
    with CaptureQueriesContext(connection) as queries:
        apply(api, "complete", make_task())

    [_, select, *_] = [q["sql"] for q in queries if '"task"' in q["sql"]]
    assert select.startswith('SELECT "task"."id"')
    assert select.endswith("ORDER BY 1 ASC FOR UPDATE")  # others could deadlock
