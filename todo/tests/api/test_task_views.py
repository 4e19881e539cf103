"""Single tasks over HTTP: create, read, change, trash and restore."""

from datetime import date
from uuid import uuid4

import pytest
from django.utils import timezone

from todo.models import Task
from todo.tests.api.helpers import MISSING_ID, TASKS, task_url, titles
from todo.tests.helpers import version

FIELDS = {  # name: a new value, the default
    "title": ("Buy bread", None),
    "description": ("Rye", ""),
    "priority": (3, 0),
    "due_date": ("2026-12-24", None),
    "completed": (True, False),
}
CLEARABLE_FIELDS = [name for name in FIELDS if name != "title"]


def with_title(**values):
    return {"title": "x"} | values


INVALID_TASKS = {
    "no title": ({}, "title", "required"),
    "title null": ({"title": None}, "title", "null"),
    "title blank": ({"title": " \u3000\n"}, "title", "blank"),
    "title long": ({"title": "x" * 201}, "title", "max_length"),
    "title number": ({"title": 5}, "title", "invalid"),
    "title list": ({"title": ["x"]}, "title", "invalid"),
    "title NUL": ({"title": "a\0b"}, "title", "null_characters_not_allowed"),
    "description long": (
        with_title(description="x" * 10_001),
        "description",
        "max_length",
    ),
    "priority 4": (with_title(priority=4), "priority", "invalid_choice"),
    "priority string": (with_title(priority="1"), "priority", "invalid_choice"),
    "priority boolean": (with_title(priority=True), "priority", "invalid_choice"),
    "priority float": (with_title(priority=1.0), "priority", "invalid_choice"),
    "no such date": (with_title(due_date="2026-02-30"), "due_date", "invalid"),
    "date without dashes": (with_title(due_date="20260203"), "due_date", "invalid"),
    "week date": (with_title(due_date="2026-W05-1"), "due_date", "invalid"),
    "date with time": (
        with_title(due_date="2026-02-03T10:00:00Z"),
        "due_date",
        "invalid",
    ),
    "date number": (with_title(due_date=20260203), "due_date", "invalid"),
    "completed string": (with_title(completed="true"), "completed", "invalid"),
    "completed number": (with_title(completed=1), "completed", "invalid"),
    "misspelled field": (with_title(complete=True), "complete", "unknown_field"),
    "id": (with_title(id=MISSING_ID), "id", "read_only"),
    "owner": (with_title(owner=MISSING_ID), "owner", "unknown_field"),
}


def test_a_task_is_created_with_the_values_of_the_body(api, user):
    body = {
        "title": "  Buy milk ",
        "description": " two\n",
        "priority": 2,
        "due_date": "2026-12-01",
        "completed": True,
    }

    response = api.post(TASKS, body)

    task = Task.objects.get()
    assert response.status_code == 201
    assert response.headers["Location"] == task_url(task)
    assert response.json() == {
        "id": str(task.pk),
        "title": "Buy milk",
        "description": " two\n",
        "priority": 2,
        "list": None,
        "labels": [],
        "due_date": "2026-12-01",
        "due_time": None,
        "repeat": None,
        "repeat_after_completion": False,
        "position": str(task.position),
        "completed": True,
        "completed_at": response.json()["created_at"],
        "deleted_at": None,
        "created_at": task.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": response.json()["created_at"],
    }
    assert task.owner == user


def test_only_the_title_is_required(api):
    response = api.post(TASKS, {"title": "Buy milk"})

    assert response.status_code == 201
    assert response.json()["priority"] == 0
    assert response.json()["completed"] is False


@pytest.mark.parametrize(
    ("body", "field", "code"), INVALID_TASKS.values(), ids=INVALID_TASKS
)
def test_an_invalid_task_is_rejected_by_field(api, body, field, code):
    response = api.post(TASKS, body)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [error["code"] for error in response.json()["errors"][field]] == [code]
    assert not Task.objects.exists()


def test_a_valid_title_never_fails_in_the_database(api):
    """PostgreSQL and Python disagree about which characters are blank."""
    codes = [*range(1, 0x300), 0x1680, 0x180E, *range(0x2000, 0x2070), 0x3000]
    characters = [chr(code) for code in codes if not chr(code).isprintable()]

    for character in characters:
        for title in (character, f"{character}x{character}"):
            assert api.post(TASKS, {"title": title}).status_code in {201, 400}


