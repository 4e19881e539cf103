"""Export and import: what goes out comes in again as it was."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from todo.models import Task
from todo.transfer.exports import export_rows
from todo.transfer.imports import import_rows
from todo.transfer.readers import read_csv, read_json

EXPORT, IMPORT = "/api/v1/tasks/export", "/api/v1/tasks/import"
TYPES = {"json": "application/json", "csv": "text/csv"}

pytestmark = pytest.mark.django_db


def export(api, kind="json"):
    response = api.get(EXPORT, {"as": kind})
    assert response.status_code == 200
    return response.getvalue()


def send(api, content, kind="json"):
    content = content if isinstance(content, bytes) else content.encode()
    return api.generic("POST", IMPORT, content, TYPES[kind])


@pytest.fixture
def awkward(user):
    """Tasks with all that a format may stumble over."""
    texts = [
        "plain",
        'a "quoted", one',
        "=1+1",
        "line\r\nbreak",
        "Ünïcode 🎉",
        "'",
        "\\n",
    ]
    now = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
    for number, text in enumerate(texts):
        Task.objects.create(
            owner=user,
            title=text,
            description=f" {text}\n\t{text} ",
            priority=number % 4,
            due_date=date(2026, 12, 1) if number % 2 else None,
            completed_at=now if number % 3 == 0 else None,
            deleted_at=now if number % 4 == 0 else None,
            created_at=now - timedelta(days=number),
            updated_at=now,
        )


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_comes_in_again_byte_for_byte(api, awkward, kind):
    before = export(api, kind)
    Task.objects.all().delete()

    response = send(api, before, kind)

    assert response.json() == {"created": 7, "skipped": 0}
    assert export(api, kind) == before


def test_a_second_import_adds_nothing(api, awkward):
    content = export(api)

    assert send(api, content).json() == {"created": 0, "skipped": 7}
    assert send(api, content * 1).json() == {"created": 0, "skipped": 7}


def test_another_user_gets_the_same_tasks_under_other_ids(api, strangers_api, awkward):
    content = export(api)

    first = send(strangers_api, content)
    second = send(strangers_api, content)

    assert first.json() == {"created": 7, "skipped": 0}
    assert second.json() == {"created": 0, "skipped": 7}
    assert export(api) == content
    ours, theirs = json.loads(content), json.loads(export(strangers_api))
    assert not {row["id"] for row in ours} & {row["id"] for row in theirs}
    for row in [*ours, *theirs]:
        del row["id"]
    assert theirs == ours


def test_a_task_that_stands_twice_in_a_file_comes_in_once(api):
    row = {"id": str(uuid4()), "title": "x"}

    assert send(api, json.dumps([row, row])).json() == {"created": 1, "skipped": 1}


def test_an_export_has_the_formats_names(api, make_task):
    make_task()

    response = api.get(EXPORT, {"as": "csv"})
    (row,) = csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig")))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="tasks.csv"'
    assert list(row) == [
        *("id", "title", "description", "priority", "due_date"),
        *("completed_at", "deleted_at", "created_at", "updated_at"),
    ]


def test_nothing_is_exported_as_an_empty_list(api):
    assert export(api) == b"[]\n"
    assert export(api, "csv").count(b"\n") == 1
    assert send(api, export(api)).json() == {"created": 0, "skipped": 0}
    assert send(api, export(api, "csv"), "csv").json() == {"created": 0, "skipped": 0}


def test_anothers_tasks_are_not_exported(strangers_api, awkward):
    assert export(strangers_api) == b"[]\n"


@pytest.mark.parametrize("kind", ["xml", "", "JSON"])
def test_an_unknown_format_is_refused(api, kind):
    response = api.get(EXPORT, {"as": kind})

    assert response.status_code == 400
    assert "as" in response.json()["errors"]


@pytest.mark.parametrize("indent", [None, 0, 4])
def test_json_of_any_layout_comes_in(api, indent):
    rows = [{"title": f"{number}", "completed": number > 1} for number in range(3)]

    response = send(api, "\ufeff\n" + json.dumps(rows, indent=indent) + "\n")

    assert response.json() == {"created": 3, "skipped": 0}
    assert Task.objects.in_status("completed").get().title == "2"


def test_a_few_columns_are_enough(api):
    content = (
        "\ufefftitle,priority,completed,due_date\nBuy milk,2,TRUE,\nx,,,2026-12-01\n"
    )

    assert send(api, content, "csv").json() == {"created": 2, "skipped": 0}
    milk, x = Task.objects.order_by("title")
    assert (milk.priority, milk.completed, milk.due_date) == (2, True, None)
    assert (x.priority, x.completed, x.due_date) == (0, False, date(2026, 12, 1))


GOOD = {"title": "good"}


@pytest.mark.parametrize(
    ("kind", "content", "place"),
    [
        ("json", '[\n{"title": "good"},\n{"title": ""}\n]', "3.title"),
        ("json", '[\n{"title": "good"},\n{"title": "\\ud800"}]', "3.title"),
        ("json", '[\n{"title": "good"},\n{"title": "\\u0000"}]', "3.title"),
        ("json", '[{"title": "x", "description": NaN}]', "1.description"),
        ("json", '[{"title": "x", "priority": 1e400}]', "1.priority"),
        (
            "json",
            '[{"title": "x", "created_at": "2026-01-01T00:00:00"}]',
            "1.created_at",
        ),
        ("json", '[{"title": "x", "created_at": 5}]', "1.created_at"),
        ("json", '[{"title": "x", "id": 5}]', "1.id"),
        ("json", '[{"title": "x", "owner": 5}]', "1"),
        ("json", "{}", "1"),
        ("json", "[", "1"),
        ("json", "[5]", "1"),
        ("json", '[\n{"title": "good"}', "2"),
        ("json", '[\n{"title": "good"}\n{"title": "x"}]', "3"),
        ("json", '[\n{"title": "good"},]', "2"),
        ("json", '[\n{"title": "good"}]\n\n[]', "4"),
        ("json", '[\n{"title": "goo', "2"),
        ("json", '[{"a":' + "[" * 100_000, "1"),
        ("json", b'[\n{"title": "\xff"}]', "2"),
        ("csv", "title\ngood\n  \n", "3.title"),
        ("csv", "title,priority\ngood,x\n", "2.priority"),
        ("csv", "title,priority\ngood,9\n", "2.priority"),
        ("csv", "title,priority\ngood,\u0665\n", "2.priority"),
        ("csv", "title,colour\ngood,red\n", "1"),
        ("csv", "title\ngood,more\n", "2"),
        ("csv", 'title\n"good', "2"),
        ("csv", "title\n" + "x" * 200_000, "2"),
        ("csv", b"title\n\xff\n", "2"),
        ("csv", "title\n" + "good\n" * 5_000 + "\x00\n", "5002.title"),
        ("csv", b"title\n" + b"good\n" * 5_000 + b"\xff\n", "5002"),
        ("csv", 'title\n"a\nb"\n"c\nd",e\n', "4"),
        ("csv", "title,priority\ngood,0000000003\n", "2.priority"),
        ("csv", "title,title\ngood,better\n", "1"),
        ("json", b'[\n{"title": "good"},' + b"\n" * 99_999 + b"\xff", "100001"),
        ("json", '[{"\\ud800": 1, "title": "x"}]', "1"),
        ("json", '[{"title": "x", "priority": "\\ud800"}]', "1.priority"),
        ("csv", "title\na\0b\n", "2.title"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_nothing_comes_in(api, kind, content, place):
    response = send(api, content, kind)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [place]
    assert not Task.objects.exists()


def test_all_bad_rows_are_told_up_to_a_hundred(api):
    rows = [GOOD, {}] * 150

    response = send(api, json.dumps(rows, indent=0))

    assert len(response.json()["errors"]) == 100
    assert not Task.objects.exists()


def test_rows_on_one_line_are_told_apart(api):
    response = send(api, '[{"title": "good"}, {}, {}]')

    assert list(response.json()["errors"]) == ["1.title", "1#3.title"]


def test_a_file_of_nothing_but_mistakes_is_left_early(api):
    rows = [{f"key{number}": 0 for number in range(10_000)}] * 100

    response = send(api, json.dumps(rows))

    assert response.status_code == 400
    assert len(response.content) < 50_000


def test_a_file_of_too_many_lines_is_refused(api, monkeypatch):
    monkeypatch.setattr("todo.transfer.readers.MAX_LINES", 10)

    assert send(api, "title\n" + "\n" * 10, "csv").status_code == 400
    assert send(api, "title\n" + "x\n" * 9, "csv").status_code == 200


def test_a_file_that_is_too_large_is_refused(api, monkeypatch):
    monkeypatch.setattr("todo.api.file_views.MAX_FILE", 100)

    response = send(api, json.dumps([GOOD] * 100))

    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_an_empty_body_is_refused(api):
    assert send(api, "").json()["detail"] == "The body is empty. Send an exported file."


def test_a_file_of_another_type_is_refused(api):
    response = api.generic("POST", IMPORT, b"<x/>", "application/xml")

    assert response.status_code == 415


def growth(work):
    """By how many bytes the memory grew at most while this ran."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("read", "kind"), [(read_json, "json"), (read_csv, "csv")])
