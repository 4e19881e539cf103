"""What only the database can refuse is an error of a field."""

import pytest

from todo.models import List, Task
from todo.tests.api.helpers import MISSING_ID, TASKS, task_url

pytestmark = pytest.mark.django_db(transaction=True)

VIOLATIONS = {  # name: body, status, field, code
    "no such list": ({"list": MISSING_ID}, 404, "list", "not_found"),
    "time without date": ({"due_time": "17:00"}, 400, "due_time", "invalid"),
    "repeat without date": ({"repeat": "FREQ=DAILY"}, 400, "repeat", "invalid"),
}


@pytest.mark.parametrize("method", ["post", "put", "patch"])
@pytest.mark.parametrize(
    ("values", "status", "field", "code"),
    VIOLATIONS.values(),
    ids=VIOLATIONS,
)
def test_a_task_that_the_database_refuses_is_rejected_by_field(
    api, make_task, method, values, status, field, code
):
    url = TASKS if method == "post" else task_url(make_task())
    before = list(Task.objects.values())

    response = getattr(api, method)(url, {"title": "x"} | values)

    assert response.status_code == status
    assert list(response.json()["errors"]) == [field]
    assert response.json()["errors"][field][0]["code"] == code
    assert list(Task.objects.values()) == before


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_a_task_cannot_be_put_into_another_users_list(api, make_task, stranger, method):
    url = TASKS if method == "post" else task_url(make_task())
    other = List.objects.create(owner=stranger, name="Home")

    response = getattr(api, method)(url, {"title": "x", "list": str(other.pk)})

    assert response.status_code == 404
    assert response.json()["errors"]["list"][0]["code"] == "not_found"
    assert not Task.objects.filter(list=other).exists()


def test_an_import_refuses_a_repeat_without_a_date_in_the_same_words(api):
    task = {"title": "x", "repeat": "FREQ=DAILY"}

    refused = api.post(TASKS, task).json()["errors"]["repeat"]

    imported = api.post(f"{TASKS}/import", [task]).json()["errors"]
    assert [error["detail"] for error in imported["1.repeat"]] == [
        error["detail"] for error in refused
    ]
