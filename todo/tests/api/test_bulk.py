"""Many tasks in one request: all of them, or none."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from todo.models import Task

BULK = "/api/v1/tasks/bulk"


def bulk(api, action, *tasks):
    return api.post(BULK, {"action": action, "ids": [str(task.pk) for task in tasks]})


@pytest.mark.parametrize(
    ("action", "status", "opposite"),
    [
        ("complete", "completed", "reopen"),
        ("trash", "trash", "restore"),
    ],
)
def test_an_action_and_its_opposite(api, make_task, action, status, opposite):
    tasks = [make_task() for _ in range(3)]

    done = bulk(api, action, *tasks)

    assert (done.status_code, done.json()) == (200, {"changed": 3})
    assert Task.objects.in_status(status).count() == 3
    assert bulk(api, opposite, *tasks).json() == {"changed": 3}
    assert Task.objects.in_status("open").count() == 3


def test_what_is_done_already_is_not_done_again(api, make_task):
    done = make_task(completed_at=timezone.now())

    response = bulk(api, "complete", done, make_task())

    assert response.json() == {"changed": 1}


@pytest.mark.parametrize("action", ["complete", "trash"])
def test_one_task_that_is_not_ones_own_stops_all(api, strangers_api, make_task, action):
    mine = make_task()
    theirs = strangers_api.post("/api/v1/tasks", {"title": "x"}).json()["id"]

    response = api.post(BULK, {"action": action, "ids": [str(mine.pk), theirs]})

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert response.json()["errors"]["ids.1"][0]["code"] == "not_found"
    assert Task.objects.in_status("open").count() == 2


def test_a_task_in_the_trash_cannot_be_completed(api, make_task):
    response = bulk(api, "complete", make_task(deleted_at=timezone.now()))

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"action": "explode", "ids": [str(uuid4())]}, "action"),
        ({"action": ["trash"], "ids": [str(uuid4())]}, "action"),
        ({"action": "trash"}, "ids"),
        ({"action": "trash", "ids": []}, "ids"),
        ({"action": "trash", "ids": str(uuid4())}, "ids"),
        ({"action": "trash", "ids": [str(uuid4())] * 101}, "ids"),
        ({"action": "trash", "ids": [1]}, "ids.0"),
        ({"action": "trash", "ids": ["{" * 36]}, "ids.0"),
        ({"action": "trash", "ids": [0] * 300_000}, "ids"),
        ({"action": "trash", "ids": [str(uuid4()), "x"]}, "ids.1"),
    ],
)
def test_a_request_that_is_not_valid_is_refused_by_field(api, sent, field):
    response = api.post(BULK, sent)

    assert response.status_code == 400
    assert field in response.json()["errors"]


def test_the_tasks_are_held_from_others_until_all_are_changed(api, make_task):
    task = make_task()

    with CaptureQueriesContext(connection) as queries:
        bulk(api, "complete", task)

    [reads, _] = [q["sql"] for q in queries if '"task"' in q["sql"]]
    assert reads.endswith("FOR UPDATE")