def test_a_task_is_read(api, make_task):
    response = api.get(task_url(make_task(due_date=date(2026, 12, 1))))

    assert response.status_code == 200
    assert response.json()["title"] == "Buy milk"
    assert response.json()["due_date"] == "2026-12-01"


def test_caches_may_not_reuse_a_task_without_asking(api, make_task):
    url = task_url(make_task())

    for response in (
        api.get(url),
        api.patch(url, {"priority": 1}),
        api.post(f"{url}/restore"),
        api.post(TASKS, {"title": "x"}),
    ):
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert response.headers["ETag"]


@pytest.mark.parametrize("field", FIELDS)
def test_patch_changes_only_the_fields_of_the_body(api, make_task, field):
    task = make_task(description="Two", priority=1, due_date=date(2026, 12, 1))
    value, _ = FIELDS[field]
    before = api.get(task_url(task)).json()

    after = api.patch(task_url(task), {field: value}).json()

    assert after[field] == value
    expected = {field, "updated_at"}
    expected |= {"completed_at"} if field == "completed" else set()
    assert {name for name in after if after[name] != before[name]} == expected
    assert api.get(task_url(task)).json() == after


@pytest.mark.parametrize("field", CLEARABLE_FIELDS)
def test_null_sets_a_field_to_its_default(api, make_task, field):
    task = make_task(
        description="Two",
        priority=1,
        due_date=date(2026, 12, 1),
        completed_at=timezone.now(),
    )
    _, default = FIELDS[field]

    response = api.patch(task_url(task), {field: None})

    assert response.status_code == 200
    assert response.json()[field] == default


def test_a_title_cannot_be_null(api, make_task):
    response = api.patch(task_url(make_task()), {"title": None})

    assert response.status_code == 400
    assert response.json()["errors"]["title"][0]["code"] == "null"


def test_an_empty_patch_changes_nothing(api, make_task):
    task = make_task()

    response = api.patch(task_url(task), {})

    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{version(task):x}"'


def test_put_resets_the_fields_that_are_left_out(api, make_task):
    task = make_task(
        description="Two",
        priority=1,
        due_date=date(2026, 12, 1),
        completed_at=timezone.now(),
    )

    response = api.put(task_url(task), {"title": "Buy bread"})

    assert response.status_code == 200
    for field in CLEARABLE_FIELDS:
        _, default = FIELDS[field]
        assert response.json()[field] == default


def test_a_field_can_be_changed_while_a_task_is_completed(api, make_task):
    body = {"title": "Buy bread", "completed": True}

    first = api.patch(task_url(make_task()), body).json()
    second = api.patch(f"{TASKS}/{first['id']}", body).json()

    assert first["title"] == "Buy bread"
    assert first["completed_at"] == second["completed_at"] is not None


def test_a_deleted_task_is_listed_in_the_trash_until_it_is_restored(api, make_task):
    url = task_url(make_task())

    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404
    assert titles(api.get(TASKS, {"status": "trash"})) == ["Buy milk"]
    restored = api.post(f"{url}/restore")

    assert restored.status_code == 200
    assert restored.json()["deleted_at"] is None
    assert api.get(url).json() == restored.json()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_task_in_the_trash_is_not_found(api, make_task, method):
    task = make_task(deleted_at=timezone.now())

    response = getattr(api, method)(task_url(task), {"title": "x"})

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_an_id_may_be_in_upper_case(api, make_task):
    assert api.get(f"{TASKS}/{str(make_task().pk).upper()}").status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "pk",
    [MISSING_ID, "0", "not-a-uuid", "%00", "\u0661"],
    ids=["missing", "number", "word", "NUL", "arabic digit"],
)
def test_an_id_that_does_not_exist_is_not_found(api, method, pk):
    response = getattr(api, method)(f"{TASKS}/{pk}", {"title": "x"})

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_creating_a_task_without_a_key_makes_an_id(api):
    ids = {api.post(TASKS, {"title": "x"}).json()["id"] for _ in range(2)}

    assert len(ids) == 2


def test_an_idempotency_key_becomes_the_id(api):
    key = str(uuid4())

    response = api.post(TASKS, {"title": "x"}, headers={"Idempotency-Key": key})

    assert response.json()["id"] == key
