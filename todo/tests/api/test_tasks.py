"""One task over HTTP: made, read, changed, moved to the trash and back."""

from datetime import date
from uuid import uuid4

import pytest
from django.utils import timezone

from todo.models import Task

TASKS = "/api/v1/tasks"
KEY = "01a202a8-526f-7022-82f9-8a7867c49a93"


def url(task):
    return f"{TASKS}/{task.pk}"


def test_a_task_is_created_with_all_that_was_sent(api, user):
    sent = {
        "title": "  Buy milk ",
        "description": " two\n",
        "priority": 2,
        "due_date": "2026-12-01",
        "completed": True,
    }

    response = api.post(TASKS, sent)

    task = Task.objects.get()
    assert response.status_code == 201
    assert response.headers["Location"] == url(task)
    assert response.json() == {
        "id": str(task.pk),
        "title": "Buy milk",
        "description": " two\n",
        "priority": 2,
        "due_date": "2026-12-01",
        "completed": True,
        "completed_at": response.json()["created_at"],
        "deleted_at": None,
        "created_at": task.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": response.json()["created_at"],
    }
    assert task.owner == user


def test_a_title_is_enough(api):
    response = api.post(TASKS, {"title": "Buy milk"})

    assert response.status_code == 201
    assert response.json()["priority"] == 0
    assert response.json()["completed"] is False


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({}, "title", "required"),
        ({"title": None}, "title", "null"),
        ({"title": " \u3000\n"}, "title", "blank"),
        ({"title": "x" * 201}, "title", "max_length"),
        ({"title": 5}, "title", "invalid"),
        ({"title": ["x"]}, "title", "invalid"),
        ({"title": "a\0b"}, "title", "null_characters_not_allowed"),
        ({"title": "x", "description": "x" * 10_001}, "description", "max_length"),
        ({"title": "x", "priority": 4}, "priority", "invalid_choice"),
        ({"title": "x", "priority": "1"}, "priority", "invalid_choice"),
        ({"title": "x", "priority": True}, "priority", "invalid_choice"),
        ({"title": "x", "priority": 1.0}, "priority", "invalid_choice"),
        ({"title": "x", "due_date": "2026-02-30"}, "due_date", "invalid"),
        ({"title": "x", "due_date": "20260203"}, "due_date", "invalid"),
        ({"title": "x", "due_date": "2026-W05-1"}, "due_date", "invalid"),
        ({"title": "x", "due_date": "2026-02-03T10:00:00Z"}, "due_date", "invalid"),
        ({"title": "x", "due_date": 20260203}, "due_date", "invalid"),
        ({"title": "x", "completed": "true"}, "completed", "invalid"),
        ({"title": "x", "completed": 1}, "completed", "invalid"),
        ({"title": "x", "complete": True}, "complete", "unknown_field"),
        ({"title": "x", "id": str(uuid4())}, "id", "read_only"),
        ({"title": "x", "owner": str(uuid4())}, "owner", "unknown_field"),
        ([], "non_field_errors", "invalid"),
        ("x", "non_field_errors", "invalid"),
    ],
)
def test_a_task_that_is_not_valid_is_refused_by_field(api, sent, field, code):
    response = api.post(TASKS, sent)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [error["code"] for error in response.json()["errors"][field]] == [code]
    assert not Task.objects.exists()


def test_every_title_that_the_api_takes_the_database_takes(api):
    """Each character that Unicode may call blank: PostgreSQL has its own opinion."""
    codes = [*range(1, 0x300), 0x1680, 0x180E, *range(0x2000, 0x2070), 0x3000]
    blanks = [chr(code) for code in codes if not chr(code).isprintable()]

    for blank in blanks:
        for title in (blank, f"{blank}x{blank}"):
            assert api.post(TASKS, {"title": title}).status_code in {201, 400}


def test_reading_a_task(api, make_task):
    task = make_task(due_date=date(2026, 12, 1))

    response = api.get(url(task))

    assert response.status_code == 200
    assert response.json()["title"] == "Buy milk"
    assert response.json()["due_date"] == "2026-12-01"


def test_a_task_that_has_not_changed_is_not_sent_again(api, make_task):
    task = make_task()
    tag = api.get(url(task)).headers["ETag"]

    unchanged = api.get(url(task), HTTP_IF_NONE_MATCH=tag)
    weak = api.get(url(task), HTTP_IF_NONE_MATCH=f'"x", W/{tag}')
    changed = api.get(url(task), HTTP_IF_NONE_MATCH='"x"')

    assert unchanged.status_code == weak.status_code == 304
    assert unchanged.content == b""
    assert unchanged.headers["ETag"] == tag
    assert changed.status_code == 200


FIELDS = {
    "title": ("Buy bread", None),
    "description": ("Rye", ""),
    "priority": (3, 0),
    "due_date": ("2026-12-24", None),
    "completed": (True, False),
}


