"""Files that aido did not write are rejected in one sentence."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from todo.models import Task

IMPORT = "/api/v1/tasks/import"
KNOWN = (
    "id, title, description, priority, list, labels, due_date, due_time, repeat, "
    "repeat_after_completion, completed_at, deleted_at, created_at, "
    "updated_at, position, copy_of, list_color, list_position, completed"
)
TODOIST = "TYPE,CONTENT,PRIORITY,INDENT,DATE\n" + "task,Buy milk,4,1,today\n" * 50
NOTION = "Title,Status,Tags\n" + "Buy milk,Done,home\n" * 50
MANY_COLUMNS = "title," + ",".join(f"column {number}" for number in range(13)) + "\n"
OBJECTS = [{"content": "Buy milk", "due": None}] * 50
TITLED = [{"title": "Bread"}] + [{"title": "Buy milk", "tags": [], "project": 1}] * 50

pytestmark = pytest.mark.django_db


def errors(api, content, media_type):
    response = api.generic("POST", IMPORT, content.encode(), media_type)
    assert response.status_code == 400
    assert not Task.objects.exists()
    return {
        place: [(error["code"], error["detail"]) for error in errors]
        for place, errors in response.json()["errors"].items()
    }


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (
            TODOIST,
            "required",
            "This is not a list of tasks: it needs a column `title`; "
            f"known columns are {KNOWN}.",
        ),
        (
            NOTION,
            "unknown_field",
            f"Unknown columns: `status`, `tags`; known columns are {KNOWN}.",
        ),
        (
            MANY_COLUMNS,
            "unknown_field",
            "Unknown columns: "
            + ", ".join(f"`column_{number}`" for number in range(10))
            + f" and 3 more; known columns are {KNOWN}.",
        ),
    ],
    ids=["no title", "unknown columns", "many unknown columns"],
)
def test_other_columns_are_one_error(api, content, code, detail):
    assert errors(api, content, "text/csv") == {"1": [(code, detail)]}


@pytest.mark.parametrize(
    ("rows", "line", "code", "detail"),
    [
        (
            OBJECTS,
            "2",
            "required",
            "This is not a list of tasks: it needs a key `title`; "
            f"known keys are {KNOWN}.",
        ),
        (
            TITLED,
            "3",
            "unknown_field",
            f"Unknown keys: `tags`, `project`; known keys are {KNOWN}.",
        ),
    ],
    ids=["no title", "unknown keys"],
)
def test_other_keys_are_one_error_at_the_first_line(api, rows, line, code, detail):
    content = "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]"

    assert errors(api, content, "application/json") == {line: [(code, detail)]}


def test_json_that_is_not_a_list_is_one_error(api):
    content = json.dumps({"kind": "tasks#taskLists", "items": OBJECTS}, indent=1)
    detail = 'Not JSON with a list of tasks, such as [{"title": "Buy milk"}].'

    assert errors(api, content, "application/json") == {"1": [("malformed", detail)]}


def test_a_column_with_a_very_long_name_is_shortened(api):
    found = errors(api, f"title,{'x' * 5000}\n", "text/csv")

    assert found["1"][0][1].startswith(f"Unknown columns: `{'x' * 30}`; known")


@pytest.mark.parametrize(
    "content", ["a\rb\n", "\0", '"a', '"title"x\n', "\r\n", "\n\n"]
)
def test_a_header_that_is_none_is_one_error(api, content):
    assert list(errors(api, content, "text/csv")) == ["1"]


def upload(client, content):
    file = SimpleUploadedFile("tasks.csv", content.encode())
    return client.post(reverse("import_file"), {"file": file})


def error_items(response):
    assert response.status_code == 200
    return response.context["form"].errors.get("file", [])


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize("content", [TODOIST, NOTION, "title;due_date\nx;1.12.2026\n"])
def test_the_page_shows_one_error_for_such_a_file(page, content):
    response = upload(page, content)

    assert len(error_items(response)) == 1
    assert error_items(response)[0].startswith("Line ")


@pytest.mark.parametrize(
    ("count", "last"),
    [(20, "Line 21, priority"), (21, "And 1 more."), (500, "And at least 80 more.")],
)
def test_the_page_shows_20_errors_and_how_many_more(page, count, last):
    response = upload(page, "title,priority\n" + "Buy milk,9\n" * count)

    items = error_items(response)
    assert len(items) == min(count, 21)
    assert items[-1].startswith(last)


def test_the_page_says_which_file_is_expected(page):
    content = page.get(reverse("import_file")).content.decode()

    assert "title, description, priority" in content
    assert "2026-12-01" in content
