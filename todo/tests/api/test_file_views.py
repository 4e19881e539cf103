"""Export and import over HTTP: an export can be imported again unchanged."""

import json
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from todo.models import List, Task
from todo.tests.api.helpers import TASKS

EXPORT, IMPORT = f"{TASKS}/export", f"{TASKS}/import"
TYPES = {"json": "application/json", "csv": "text/csv"}
AWKWARD_TEXTS = [
    "plain",
    'a "quoted", one',
    "=1+1",
    "line\r\nbreak",
    "Ünïcode 🎉",
    "'",
    "\\n",
]

INVALID_JSON = {  # the content, the place of the error
    "blank title": ('[\n{"title": "x"},\n{"title": ""}\n]', "3.title"),
    "surrogate": ('[\n{"title": "x"},\n{"title": "\\ud800"}]', "3.title"),
    "NUL": ('[\n{"title": "x"},\n{"title": "\\u0000"}]', "3.title"),
    "NaN": ('[{"title": "x", "description": NaN}]', "1.description"),
    "infinity": ('[{"title": "x", "priority": 1e400}]', "1.priority"),
    "naive time": (
        '[{"title": "x", "created_at": "2026-01-01T00:00:00"}]',
        "1.created_at",
    ),
    "time number": ('[{"title": "x", "created_at": 5}]', "1.created_at"),
    "id number": ('[{"title": "x", "id": 5}]', "1.id"),
    "owner": ('[{"title": "x", "owner": 5}]', "1"),
    "surrogate key": ('[{"\\ud800": 1, "title": "x"}]', "1"),
    "surrogate priority": ('[{"title": "x", "priority": "\\ud800"}]', "1.priority"),
    "malformed": ('[\n{"title": "x"},]', "2"),
}
INVALID_CSV = {
    "blank title": ("title\nx\n  \n", "3.title"),
    "priority word": ("title,priority\nx,y\n", "2.priority"),
    "priority 9": ("title,priority\nx,9\n", "2.priority"),
    "arabic priority": ("title,priority\nx,\u0665\n", "2.priority"),
    "padded priority": ("title,priority\nx,0000000003\n", "2.priority"),
    "unknown column": ("title,colour\nx,red\n", "1"),
    "NUL": ("title\na\0b\n", "2.title"),
    "malformed": ("title\nx,y\n", "2"),
}

pytestmark = pytest.mark.django_db


def export(api, kind="json"):
    response = api.get(EXPORT, {"as": kind})
    assert response.status_code == 200
    return response.getvalue()


def import_(api, content, kind="json"):
    content = content if isinstance(content, bytes) else content.encode()
    return api.generic("POST", IMPORT, content, TYPES[kind])


@pytest.fixture
def awkward_tasks(user):
    now = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
    for number, text in enumerate(AWKWARD_TEXTS):
        in_list = number % 2 and List.objects.create(owner=user, name=text, color="red")
        Task.objects.create(
            owner=user,
            title=text,
            description=f" {text}\n\t{text} ",
            priority=number % 4,
            list=in_list or None,
            labels=["@home", "5pm"][: number % 3],
            due_date=date(2026, 12, 1) if number % 2 else None,
            due_time=time(17) if number % 2 else None,
            repeat="FREQ=DAILY" if number % 2 else None,
            completed_at=now if number % 3 == 0 else None,
            deleted_at=now if number % 4 == 0 else None,
            created_at=now - timedelta(days=number),
            updated_at=now,
        )


@pytest.mark.parametrize("kind", TYPES)
def test_an_imported_export_is_exported_byte_for_byte(api, awkward_tasks, kind):
    before = export(api, kind)
    Task.objects.all().delete()
    List.objects.all().delete()

    response = import_(api, before, kind)

    assert response.json() == {"created": 7, "skipped": 0}
    assert export(api, kind) == before


def test_a_second_import_adds_nothing(api, awkward_tasks):
    content = export(api)

    assert import_(api, content).json() == {"created": 0, "skipped": 7}
    assert import_(api, content).json() == {"created": 0, "skipped": 7}


