import csv
import json
from io import StringIO

import pytest
from django.db import OperationalError
from django.utils import timezone

from todo.models import List, Task
from todo.tests.transfer.helpers import peak_memory
from todo.transfer import exports
from todo.transfer.exports import export_response, export_rows
from todo.transfer.serializers import FILE_FIELDS
from todo.transfer.writers import write_csv, write_json

pytestmark = pytest.mark.django_db


def test_tasks_are_exported_with_the_trash_and_the_oldest_first(make_task, stranger):
    now = timezone.now()
    newer = make_task(created_at=now, deleted_at=now)
    older = make_task(created_at=now.replace(year=2000))
    make_task(owner=stranger)

    rows = list(export_rows(older.owner))

    assert [row["id"] for row in rows] == [older.pk, newer.pk]
    assert list(rows[0]) == FILE_FIELDS


def test_batches_lose_no_task_of_the_same_moment(make_task, user, monkeypatch):
    monkeypatch.setattr(exports, "BATCH_SIZE", 2)
    now = timezone.now()
    tasks = [make_task(created_at=now) for _ in range(5)]

    ids = [row["id"] for row in export_rows(user)]

    assert ids == sorted(task.pk for task in tasks)


def test_json_has_a_task_on_each_line(make_task, user):
    tasks = [make_task(), make_task()]

    lines = b"".join(write_json(export_rows(user))).splitlines()

    assert (lines[0], lines[-1]) == (b"[", b"]")
    rows = [json.loads(line.rstrip(b",")) for line in lines[1:-1]]
    assert [row["id"] for row in rows] == [str(task.pk) for task in tasks]


def test_csv_has_a_column_for_each_field(make_task, user):
    task = make_task(due_date="2026-12-01")

    file = b"".join(write_csv(export_rows(user))).decode("utf-8-sig")
    [row] = csv.DictReader(StringIO(file))

    assert list(row) == FILE_FIELDS
    assert row["due_date"] == "2026-12-01"
    assert row["created_at"] == task.created_at.isoformat().replace("+00:00", "Z")


def test_tasks_of_many_lists_need_one_query_per_batch(
    make_task, user, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(exports, "BATCH_SIZE", 10)
    for number in range(15):
        make_task(list=List.objects.create(owner=user, name=f"{number}"))

    with django_assert_num_queries(3):
        names = [row["list"] for row in export_rows(user)]

    assert names == [f"{number}" for number in range(15)]


def test_an_early_error_is_raised_before_the_response_starts(user, monkeypatch):
    def fail(user):
        raise OperationalError
        yield

    monkeypatch.setattr(exports, "export_rows", fail)

    with pytest.raises(OperationalError):
        export_response(user, "json")


def test_an_export_keeps_few_rows_in_memory(user, monkeypatch):
    monkeypatch.setattr(exports, "BATCH_SIZE", 50)
    Task.objects.bulk_create(
        Task(owner=user, title=f"{number}", description="y" * 200)
        for number in range(1_000)
    )

    def write():
        assert sum(1 for _ in write_json(export_rows(user))) == 1_001

    all_rows = peak_memory(lambda: list(export_rows(user)))
    assert peak_memory(write) < all_rows / 3