def test_reading_ten_times_the_rows_needs_no_more_memory(read, kind):
    def file(count):
        row = {"title": "x" * 50, "description": "y" * 200}
        if kind == "json":
            return io.BytesIO(json.dumps([row] * count).encode())
        return io.BytesIO(
            ("title,description\n" + f"{'x' * 50},{'y' * 200}\n" * count).encode()
        )

    def read_all(content):
        assert sum(1 for _ in read(content))

    small, large = file(3_000), file(30_000)

    few, many = growth(lambda: read_all(small)), growth(lambda: read_all(large))
    assert many < few + 100_000  # bytes; the file has millions


def test_writing_and_importing_ten_times_the_rows_needs_little_more_memory(
    user, monkeypatch
):
    for module in ("imports", "exports"):
        monkeypatch.setattr(f"todo.transfer.{module}.BATCH_SIZE", 100)

    def rows(count):
        for number in range(count):
            yield number, {"title": f"{number}", "description": "y" * 200}

    few = growth(lambda: import_rows(user, rows(300)))
    many = growth(lambda: import_rows(user, rows(3_000)))
    assert many < 1.5 * few

    def write():
        assert sum(1 for _ in export_rows(user)) == 3_300

    assert growth(write) < 600_000  # bytes; all rows at once are above 3,000,000


def test_an_import_costs_few_queries(user, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        import_rows(user, enumerate([GOOD] * 500))


def test_times_come_in_as_they_were(api):
    row = GOOD | {"created_at": "2020-01-01T01:00:00+01:00", "completed": True}

    send(api, json.dumps([row]))

    task = Task.objects.get()
    assert task.created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert task.completed_at == task.updated_at
    assert task.updated_at <= timezone.now()