def test_another_user_gets_the_tasks_under_other_ids(api, strangers_api, awkward_tasks):
    content = export(api)

    first = import_(strangers_api, content)
    second = import_(strangers_api, content)

    assert first.json() == {"created": 7, "skipped": 0}
    assert second.json() == {"created": 0, "skipped": 7}
    assert export(api) == content
    own, others = json.loads(content), json.loads(export(strangers_api))
    assert not {row.pop("id") for row in own} & {row.pop("id") for row in others}
    assert others == own


def test_the_headers_of_an_export_name_its_type_and_file(api, make_task):
    make_task()

    response = api.get(EXPORT, {"as": "csv"})

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="tasks.csv"'


def test_an_export_without_tasks_can_be_imported(api):
    assert export(api) == b"[]\n"
    assert export(api, "csv").count(b"\n") == 1
    for kind in TYPES:
        response = import_(api, export(api, kind), kind)
        assert response.json() == {"created": 0, "skipped": 0}


def test_another_users_tasks_are_not_exported(strangers_api, awkward_tasks):
    assert export(strangers_api) == b"[]\n"


@pytest.mark.parametrize("kind", ["xml", "", "JSON"], ids=["xml", "empty", "JSON"])
def test_an_unknown_format_is_rejected(api, kind):
    response = api.get(EXPORT, {"as": kind})

    assert response.status_code == 400
    assert "as" in response.json()["errors"]


def test_an_unknown_parameter_is_rejected(api):
    response = api.get(EXPORT, {"format": "csv"})

    assert response.status_code == 400
    assert response.json()["errors"]["format"][0]["code"] == "unknown_field"


def test_a_csv_file_may_have_few_columns(api):
    content = (
        "\ufefftitle,priority,completed,due_date\nBuy milk,2,TRUE,\nx,,,2026-12-01\n"
    )

    assert import_(api, content, "csv").json() == {"created": 2, "skipped": 0}
    milk, x = Task.objects.order_by("title")
    assert (milk.priority, milk.completed, milk.due_date) == (2, True, None)
    assert (x.priority, x.completed, x.due_date) == (0, False, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("kind", "content", "place"),
    [
        *(("json", *case) for case in INVALID_JSON.values()),
        *(("csv", *case) for case in INVALID_CSV.values()),
    ],
    ids=[
        *(f"JSON, {name}" for name in INVALID_JSON),
        *(f"CSV, {name}" for name in INVALID_CSV),
    ],
)
def test_an_invalid_row_is_reported_by_its_line_and_nothing_is_imported(
    api, kind, content, place
):
    response = import_(api, content, kind)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [place]
    assert not Task.objects.exists()


def test_invalid_rows_on_one_line_are_numbered(api):
    response = import_(api, '[{"title": "x"}, {}, {}]')

    assert list(response.json()["errors"]) == ["1.title", "1#3.title"]


def test_a_response_about_many_errors_is_short(api):
    rows = [{f"key{number}": 0 for number in range(1_000)}] * 100

    response = import_(api, json.dumps(rows))

    assert response.status_code == 400
    assert len(response.content) < 50_000


def test_a_file_that_is_too_large_is_rejected(api, monkeypatch):
    monkeypatch.setattr("todo.api.import_views.MAX_FILE", 100)

    response = import_(api, json.dumps([{"title": "x"}] * 100))

    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_an_empty_body_is_rejected(api):
    response = import_(api, "")

    assert response.status_code == 400
    assert response.json()["detail"] == "The body is empty. Send an exported file."


def test_a_file_of_another_type_is_rejected(api):
    response = api.generic("POST", IMPORT, b"<x/>", "application/xml")

    assert response.status_code == 415


def test_the_case_of_the_type_is_ignored(api):
    response = api.generic("POST", IMPORT, b"title\nx\n", "Text/CSV; charset=utf-8")

    assert response.json() == {"created": 1, "skipped": 0}


def test_times_are_imported(api):
    row = {"id": str(uuid4()), "title": "x", "created_at": "2020-01-01T01:00:00+01:00"}

    import_(api, json.dumps([row]))

    task = Task.objects.get(pk=row["id"])
    assert task.created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert task.updated_at <= timezone.now()