@pytest.mark.parametrize("field", FIELDS)
def test_patch_touches_only_what_was_sent(api, make_task, field):
    task = make_task(description="Two", priority=1, due_date=date(2026, 12, 1))
    before = api.get(url(task)).json()

    after = api.patch(url(task), {field: FIELDS[field][0]}).json()

    assert after[field] == FIELDS[field][0]
    touched = {field, "updated_at"} | (
        {"completed_at"} if field == "completed" else set()
    )
    assert {name for name in after if after[name] != before[name]} == touched
    assert api.get(url(task)).json() == after


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "title"])
def test_null_clears_a_field(api, make_task, field):
    task = make_task(
        description="Two",
        priority=1,
        due_date=date(2026, 12, 1),
        completed_at=timezone.now(),
    )

    response = api.patch(url(task), {field: None})

    assert response.status_code == 200
    assert response.json()[field] == FIELDS[field][1]


def test_a_title_cannot_be_cleared(api, make_task):
    response = api.patch(url(make_task()), {"title": None})

    assert response.status_code == 400
    assert response.json()["errors"]["title"][0]["code"] == "null"


def test_an_empty_patch_changes_nothing(api, make_task):
    task = make_task()
    tag = api.get(url(task)).headers["ETag"]

    response = api.patch(url(task), {})

    assert response.status_code == 200
    assert response.headers["ETag"] == tag


def test_put_sets_what_was_not_sent_to_its_default(api, make_task):
    task = make_task(description="Two", priority=1, due_date=date(2026, 12, 1))

    response = api.put(url(task), {"title": "Buy bread"})

    assert response.status_code == 200
    assert response.json()["description"] == ""
    assert response.json()["priority"] == 0
    assert response.json()["due_date"] is None


def test_a_completed_task_keeps_its_time_of_completion(api, make_task):
    task = make_task()

    first = api.patch(url(task), {"completed": True}).json()
    second = api.patch(url(task), {"completed": True}).json()
    reopened = api.patch(url(task), {"completed": False}).json()

    assert first["completed_at"] == second["completed_at"] is not None
    assert reopened["completed_at"] is None


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_a_write_that_expects_another_version_is_refused(api, make_task, method):
    task = make_task()
    old = api.get(url(task)).headers["ETag"]
    api.patch(url(task), {"priority": 1})

    response = getattr(api, method)(url(task), {"title": "Lost"}, HTTP_IF_MATCH=old)

    assert response.status_code == 412
    assert response.json()["code"] == "precondition_failed"
    assert api.get(url(task)).json()["title"] == "Buy milk"


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_a_write_that_expects_this_version_goes_through(api, make_task, method, form):
    task = make_task()
    tag = api.get(url(task)).headers["ETag"]

    response = getattr(api, method)(
        url(task), {"title": "Kept"}, HTTP_IF_MATCH=form.format(tag)
    )

    assert response.status_code == (204 if method == "delete" else 200)


@pytest.mark.parametrize("header", ["", "5f3a", '"5f3a', '""x', '"x",' * 200 + '"x"'])
def test_an_if_match_that_is_no_tag_is_refused(api, make_task, header):
    task = make_task()

    for response in (
        api.patch(url(task), {"priority": 1}, headers={"If-Match": header}),
        api.delete(url(task), headers={"If-Match": header}),
        api.get(url(task), headers={"If-None-Match": header}),
    ):
        assert response.status_code == 400
        assert response.json()["code"] == "etag_invalid"
    assert Task.objects.in_status("open").get().priority == 0


def test_a_deleted_task_is_in_the_trash_and_can_be_restored(api, make_task):
    task = make_task()

    assert api.delete(url(task)).status_code == 204
    assert api.get(url(task)).status_code == 404
    assert [
        row["id"] for row in api.get(f"{TASKS}?status=trash").json()["results"]
    ] == [str(task.pk)]
    restored = api.post(f"{url(task)}/restore")

    assert restored.status_code == 200
    assert restored.json()["deleted_at"] is None
    assert api.get(url(task)).json() == restored.json()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_task_in_the_trash_is_not_found(api, make_task, method):
    task = make_task(deleted_at=timezone.now())

    response = getattr(api, method)(url(task), {"title": "x"})

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_restoring_a_task_that_is_not_in_the_trash_changes_nothing(api, make_task):
    task = make_task()
    tag = api.get(url(task)).headers["ETag"]

    response = api.post(f"{url(task)}/restore")

    assert response.status_code == 200
    assert response.headers["ETag"] == tag


def test_an_id_may_be_in_upper_case(api, make_task):
    task = make_task()

    assert api.get(f"{TASKS}/{str(task.pk).upper()}").status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize("pk", [KEY, "0", "not-a-uuid", "%00", "\u0661"])
def test_a_task_that_is_not_there_is_not_found(api, method, pk):
    response = getattr(api, method)(f"{TASKS}/{pk}", {"title": "x"})

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
